#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod base_url;
mod bearer;
pub mod configuration;
mod context;
pub mod documents;
pub mod environment;
mod failure;
pub mod file;
mod folder;
pub mod keychain;
mod life;
pub mod operators;
pub mod pipe;
mod private_key;
pub mod program;
pub mod report;
pub mod secrets;
pub mod shell;
mod stop;
pub mod terminal;
pub mod text;
mod unusable;
mod waiting;

pub use base_url::BaseUrl;
pub use bearer::BearerToken;
pub use configuration::Configuration;
pub use context::Context;
pub use environment::Environment;
pub use failure::{Class, Code, Explanation, Failure, Failures};
pub use folder::{BotName, FolderPath, NotAName};
pub use life::Life;
pub use private_key::PrivateKey;
pub use report::Report;
pub use stop::Stop;
pub use waiting::Waiting;
