#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod github;
pub mod http;
pub mod infisical;
pub mod refusal;
