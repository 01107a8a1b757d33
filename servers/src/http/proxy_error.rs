//! Why a proxy does not lead to a server.

use std::fmt;
use std::io;

use plumbing::{BaseUrl, text};

use super::HttpError;
use super::error::no_such_name;

/// A proxy that does not lead to a server: its host and port, and why.
#[derive(Debug)]
pub struct ProxyError {
    proxy: String,
    why: Why,
}

#[derive(Debug)]
enum Why {
    /// It could not be reached itself.
    Away(String),
    /// It answered the CONNECT (RFC 9110, section 9.3.6) with that status.
    Status(u16),
    /// It hung up instead of an answer.
    Silent,
}

impl ProxyError {
    /// What an error is about that came of a request through a proxy, to which alone a name is looked up and a connection made.
    /// The error is given back where it is not about the proxy.
    pub(super) fn of(error: ureq::Error, proxy: &str) -> Result<Self, ureq::Error> {
        let why = match error {
            ureq::Error::ConnectProxyFailed(said) => {
                // "proxy server responded 407/407"
                let status = said.rsplit('/').next().and_then(|status| status.parse().ok());
                status.map_or(Why::Silent, Why::Status)
            }
            error @ (ureq::Error::HostNotFound
            | ureq::Error::ConnectionFailed
            | ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve)) => {
                Why::Away(HttpError::from(error).to_string())
            }
            ureq::Error::Io(error) if is_of_connecting(&error) => {
                Why::Away(HttpError::from(ureq::Error::Io(error)).to_string())
            }
            other => return Err(other),
        };
        Ok(Self {
            proxy: text::quote(proxy),
            why,
        })
    }

    /// Whether another try may help.
    pub(super) const fn may_pass(&self) -> bool {
        match self.why {
            Why::Away(_) | Why::Silent => true,
            Why::Status(status) => matches!(status, 429 | 500..=599),
        }
    }

    pub(super) fn fix(&self, base: &BaseUrl) -> String {
        let Self { proxy, why } = self;
        let host = base.host();
        let past_it = format!("if {host} can be reached without it, add that to NO_PROXY");
        match why {
            Why::Away(_) => format!("check HTTPS_PROXY, and that {proxy} is up; {past_it}"),
            Why::Status(407) => {
                format!("put them into HTTPS_PROXY, percent-encoded (http://USER:PASSWORD@{proxy}); {past_it}")
            }
            Why::Status(403 | 405) => format!("have whoever runs it allow CONNECT to {}; {past_it}", base.authority()),
            Why::Status(_) | Why::Silent => format!("look at its log; {past_it}"),
        }
    }
}

impl fmt::Display for ProxyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { proxy, why } = self;
        match why {
            Why::Away(why) => write!(formatter, "the proxy {proxy} cannot be reached: {why}"),
            Why::Status(407) => write!(formatter, "the proxy {proxy} wants a user name and password (HTTP 407)"),
            Why::Status(status @ (403 | 405)) => {
                write!(formatter, "the proxy {proxy} does not allow it (HTTP {status})")
            }
            Why::Status(status @ 500..=599) => {
                write!(formatter, "the proxy {proxy} does not reach the server (HTTP {status})")
            }
            Why::Status(status) => write!(formatter, "the proxy {proxy} would not connect (HTTP {status})"),
            Why::Silent => write!(formatter, "the proxy {proxy} hung up without an answer"),
        }
    }
}

/// Whether no connection was made at all, or no address to make one to was found.
fn is_of_connecting(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    no_such_name(error).is_some()
        || matches!(
            error.kind(),
            Kind::ConnectionRefused
                | Kind::HostUnreachable
                | Kind::NetworkUnreachable
                | Kind::NetworkDown
                | Kind::AddrNotAvailable
                | Kind::TimedOut
        )
}
