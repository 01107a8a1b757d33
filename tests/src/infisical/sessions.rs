//! Sessions: access tokens and what became of them.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::json;

use super::answers::Refusal;
use super::settings::{Identity, uuid};

#[derive(Default)]
pub(super) struct Sessions(BTreeMap<String, Session>);

struct Session {
    client_id: String,
    ends: Instant,
    revoked: bool,
    uses_left: Cell<Option<u32>>,
}

impl Sessions {
    /// Opens a session and returns its access token.
    pub(super) fn open(&mut self, identity: &Identity, lifetime: Duration) -> String {
        let token = access_token(identity);
        let session = Session {
            client_id: identity.client_id.clone(),
            ends: Instant::now() + lifetime,
            revoked: false,
            uses_left: Cell::new(identity.session_uses),
        };
        self.0.insert(token.clone(), session);
        token
    }

    /// The client id of the identity whose session this is, which takes one of its uses.
    pub(super) fn used(&self, token: &str) -> Result<&str, Refusal> {
        let client_id = self.check(token)?;
        match self
            .0
            .get(token)
            .map(|session| (&session.uses_left, session.uses_left.get()))
        {
            Some((_, Some(0))) => return Err(Refusal::Unauthorized("Failed to authorize: token usage limit reached")),
            Some((left, Some(uses))) => left.set(Some(uses - 1)),
            _ => {}
        }
        Ok(client_id)
    }

    /// The client id of the identity whose session this is.
    pub(super) fn check(&self, token: &str) -> Result<&str, Refusal> {
        if token.split('.').count() != 3 {
            return Err(Refusal::MalformedToken);
        }
        match self.0.get(token) {
            Some(session) if session.revoked => Err(Refusal::RevokedSession),
            Some(session) if session.ends > Instant::now() => Ok(&session.client_id),
            Some(_) => Err(Refusal::ExpiredSession),
            None => Err(Refusal::BadSignature),
        }
    }

    pub(super) fn extend(&mut self, token: &str, lifetime: Duration) {
        self.0
            .entry(token.to_owned())
            .and_modify(|session| session.ends = Instant::now() + lifetime);
    }

    pub(super) fn revoke(&mut self, token: &str) {
        self.0
            .entry(token.to_owned())
            .and_modify(|session| session.revoked = true);
    }

    pub(super) fn revoke_all(&mut self) {
        self.0.values_mut().for_each(|session| session.revoked = true);
    }

    pub(super) fn expire_all(&mut self) {
        self.0.values_mut().for_each(|session| session.ends = Instant::now());
    }
}

/// An access token as Infisical makes it, an HS256 JWT; its signature is noise, since only this server reads it.
fn access_token(identity: &Identity) -> String {
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let now = Timestamp::now().as_second();
    let claims = if identity.is_person {
        json!({"userId": identity.id, "organizationId": uuid(), "tokenVersionId": uuid(), "iat": now, "exp": now + 864_000})
    } else {
        json!({"identityId": identity.id, "clientSecretId": uuid(), "identityAccessTokenId": uuid(),
               "authTokenType": "identityAccessToken", "iat": now, "exp": now + 600})
    };
    let signature: Vec<u8> = std::iter::repeat_with(|| fastrand::u8(..)).take(32).collect();
    let header = part(json!({"alg": "HS256", "typ": "JWT"}));
    format!("{header}.{}.{}", part(claims), URL_SAFE_NO_PAD.encode(signature))
}
