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
    /// A redirect to the login of Cloudflare Access, where no service token was sent.
    AccessWithoutToken,
    /// The same where one was sent.
    AccessWithToken,
    /// Cloudflare's page of refusal, where a service token was sent.
    AccessPage,
    /// A redirect to a login for people: OAuth 2.0's authorization endpoint (RFC 6749, section 4.1.1), or SAML's.
    LogIn,
    /// A redirect to anywhere.
    Redirect,
    /// A header whose value begins with that, in any case.
    Header(&'static str, &'static str),
    /// A body that is not of the server's own form, a JSON object with a `message`: what stands in front has answered.
    Foreign,
    /// Any of these words in a body that is for people.
    Body(&'static [&'static str]),
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

    fn is_log_in(&self) -> bool {
        let location = self.response.header("location").unwrap_or_default();
        let (path, query) = location.split_once('?').unwrap_or((location, ""));
        let asks = |name: &str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
        let is_oauth = asks("client_id") && (asks("response_type") || asks("request_uri"));
        // oauth2-proxy's and others' own, authentik's, Authelia's, Pomerium's, WS-Federation's.
        let is_a_gates = [
            "/oauth2/start",
            "/oauth2/sign_in",
            "/oauth2/auth",
            "/outpost.goauthentik.io/",
            "/.pomerium/",
        ];
        let is_a_gates = is_a_gates.iter().any(|gate| path.contains(gate)) || asks("rd") || asks("wtrealm");
        self.is_redirect() && (is_oauth || asks("SAMLRequest") || is_a_gates)
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

    /// Whether Cloudflare Access answers in the server's place: a redirect to its login, or its page of refusal.
    pub fn is_of_access(&self) -> bool {
        let is_page = self.response.status == 403 && self.response.is_html();
        // Its firewall, its bot check and the server behind it have pages too, which do not name it.
        self.is_access_log_in() || is_page && self.response.says("Cloudflare Access")
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
                Sign::LogIn => answer.is_log_in(),
                Sign::Redirect => answer.is_redirect(),
                Sign::Header(name, begins) => {
                    let words = answer.response.headers(name).flat_map(|value| value.split(','));
                    words
                        .map(str::trim)
                        .any(|word| word.to_ascii_lowercase().starts_with(begins))
                }
                Sign::Foreign => answer.message.is_none() && !answer.is_redirect(),
                Sign::Body(words) => answer.message.is_none() && words.iter().any(|words| answer.response.says(words)),
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
            Sign::LogIn => formatter.write_str(", a redirect to a login for people"),
            Sign::Redirect => formatter.write_str(", a redirect"),
            Sign::Header(name, begins) => write!(formatter, ", `{name}: {begins}…`"),
            Sign::Foreign => formatter.write_str(", in another form than the server's own"),
            Sign::Body(words) => write!(formatter, ", a page that says “{}”", words.join("” or “")),
        }
    }
}

/// What may stand in front of any server and answer in its place. `{host}` is the server's name, `{log_in}` that of the host of a
/// login.
pub const FRONT_DOORS: &[Refusal] = &[
    // https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/
    Refusal {
        statuses: ANY_STATUS,
        sign: Sign::Header("cf-mitigated", "challenge"),
        cause: "Cloudflare's bot check stands in front of {host} and wants a browser",
        fix: "in Cloudflare, let requests to {host} skip it: a WAF rule with the action Skip, or no Bot Fight Mode; a service token of Access \
              does not help",
    },
    // https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-1xxx-errors/
    Refusal {
        statuses: 403..=403,
        sign: Sign::Body(&["error code: 1010", ">1010<"]),
        cause: "Cloudflare's browser integrity check in front of {host} refuses programs",
        fix: "in Cloudflare, switch Browser Integrity Check off for {host}, by a configuration rule",
    },
    Refusal {
        statuses: 403..=403,
        // An address or a country that is banned, a request that is blocked, a rule.
        sign: Sign::Body(&[
            "error code: 1006",
            "error code: 1007",
            "error code: 1008",
            "error code: 1009",
            "error code: 1012",
            "error code: 1020",
            // The same for a browser.
            "Attention Required! | Cloudflare",
            "used Cloudflare to restrict access",
        ]),
        cause: "Cloudflare's firewall in front of {host} refuses the request",
        fix: "in Cloudflare, Security → Events shows which rule; let this machine's address, or `User-Agent: raxx-mint/…`, pass it",
    },
    Refusal {
        statuses: ANY_STATUS,
        sign: Sign::Body(&[
            "error code: 1000",
            "error code: 1001",
            "error code: 1003",
            "error code: 1016",
        ]),
        cause: "Cloudflare does not know which server {host} is: its DNS leads nowhere, or it was asked by an address",
        fix: "use the host's name, and look at its DNS records in Cloudflare",
    },
    // RFC 7617
    Refusal {
        statuses: 401..=401,
        sign: Sign::Header("www-authenticate", "basic"),
        cause: "what stands in front of {host} asks for a user name and password (HTTP basic authentication)",
        fix: "let requests to /api pass it, or protect them by another way, such as a service token of Cloudflare Access or by address: the \
              header that it wants is the session's own",
    },
    Refusal {
        statuses: 300..=399,
        sign: Sign::LogIn,
        cause: "what stands in front of {host} sends people to a login at {log_in}, and programs with them",
        fix: "let requests to /api pass it, by a rule of the load balancer or proxy for that path or for this machine's address; to \
              Infisical a header can be sent along that opens it, in INFISICAL_CUSTOM_HEADERS",
    },
];

/// The same for what has no form of its own, behind all that is known better.
pub const FOREIGN: Refusal = Refusal {
    statuses: 400..=404,
    sign: Sign::Foreign,
    cause: "what stands in front of {host} refuses the request: the answer is not of the server's own form",
    fix: "look at the log of the proxy, firewall or load balancer there, or check that {host} is the right address",
};

/// The host to which a redirect leads, for [`FRONT_DOORS`].
pub fn log_in_host(response: &Response) -> String {
    let location = response.header("location").unwrap_or_default();
    let uri = location.parse::<http::Uri>().ok();
    let host = uri.and_then(|uri| uri.host().map(str::to_owned));
    host.map_or_else(|| "the same host".to_owned(), |host| response.shown(&host))
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
