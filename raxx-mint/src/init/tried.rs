//! Whether an answer is right: tried against the servers as the programs would use it.

use gh_app_jwt::JwtId;
use infisical_fetch::{FetchFlags, Fetched};
use infisical_login::LoginFlags;
use plumbing::documents::{BotSecrets, InfisicalSession};
use plumbing::{BotName, Code, Context, Failure};
use servers::github::GithubFlags;
use servers::http::{Client, Method};
use servers::infisical::Infisical;

/// Why an address does not do.
pub(super) enum NotThere {
    /// Cloudflare Access answers in its place, and wants a service token.
    Access(Failure),
    /// Anything else.
    Other(Failure),
}

impl From<Failure> for NotThere {
    fn from(failure: Failure) -> Self {
        Self::Other(failure)
    }
}

/// Whether Infisical is there; its address in its one spelling.
pub(super) fn host(context: &Context, host: &str) -> Result<String, NotThere> {
    let infisical = Infisical::configured(Some(host), context)?;
    let response = Client::new(context)?
        .send(&infisical.request(Method::Get, "/api/status"))
        .map_err(|error| error.into_failure(Code::InfisicalLoginConnection, "Infisical", &infisical.host))?;
    if response.is_success() && !response.is_html() {
        return Ok(infisical.host.to_string());
    }
    let failure = infisical.refused_status(&response);
    if infisical.answer("the server", &response).is_of_access() {
        return Err(NotThere::Access(failure));
    }
    Err(failure.into())
}

/// Whether the credentials serve.
pub(super) fn login(context: &Context) -> Result<InfisicalSession, Failure> {
    let account = LoginFlags::default().resolve(context)?;
    infisical_login::login(&Client::new(context)?, &account, context)
}

/// The bots that are there.
pub(super) struct Bots(Vec<Fetched>);

impl Bots {
    /// Their names, the broken ones' too.
    pub(super) fn names(&self) -> Vec<String> {
        self.0.iter().map(|one| one.bot().as_str().to_owned()).collect()
    }

    /// What is wrong with those whose secrets cannot be used.
    pub(super) fn broken(&self) -> impl Iterator<Item = &Failure> {
        self.0.iter().filter_map(|one| one.outcome.as_ref().err())
    }

    fn first(&self) -> Option<(BotName, &BotSecrets)> {
        self.0
            .iter()
            .find_map(|one| Some((one.bot(), one.outcome.as_ref().ok()?)))
    }
}

/// Which bots the project has.
pub(super) fn bots(context: &Context, session: &InfisicalSession) -> Result<Bots, Failure> {
    let all = FetchFlags {
        all_bots: true,
        ..FetchFlags::default()
    };
    let folders = all.resolve(&context.environment)?;
    let found = infisical_fetch::fetch(&Client::new(context)?, session, &folders)?;
    // A name stands for a folder right below the prefix: those that lie deeper, or are the prefix itself, have none.
    let (named, others): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|one| one.path.parent().as_ref() == Some(&folders.prefix));
    if let (true, Some(other)) = (named.is_empty(), others.first()) {
        let above = other
            .path
            .parent()
            .map_or_else(|| "/".to_owned(), |above| above.to_string());
        return Err(Failure::new(
            Code::BotSecretsNone,
            format!("no bot's folder is right below {}", folders.prefix),
        )
        .cause(format!("there is one at {}", other.path))
        .fix(format!("answer {above}")));
    }
    Ok(Bots(named))
}

/// Whether GitHub knows the first bot's App; its address in its one spelling.
pub(super) fn github(context: &Context, bots: &Bots, github: &str) -> Result<String, Failure> {
    let flags = GithubFlags {
        github_api_url: Some(github.to_owned()),
        ..GithubFlags::default()
    };
    let api = flags.resolve(&context.environment)?;
    // Anything answers an App's question with some refusal; GitHub alone is known by its headers.
    let response = Client::new(context)?
        .send(&api.request(Method::Get, "/rate_limit"))
        .map_err(|error| error.into_failure(Code::GithubConnection, "GitHub API", &api.base))?;
    if response.header("X-GitHub-Media-Type").is_none() && response.header("X-GitHub-Request-Id").is_none() {
        return Err(Failure::new(Code::GithubAnswer, format!("{} does not answer like GitHub's API", api.base)).fix(
            "answer https://api.github.com, https://api.SUBDOMAIN.ghe.com, or https://HOST/api/v3 for GitHub Enterprise Server",
        ));
    }
    if let Some((bot, secrets)) = bots.first() {
        let jwt = gh_app_jwt::sign(secrets, context.now(), &JwtId::random()?)?;
        gh_install_token::ask_as_app(&Client::new(context)?, &jwt, &api, "/app", context)
            .map_err(|refused| refused.failure.of_bot(Some(bot)))?;
    }
    Ok(api.base.to_string())
}
