//! Who a token's bot is on GitHub.

use plumbing::documents::InstallationToken;
use plumbing::{Code, Failure};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{GithubApi, answer};
use crate::http::{Client, Method, Request};

/// The cheapest way to name and user id in one: `GET /user` does not work for an installation.
const QUERY: &[u8] = br#"{"query":"{viewer{login databaseId}}"}"#;
const SUMMARY: &str = "GitHub API";

/// The bot's user.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Viewer {
    /// `SLUG[bot]`.
    pub login: String,
    /// The user's id: neither the App's nor the installation's. GitHub links commits to the bot by it.
    pub database_id: u64,
}

/// Asks GitHub whose token it is.
///
/// # Errors
/// The `github_…` codes where GitHub does not tell.
pub fn ask(client: &Client, token: &InstallationToken, api: &GithubApi) -> Result<Viewer, Failure> {
    #[derive(Deserialize)]
    struct Answer {
        data: Data,
    }
    #[derive(Deserialize)]
    struct Data {
        viewer: Viewer,
    }
    let base = api.graphql_base();
    let request = Request::new(Method::Post, &base, "/graphql")
        .authorization("Bearer", &token.token)
        .body(Zeroizing::new(QUERY.to_vec()), []);
    let response = client
        .send(&request)
        .map_err(|error| error.into_failure(Code::GithubConnection, SUMMARY, &base))?;
    if !response.is_success() {
        return Err(Failure::new(
            Code::GithubHttp,
            format!("{SUMMARY} returned {}{}", response.status, answer(&response).remark),
        ));
    }
    let answer: Answer = response.json().ok_or_else(|| {
        Failure::new(
            Code::GithubAnswer,
            format!("{SUMMARY} named no user{}", answer(&response).remark),
        )
    })?;
    let viewer = answer.data.viewer;
    // Such a name could not stand in an environment, or would be two lines in a commit.
    if viewer.login.chars().any(char::is_control) {
        return Err(Failure::new(
            Code::GithubAnswer,
            format!("{SUMMARY} named a user with control characters"),
        ));
    }
    Ok(viewer)
}
