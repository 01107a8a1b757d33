//! What every request to GitHub shares: its base, its headers, and how it says no.

mod api;
mod refusal;
pub mod viewer;

pub use api::{GITHUB_API_URL, GithubApi, GithubFlags, Product};
pub use refusal::{GENERAL, RATE_LIMITED, answer, delay};
