//! The installation, which only a person can make: it is waited for, by the App's own JWT.

use std::thread;
use std::time::{Duration, Instant};

use gh_app_jwt::JwtId;
use gh_install_token::{LARGEST_CLOCK_ERROR, Refused, Remedy, ask_as_app};
use jiff::SignedDuration;
use plumbing::documents::{AppJwt, BotSecrets};
use plumbing::{Code, Context, Failure, text};
use serde::Deserialize;
use serde_json::Value;
use servers::github::GithubApi;
use servers::http::Client;

use crate::app::Owner;

/// So long GitHub may not know a new App everywhere.
const NEWNESS: Duration = Duration::from_secs(30);
/// So often GitHub is asked.
const TICK: Duration = Duration::from_secs(2);

/// Where an App is installed.
#[derive(Deserialize)]
pub(crate) struct Installation {
    id: u64,
    account: Option<Account>,
}

#[derive(Deserialize)]
struct Account {
    login: String,
}

impl Installation {
    /// The account's name; empty where GitHub does not tell it.
    pub(crate) fn login(&self) -> &str {
        self.account.as_ref().map_or("", |account| account.login.as_str())
    }
}

/// What an App tells of itself.
#[derive(Deserialize)]
pub(crate) struct App {
    id: u64,
    client_id: Option<String>,
    pub(crate) owner: Owner,
    pub(crate) slug: Option<String>,
    html_url: String,
}

impl App {
    /// Where it is installed.
    pub(crate) fn install_page(&self) -> String {
        format!("{}/installations/new", self.html_url)
    }

    /// Where its owner changes it.
    pub(crate) fn settings_page(&self, website: &str) -> String {
        let slug = self.slug.as_deref().unwrap_or_default();
        if self.owner.r#type.as_deref() == Some("Organization") {
            return format!("{website}/organizations/{}/settings/apps/{slug}", self.owner.login);
        }
        format!("{website}/settings/apps/{slug}")
    }
}

/// The App that the key belongs to; GitHub answers only where key and id fit.
///
/// # Errors
/// Those of [`ask_as_app`].
pub(crate) fn app(context: &Context, api: &GithubApi, secrets: &BotSecrets) -> Result<App, Failure> {
    let app: App = ask(context, api, secrets, "/app").map_err(|failure| match failure.http_status {
        // What a 404 says of an installation is not about this question.
        Some(404) => failure
            .cause(format!("{} knows no App {}", api.base, text::quote(&secrets.app_id)))
            .fix("check GITHUB_API_URL, and the App ID on the App's page"),
        _ => failure,
    })?;
    // `APP_ID` may be the client id, too.
    if secrets.app_id == app.id.to_string() || app.client_id.as_deref() == Some(secrets.app_id.as_str()) {
        return Ok(app);
    }
    Err(Failure::new(
        Code::GithubAnswer,
        format!(
            "GitHub answers for App {}, and {} was asked about",
            app.id,
            text::quote(&secrets.app_id)
        ),
    )
    .fix("check GITHUB_API_URL, and what is between this machine and GitHub"))
}

/// All its installations.
///
/// # Errors
/// Those of [`ask_as_app`].
pub(crate) fn all(context: &Context, api: &GithubApi, secrets: &BotSecrets) -> Result<Vec<Installation>, Failure> {
    ask(context, api, secrets, "/app/installations?per_page=100")
}

/// Uninstalls it there; its tokens end with that.
///
/// # Errors
/// Those of [`gh_install_token::uninstall`].
pub(crate) fn remove(
    context: &Context,
    api: &GithubApi,
    secrets: &BotSecrets,
    one: &Installation,
) -> Result<(), Failure> {
    as_app(context, secrets, |client, jwt| {
        gh_install_token::uninstall(client, jwt, api, one.id, context)
    })
}

/// Does something as the App, and once more by GitHub's clock where the two clocks differ: a mint does so too.
///
/// # Errors
/// Those of the signer and of what is done.
pub(crate) fn as_app<T>(
    context: &Context,
    secrets: &BotSecrets,
    work: impl Fn(&Client, &AppJwt) -> Result<T, Refused>,
) -> Result<T, Failure> {
    let client = Client::new(context)?;
    let attempt = |offset| -> Result<T, Refused> {
        let now = context.now();
        let now = now.saturating_add(offset).unwrap_or(now);
        let jwt = gh_app_jwt::sign(secrets, now, &JwtId::random()?)?;
        work(&client, &jwt)
    };
    let outcome = match attempt(SignedDuration::ZERO) {
        Err(Refused {
            remedy: Some(Remedy::Clock(offset)),
            ..
        }) if offset.abs() <= LARGEST_CLOCK_ERROR => attempt(offset),
        outcome => outcome,
    };
    outcome.map_err(|refused| refused.failure)
}

/// Waits until the App is installed on its owner's account; the installation's id.
///
/// # Errors
/// [`Code::InstallationPending`] where it is not within the time, with what is known of it; those of the exchange's calls.
pub(crate) fn wait(
    context: &Context,
    api: &GithubApi,
    secrets: &BotSecrets,
    owner: &str,
    patience: Duration,
) -> Result<u64, Failure> {
    let started = Instant::now();
    loop {
        let found = match all(context, api, secrets) {
            Ok(found) => found,
            // A new App's JWT may be refused for a moment; a server in trouble, or a network that is away, may be back.
            Err(failure) => {
                let may_pass = matches!(failure.http_status, None | Some(408 | 429 | 500..));
                let limit = if may_pass { patience } else { patience.min(NEWNESS) };
                if started.elapsed() >= limit {
                    return Err(failure);
                }
                vec![]
            }
        };
        let own = found.iter().find(|one| one.login().eq_ignore_ascii_case(owner));
        if let Some(own) = own {
            return Ok(own.id);
        }
        if started.elapsed() >= patience {
            let others: Vec<_> = found.iter().map(|one| text::quote(one.login())).collect();
            return Err(pending(context, api, secrets, owner, &others));
        }
        thread::sleep(TICK.min(patience));
    }
}

fn pending(context: &Context, api: &GithubApi, secrets: &BotSecrets, owner: &str, others: &[String]) -> Failure {
    let requests: Vec<Value> = ask(context, api, secrets, "/app/installation-requests").unwrap_or_default();
    let owner = text::quote(owner);
    let cause = if !requests.is_empty() {
        "an owner of the organization was asked, and has not answered yet".to_owned()
    } else if others.is_empty() {
        "nobody has clicked Install on its page so far".to_owned()
    } else {
        format!(
            "it is installed on {}, and on nothing of {owner}'s",
            others.join(" and ")
        )
    };
    Failure::new(
        Code::InstallationPending,
        format!("the App is not installed on {owner}"),
    )
    .cause(cause)
    .fix("click Install on its page, or have an owner approve it")
}

fn ask<T: for<'de> Deserialize<'de>>(
    context: &Context,
    api: &GithubApi,
    secrets: &BotSecrets,
    path: &str,
) -> Result<T, Failure> {
    let response = as_app(context, secrets, |client, jwt| {
        ask_as_app(client, jwt, api, path, context)
    })?;
    response
        .json()
        .ok_or_else(|| Failure::new(Code::GithubAnswer, format!("GitHub's answer to {path} cannot be read")))
}
