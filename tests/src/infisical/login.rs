//! `POST /api/v1/auth/…`: Universal Auth, and renewing and revoking what came of it.

use serde_json::{Map, Value, json};

use super::State;
use super::answers::Refusal;
use super::settings::{Era, Identity, IdentityState, Settings};
use crate::server::Request;

/// Wrong secrets in a row after which a new server locks an identity: Infisical's default.
const LOCKOUT_THRESHOLD: u32 = 3;

const LOCKED: Refusal =
    Refusal::Unauthorized("This identity auth method is temporarily locked, please try again later");

pub(super) fn log_in(state: &mut State, request: &Request) -> Result<Value, Refusal> {
    let body = body(request, state.settings.era)?;
    let [client_id, client_secret] = strings(&body, ["clientId", "clientSecret"])?;
    let era = state.settings.era;
    let identity = state
        .settings
        .identities
        .iter_mut()
        .find(|identity| identity.client_id == client_id);
    let identity = identity.ok_or(Refusal::InvalidCredentials)?;
    admit(identity, client_secret, era)?;
    if let Some(name) = body.get("organizationSlug").filter(|_| era != Era::Old) {
        let name = name.as_str().unwrap_or_default();
        return Err(Refusal::NotFound(format!(
            "Sub organization with name {name} not found"
        )));
    }
    let token = state.sessions.open(identity, state.settings.session_lifetime);
    Ok(session(&state.settings, &token))
}

/// Infisical's order: address, lock, secret, then what is wrong with a right secret.
fn admit(identity: &mut Identity, client_secret: &str, era: Era) -> Result<(), Refusal> {
    if identity.state == IdentityState::AddressNotAllowed {
        return Err(Refusal::AddressNotAllowed);
    }
    let locked = era != Era::Old && identity.wrong_secrets >= LOCKOUT_THRESHOLD;
    if locked || identity.state == IdentityState::Locked {
        return Err(LOCKED);
    }
    if identity.client_secret != client_secret || identity.state == IdentityState::SecretRevoked {
        identity.wrong_secrets += 1;
        return Err(Refusal::InvalidCredentials);
    }
    identity.wrong_secrets = 0;
    let why = match identity.state {
        IdentityState::SecretExpired => "Access denied due to expired client secret",
        IdentityState::SecretUsedUp => "Access denied due to client secret usage limit reached",
        _ => return Ok(()),
    };
    // Told once: a new server takes the secret away with it.
    if era != Era::Old {
        identity.state = IdentityState::SecretRevoked;
    }
    Err(Refusal::Unauthorized(why))
}

pub(super) fn renew(state: &mut State, request: &Request) -> Result<Value, Refusal> {
    let body = body(request, state.settings.era)?;
    let [token] = strings(&body, ["accessToken"])?;
    let client_id = state.sessions.check(token)?.to_owned();
    if state.settings.era == Era::Old {
        state.sessions.extend(token, state.settings.session_lifetime);
        return Ok(session(&state.settings, token));
    }
    // A new server hands out another.
    let mut identities = state.settings.identities.iter();
    let identity = identities.find(|identity| identity.client_id == client_id);
    let identity = identity.ok_or(Refusal::InvalidCredentials)?;
    let token = state.sessions.open(identity, state.settings.session_lifetime);
    Ok(session(&state.settings, &token))
}

pub(super) fn revoke(state: &mut State, request: &Request) -> Result<Value, Refusal> {
    let body = body(request, state.settings.era)?;
    let [token] = strings(&body, ["accessToken"])?;
    state.sessions.check(token)?;
    state.sessions.revoke(token);
    Ok(json!({"message": "Successfully revoked access token"}))
}

fn session(settings: &Settings, token: &str) -> Value {
    let seconds = settings.session_lifetime.as_secs();
    json!({"accessToken": token, "expiresIn": seconds, "accessTokenMaxTTL": 2 * seconds, "tokenType": "Bearer"})
}

/// The body as the framework (Fastify) takes it: JSON under its content type, an object.
fn body(request: &Request, era: Era) -> Result<Map<String, Value>, Refusal> {
    let content_type = request.header("Content-Type").unwrap_or("undefined");
    if !content_type.starts_with("application/json") {
        let message = format!("Unsupported Media Type: {content_type}");
        return Err(Refusal::Framework(415, "Unsupported Media Type", message));
    }
    if request.body.is_empty() {
        let message = "Body cannot be empty when content-type is set to 'application/json'";
        return Err(Refusal::Framework(400, "Bad Request", message.to_owned()));
    }
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(body)) => Ok(body),
        Ok(other) => Err(Refusal::InvalidBody(json!([{
            "code": "invalid_type", "expected": "object", "received": type_name(Some(&other)), "path": [],
            "message": format!("Expected object, received {}", type_name(Some(&other))),
        }]))),
        Err(_) if era != Era::Old => Err(Refusal::Unexpected),
        // V8 has a message for each mistake; the recorded one stands for all.
        Err(_) => {
            let message = "Expected property name or '}' in JSON at position 1";
            Err(Refusal::Framework(400, "Bad Request", message.to_owned()))
        }
    }
}

/// The named fields, all of which must be strings; otherwise Zod's list of those that are not.
fn strings<'a, const N: usize>(body: &'a Map<String, Value>, names: [&str; N]) -> Result<[&'a str; N], Refusal> {
    let issue = |name: &&str| match body.get(*name) {
        Some(Value::String(_)) => None,
        other => {
            let received = type_name(other);
            let message = other.map_or("Required".to_owned(), |_| {
                format!("Expected string, received {received}")
            });
            Some(json!({
                "code": "invalid_type", "expected": "string", "received": received, "path": [name], "message": message,
            }))
        }
    };
    let issues: Vec<Value> = names.iter().filter_map(issue).collect();
    if !issues.is_empty() {
        return Err(Refusal::InvalidBody(Value::Array(issues)));
    }
    Ok(names.map(|name| body[name].as_str().expect("checked above")))
}

/// JavaScript's name for a value's type.
fn type_name(value: Option<&Value>) -> &'static str {
    match value {
        None => "undefined",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "string",
        Some(Value::Array(_)) => "array",
        Some(Value::Object(_)) => "object",
    }
}
