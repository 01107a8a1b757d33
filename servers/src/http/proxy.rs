//! The proxy that the environment names.

use ureq::{Proxy, ProxyProtocol};

use plumbing::Environment;
use plumbing::{Code, Failure};

/// Where curl looks for the proxy of an `https://` URL, in its order.
const VARIABLES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const EXCEPTIONS: [&str; 2] = ["no_proxy", "NO_PROXY"];

pub(super) fn from_environment(environment: &Environment) -> Result<Option<Proxy>, Failure> {
    let Some(url) = environment.text(&VARIABLES)? else {
        return Ok(None);
    };
    let exceptions = environment.text(&EXCEPTIONS)?.unwrap_or_default();
    // The value may hold a password, so it is not quoted.
    build(&url, &exceptions).map(Some).map_err(|_| {
        Failure::new(Code::ConfigInvalid, "HTTPS_PROXY cannot be used")
            .cause("it is not the URL of an HTTP proxy")
            .fix("set it to http://HOST:PORT, or unset it (HTTPS_PROXY, ALL_PROXY and their lower-case twins)")
    })
}

/// ureq reads the exceptions of a proxy only together with its own choice of variables, where ALL_PROXY comes first
/// and HTTP_PROXY, which is not about `https://`, counts too. So the proxy is built from its parts.
fn build(url: &str, exceptions: &str) -> Result<Proxy, ureq::Error> {
    let given = Proxy::new(url)?;
    if !matches!(given.protocol(), ProxyProtocol::Http | ProxyProtocol::Https) {
        return Err(ureq::Error::InvalidProxyUrl);
    }
    let mut builder = Proxy::builder(given.protocol()).host(given.host()).port(given.port());
    if let Some(user) = given.username() {
        builder = builder.username(user);
    }
    if let Some(password) = given.password() {
        builder = builder.password(password);
    }
    for exception in exceptions.split(',') {
        builder = builder.no_proxy(exception.trim());
    }
    builder.build()
}
