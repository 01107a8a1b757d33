//! The bot as git's author and committer.

use gh_install_token::{GithubApi, remark};
use plumbing::documents::InstallationToken;
use plumbing::http::{Client, Method, Request};
use plumbing::{Code, Environment, Failure, Report};
use raxx_mint::kept;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The cheapest way to name and user id in one: `GET /user` does not work for an installation.
const QUERY: &[u8] = br#"{"query":"{viewer{login databaseId}}"}"#;
const SUMMARY: &str = "GitHub API";

/// Who commits.
pub(crate) struct Identity {
    /// `SLUG[bot]`.
    name: String,
    email: String,
}

impl Identity {
    /// The variables that git reads.
    pub(crate) fn variables(self) -> [(&'static str, String); 4] {
        [
            ("GIT_AUTHOR_NAME", self.name.clone()),
            ("GIT_AUTHOR_EMAIL", self.email.clone()),
            ("GIT_COMMITTER_NAME", self.name),
            ("GIT_COMMITTER_EMAIL", self.email),
        ]
    }
}

#[derive(Deserialize)]
struct Answer {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    viewer: Viewer,
}

/// The bot's user.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Viewer {
    login: String,
    /// The user's id: neither the App's nor the installation's. GitHub links commits to the bot by it.
    database_id: u64,
}

/// Who the token's bot is. GitHub is asked once: an App's user does not change.
///
/// # Errors
/// The `github_…` codes where GitHub does not tell.
pub(crate) fn look_up(
    environment: &Environment,
    token: &InstallationToken,
    report: Report,
) -> Result<Identity, Failure> {
    let api = GithubApi::at(&token.github_api_url).map_err(|cause| Failure::new(Code::DocumentInvalid, cause))?;
    let name = ["viewer", &token.github_api_url, &token.app_id];
    let viewer = if let Some(viewer) = kept::recall(environment, report, &name) {
        viewer
    } else {
        let viewer = ask(environment, token, &api, report)?;
        kept::remember(environment, report, &name, &viewer);
        viewer
    };
    let Viewer { login, database_id } = viewer;
    // The website's host without a port (<https://docs.github.com/en/account-and-profile/reference/email-addresses-reference>).
    let website = api.base.clone().with_authority(api.git_host());
    Ok(Identity {
        email: format!("{database_id}+{login}@users.noreply.{}", website.host()),
        name: login,
    })
}

fn ask(
    environment: &Environment,
    token: &InstallationToken,
    api: &GithubApi,
    report: Report,
) -> Result<Viewer, Failure> {
    let base = api.graphql_base();
    let request = Request::new(Method::Post, &base, "/graphql")
        .authorization("Bearer", &token.token)
        .body(Zeroizing::new(QUERY.to_vec()), []);
    let response = Client::new(environment, report)?
        .send(&request)
        .map_err(|error| error.into_failure(Code::GithubConnection, SUMMARY, &base))?;
    if !response.is_success() {
        return Err(Failure::new(
            Code::GithubHttp,
            format!("{SUMMARY} returned {}{}", response.status, remark(&response)),
        ));
    }
    let answer: Answer = response.json().ok_or_else(|| {
        Failure::new(
            Code::GithubAnswer,
            format!("{SUMMARY} named no user{}", remark(&response)),
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
