#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod cli;
mod freshness;
mod permissions;
mod refusal;
mod scope;
mod usual;

use std::collections::BTreeMap;

use clap::{ArgAction, Args};
use jiff::Timestamp;
use plumbing::documents::{AppJwt, InstallationToken, LiveToken};
use plumbing::{BearerToken, Code, Configuration, Context, Environment, Failure, FolderPath, Life};
use serde::Deserialize;
use servers::github::{GithubApi, GithubFlags};
use servers::http::{Client, HttpError, Method, Response};

pub use crate::refusal::{LARGEST_CLOCK_ERROR, REFUSALS, Refused, Remedy};
pub use crate::scope::{Level, Scope, ScopeFlags, permission};
use crate::usual::Usual;

/// The flags of the exchange.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct ExchangeFlags {
    /// What the token may reach.
    #[command(flatten)]
    pub scope: ScopeFlags,
    /// Wait up to ten seconds until GitHub accepts the new token: in its first seconds it may be refused
    #[arg(long, action = ArgAction::SetTrue, help_heading = "Scope of the token")]
    pub verify: bool,
    /// Which GitHub is asked.
    #[command(flatten)]
    pub github: GithubFlags,
}

/// Which GitHub is asked, and for what: [`ExchangeFlags`] with what the environment adds.
pub struct Target {
    /// The API that is asked.
    pub api: GithubApi,
    /// What a token may reach, as it was asked for.
    asked: Scope,
    /// And where nothing was asked for, what the configuration files say of each bot.
    usual: Usual,
    /// Whether to wait until GitHub knows it.
    verify: bool,
}

impl Target {
    /// A token with this very scope.
    pub fn exactly(api: GithubApi, asked: Scope) -> Self {
        Self {
            api,
            asked,
            usual: Usual::default(),
            verify: false,
        }
    }

    /// What the token of the bot whose secrets are in that folder may reach: what was asked for by flags, and where they say nothing
    /// of repositories, or of permissions, what is usual.
    pub fn scope_of(&self, path: Option<&FolderPath>) -> Scope {
        let usual = path.and_then(|path| self.usual.of(path));
        usual.map_or_else(|| self.asked.clone(), |usual| self.asked.clone().or(&usual))
    }
}

/// Whether the scopes that the configuration files name can be used, and the repository's are no wider than the user's.
///
/// # Errors
/// [`Code::ConfigFile`] and [`Code::ConfigConflict`], as every mint would fail.
pub fn check_usual_scopes(configuration: &Configuration) -> Result<(), Failure> {
    Usual::configured(configuration).map(drop)
}

impl ExchangeFlags {
    /// Takes from the environment what no flag says. No request is made.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] for a REST base that cannot be used, [`Code::Usage`] for a scope that contradicts itself, and those
    /// of the configuration files.
    pub fn resolve(&self, environment: &Environment) -> Result<Target, Failure> {
        Ok(Target {
            api: self.github.resolve(environment)?,
            asked: self.scope.resolve()?,
            usual: if self.scope.unscoped {
                Usual::default()
            } else {
                Usual::configured(environment.configuration()?)?
            },
            verify: self.verify,
        })
    }
}

/// GitHub's answer to an exchange: all but two fields may be absent
/// (<https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app>).
#[derive(Deserialize)]
struct Granted {
    token: BearerToken,
    expires_at: Timestamp,
    permissions: Option<BTreeMap<String, String>>,
    repository_selection: Option<String>,
    repositories: Option<Vec<Repository>>,
}

#[derive(Deserialize)]
struct Repository {
    full_name: String,
}

/// Exchanges the JWT for a token, and translates its end to this machine's clock: here, and nowhere else, GitHub's clock,
/// its word for the end and this machine's clock are seen together.
///
/// # Errors
/// [`Code::DocumentInvalid`] for an installation id that is not a number, the `github_…` codes where there is no token, with what
/// can be done about it.
pub fn exchange(client: &Client, jwt: &AppJwt, target: &Target, context: &Context) -> Result<LiveToken, Refused> {
    let Target { api, verify, .. } = target;
    let scope = &target.scope_of(jwt.path.as_ref());
    let mut request = api
        .request(
            Method::Post,
            &format!("/app/installations/{}/access_tokens", number(&jwt.installation_id)?),
        )
        .authorization("Bearer", &jwt.jwt);
    if let Some(body) = scope.to_json()? {
        request = request.body(body, []);
    }
    if !context.stop.may_begin() {
        return Err(Failure::new(Code::Internal, "interrupted before GitHub was asked for a token").into());
    }
    let asked_at = context.now();
    let response = client.send(&request).map_err(|error| no_answer(error, api))?;
    if response.status != 201 {
        return Err(refusal::explain(api, jwt, scope, &response, asked_at));
    }
    let granted: Granted = response.json().ok_or_else(|| unreadable(&response, api))?;
    let life = Life::granted(asked_at, granted.expires_at, response.date());
    let token = InstallationToken {
        bot: None,
        token: granted.token,
        expires_at: granted.expires_at,
        permissions: granted.permissions,
        repository_selection: granted.repository_selection,
        repositories: granted
            .repositories
            .map(|all| all.into_iter().map(|one| one.full_name).collect()),
        app_id: jwt.app_id.clone(),
        installation_id: jwt.installation_id.clone(),
        github_api_url: api.base.clone(),
    };
    let Some(life) = life else {
        // By a clock that is wrong it may seem to have ended and be live: nobody else would ever revoke it.
        let _ = revoke(client, &token);
        return Err(ended(&response, token.expires_at).into());
    };
    if *verify {
        freshness::wait_until_known(client, &token, context);
    }
    Ok(LiveToken { token, life })
}

/// Asks GitHub something as the App, such as `/app` or `/app/installations/101`.
///
/// # Errors
/// The `github_…` codes where GitHub does not answer with 200.
pub fn ask_as_app(
    client: &Client,
    jwt: &AppJwt,
    api: &GithubApi,
    path: &str,
    context: &Context,
) -> Result<Response, Refused> {
    let request = api.request(Method::Get, path).authorization("Bearer", &jwt.jwt);
    let asked_at = context.now();
    let response = client.send(&request).map_err(|error| no_answer(error, api))?;
    if response.status == 200 {
        return Ok(response);
    }
    Err(refusal::explain(api, jwt, &Scope::default(), &response, asked_at))
}

/// Uninstalls an App, which ends its tokens there
/// (<https://docs.github.com/en/rest/apps/apps#delete-an-installation-for-the-authenticated-app>). An installation that is gone already
/// is gone.
///
/// # Errors
/// The `github_…` codes where GitHub does not do it.
pub fn uninstall(
    client: &Client,
    jwt: &AppJwt,
    api: &GithubApi,
    installation_id: u64,
    context: &Context,
) -> Result<(), Refused> {
    let path = format!("/app/installations/{installation_id}");
    let request = api.request(Method::Delete, &path).authorization("Bearer", &jwt.jwt);
    let asked_at = context.now();
    let response = client.send(&request).map_err(|error| no_answer(error, api))?;
    if response.is_success() || response.status == 404 {
        return Ok(());
    }
    Err(refusal::explain(api, jwt, &Scope::default(), &response, asked_at))
}

/// Asks GitHub something with an installation token, such as `/rate_limit`. The answer may have any status.
///
/// # Errors
/// [`Code::GithubConnection`] where there is none.
pub fn ask_as_bot(client: &Client, token: &BearerToken, api: &GithubApi, path: &str) -> Result<Response, Failure> {
    let request = api.request(Method::Get, path).authorization("Bearer", token);
    client.send(&request).map_err(|error| no_answer(error, api))
}

/// How a token came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// By this revocation.
    Now,
    /// GitHub did not know it any more: it had expired, or had been revoked.
    Already,
}

/// Ends a token's life. Whether it has ended by itself is GitHub's to say: no clock is asked.
///
/// # Errors
/// The `github_…` codes where GitHub does not revoke it.
pub fn revoke(client: &Client, token: &InstallationToken) -> Result<Revoked, Failure> {
    let api = GithubApi::at(token.github_api_url.clone());
    let request = api
        .request(Method::Delete, "/installation/token")
        .authorization("Bearer", &token.token);
    let response = client.send(&request).map_err(|error| no_answer(error, &api))?;
    match response.status {
        204 => Ok(Revoked::Now),
        401 => Ok(Revoked::Already),
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

fn ended(response: &Response, end: Timestamp) -> Failure {
    let clock = response.date().map(|date| format!(", where it was {date}"));
    Failure::new(Code::GithubAnswer, "GitHub API returned a token that has ended already")
        .cause(format!(
            "GitHub says that it ended at {end}{}",
            clock.unwrap_or_default()
        ))
        .fix("try again; where it stays so, look at the clock of the server, and of a proxy that answers in its place")
        .answered(response.status, response.request_id.clone())
}
