#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod ask;
pub mod block;
#[cfg(unix)]
mod door;
mod find;
pub mod hazards;
pub mod helpers;
pub mod host;
pub mod settings;
mod ssh;

#[cfg(unix)]
pub use door::{Arrangement, PREFIX, Source, is_open, stand_in};
