#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod cli;
mod credentials;
mod refusal;

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use plumbing::documents::InfisicalSession;
use plumbing::{BaseUrl, BearerToken, Code, Context, Environment, Failure};
use secrecy::SecretString;
use serde::Deserialize;
use servers::http::{Client, Method};
pub use servers::infisical::{CLIENT_ID, CLIENT_SECRET, TOKEN};
use servers::infisical::{Infisical, claims};
use token_cache::{Flight, MeetingPlace, Name, Reach};

use crate::credentials::{Credentials, UniversalAuth};
pub use crate::refusal::REFUSALS;
use crate::refusal::{Refused, SUMMARY};

/// So long a refusal counts for those that bring the same proof: of many that start together the last arrive after the
/// first has been refused already.
const REFUSAL_COUNTS_FOR: SignedDuration = SignedDuration::from_secs(5);

/// The flags of the login. Credentials are not among them: they would show in `ps`.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct LoginFlags {
    /// Infisical's base URL [env: INFISICAL_HOST] [default: app.infisical.com]
    #[arg(long, value_name = "URL", help_heading = "Servers")]
    pub infisical_host: Option<String>,
}

/// Who logs in, and where: [`LoginFlags`] with what the environment adds.
pub struct Account {
    infisical: Infisical,
    credentials: Credentials,
}

impl LoginFlags {
    /// Takes from the environment what no flag says. No request is made.
    ///
    /// # Errors
    /// The `config_…` codes for credentials or a host that are not set or cannot be used.
    pub fn resolve(&self, context: &Context) -> Result<Account, Failure> {
        let credentials = Credentials::from_environment(&context.environment)?;
        let infisical = Infisical::configured(self.infisical_host.as_deref(), context)?;
        Ok(Account { infisical, credentials })
    }
}

impl Account {
    /// The hash of all that a login depends on: processes that differ in it must not have one another's failures.
    pub fn way(&self, environment: &Environment) -> Name {
        let proof = match &self.credentials {
            Credentials::UniversalAuth(credentials) => credentials.proof(&self.infisical.host).to_string(),
            Credentials::Token(_) => String::new(),
        };
        Name::of(&[&proof, &way(environment).to_string()])
    }

    /// Infisical's base URL and the machine identity's client id; none where a session's token was given instead.
    pub fn identity(&self) -> Option<(&BaseUrl, &SecretString)> {
        match &self.credentials {
            Credentials::UniversalAuth(credentials) => Some((&self.infisical.host, &credentials.id)),
            Credentials::Token(_) => None,
        }
    }
}

/// Infisical's answer to a login
/// (<https://infisical.com/docs/api-reference/endpoints/universal-auth/login>).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    access_token: BearerToken,
    /// Seconds from now; 0 for a session without an end.
    expires_in: i64,
    token_type: String,
}

/// Logs in, unless another process has just been refused with the same proof. The session's end is told by this machine's
/// clock.
///
/// # Errors
/// The `infisical_login_…` codes where the login does not succeed.
pub fn login(client: &Client, account: &Account, context: &Context) -> Result<InfisicalSession, Failure> {
    let Account { infisical, credentials } = account;
    let credentials = match credentials {
        // A session that something else has opened: there is nothing to ask for.
        Credentials::Token(token) => {
            return Ok(InfisicalSession {
                host: infisical.host.clone(),
                access_token: token.clone(),
                token_type: "Bearer".to_owned(),
                expires_at: claims(token).and_then(|claims| claims.ends_at()),
            });
        }
        Credentials::UniversalAuth(credentials) => credentials,
    };
    let ask = || ask(client, infisical, credentials, context);
    let (proof, way) = (credentials.proof(&infisical.host), way(&context.environment));
    MeetingPlace::board(context, &proof, &way, |flight| match flight {
        Flight::Lead(lead) => {
            let outcome = ask();
            let reach = match &outcome {
                Err(refused) if refused.is_about_the_proof => Reach::Everyone(REFUSAL_COUNTS_FOR),
                _ => Reach::SameWay,
            };
            let outcome = outcome.map_err(|refused| refused.failure);
            lead.land(&outcome, reach);
            outcome
        }
        Flight::Failed(failure, None) => Err(failure),
        Flight::Failed(failure, Some(age)) => Err(of_a_moment_ago(failure, age)),
        Flight::Stuck => {
            context
                .report
                .note("another process has been logging in for a minute and was perhaps stopped; logging in beside it");
            ask().map_err(|refused| refused.failure)
        }
        Flight::Landed | Flight::Alone => ask().map_err(|refused| refused.failure),
    })
}

/// On what beside the proof it depends whether a login succeeds: what stands in between, and what opens it.
fn way(environment: &Environment) -> Name {
    let values = servers::http::WAY.iter().chain(&servers::infisical::WAY).map(|name| {
        let value = environment.given(name).unwrap_or_default();
        format!("{name}={}", value.to_string_lossy())
    });
    let values: Vec<_> = values.collect();
    Name::of(&values.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A refusal that was not asked for anew says so: what was wrong may have been fixed since.
fn of_a_moment_ago(failure: Failure, age: SignedDuration) -> Failure {
    let cause = failure.cause.clone().unwrap_or_default();
    let (age, limit) = (age.as_secs(), REFUSAL_COUNTS_FOR.as_secs());
    failure.cause(format!(
        "{cause}; this repeats the answer of {age} s ago, which counts for {limit} s, since wrong tries lock the identity out"
    ))
}

fn ask(
    client: &Client,
    infisical: &Infisical,
    credentials: &UniversalAuth,
    context: &Context,
) -> Result<InfisicalSession, Refused> {
    let now = context.now();
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
        host: infisical.host.clone(),
        access_token: answer.access_token,
        token_type: answer.token_type,
        expires_at: ends_at(now, answer.expires_in),
    })
}

/// The second at which a session ends that lasts `seconds` from `now`; none where it has no end, or one beyond all time.
fn ends_at(now: Timestamp, seconds: i64) -> Option<Timestamp> {
    let life = Some(seconds).filter(|seconds| *seconds > 0)?;
    let end = now.checked_add(SignedDuration::from_secs(life)).ok()?;
    Timestamp::from_second(end.as_second()).ok()
}
