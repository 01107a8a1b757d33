//! Step 4: exchanges a GitHub App's JWT for an installation token.
//!
//! In: an `app-jwt` document. Out: an `installation-token` document, good for an hour:
//!
//! ```json
//! {"kind":"installation-token","token":"ghs_…","expires_at":"2026-11-23T18:04:23Z","permissions":{"contents":"write"},"repository_selection":"all","app_id":"3501352","installation_id":"101","github_api_url":"https://api.github.com"}
//! ```
//!
//! `gh-install-token --revoke` reads that document and ends the token's life.

#![forbid(unsafe_code)]

pub mod cli;
mod refusal;
mod scope;

use std::collections::BTreeMap;

use clap::Args;
use jiff::Timestamp;
use plumbing::documents::{AppJwt, InstallationToken};
use plumbing::{Code, Environment, Failure};
use secrecy::SecretString;
use serde::Deserialize;
use servers::github::{self, GithubApi};
use servers::http::{Client, HttpError, Method, Response};

pub use crate::scope::Scope;

/// The flags of the exchange.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct Options {
    /// What the token may reach.
    #[command(flatten)]
    pub scope: Scope,
    /// Which GitHub is asked.
    #[command(flatten)]
    pub server: Server,
}

/// Which GitHub is asked, and by which version of its API.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct Server {
    /// GitHub's REST base [env: GITHUB_API_URL] [default: api.github.com]
    #[arg(long, value_name = "URL", help_heading = "Servers")]
    pub github_api_url: Option<String>,
    /// Version of GitHub's REST API, a date [default: 2022-11-28]
    #[arg(long, value_name = "DATE", value_parser = github::parse_version, help_heading = "Servers")]
    pub github_api_version: Option<String>,
}

/// Which GitHub is asked, and for what: [`Options`] with what the environment adds.
pub struct Target {
    /// The API that is asked.
    pub api: GithubApi,
    /// What the token may reach.
    pub scope: Scope,
}

impl Options {
    /// Takes from the environment what no flag says. No request is made.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] for a REST base that cannot be used.
    pub fn resolve(&self, environment: &Environment) -> Result<Target, Failure> {
        Ok(Target {
            api: self.server.resolve(environment)?,
            scope: self.scope.clone(),
        })
    }
}

impl Server {
    /// Takes from the environment what no flag says.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] for a REST base that cannot be used.
    pub fn resolve(&self, environment: &Environment) -> Result<GithubApi, Failure> {
        let mut api = GithubApi::configured(self.github_api_url.as_deref(), environment)?;
        if let Some(version) = &self.github_api_version {
            api.ask_for_version(version);
        }
        Ok(api)
    }
}

/// GitHub's answer to an exchange: all but two fields may be absent
/// (<https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app>).
#[derive(Deserialize)]
struct Answer {
    token: SecretString,
    expires_at: Timestamp,
    permissions: Option<BTreeMap<String, String>>,
    repository_selection: Option<String>,
    repositories: Option<Vec<Repository>>,
}

#[derive(Deserialize)]
struct Repository {
    full_name: String,
}

/// Exchanges the JWT for a token. `now` is this machine's time; the error of its clock is told by it.
///
/// # Errors
/// [`Code::DocumentInvalid`] for an installation id that is none, the `github_…` codes where there is no token;
/// [`Code::GithubClock`] carries how far GitHub's clock is ahead.
pub fn exchange(client: &Client, jwt: &AppJwt, target: &Target, now: Timestamp) -> Result<InstallationToken, Failure> {
    let Target { api, scope } = target;
    let mut request = api
        .request(
            Method::Post,
            &format!("/app/installations/{}/access_tokens", number(&jwt.installation_id)?),
        )
        .authorization("Bearer", &jwt.jwt);
    if let Some(body) = scope.to_json()? {
        request = request.body(body, []);
    }
    let response = client.send(&request).map_err(|error| no_answer(error, api))?;
    if response.status != 201 {
        return Err(refusal::explain(api, jwt, &response, now));
    }
    let answer: Answer = response.json().ok_or_else(|| unreadable(&response, api))?;
    Ok(InstallationToken {
        bot: None,
        token: answer.token,
        expires_at: answer.expires_at,
        permissions: answer.permissions,
        repository_selection: answer.repository_selection,
        repositories: answer
            .repositories
            .map(|all| all.into_iter().map(|one| one.full_name).collect()),
        app_id: jwt.app_id.clone(),
        installation_id: jwt.installation_id.clone(),
        github_api_url: api.base.to_string(),
    })
}

/// Asks GitHub something as the App, such as `/app` or `/app/installations/101`. `now` is this machine's time.
///
/// # Errors
/// The `github_…` codes where GitHub does not answer with 200.
pub fn ask_as_app(
    client: &Client,
    jwt: &AppJwt,
    api: &GithubApi,
    path: &str,
    now: Timestamp,
) -> Result<Response, Failure> {
    let request = api.request(Method::Get, path).authorization("Bearer", &jwt.jwt);
    let response = client.send(&request).map_err(|error| no_answer(error, api))?;
    if response.status == 200 {
        return Ok(response);
    }
    Err(refusal::explain(api, jwt, &response, now))
}

/// Asks GitHub something with an installation token, such as `/rate_limit`. The answer may have any status.
///
/// # Errors
/// [`Code::GithubConnection`] where there is none.
pub fn ask_as_bot(client: &Client, token: &SecretString, api: &GithubApi, path: &str) -> Result<Response, Failure> {
    let request = api.request(Method::Get, path).authorization("Bearer", token);
    client.send(&request).map_err(|error| no_answer(error, api))
}

/// Ends a token's life. A token that GitHub does not know any more counts as revoked.
///
/// # Errors
/// [`Code::DocumentInvalid`] for a base that cannot be used, the `github_…` codes where GitHub does not revoke it.
pub fn revoke(client: &Client, token: &InstallationToken) -> Result<(), Failure> {
    let api = GithubApi::at(&token.github_api_url).map_err(|cause| {
        Failure::new(Code::DocumentInvalid, "the document's github_api_url cannot be used").cause(cause)
    })?;
    let request = api
        .request(Method::Delete, "/installation/token")
        .authorization("Bearer", &token.token);
    let response = client.send(&request).map_err(|error| no_answer(error, &api))?;
    match response.status {
        204 => Ok(()),
        401 => {
            client.report().note("the token was expired or revoked already");
            Ok(())
        }
        _ => Err(refusal::explain_revocation(&api, &response)),
    }
}

/// An id that becomes a part of a URL's path must not be able to name another one.
fn number(id: &str) -> Result<&str, Failure> {
    if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(id);
    }
    Err(
        Failure::new(Code::DocumentInvalid, "the document's installation_id is not a number").fix(
            "set INSTALLATION_ID in Infisical to the number at the end of the installation's settings URL on GitHub",
        ),
    )
}

fn no_answer(error: HttpError, api: &GithubApi) -> Failure {
    error.into_failure(Code::GithubConnection, "GitHub API", &api.base)
}

fn unreadable(response: &Response, api: &GithubApi) -> Failure {
    Failure::new(Code::GithubAnswer, "GitHub API returned an unreadable answer")
        .cause("the answer is not the installation token that GitHub sends")
        .fix(format!("check that {} is GitHub's REST base", api.base))
        .answered(response.status, response.request_id.clone())
}
