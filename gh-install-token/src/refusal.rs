//! Why GitHub says no to an exchange, and what to do about it.
//!
//! The status decides. GitHub's texts are documented nowhere, so they are quoted, and matched only to make the cause and
//! the fix more precise; only those that something can be done about at once change what a program does ([`Remedy`]).

use jiff::{SignedDuration, Timestamp};
use plumbing::documents::AppJwt;
use plumbing::{Code, Failure, text};
use servers::github::{self, GithubApi, Product};
use servers::http::Response;
use servers::refusal::{Answer, FOREIGN, FRONT_DOORS, Refusal, Sign, log_in_host};

use crate::permissions::perhaps;
use crate::scope::Scope;

/// A refusal of GitHub's, and what the chain can do about it by itself.
#[derive(Debug)]
pub struct Refused {
    /// What failed.
    pub failure: Failure,
    /// What to do before the exchange is tried once more; none where that would not help.
    pub remedy: Option<Remedy>,
}

/// A clock further off than this is not repaired: the JWT would be good for a time that nobody expects.
pub const LARGEST_CLOCK_ERROR: SignedDuration = SignedDuration::from_hours(24);

/// What makes an exchange worth one more try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Another JWT by GitHub's clock, which is this far ahead of this machine's.
    Clock(SignedDuration),
    /// Another JWT: GitHub has been seen to answer one that it knows already as if the installation were not there.
    AnotherJwt,
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self { failure, remedy: None }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        refused.failure
    }
}

impl From<Refused> for plumbing::Failures {
    fn from(refused: Refused) -> Self {
        refused.failure.into()
    }
}

/// The beginnings of the three messages about `exp` and `iat`, which octokit knows too (auth-app.js, src/hook.ts).
const ABOUT_TIME: [&str; 2] = ["'Expiration time' claim ('exp')", "'Issued at' claim ('iat')"];

const NO_APP: &str = "Integration not found";

/// GitHub's refusals of an exchange, before those of every request ([`github::GENERAL`]). `{app}` is the App's id,
/// `{installation}` the installation's, `{host}` GitHub's, `{base}` its REST base, `{old}` a word about old servers, `{perhaps}` one about
/// names that are near.
pub const REFUSALS: &[Refusal] = &[
    Refusal {
        statuses: 404..=404,
        sign: Sign::EnterprisePage,
        cause: "{base} is perhaps not a REST base",
        fix: "for GitHub Enterprise Server set GITHUB_API_URL to https://{host}/api/v3",
    },
    FOREIGN,
    Refusal {
        statuses: 401..=401,
        sign: Sign::Message("could not be decoded"),
        cause: "the private key is not one of App {app}'s, or APP_ID is another App's{old}",
        fix: "compare the key's fingerprint (infisical-fetch shows it on a terminal) with those on the App's settings \
              page; generate a new private key there if needed",
    },
    Refusal {
        statuses: 401..=401,
        sign: Sign::Message("must generate a public key"),
        cause: "App {app} has no private key, or APP_ID is not the App that the key belongs to",
        fix: "on the App's settings page check the App ID, and generate a private key",
    },
    Refusal {
        statuses: 401..=401,
        sign: Sign::Message("Requires authentication"),
        cause: "the Authorization header did not reach GitHub",
        fix: "look for a proxy that strips it (HTTPS_PROXY)",
    },
    Refusal {
        statuses: 401..=401,
        sign: Sign::None,
        cause: "GitHub does not take this for an App's JWT: App revoked, wrong host, or private key damaged",
        fix: "check that {base} is the App's GitHub, and the App's page; generate a new private key there if needed",
    },
    Refusal {
        statuses: 403..=403,
        sign: Sign::Message("suspended"),
        cause: "the owner of the installation has suspended it",
        fix: "on GitHub, under the organization's Settings → GitHub Apps → Configure, unsuspend it",
    },
    github::RATE_LIMITED,
    Refusal {
        statuses: 403..=403,
        sign: Sign::None,
        cause: "the App may not do this here",
        fix: "check the organization's IP allow list and the installation's page on GitHub",
    },
    Refusal {
        statuses: 404..=404,
        sign: Sign::Message(NO_APP),
        cause: "there is no App {app} on {host}",
        fix: "check APP_ID on the App's settings page; it is not the installation id, nor an id from another GitHub",
    },
    Refusal {
        statuses: 404..=404,
        sign: Sign::None,
        cause: "installation {installation} is not one of App {app}'s: uninstalled, another App's, or a wrong id",
        fix: "check INSTALLATION_ID: it is the number at the end of the installation's settings URL on GitHub",
    },
    Refusal {
        statuses: 422..=422,
        sign: Sign::Message("level of access"),
        cause: "a permission was asked for at a higher level than the installation has",
        fix: "ask for read instead of write, or raise it on the App's page and have the owner accept it",
    },
    Refusal {
        statuses: 422..=422,
        sign: Sign::Message("ermissions requested"),
        cause: "a permission was asked for that the installation does not have, or that GitHub does not know",
        fix: "{perhaps}check the names given with --permission, or as the bot's `permissions` in a configuration file, against the installation's page on GitHub",
    },
    Refusal {
        statuses: 422..=422,
        sign: Sign::Message("repositor"),
        cause: "one of the repositories does not exist, or the installation does not reach it; GitHub does not say \
                which",
        fix: "check the names given with --repo, or as the bot's `repositories` in a configuration file, and which repositories the installation is granted",
    },
    Refusal {
        statuses: 422..=422,
        sign: Sign::None,
        cause: "GitHub finds the request malformed",
        fix: "check --repo, --repository-id and --permission",
    },
];

/// The failure for an exchange that gave no token. `now` is this machine's time.
pub(crate) fn explain(api: &GithubApi, jwt: &AppJwt, scope: &Scope, response: &Response, now: Timestamp) -> Refused {
    let answer = Answer {
        enterprise_server: api.product() == Product::EnterpriseServer,
        ..github::answer(response)
    };
    let message = answer.message.as_deref().unwrap_or_default();
    if response.status == 401 && ABOUT_TIME.iter().any(|words| message.contains(words)) {
        return clock(&answer, now);
    }
    // What is not GitHub's own answer says nothing of the JWT.
    let is_unknown = response.status == 404 && answer.message.is_some() && !message.contains(NO_APP);
    Refused {
        remedy: is_unknown.then_some(Remedy::AnotherJwt),
        failure: explained(&answer, api, Some((jwt, scope))),
    }
}

/// The failure for a token that was not revoked.
pub(crate) fn explain_revocation(api: &GithubApi, response: &Response) -> Failure {
    explained(&github::answer(response), api, None)
}

fn explained(answer: &Answer<'_>, api: &GithubApi, asked: Option<(&AppJwt, &Scope)>) -> Failure {
    let response = answer.response;
    let base = api.base.to_string();
    let location = response.shown(response.header("location").unwrap_or_default());
    let delay = github::delay(response);
    let general = [
        ("base", base.as_str()),
        ("host", api.git_host()),
        ("location", &location),
        ("delay", &delay),
    ];
    let own = asked.and_then(|(jwt, scope)| {
        let is_client_id = jwt.app_id.starts_with("Iv") && answer.enterprise_server;
        let old = if is_client_id {
            "; an older GitHub Enterprise Server takes the numeric App ID only, not a client id"
        } else {
            ""
        };
        let (app, installation) = (text::quote(&jwt.app_id), text::quote(&jwt.installation_id));
        let perhaps = perhaps(scope);
        let own = [
            ("app", app.as_str()),
            ("installation", &installation),
            ("old", old),
            ("perhaps", &perhaps),
        ];
        answer.explained(REFUSALS, &[&general[..], &own[..]].concat())
    });
    let failure = failure(Code::GithubHttp, response);
    let front_door = answer.explained(
        FRONT_DOORS,
        &[("host", api.base.host()), ("log_in", &log_in_host(response))],
    );
    match front_door
        .or(own)
        .or_else(|| answer.explained(github::GENERAL, &general))
    {
        Some(explanation) => failure.explained(explanation),
        None => failure,
    }
}

fn failure(code: Code, response: &Response) -> Failure {
    Failure::new(code, format!("GitHub API returned {}", response.status))
        .answered(response.status, response.request_id.clone())
}

fn clock(answer: &Answer<'_>, now: Timestamp) -> Refused {
    let told = &answer.remark;
    let offset = answer.response.date().map(|date| date.duration_since(now));
    let cause = match offset {
        Some(offset) => format!("this machine's clock is {} GitHub's{told}", apart(offset)),
        None => format!("this machine's clock and GitHub's differ{told}"),
    };
    Refused {
        failure: failure(Code::GithubClock, answer.response)
            .cause(cause)
            .fix("set this machine's clock, for example with `timedatectl set-ntp true`"),
        remedy: offset.map(Remedy::Clock),
    }
}

/// `offset` is how far GitHub's clock is ahead of ours.
fn apart(offset: SignedDuration) -> String {
    let seconds = offset.as_secs().unsigned_abs();
    let amount = match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    };
    format!("{amount} {}", if offset.is_negative() { "ahead of" } else { "behind" })
}
