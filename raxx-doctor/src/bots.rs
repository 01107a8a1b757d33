//! The login, and each bot's secrets.

use infisical_fetch::{BotFolders, Fetched, Selection};
use infisical_login::Account;
use jiff::{SignedDuration, Timestamp};
use plumbing::documents::{BotSecrets, InfisicalSession};
use plumbing::environment::BOTS;
use plumbing::{Context, Failure, PrivateKey, text};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use servers::http::Client;
use servers::infisical::claims;

use crate::Asking;
use crate::rights::Audit;
use crate::sheet::Sheet;

const UNKNOWN: &str = "cannot be known from here";

/// A session that lives for longer is more than a chain needs.
const LONG: SignedDuration = SignedDuration::from_hours(1);

/// Logs in; one try, since wrong secrets lock the identity out.
pub(crate) fn log_in(
    sheet: &mut Sheet<'_>,
    client: &Client,
    account: &Account,
    context: &Context,
) -> Option<InfisicalSession> {
    sheet.begin("logging in");
    let now = context.now();
    match infisical_login::login(client, account, context) {
        Ok(session) => {
            let life = session.expires_at.map(|ends| ends.duration_since(now));
            if let Some(ended) = session.expires_at.filter(|ends| *ends <= now) {
                sheet.warn(
                    "login",
                    format!(
                        "the session that was given in INFISICAL_TOKEN ended on {}",
                        text::minute(ended)
                    ),
                    "so says the token itself, by this machine's clock",
                    "set INFISICAL_TOKEN to a live session's token, or unset it and set INFISICAL_CLIENT_ID and \
                     INFISICAL_CLIENT_SECRET",
                );
                return Some(session);
            }
            let found = match life {
                Some(life) => format!("a session for {} s", life.as_secs() + 1),
                None if account.identity().is_some() => "a session without an end".to_owned(),
                None => "a session that was given in INFISICAL_TOKEN; when it ends is not known".to_owned(),
            };
            let is_long = life.map_or(account.identity().is_some(), |life| life > LONG);
            if is_long {
                sheet.warn(
                    "login",
                    found,
                    "whoever gets hold of a session can fetch the keys for as long; a mint needs seconds of it, and Infisical's own \
                     default is 30 days",
                    "on the identity's Universal Auth page in Infisical, set Access Token TTL and Access Token Max TTL to 600",
                );
            } else {
                sheet.ok("login", found);
            }
            Some(session)
        }
        Err(failure) => {
            sheet.fail("login", failure);
            None
        }
    }
}

/// Whether the identity can do more than read, as far as the server lets it see its own role. Never found out by
/// writing (<https://infisical.com/docs/api-reference/endpoints/project-identities-membership/get-by-id>).
pub(crate) fn role(sheet: &mut Sheet<'_>, asking: &Asking<'_>, project: &str, now: Timestamp) {
    sheet.begin("asking for the identity's role");
    let writes = "a dispatcher only reads; whoever takes its credentials could replace the bots' keys";
    let read_only = "in Infisical, give the identity a role that only reads the bots' folders, or the built-in viewer, and no privilege \
                     beside it that changes secrets";
    if let Some(audit) = ask::<Audit>(asking, project, &[AUDIT]) {
        let changes = audit.changes();
        if changes.is_empty() {
            return sheet.ok(
                "role",
                format!("{}, which only reads secrets", text::quote(&audit.names())),
            );
        }
        let found = format!("the identity can also write: {}", text::quote(&changes.join("; ")));
        return sheet.warn("role", found, writes, read_only);
    }
    let Some(roles) = roles(asking, project, now) else {
        return sheet.skip("role", format!("whether the identity can also write {UNKNOWN}"));
    };
    if roles.is_empty() {
        return sheet.skip(
            "role",
            format!("none is in force any more; what else the identity may do {UNKNOWN}"),
        );
    }
    let all: Vec<_> = roles.iter().map(Role::name).collect();
    let named = text::quote(&all.join(", "));
    if roles
        .iter()
        .any(|role| matches!(role.slug.as_str(), "admin" | "member"))
    {
        sheet.warn(
            "role",
            format!("{named}: the identity can also write"),
            writes,
            read_only,
        );
    } else if roles
        .iter()
        .all(|role| matches!(role.slug.as_str(), "viewer" | "no-access"))
    {
        sheet.ok("role", format!("{named}, which by its role only reads"));
    } else {
        sheet.skip("role", format!("{named}: whether that can also write {UNKNOWN}"));
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Role {
    #[serde(rename = "role")]
    slug: String,
    custom_role_slug: Option<String>,
    #[serde(rename = "temporaryAccessEndTime")]
    ends: Option<Timestamp>,
}

impl Role {
    fn name(&self) -> &str {
        self.custom_role_slug.as_deref().unwrap_or(&self.slug)
    }
}

/// Where a server answers for one identity in one project; the names stand for both ids.
type Route = fn(project: &str, identity: &str) -> String;

/// What the identity may do, roles and privileges together; the identity has to be allowed to read itself.
const AUDIT: Route = |project, id| format!("/api/v1/projects/{project}/memberships/identities/{id}/permissions/audit");
const MEMBERSHIP: Route = |project, id| format!("/api/v1/projects/{project}/memberships/identities/{id}");
/// That of old servers.
const OLD_MEMBERSHIP: Route = |project, id| format!("/api/v2/workspace/{project}/identity-memberships/{id}");

/// Its roles, without those whose time is over: they are still listed. Privileges beside them are not.
fn roles(asking: &Asking<'_>, project: &str, now: Timestamp) -> Option<Vec<Role>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        identity_membership: Membership,
    }
    #[derive(Deserialize)]
    struct Membership {
        roles: Vec<Role>,
    }
    let answer = ask::<Answer>(asking, project, &[MEMBERSHIP, OLD_MEMBERSHIP])?;
    let mut roles = answer.identity_membership.roles;
    roles.retain(|role| role.ends.is_none_or(|end| now < end));
    Some(roles)
}

/// The first answer of routes that hold the project's id and the identity's own.
fn ask<T: DeserializeOwned>(asking: &Asking<'_>, project: &str, routes: &[Route]) -> Option<T> {
    let id = claims(&asking.session.access_token)?.identity_id?;
    // Both become a part of a URL's path.
    if !is_uuid(&id) || !is_uuid(project) {
        return None;
    }
    let routes: Vec<_> = routes.iter().map(|route| route(project, &id)).collect();
    asking.first(&routes)
}

fn is_uuid(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// Fetches what the bots' folders hold.
pub(crate) fn fetch(
    client: &Client,
    session: &InfisicalSession,
    folders: &BotFolders,
) -> Result<Vec<Fetched>, Failure> {
    match infisical_fetch::fetch(client, session, folders) {
        // One bot's failure is the fetch's own where only that one was asked for.
        Err(failure) => match &folders.selection {
            Selection::One(path) => Ok(vec![Fetched {
                path: path.clone(),
                outcome: Err(failure),
            }]),
            Selection::All if failure.http_status == Some(403) => Err(failure.fix(format!(
                "name the bots with --bot or {BOTS}; who may read their folders only cannot list the one above, and \
                 need not"
            ))),
            _ => Err(failure),
        },
        fetched => fetched,
    }
}

/// One bot's secrets.
pub(crate) fn examine(sheet: &mut Sheet<'_>, fetched: &Fetched) -> Option<BotSecrets> {
    sheet.group(format!("bot {}", fetched.bot()));
    let secrets = match &fetched.outcome {
        Ok(secrets) => secrets,
        Err(failure) => {
            sheet.fail("secrets", failure.clone());
            return None;
        }
    };
    sheet.ok(
        "secrets",
        format!("all three are there and readable at {}", fetched.path),
    );
    sheet.ok(
        "ids",
        format!("APP_ID {}, INSTALLATION_ID {}", secrets.app_id, secrets.installation_id),
    );
    match key(secrets) {
        Ok(found) => {
            sheet.ok("private key", found);
            Some(secrets.clone())
        }
        Err(failure) => {
            sheet.fail("private key", failure);
            None
        }
    }
}

fn key(secrets: &BotSecrets) -> Result<String, Failure> {
    let key = PrivateKey::parse(&secrets.private_key_pem)?;
    Ok(format!("{}, {}", key.form(), key.description()?))
}
