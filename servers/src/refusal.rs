//! Refusals as data: how a server says no, why, and what to do about it.
//!
//! Each step has its table of [`Refusal`]s, which the programs look answers up in and the runbook shows. To teach a
//! program another refusal, add a row where the more particular ones stand before the more general.

use std::fmt;
use std::ops::RangeInclusive;

use plumbing::Explanation;

use crate::http::Response;

/// A row of a table: an answer that a server may give, and what it means.
///
/// `cause` and `fix` may hold names in braces, such as `{host}`, which are filled in when an answer is explained.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The HTTP statuses that it is about.
    pub statuses: RangeInclusive<u16>,
    /// What tells it apart from other answers of these statuses.
    pub sign: Sign,
    /// Why the server says no.
    pub cause: &'static str,
    /// What to do about it.
    pub fix: &'static str,
}

/// What tells an answer apart beside its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Nothing: whatever the server says.
    None,
    /// Words in the server's own message, as it sent them.
    Message(&'static str),
    /// The name in the `error` field of Infisical's refusals.
    ErrorName(&'static str),
    /// A page for people: something else answers in the server's place.
    Page,
    /// The same from a GitHub Enterprise Server, whose website stands beside its API.
    EnterprisePage,
    /// A redirect to the log-in of Cloudflare Access, where no service token was sent.
    AccessWithoutToken,
    /// The same where one was sent.
    AccessWithToken,
    /// Cloudflare's page of refusal, where a service token was sent.
    AccessPage,
    /// A redirect to anywhere.
    Redirect,
}

/// An answer, with what its server's manner of saying no makes of it.
pub struct Answer<'a> {
    /// The answer itself.
    pub response: &'a Response,
    /// The server's own message, as it sent it.
    pub message: Option<String>,
    /// The name in the `error` field of Infisical's refusals.
    pub error_name: Option<String>,
    /// Whether a service token of Cloudflare Access was sent along.
    pub service_token: bool,
    /// Whether it is a GitHub Enterprise Server's.
    pub enterprise_server: bool,
    /// What the server said, in brackets behind a cause and fit to be shown; empty where it said nothing.
    pub remark: String,
}

impl Answer<'_> {
    /// The first row of a table that is about this answer, filled in with `facts` and with what the server said.
    pub fn explained(&self, table: &[Refusal], facts: &[(&str, &str)]) -> Option<Explanation> {
        let row = table.iter().find(|row| row.is_about(self))?;
        let cause = filled(row.cause, facts);
        // What stands in the body of a redirect is for a browser.
        let remark = if self.is_redirect() { "" } else { &self.remark };
        Some(Explanation {
            cause: format!("{cause}{remark}"),
            fix: filled(row.fix, facts),
        })
    }

    fn is_redirect(&self) -> bool {
        matches!(self.response.status, 300..=399)
    }

    fn is_access_log_in(&self) -> bool {
        let location = self.response.header("location").unwrap_or_default();
        let host = location
            .parse::<http::Uri>()
            .ok()
            .and_then(|uri| uri.host().map(str::to_owned));
        self.is_redirect()
            && (host.is_some_and(|host| host.ends_with(".cloudflareaccess.com"))
                || location.contains("/cdn-cgi/access/"))
    }

    /// Whether Cloudflare Access answers in the server's place: a redirect to its log-in, or its page of refusal.
    pub fn is_of_access(&self) -> bool {
        self.is_access_log_in()
            || (self.response.status == 403 && self.response.is_html() && self.response.header("cf-ray").is_some())
    }
}

impl Refusal {
    fn is_about(&self, answer: &Answer<'_>) -> bool {
        let says = |text: &Option<String>, words: &str| text.as_deref().is_some_and(|text| text.contains(words));
        self.statuses.contains(&answer.response.status)
            && match self.sign {
                Sign::None => true,
                Sign::Message(words) => says(&answer.message, words),
                Sign::ErrorName(name) => answer.error_name.as_deref() == Some(name),
                Sign::Page => answer.response.is_html(),
                Sign::EnterprisePage => answer.enterprise_server && answer.response.is_html(),
                Sign::AccessWithoutToken => answer.is_access_log_in() && !answer.service_token,
                Sign::AccessWithToken => answer.is_access_log_in() && answer.service_token,
                Sign::AccessPage => answer.service_token && answer.is_of_access() && !answer.is_redirect(),
                Sign::Redirect => answer.is_redirect(),
            }
    }
}

/// For a reader: the answer that a row is about.
impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = (self.statuses.start(), self.statuses.end());
        if first == last {
            write!(formatter, "{first}")?;
        } else if (*first, *last) == ANY {
            formatter.write_str("any status")?;
        } else {
            write!(formatter, "{first} to {last}")?;
        }
        match self.sign {
            Sign::None => Ok(()),
            Sign::Message(words) => write!(formatter, ", “{words}”"),
            Sign::ErrorName(name) => write!(formatter, ", error “{name}”"),
            Sign::Page => formatter.write_str(", an HTML page"),
            Sign::EnterprisePage => formatter.write_str(", an HTML page of an Enterprise Server"),
            Sign::AccessWithoutToken => formatter.write_str(", to Cloudflare Access, and no service token is set"),
            Sign::AccessWithToken => formatter.write_str(", to Cloudflare Access, and a service token is set"),
            Sign::AccessPage => formatter.write_str(", Cloudflare's page, and a service token is set"),
            Sign::Redirect => formatter.write_str(", a redirect"),
        }
    }
}

/// Every status of HTTP.
const ANY: (u16, u16) = (100, 599);

/// The range of every status.
pub const ANY_STATUS: RangeInclusive<u16> = ANY.0..=ANY.1;

/// A text of a table with its names in braces filled in. What is filled in is not looked at again: it may be a server's.
fn filled(text: &str, facts: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let value = facts.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        filled.push_str(value.unwrap_or(name));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn what_is_filled_in_is_not_filled_in_again() {
        let facts = [("location", "https://evil.test/{delay}"), ("delay", "5 s")];
        assert_eq!(
            filled("to {location} in {delay}", &facts),
            "to https://evil.test/{delay} in 5 s"
        );
    }
}
