#![doc = include_str!("../README.md")]
// A harness that cannot start has nothing better to do than to panic, at the line where it happened.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::missing_panics_doc)]

pub mod distance;
pub mod faults;
pub mod github;
pub mod infisical;
pub mod journal;
pub mod keys;
pub mod programs;
pub mod proxy;
pub mod relay;
pub mod sandbox;
pub mod script;
mod server;
pub mod tls;
pub mod tools;
