#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod cli;
#[cfg(any(target_os = "macos", windows))]
mod native;
#[cfg(target_os = "linux")]
mod secret_service;
mod store;

pub use crate::store::{forget, get, set};
