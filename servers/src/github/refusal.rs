//! How GitHub says no.

use serde::Deserialize;

use crate::http::Response;
use crate::refusal::{ANY_STATUS, Answer, Refusal, Sign};

/// A limit that GitHub tells of with the status of a missing permission; it goes before whatever else a 403 may mean.
pub const RATE_LIMITED: Refusal = Refusal {
    statuses: 403..=403,
    sign: Sign::Message("rate limit"),
    cause: "too many requests",
    fix: "try again in {delay}, and mint less often: a token lasts an hour",
};

/// What any request to GitHub may meet. `{base}` is the REST base, `{location}` is where a redirect leads, `{delay}` how
/// long GitHub asks to be left alone.
pub const GENERAL: &[Refusal] = &[
    Refusal {
        statuses: 300..=399,
        sign: Sign::Redirect,
        cause: "the server points elsewhere: {location}",
        fix: "credentials do not follow a redirect; set GITHUB_API_URL to where GitHub really is",
    },
    Refusal {
        statuses: 400..=400,
        sign: Sign::None,
        cause: "GitHub does not take the request as it is, perhaps because it no longer knows this API version",
        fix: "ask for another one with --github-api-version, such as 2026-03-10",
    },
    RATE_LIMITED,
    Refusal {
        statuses: 429..=429,
        sign: Sign::None,
        ..RATE_LIMITED
    },
    Refusal {
        statuses: 500..=599,
        sign: Sign::None,
        cause: "GitHub, or a proxy in front of it, is in trouble",
        fix: "try again in a while; https://www.githubstatus.com tells of outages",
    },
    Refusal {
        statuses: ANY_STATUS,
        sign: Sign::None,
        cause: "GitHub refuses",
        fix: "check that {base} is GitHub's REST base",
    },
];

/// An answer as the tables of refusals look at it.
pub fn answer(response: &Response) -> Answer<'_> {
    let message = message(response);
    Answer {
        response,
        remark: response.remark("GitHub", message.as_deref()),
        message,
        error_name: None,
        service_token: false,
        enterprise_server: false,
    }
}

/// How long GitHub asks to be left alone, in words.
pub fn delay(response: &Response) -> String {
    match response.retry_after() {
        Some(delay) => format!("{} s", delay.as_secs()),
        None => "some minutes".to_owned(),
    }
}

/// GitHub's message, as it sent it.
fn message(response: &Response) -> Option<String> {
    #[derive(Deserialize)]
    struct Body {
        message: String,
    }
    response.json::<Body>().map(|body| body.message)
}
