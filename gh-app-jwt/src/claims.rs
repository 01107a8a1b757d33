//! What the JWT says
//! (<https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app>).

use aws_lc_rs::rand;
use jiff::Timestamp;
use plumbing::{Code, Failure};
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
    /// Tells this JWT from all others (RFC 7519, section 4.1.7).
    jti: &'a str,
}

/// The id of a JWT: 128 random bits.
///
/// RS256 makes the same bytes of the same claims, and times are whole seconds, so that without it all JWTs of an App within
/// a second are one and the same; GitHub has been seen to answer the repeats with 404
/// (<https://github.com/github-aws-runners/terraform-aws-github-runner/issues/5025>).
pub struct JwtId(String);

impl JwtId {
    /// Another one each time.
    ///
    /// # Errors
    /// [`Code::Internal`] where the system has no random numbers.
    pub fn random() -> Result<Self, Failure> {
        let mut bits = [0; 16];
        rand::fill(&mut bits)
            .map_err(|_| Failure::new(Code::Internal, "the system gives no random numbers, which a JWT needs"))?;
        Ok(Self(format!("{:032x}", u128::from_be_bytes(bits))))
    }
}

impl<'a> Claims<'a> {
    pub(crate) fn new(app_id: &'a str, now: Timestamp, id: &'a JwtId) -> Self {
        let now = now.as_second();
        Self {
            iat: now.saturating_sub(BACKDATED),
            exp: now.saturating_add(LIFETIME),
            iss: app_id,
            jti: &id.0,
        }
    }
}
