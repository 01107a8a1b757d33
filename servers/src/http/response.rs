//! An answer, read to its end, whose text can be shown without showing a secret.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use ureq::http::response::Parts;
use ureq::http::{HeaderMap, header};
use zeroize::Zeroizing;

use plumbing::{secrets, text};

/// An answer to a request, whatever its status.
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The server's name for the request: `x-github-request-id`, Cloudflare's `cf-ray`, or `x-request-id`.
    pub request_id: Option<String>,
    headers: HeaderMap,
    body: Zeroizing<Vec<u8>>,
    secrets: Vec<SecretString>,
    /// This machine's time when it came.
    received_at: Timestamp,
}

/// No server is waited for longer: a delay beyond this is a mistake, or means "not today".
const LONGEST_DELAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Response {
    pub(super) fn new(
        parts: &Parts,
        body: Zeroizing<Vec<u8>>,
        secrets: Vec<SecretString>,
        received_at: Timestamp,
    ) -> Self {
        let mut response = Self {
            status: parts.status.as_u16(),
            request_id: None,
            headers: parts.headers.clone(),
            body,
            secrets,
            received_at,
        };
        response.request_id = ["x-github-request-id", "cf-ray", "x-request-id"]
            .iter()
            .find_map(|name| response.header(name))
            .map(|id| response.shown_id(id));
        response
    }

    /// Whether the status is 2xx.
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// A header's value, as the server sent it.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// All values of a header that may stand several times, as the server sent them.
    pub fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
    }

    /// The body as JSON, or nothing where it is not such JSON. What is wrong with it is not told: it may be secret.
    pub fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Whether a page for people came: a proxy or a login answered in the server's place.
    pub fn is_html(&self) -> bool {
        self.header(header::CONTENT_TYPE.as_str())
            .is_some_and(|value| value.to_ascii_lowercase().starts_with("text/html"))
    }

    /// Whether those words stand in the body.
    pub fn says(&self, words: &str) -> bool {
        String::from_utf8_lossy(&self.body).contains(words)
    }

    /// A server's text, fit to be shown.
    pub fn shown(&self, text: &str) -> String {
        text::quote(&secrets::redact(text, &self.secrets))
    }

    /// An id that a server has made, fit to be shown: it may look like a secret.
    pub fn shown_id(&self, id: &str) -> String {
        text::cut(&secrets::redact(id, &self.secrets))
    }

    /// What the server had to say, in brackets behind a cause: its message, or what came instead of one.
    pub fn remark(&self, who: &str, message: Option<&str>) -> String {
        let text = String::from_utf8_lossy(&self.body);
        match (
            message,
            text.split_once("<title>")
                .and_then(|(_, rest)| rest.split_once("</title>")),
        ) {
            (Some(message), _) => format!(" ({who} says “{}”)", self.shown(message)),
            (None, Some((title, _))) if self.is_html() => {
                format!(" ({who} sent an HTML page titled “{}”)", self.shown(title))
            }
            _ if self.is_html() => format!(" ({who} sent an HTML page)"),
            _ if text.trim().is_empty() => String::new(),
            _ => format!(" ({who} sent “{}”)", self.shown(&text)),
        }
    }

    /// The server's clock when it answered, to the second (RFC 9110, section 6.6.1).
    pub fn date(&self) -> Option<Timestamp> {
        http_date(self.header(header::DATE.as_str())?)
    }

    /// How long the server asks to be left alone, by seconds or by date (RFC 9110, section 10.2.3); a day at most.
    pub fn retry_after(&self) -> Option<Duration> {
        let value = self.header(header::RETRY_AFTER.as_str())?.trim();
        let delay = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
            // A number that is too large for the type is still a number.
            Duration::from_secs(value.parse().unwrap_or(u64::MAX))
        } else {
            let now = self.date().unwrap_or(self.received_at);
            // A time that is over asks for nothing.
            http_date(value)?.duration_since(now).try_into().unwrap_or_default()
        };
        Some(delay.min(LONGEST_DELAY))
    }
}

/// RFC 9110's preferred form is RFC 2822's with the zone spelt `GMT`.
fn http_date(value: &str) -> Option<Timestamp> {
    /// The last days of all time, which are beyond a timestamp.
    const LAST: &str = " Dec 9999 ";
    let date = DateTimeParser::new().parse_timestamp(value).ok();
    date.or_else(|| (value.contains(LAST) && value.ends_with(" GMT")).then_some(Timestamp::MAX))
}
