//! What GitHub makes of a bot: the App, its installation, a token and whose it is.

use std::collections::BTreeMap;

use gh_app_jwt::JwtId;
use gh_install_token::{ExchangeFlags, Level, Refused, Remedy, Scope, Target, ask_as_app, ask_as_bot};
use jiff::{SignedDuration, Timestamp};
use plumbing::documents::{AppJwt, BotSecrets, InstallationToken};
use plumbing::{BotName, Code, Context, Failure, text};
use serde::Deserialize;
use servers::github::{GithubApi, answer, viewer};
use servers::http::{Client, Response};

use crate::reachability::clock;
use crate::sheet::Sheet;

/// Less than one in so many of the limit is worth a word.
const FEW: u64 = 10;

#[derive(Deserialize)]
struct App {
    slug: String,
    owner: Option<Owner>,
}

#[derive(Deserialize)]
struct Owner {
    login: Option<String>,
    slug: Option<String>,
}

impl Owner {
    /// An enterprise has a slug in a login's place.
    fn name(&self) -> &str {
        self.login.as_deref().or(self.slug.as_deref()).unwrap_or("nobody")
    }
}

#[derive(Deserialize)]
struct Installation {
    account: Option<Owner>,
    repository_selection: Option<String>,
    #[serde(default)]
    permissions: BTreeMap<String, String>,
    suspended_at: Option<Timestamp>,
}

pub(crate) fn examine(
    sheet: &mut Sheet<'_>,
    client: &Client,
    api: &GithubApi,
    bot: &BotName,
    secrets: &BotSecrets,
    context: &Context,
) {
    sheet.begin("asking GitHub for the App");
    let Some((app, response)) = app(sheet, client, api, secrets, context) else {
        return;
    };
    tell_app(sheet, &response, bot, &secrets.app_id, api);
    clock(sheet, "GitHub", &response);
    sheet.begin("asking GitHub for the installation");
    let Some(permissions) = installation(sheet, client, api, &app, context) else {
        return;
    };
    usual_scope(sheet, secrets, &permissions, context);
    sheet.begin("minting a token");
    token(sheet, client, api, &app, &permissions, context);
}

/// Signs JWTs for an App, by GitHub's clock where ours is wrong; for each request another, since GitHub has been seen not to
/// take one twice.
struct Signer<'a> {
    secrets: &'a BotSecrets,
    offset: SignedDuration,
}

impl Signer<'_> {
    fn jwt(&self, context: &Context) -> Result<AppJwt, Failure> {
        let now = context.now();
        let now = now.saturating_add(self.offset).unwrap_or(now);
        gh_app_jwt::sign(self.secrets, now, &JwtId::random()?)
    }
}

/// What GitHub says to the App, and who signs for it.
fn app<'a>(
    sheet: &mut Sheet<'_>,
    client: &Client,
    api: &GithubApi,
    secrets: &'a BotSecrets,
    context: &Context,
) -> Option<(Signer<'a>, Response)> {
    let attempt = |offset: SignedDuration| -> Result<_, Refused> {
        let signer = Signer { secrets, offset };
        let response = ask_as_app(client, &signer.jwt(context)?, api, "/app", context)?;
        Ok((signer, response))
    };
    let outcome = match attempt(SignedDuration::ZERO) {
        // The clock has a line of its own.
        Err(Refused {
            remedy: Some(Remedy::Clock(offset)),
            ..
        }) => attempt(offset),
        outcome => outcome,
    };
    match outcome {
        Ok(both) => Some(both),
        Err(refused) => {
            sheet.fail("App", refused.failure);
            None
        }
    }
}

fn tell_app(sheet: &mut Sheet<'_>, response: &Response, bot: &BotName, app_id: &str, api: &GithubApi) {
    let Some(App { slug, owner }) = response.json() else {
        return sheet.fail("App", unreadable(response, api));
    };
    let owner = owner.as_ref().map_or("nobody", Owner::name);
    let found = format!(
        "{} of {}, App {}",
        text::quote(&slug),
        text::quote(owner),
        text::quote(app_id)
    );
    if slug.eq_ignore_ascii_case(bot.as_str()) {
        return sheet.ok("App", found);
    }
    let failure = Failure::new(Code::BotSecretsInvalid, format!("these secrets speak for {found}"))
        .cause(format!(
            "the folder is named {bot}, so agents would act as another bot than they say"
        ))
        .fix(format!(
            "in Infisical, put the secrets of {bot} there, or name the folder like the App"
        ));
    sheet.fail("App", failure);
}

/// What the installation is granted; nothing where it gives no token.
fn installation(
    sheet: &mut Sheet<'_>,
    client: &Client,
    api: &GithubApi,
    app: &Signer<'_>,
    context: &Context,
) -> Option<BTreeMap<String, String>> {
    let path = format!("/app/installations/{}", app.secrets.installation_id);
    let answer = app.jwt(context).map_err(Refused::from);
    let response = match answer.and_then(|jwt| ask_as_app(client, &jwt, api, &path, context)) {
        Ok(response) => response,
        Err(refused) => {
            sheet.fail("installation", refused.failure);
            return None;
        }
    };
    let Some(installation) = response.json::<Installation>() else {
        sheet.fail("installation", unreadable(&response, api));
        return None;
    };
    let account = text::quote(installation.account.as_ref().map_or("nobody", Owner::name));
    if let Some(since) = installation.suspended_at {
        let failure = Failure::new(
            Code::GithubHttp,
            format!("the installation on {account} is suspended since {since}"),
        )
        .cause("its owner has suspended it, so that it gives no tokens")
        .fix("on GitHub, under the organization's Settings → GitHub Apps → Configure, unsuspend it");
        sheet.fail("installation", failure);
        return None;
    }
    let selection = match installation.repository_selection.as_deref() {
        Some("all") => "all repositories",
        _ => "selected repositories",
    };
    let permissions: Vec<_> = installation
        .permissions
        .iter()
        .map(|(name, level)| format!("{name}={level}"))
        .collect();
    sheet.ok(
        "installation",
        format!("on {account}, {selection}, {}", text::quote(&permissions.join(" "))),
    );
    Some(installation.permissions)
}

/// What the configuration files narrow the bot's tokens to, if they do, held against what there is to narrow.
fn usual_scope(sheet: &mut Sheet<'_>, secrets: &BotSecrets, granted: &BTreeMap<String, String>, context: &Context) {
    let target = match ExchangeFlags::default().resolve(&context.environment) {
        Ok(target) => target,
        Err(failure) => return sheet.fail(USUAL_SCOPE, failure),
    };
    let scope = target.scope_of(secrets.path.as_ref());
    let level = |name: &str| granted.get(name).and_then(|level| level.parse::<Level>().ok());
    let beyond = scope
        .permissions
        .iter()
        .find(|(name, asked)| level(name).is_none_or(|has| has < **asked));
    match (scope.words().join(", "), beyond) {
        (words, _) if words.is_empty() => {}
        (words, None) => sheet.ok(USUAL_SCOPE, words),
        (words, Some((name, _))) => sheet.fail(
            USUAL_SCOPE,
            Failure::new(
                Code::ConfigInvalid,
                format!("{words}, which is more than the installation has"),
            )
            .cause(format!("GitHub would refuse every token: {name} is not granted so far"))
            .fix("narrow the bot's scope in the configuration file, or grant the App more on GitHub"),
        ),
    }
}

const USUAL_SCOPE: &str = "usual scope";

/// The least that an installation can be asked for: the right to see that its repositories exist.
fn narrowest(permissions: &BTreeMap<String, String>) -> Scope {
    let name = ["metadata", "contents"]
        .into_iter()
        .find(|name| permissions.contains_key(*name));
    Scope {
        permissions: name.map(|name| (name.to_owned(), Level::Read)).into_iter().collect(),
        ..Scope::default()
    }
}

fn token(
    sheet: &mut Sheet<'_>,
    client: &Client,
    api: &GithubApi,
    app: &Signer<'_>,
    permissions: &BTreeMap<String, String>,
    context: &Context,
) {
    let scope = narrowest(permissions);
    let words = scope.words();
    let target = Target::exactly(api.clone(), scope);
    let jwt = app.jwt(context).map_err(Refused::from);
    let token = match jwt.and_then(|jwt| gh_install_token::exchange(client, &jwt, &target, context)) {
        Ok(live) => live.token,
        Err(refused) => return sheet.fail("token", refused.failure),
    };
    let scope = if words.is_empty() {
        "all it has".to_owned()
    } else {
        words.join(" ")
    };
    sheet.ok("token", format!("minted for {scope}, good until {}", token.expires_at));
    sheet.begin("asking whose token it is");
    tell_viewer(sheet, client, api, &token);
    sheet.begin("asking for the rate limit");
    rate_limit(sheet, client, api, &token);
    sheet.begin("revoking the token");
    match gh_install_token::revoke(client, &token) {
        Ok(_) => sheet.ok("revoked", "the test token"),
        Err(failure) => sheet.warn(
            "revoked",
            failure.summary,
            failure.cause.unwrap_or_default(),
            format!(
                "nothing has to be done: the token reads {scope} and ends at {}",
                token.expires_at
            ),
        ),
    }
}

fn tell_viewer(sheet: &mut Sheet<'_>, client: &Client, api: &GithubApi, token: &InstallationToken) {
    match viewer::ask(client, token, api) {
        Ok(viewer) => sheet.ok(
            "viewer",
            format!(
                "{}, user {}, by GraphQL's {{viewer{{login}}}}; GET /user does not work for an installation",
                text::quote(&viewer.login),
                viewer.database_id
            ),
        ),
        Err(failure) => sheet.warn(
            "viewer",
            failure.summary,
            failure
                .cause
                .unwrap_or_else(|| "GraphQL may be closed to Apps on this server".to_owned()),
            "to check a token use GET /installation/repositories; GET /user does not work for an installation",
        ),
    }
}

#[derive(Deserialize)]
struct Limits {
    resources: Resources,
}

#[derive(Deserialize)]
struct Resources {
    core: Limit,
}

#[derive(Deserialize)]
struct Limit {
    #[serde(rename = "limit")]
    of: u64,
    remaining: u64,
    /// Seconds since 1970-01-01T00:00:00Z.
    reset: i64,
}

fn rate_limit(sheet: &mut Sheet<'_>, client: &Client, api: &GithubApi, token: &InstallationToken) {
    let response = match ask_as_bot(client, &token.token, api, "/rate_limit") {
        Ok(response) => response,
        Err(failure) => {
            return sheet.warn(
                "rate limit",
                failure.summary,
                failure.cause.unwrap_or_default(),
                failure.fix.unwrap_or_default(),
            );
        }
    };
    // As an Enterprise Server answers whose administrator has set no limits.
    if response.status == 404 {
        return sheet.ok("rate limit", "this server has none");
    }
    let Some(Limits {
        resources: Resources { core },
    }) = response.json()
    else {
        return sheet.skip(
            "rate limit",
            format!("GitHub does not tell{}", answer(&response).remark),
        );
    };
    let found = format!("{} of {} requests left", core.remaining, core.of);
    if core.remaining * FEW >= core.of {
        return sheet.ok("rate limit", found);
    }
    let reset = Timestamp::from_second(core.reset)
        .map(|reset| reset.to_string())
        .unwrap_or_default();
    sheet.warn(
        "rate limit",
        found,
        "this installation has nearly used up the requests of this hour",
        format!("wait until {reset}, and look for what asks so often"),
    );
}

fn unreadable(response: &Response, api: &GithubApi) -> Failure {
    Failure::new(Code::GithubAnswer, "GitHub API returned an unreadable answer")
        .cause(format!(
            "the answer is not what GitHub sends{}",
            answer(response).remark
        ))
        .fix(format!("check that {} is GitHub's REST base", api.base))
}
