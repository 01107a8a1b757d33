//! Step 1: logs in to Infisical with a machine identity's Universal Auth credentials.
//!
//! In: `INFISICAL_CLIENT_ID` and `INFISICAL_CLIENT_SECRET` (or their `_FILE` twins) from the environment, never from
//! flags. Out: an `infisical-session` document, good for some ten minutes:
//!
//! ```json
//! {"kind":"infisical-session","host":"https://app.infisical.com","access_token":"…","token_type":"Bearer","expires_at":"2026-11-23T17:14:23Z"}
//! ```
//!
//! Behind Cloudflare Access, `CF_ACCESS_CLIENT_ID` and `CF_ACCESS_CLIENT_SECRET` are sent along.

#![forbid(unsafe_code)]

pub mod cli;
mod credentials;
mod refusal;

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use plumbing::BaseUrl;
use plumbing::documents::InfisicalSession;
use plumbing::{Code, Environment, Failure, Report};
use secrecy::SecretString;
use serde::Deserialize;
use servers::http::{Client, Method};
use servers::infisical::Infisical;

use crate::credentials::Credentials;
pub use crate::credentials::{CLIENT_ID, CLIENT_SECRET, TOKEN};

/// How the summary of every failure of this step begins.
const SUMMARY: &str = "Infisical login failed";

/// The flags of the log-in. Credentials are none of them: they would show in `ps`.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct Options {
    /// Infisical's base URL [env: INFISICAL_HOST] [default: app.infisical.com]
    #[arg(long, value_name = "URL", help_heading = "Servers")]
    pub infisical_host: Option<String>,
}

/// Who logs in, and where: [`Options`] with what the environment adds.
pub struct Account {
    infisical: Infisical,
    credentials: Credentials,
}

impl Options {
    /// Takes from the environment what no flag says. No request is made.
    ///
    /// # Errors
    /// The `config_…` codes for credentials or a host that are not set or cannot be used.
    pub fn resolve(&self, environment: &Environment, report: &Report) -> Result<Account, Failure> {
        let credentials = Credentials::from_environment(environment)?;
        let infisical = Infisical::configured(self.infisical_host.as_deref(), environment, report)?;
        Ok(Account { infisical, credentials })
    }
}

impl Account {
    /// Infisical's base URL and the machine identity's client id; none where a session's token was given instead.
    pub fn identity(&self) -> Option<(&BaseUrl, &SecretString)> {
        match &self.credentials {
            Credentials::UniversalAuth(credentials) => Some((&self.infisical.host, &credentials.id)),
            Credentials::Token(_) => None,
        }
    }
}

/// Infisical's answer to a log-in
/// (<https://infisical.com/docs/api-reference/endpoints/universal-auth/login>).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    access_token: SecretString,
    /// Seconds from now.
    expires_in: i64,
    token_type: String,
}

/// Logs in. `now` is this machine's time; the session's end is told by it.
///
/// # Errors
/// The `infisical_login_…` codes where the log-in does not succeed.
pub fn login(client: &Client, account: &Account, now: Timestamp) -> Result<InfisicalSession, Failure> {
    let Account { infisical, credentials } = account;
    let host = infisical.host.to_string();
    let credentials = match credentials {
        // A session that something else has opened: there is nothing to ask for.
        Credentials::Token(token) => {
            let (access_token, token_type) = (token.clone(), "Bearer".to_owned());
            return Ok(InfisicalSession {
                host,
                access_token,
                token_type,
                expires_at: None,
            });
        }
        Credentials::UniversalAuth(credentials) => credentials,
    };
    let request = infisical
        .request(Method::Post, "/api/v1/auth/universal-auth/login")
        .body(credentials.to_json()?, credentials.secrets());
    let response = client
        .send(&request)
        .map_err(|error| error.into_failure(Code::InfisicalLoginConnection, SUMMARY, &infisical.host))?;
    if !response.is_success() {
        return Err(refusal::explain(infisical, &response));
    }
    let answer: Answer = response
        .json()
        .ok_or_else(|| refusal::unreadable(infisical, &response))?;
    Ok(InfisicalSession {
        host,
        access_token: answer.access_token,
        token_type: answer.token_type,
        expires_at: ends_at(now, answer.expires_in),
    })
}

/// The second at which a session ends that lasts `seconds` from `now`; none where that is beyond all time.
fn ends_at(now: Timestamp, seconds: i64) -> Option<Timestamp> {
    let end = now.checked_add(SignedDuration::from_secs(seconds)).ok()?;
    Timestamp::from_second(end.as_second()).ok()
}
