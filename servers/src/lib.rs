//! How to speak to the two servers of the chain: the one HTTP client, and what Infisical and GitHub each have in common.
//!
//! ureq, rustls and the roots that are trusted stand here and nowhere else: what does not talk to a server, such as
//! `gh-app-jwt`, has none of them in its dependency tree.

#![forbid(unsafe_code)]

pub mod github;
pub mod http;
pub mod infisical;
pub mod refusal;
