//! What the JWT says
//! (<https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app>).

use jiff::Timestamp;
use serde::Serialize;

/// How far `iat` lies in the past, in seconds: GitHub refuses one in the future, and our clock may be fast.
const BACKDATED: i64 = 60;

/// How far `exp` lies ahead, in seconds: GitHub refuses more than 10 minutes by ITS clock; 9 leave room for ours.
const LIFETIME: i64 = 540;

/// The claims of a GitHub App's JWT, times in seconds since 1970-01-01T00:00:00Z.
#[derive(Serialize)]
pub(crate) struct Claims<'a> {
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    /// A string for App ids too: both github.com and GHES take it, and a client id is no number.
    iss: &'a str,
}

impl<'a> Claims<'a> {
    pub(crate) fn new(app_id: &'a str, now: Timestamp) -> Self {
        let now = now.as_second();
        Self {
            iat: now - BACKDATED,
            exp: now + LIFETIME,
            iss: app_id,
        }
    }
}
