//! What the steps of the chain share.
//!
//! The chain turns the credentials of an Infisical machine identity into a GitHub token of a bot:
//!
//! ```text
//! infisical-login | infisical-fetch --path /MooseQuest/raxx-dev-bot | gh-app-jwt | gh-install-token
//! ```
//!
//! What passes between two steps is a document ([`documents`]): one JSON object on one line. Steps read and write
//! them through [`pipe`], talk to servers through [`http`], fail with a [`Failure`], and take their configuration from
//! an [`Environment`]. No step knows another.

#![forbid(unsafe_code)]

mod base_url;
mod bearer;
mod context;
pub mod documents;
pub mod environment;
mod failure;
mod folder;
mod life;
pub mod pipe;
mod private_key;
pub mod program;
pub mod report;
pub mod shell;
pub mod text;

pub use base_url::BaseUrl;
pub use bearer::BearerToken;
pub use context::Context;
pub use environment::Environment;
pub use failure::{Class, Code, Explanation, Failure, Failures};
pub use folder::{BotName, FolderPath, NotAName};
pub use life::Life;
pub use private_key::PrivateKey;
pub use report::Report;
