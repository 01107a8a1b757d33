//! Why a proxy does not lead to a server.

use std::fmt;
use std::io;

use plumbing::BaseUrl;

use super::HttpError;
use super::error::no_such_name;

/// A proxy as messages name it.
#[derive(Debug)]
pub(super) struct NamedProxy {
    /// Host and port, fit to be shown.
    pub(super) place: String,
    /// The variable that names it.
    pub(super) variable: &'static str,
    pub(super) scheme: &'static str,
    /// Whether a user name is sent to it.
    pub(super) has_credentials: bool,
}

/// A proxy that does not lead to a server, and why.
#[derive(Debug)]
pub struct ProxyError {
    proxy: NamedProxy,
    why: Why,
}

#[derive(Debug)]
enum Why {
    /// It could not be reached itself.
    Away(String),
    /// It, or the server behind it, was too slow: which of them cannot be seen from here.
    Slow,
    /// It answered the CONNECT (RFC 9110, section 9.3.6) with that status.
    Status(u16),
    /// It hung up instead of an answer.
    Silent,
    /// There is no TLS with the proxy itself.
    Tls(String),
}

/// How an error about TLS with a proxy is marked on its way through ureq, which has no kind for it.
pub(super) const TLS_WITH_PROXY: &str = "TLS: ";

impl ProxyError {
    /// What an error is about that came of a request through a proxy, to which alone a name is looked up and a connection made.
    /// The error is given back where it is not about the proxy.
    pub(super) fn of(error: ureq::Error, proxy: NamedProxy) -> Result<Self, ureq::Error> {
        let why = match error {
            ureq::Error::ConnectProxyFailed(said) => {
                // "proxy server responded 407/407"
                let status = || said.rsplit('/').next().and_then(|status| status.parse().ok());
                let tls = said.strip_prefix(TLS_WITH_PROXY).map(str::to_owned);
                tls.map_or_else(|| status().map_or(Why::Silent, Why::Status), Why::Tls)
            }
            ureq::Error::Timeout(ureq::Timeout::Connect) => Why::Slow,
            error @ (ureq::Error::HostNotFound
            | ureq::Error::ConnectionFailed
            | ureq::Error::Timeout(ureq::Timeout::Resolve)) => Why::Away(HttpError::from(error).to_string()),
            ureq::Error::Io(error) if is_of_connecting(&error) => {
                Why::Away(HttpError::from(ureq::Error::Io(error)).to_string())
            }
            other => return Err(other),
        };
        Ok(Self { proxy, why })
    }

    /// Whether another try may help.
    pub(super) const fn may_pass(&self) -> bool {
        match self.why {
            Why::Away(_) | Why::Silent | Why::Slow => true,
            Why::Status(status) => matches!(status, 429 | 500..=599),
            Why::Tls(_) => false,
        }
    }

    pub(super) fn fix(&self, base: &BaseUrl) -> String {
        let NamedProxy {
            place,
            variable,
            scheme,
            has_credentials,
        } = &self.proxy;
        let host = base.host();
        let past_it = format!("if {host} can be reached without it, add that to NO_PROXY");
        match &self.why {
            Why::Away(_) => format!("check {variable}, and that {place} is up; {past_it}"),
            Why::Slow => format!("look at its log: it may not reach {}; {past_it}", base.authority()),
            Why::Status(407) if *has_credentials => {
                format!(
                    "check them in {variable}, percent-encoded; only HTTP's basic authentication is spoken here; {past_it}"
                )
            }
            Why::Status(407) => {
                format!("put them into {variable}, percent-encoded ({scheme}://USER:PASSWORD@{place}); {past_it}")
            }
            Why::Status(403 | 405) => format!("have whoever runs it allow CONNECT to {}; {past_it}", base.authority()),
            Why::Status(_) | Why::Silent => format!("look at its log; {past_it}"),
            Why::Tls(_) => format!(
                "most proxies are spoken to in the clear: try {variable}=http://{place}; if it is one that speaks TLS, name the root \
                 of its certificate in SSL_CERT_FILE"
            ),
        }
    }
}

impl fmt::Display for ProxyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NamedProxy {
            place, has_credentials, ..
        } = &self.proxy;
        write!(formatter, "the proxy {place} ")?;
        match &self.why {
            Why::Away(why) => write!(formatter, "cannot be reached: {why}"),
            Why::Slow => formatter.write_str("gave no connection to the server within 5 s"),
            Why::Status(407) if *has_credentials => {
                formatter.write_str("does not take the user name and password that it is given (HTTP 407)")
            }
            Why::Status(407) => formatter.write_str("wants a user name and password (HTTP 407)"),
            Why::Status(status @ (403 | 405)) => write!(formatter, "does not allow it (HTTP {status})"),
            Why::Status(status @ 500..=599) => write!(formatter, "does not reach the server (HTTP {status})"),
            Why::Status(status) => write!(formatter, "would not connect (HTTP {status})"),
            Why::Silent => formatter.write_str("hung up without an answer"),
            Why::Tls(why) => write!(formatter, "is spoken to over TLS, and there is none: {why}"),
        }
    }
}

/// Whether no connection was made at all, or no address to make one to was found.
fn is_of_connecting(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    no_such_name(error).is_some()
        || matches!(
            error.kind(),
            Kind::ConnectionRefused | Kind::NetworkUnreachable | Kind::NetworkDown | Kind::AddrNotAvailable
        )
}
