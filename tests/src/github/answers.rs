//! How the server says things: headers, and the messages of its refusals.

use jiff::fmt::rfc2822;
use serde_json::{Value, json};

use super::State;
use crate::script::Canned;
use crate::server::Request;

/// The versions of the REST API that are live (announced 2026-03-12).
const API_VERSIONS: [&str; 2] = ["2022-11-28", "2026-03-10"];

/// The version whose answers lack a few fields.
pub(super) const API_VERSION_2026: &str = API_VERSIONS[1];

/// Requests an hour that an installation has at least.
pub(super) const RATE_LIMIT: u32 = 5_000;

/// A status and a body; no body for a 204.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Option<Value>,
}

impl Answer {
    pub(super) fn new(status: u16, body: Value) -> Self {
        Self {
            status,
            body: Some(body),
        }
    }
}

/// A refusal: status, message, and where the documentation of the call is.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    status: u16,
    message: String,
    documentation: &'static str,
}

impl Refusal {
    /// No such thing, or none that the caller may know of.
    pub(super) const NOT_FOUND: Self = Self {
        status: 404,
        message: String::new(),
        documentation: "",
    };

    pub(super) fn new(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            documentation: "",
        }
    }

    /// With the page of the call that it refuses.
    pub(super) fn of(mut self, documentation: &'static str) -> Self {
        self.documentation = documentation;
        self
    }

    pub(super) fn unauthenticated() -> Self {
        Self::new(401, "Requires authentication")
    }

    pub(super) fn bad_credentials() -> Self {
        Self::new(401, "Bad credentials")
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let message = if refusal.message.is_empty() {
            "Not Found"
        } else {
            &refusal.message
        };
        Self::new(
            refusal.status,
            json!({
                "message": message,
                "documentation_url": format!("https://docs.github.com/rest{}", refusal.documentation),
                // A string, not a number, and only in newer answers.
                "status": refusal.status.to_string(),
            }),
        )
    }
}

/// An unknown version is refused with 400 (documentation, "API versions"); the words are not documented.
pub(super) fn check_api_version(request: &Request) -> Result<(), Refusal> {
    match request.header("X-GitHub-Api-Version") {
        Some(version) if !API_VERSIONS.contains(&version) => {
            let message = format!("API version '{version}' is not supported.");
            Err(Refusal::new(400, message).of("/about-the-rest-api/api-versions"))
        }
        _ => Ok(()),
    }
}

/// The front end's own answer, before any API sees the request.
pub(super) fn no_user_agent() -> Canned {
    Canned::html(
        403,
        "\r\nRequest forbidden by administrative rules. Please make sure your request has a User-Agent header \
         (https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required). \
         Check https://developer.github.com for other possible causes.\r\n",
    )
}

pub(super) fn canned(answer: Answer, state: &State) -> Canned {
    let now = state.settings.now();
    let date = rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&now)
        .expect("a date of this era");
    let used = state.requests.min(RATE_LIMIT);
    let canned = Canned::new(answer.status)
        .header("Server", "github.com")
        .header("Date", &date)
        .header("X-GitHub-Request-Id", &request_id())
        .header("X-GitHub-Media-Type", "github.v3; format=json")
        .header("X-RateLimit-Limit", &RATE_LIMIT.to_string())
        .header("X-RateLimit-Remaining", &(RATE_LIMIT - used).to_string())
        .header("X-RateLimit-Reset", &(now.as_second() + 3_600).to_string())
        .header("X-RateLimit-Used", &used.to_string())
        .header("X-RateLimit-Resource", "core");
    match answer.body {
        Some(body) => canned.json(&body),
        None => canned,
    }
}

/// Five groups of hexadecimal digits: `E1F2:3A4B5C:6D7E8F:90A1B2:68D2C3F4`.
fn request_id() -> String {
    let group = |digits: usize| {
        std::iter::repeat_with(|| fastrand::digit(16))
            .take(digits)
            .collect::<String>()
    };
    [4, 6, 6, 6, 8].map(group).join(":").to_uppercase()
}
