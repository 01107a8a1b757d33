//! Why there is no answer, and what a person can do about it.

use std::fmt;
use std::io;
use std::time::Duration;

use plumbing::{BaseUrl, Code, Failure, text};
use rustix::io::Errno;

use super::proxy_error::{NamedProxy, ProxyError};
use super::tls_error::TlsError;

/// Why a request has no answer.
#[derive(Debug)]
pub enum HttpError {
    /// The connection could not be made, or broke: refused, unreachable, reset, no such name. Worth another try.
    Connection(String),
    /// The server's certificate is not trusted, or its TLS is not to be had.
    Tls(TlsError),
    /// The proxy could not be reached, or would not lead to the server.
    Proxy(ProxyError),
    /// The server took longer than a request may.
    Timeout,
    /// The chain as a whole took longer than it may.
    OutOfTime(Duration),
    /// This process may have no more open files, memory or threads.
    Exhausted(String),
    /// The answer broke off behind its status, which says that the server has obeyed.
    BrokeOff(u16, String),
    /// The answer is larger than any that makes sense, or not HTTP.
    Answer(String),
}

impl HttpError {
    /// The failure of the step that asked, with the code and summary that it has for this.
    pub fn into_failure(self, code: Code, summary: &str, base: &BaseUrl) -> Failure {
        let failure = Failure::new(code, format!("{summary}: no answer from {base}")).cause(self.to_string());
        let fix = self.fix(base);
        failure.fix(fix)
    }

    /// What to do about it, for a request to that server.
    pub fn fix(&self, base: &BaseUrl) -> String {
        match self {
            Self::Tls(error) => error.fix(base.host()),
            Self::Proxy(error) => error.fix(base),
            Self::BrokeOff(..) => {
                "try again; the server has done what it was asked for, and what it made, such as a token, ends by itself".to_owned()
            }
            Self::Answer(_) => format!("check that {base} is the right address"),
            Self::Exhausted(_) => {
                "raise this process's limits (`ulimit -n` for open files, `ulimit -u` for threads, those of its container), or end \
                 what uses them up"
                    .to_owned()
            }
            Self::Connection(_) | Self::Timeout | Self::OutOfTime(_) => {
                format!("check the network, HTTPS_PROXY and NO_PROXY, and that {base} is the right address")
            }
        }
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection(what) | Self::Exhausted(what) | Self::Answer(what) => formatter.write_str(what),
            Self::Tls(error) => error.fmt(formatter),
            Self::Proxy(error) => error.fmt(formatter),
            Self::BrokeOff(status, why) => write!(formatter, "the answer (HTTP {status}) broke off: {why}"),
            Self::Timeout => formatter.write_str("the server did not answer in time"),
            Self::OutOfTime(limit) => write!(formatter, "the whole chain took longer than {} s", limit.as_secs()),
        }
    }
}

impl From<ureq::Error> for HttpError {
    fn from(error: ureq::Error) -> Self {
        match error {
            ureq::Error::Io(error) => Self::from_io(&error),
            ureq::Error::HostNotFound => Self::Connection("the host's name cannot be resolved".to_owned()),
            ureq::Error::ConnectionFailed => Self::Connection("no connection could be made".to_owned()),
            ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
                Self::Connection("no connection within 5 s".to_owned())
            }
            ureq::Error::Timeout(_) => Self::Timeout,
            ureq::Error::Tls(what) => Self::Tls(TlsError::said(what)),
            ureq::Error::BodyExceedsLimit(limit) => {
                Self::Answer(format!("the answer is larger than {} MiB", limit / 1024 / 1024))
            }
            ureq::Error::Http(_) => {
                Self::Answer("a credential holds a character that no HTTP header can carry".to_owned())
            }
            other => Self::Answer(format!("the answer is not HTTP: {}", text::quote(&other.to_string()))),
        }
    }
}

impl HttpError {
    /// The same of a request that went through a proxy, if it did.
    pub(super) fn by_way_of(proxy: Option<NamedProxy>, error: ureq::Error) -> Self {
        match proxy {
            None => error.into(),
            Some(proxy) => {
                let by_way = format!(", by way of the proxy {}", proxy.place);
                match ProxyError::of(error, proxy) {
                    Ok(error) => Self::Proxy(error),
                    // Which of the two hung up cannot be seen from here.
                    Err(error) => match Self::from(error) {
                        Self::Connection(why) => Self::Connection(why + &by_way),
                        Self::Answer(why) => Self::Answer(why + &by_way),
                        other => other,
                    },
                }
            }
        }
    }

    /// ureq wraps what rustls says during the handshake into an I/O error.
    fn from_io(error: &io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(error) => Self::Tls(TlsError::of(error)),
            None if is_exhausted(error) => Self::Exhausted(error.to_string()),
            None if error.kind() == io::ErrorKind::UnexpectedEof => {
                Self::Connection("the server hung up before it had answered".to_owned())
            }
            None => match no_such_name(error) {
                Some(why) => Self::Connection(format!("its name cannot be looked up: {}", text::quote(&why))),
                None => Self::Connection(text::quote(&error.to_string())),
            },
        }
    }
}

/// Why a name could not be looked up, if that is what failed: std has no kind for it.
pub(super) fn no_such_name(error: &io::Error) -> Option<String> {
    let said = error.to_string();
    said.strip_prefix("failed to lookup address information: ")
        .map(str::to_owned)
}

/// Whether the system gave no more of something, which no server has to do with.
pub(super) fn is_exhausted(error: &io::Error) -> bool {
    const NONE_LEFT: &[Errno] = &[
        Errno::MFILE,
        Errno::NOBUFS,
        Errno::AGAIN,
        // Sockets on Windows (Winsock) know no such errors.
        #[cfg(unix)]
        Errno::NFILE,
        #[cfg(unix)]
        Errno::NOMEM,
    ];
    Errno::from_io_error(error).is_some_and(|error| NONE_LEFT.contains(&error))
}
