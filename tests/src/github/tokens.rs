//! Installation tokens: what they look like, and what became of them.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::json;

use super::settings::{Repository, TokenShape};

#[derive(Default)]
pub(super) struct Tokens(BTreeMap<String, Token>);

/// What a token is good for.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) app_id: u64,
    pub(super) account: String,
    pub(super) repositories: Vec<Repository>,
    /// `all` or `selected`.
    pub(super) repository_selection: &'static str,
    pub(super) permissions: BTreeMap<String, String>,
    pub(super) expires_at: Timestamp,
}

impl Tokens {
    pub(super) fn add(&mut self, shape: TokenShape, token: Token) -> String {
        let text = match shape {
            TokenShape::Classic => classic(),
            TokenShape::Stateless => stateless(token.app_id),
        };
        self.0.insert(text.clone(), token);
        text
    }

    pub(super) fn live(&self, token: &str, now: Timestamp) -> Option<&Token> {
        self.0.get(token).filter(|token| token.expires_at > now)
    }

    pub(super) fn count_live(&self, now: Timestamp) -> usize {
        self.0.values().filter(|token| token.expires_at > now).count()
    }

    pub(super) fn revoke(&mut self, token: &str) {
        self.0.remove(token);
    }

    /// Those of an installation that is no more.
    pub(super) fn end_those_of(&mut self, app_id: u64, account: &str) {
        self.0
            .retain(|_, token| token.app_id != app_id || token.account != account);
    }
}

fn classic() -> String {
    let letters = std::iter::repeat_with(fastrand::alphanumeric).take(36);
    format!("ghs_{}", letters.collect::<String>())
}

/// Noise in the shape of a JWT, until it holds every character that a reader might stumble over.
fn stateless(app_id: u64) -> String {
    let noise = |bytes: usize| {
        URL_SAFE_NO_PAD.encode(
            std::iter::repeat_with(|| fastrand::u8(..))
                .take(bytes)
                .collect::<Vec<_>>(),
        )
    };
    let head = URL_SAFE_NO_PAD.encode(json!({"alg": "ES256", "typ": "JWT"}).to_string());
    loop {
        let token = format!("ghs_{app_id}_{head}.{}.{}", noise(285), noise(64));
        // The prefix has two underscores of its own.
        if token.contains('-') && token.matches('_').count() > 2 {
            return token;
        }
    }
}
