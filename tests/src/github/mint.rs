//! `POST /app/installations/{installation_id}/access_tokens`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::answers::{Answer, Refusal};
use super::settings::{Installation, Repository, Settings, TokenShape};
use super::tokens::Token;
use super::{State, claims, objects};
use crate::server::Request;

/// The page that refusals of this call point to.
const PAGE: &str = "/reference/apps#create-an-installation-access-token-for-an-app";

pub(super) fn mint(state: &mut State, request: &Request, id: &str) -> Result<Answer, Refusal> {
    let is_new = state.seen_jwts.insert(request.bearer().unwrap_or_default().to_owned());
    let settings = &state.settings;
    let app = claims::app(settings, request)?;
    if settings.single_use_jwts && !is_new {
        return Err(Refusal::NOT_FOUND.of(PAGE));
    }
    let installation = settings
        .installations
        .iter()
        .find(|it| it.id.to_string() == id && it.app_id == app.id);
    let installation = installation.ok_or(Refusal::NOT_FOUND.of(PAGE))?;
    if installation.suspended {
        return Err(Refusal::new(403, "This installation has been suspended").of(PAGE));
    }
    let body = body(request)?;
    let permissions = permissions(installation, &body)?;
    let scope = scope(installation, &body)?;
    let token = Token {
        app_id: app.id,
        account: installation.account.clone(),
        repository_selection: if scope.is_some() || !installation.on_all_repositories {
            "selected"
        } else {
            "all"
        },
        repositories: scope.clone().unwrap_or_else(|| installation.repositories.clone()),
        permissions,
        expires_at: expiry(settings),
    };
    let shape = shape(request, settings.token_shape);
    let text = state.tokens.add(shape, token.clone());
    let mut answer = json!({
        "token": text,
        "expires_at": token.expires_at.to_string(),
        "permissions": token.permissions,
        "repository_selection": token.repository_selection,
    });
    if let Some(scope) = scope {
        answer["repositories"] = objects::repositories(&state.settings, &token.account, &scope, request);
    }
    Ok(Answer::new(201, answer))
}

/// Whole seconds, as in `2016-07-11T22:14:10Z`.
fn expiry(settings: &Settings) -> Timestamp {
    let exact = settings.now() + settings.token_lifetime;
    Timestamp::from_second(exact.as_second()).expect("a time of this era")
}

/// The header that asks for one shape or the other (changelog, May 2026); other values are ignored.
fn shape(request: &Request, usual: TokenShape) -> TokenShape {
    match request.header("X-GitHub-Stateless-S2S-Token") {
        Some("enabled") => TokenShape::Stateless,
        Some("disabled") => TokenShape::Classic,
        _ => usual,
    }
}

/// No body at all asks for everything that the installation has.
fn body(request: &Request) -> Result<Map<String, Value>, Refusal> {
    if request.body.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(body)) => Ok(body),
        Ok(_) => Err(Refusal::new(400, "Body should be a JSON object").of(PAGE)),
        Err(_) => Err(Refusal::new(400, "Problems parsing JSON").of(PAGE)),
    }
}

fn permissions(installation: &Installation, body: &Map<String, Value>) -> Result<BTreeMap<String, String>, Refusal> {
    let refused = |message: &str| Refusal::new(422, message).of(PAGE);
    let Some(asked) = body.get("permissions") else {
        return Ok(installation.permissions.clone());
    };
    let asked = asked.as_object().ok_or(refused(
        "Invalid request.\n\nFor 'properties/permissions', not an object.",
    ))?;
    let mut granted = BTreeMap::new();
    for (name, level) in asked {
        let level = level.as_str().unwrap_or_default();
        // An unknown name and one that was not accepted get the same words.
        let owned = installation.permissions.get(name);
        let owned = owned.ok_or(refused(
            "The permissions requested are not granted to this installation.",
        ))?;
        if rank(level).is_none_or(|asked| rank(owned).is_none_or(|owned| asked > owned)) {
            let message = "The level of access for permissions requested are not granted to this installation.";
            return Err(refused(message));
        }
        granted.insert(name.clone(), level.to_owned());
    }
    Ok(granted)
}

fn rank(level: &str) -> Option<usize> {
    ["read", "write", "admin"].iter().position(|known| *known == level)
}

/// The repositories asked for by name or by id; `None` when the body names none.
fn scope(installation: &Installation, body: &Map<String, Value>) -> Result<Option<Vec<Repository>>, Refusal> {
    let list = |name: &str| body.get(name).and_then(Value::as_array);
    let (names, ids) = (list("repositories"), list("repository_ids"));
    if names.is_none() && ids.is_none() {
        return Ok(None);
    }
    // Bare names: `owner/name` is the name of no repository.
    let asked = names.into_iter().chain(ids).flatten();
    let find = |asked: &Value| {
        let is_meant = |it: &&Repository| asked.as_str() == Some(it.name.as_str()) || asked.as_u64() == Some(it.id);
        installation.repositories.iter().find(is_meant).cloned()
    };
    let found: Option<Vec<Repository>> = asked.map(find).collect();
    // One bad name fails the whole request, and GitHub does not say which.
    let message =
        "There is at least one repository that does not exist or is not accessible to the parent installation.";
    found.map(Some).ok_or(Refusal::new(422, message).of(PAGE))
}
