//! The proxy that the environment names, and what is reached without it; both as curl has it.

use std::net::IpAddr;

use ureq::{Proxy, ProxyProtocol, RequestBuilder};

use plumbing::{BaseUrl, Code, Environment, Failure, text};

use super::proxy_error::NamedProxy;

/// Where curl looks for the proxy of an `https://` URL, in its order.
const VARIABLES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const EXCEPTIONS: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// How servers are reached: through a proxy, or not.
#[derive(Clone, Debug, Default)]
pub(super) struct Route {
    proxy: Option<Proxy>,
    /// The variable that names it.
    variable: &'static str,
    exceptions: Exceptions,
}

/// What is reached without the proxy.
#[derive(Clone, Debug)]
enum Exceptions {
    /// All: the list is `*` and nothing else.
    All,
    /// In lower case, without the dots around them.
    These(Vec<String>),
}

impl Default for Exceptions {
    fn default() -> Self {
        Self::These(vec![])
    }
}

impl Exceptions {
    fn parse(list: &str) -> Self {
        if list.trim() == "*" {
            return Self::All;
        }
        let names = list.split(|letter: char| letter == ',' || letter.is_whitespace());
        // In a longer list a star is a name like any other, which no host has.
        Self::These(names.map(bare).filter(|name| !name.is_empty() && name != "*").collect())
    }

    fn are_about(&self, host: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(names) => names.iter().any(|name| is_about(name, host)),
        }
    }
}

impl Route {
    /// # Errors
    /// [`Code::ConfigInvalid`] for a proxy that cannot be used.
    pub(super) fn from_environment(environment: &Environment) -> Result<Self, Failure> {
        let mut url = None;
        for variable in VARIABLES {
            if url.is_none() {
                url = environment.text(&[variable])?.map(|url| (variable, url));
            }
        }
        let Some((variable, url)) = url else {
            return Ok(Self::default());
        };
        let exceptions = environment.text(&EXCEPTIONS)?.unwrap_or_default();
        // The value may hold a password, so it is not quoted.
        refuse_what_would_be_shown(&url, variable)?;
        let proxy = build(&url).map_err(|_| {
            Failure::new(Code::ConfigInvalid, format!("{variable} cannot be used"))
                .cause("it is not the URL of an HTTP proxy")
                .fix("set it to http://HOST:PORT, or unset it (HTTPS_PROXY, ALL_PROXY and their lower-case twins)")
        })?;
        Ok(Self {
            proxy: Some(proxy),
            variable,
            exceptions: Exceptions::parse(&exceptions),
        })
    }

    /// The proxy that leads to a server, if one does.
    pub(super) fn proxy_for(&self, base: &BaseUrl) -> Option<&Proxy> {
        // No proxy can reach this machine's loopback, whatever NO_PROXY says.
        let is_past_it = base.is_loopback() || self.exceptions.are_about(base.host());
        self.proxy.as_ref().filter(|_| !is_past_it)
    }

    /// The proxy that leads to a server as messages name it.
    pub(super) fn named_for(&self, base: &BaseUrl) -> Option<NamedProxy> {
        self.proxy_for(base).map(|proxy| NamedProxy {
            place: text::quote(&format!("{}:{}", proxy.host(), proxy.port())),
            variable: self.variable,
            scheme: if proxy.protocol() == ProxyProtocol::Https {
                "https"
            } else {
                "http"
            },
            has_credentials: proxy.username().is_some(),
        })
    }

    /// The proxy's own host and port, for who connects to it.
    pub(super) fn proxy_authority(&self) -> Option<String> {
        let proxy = self.proxy.as_ref()?;
        proxy.uri().authority().map(|authority| authority.as_str().to_owned())
    }

    /// A request to a server, by the way that leads there.
    pub(super) fn take<B>(&self, builder: RequestBuilder<B>, base: &BaseUrl) -> RequestBuilder<B> {
        match self.proxy_for(base) {
            // An agent of ours has none.
            None => builder,
            Some(proxy) => builder.config().proxy(Some(proxy.clone())).build(),
        }
    }
}

fn bare(name: &str) -> String {
    name.trim_matches('.').to_ascii_lowercase()
}

/// Whether an exception is about a host: its name, a domain above it, its address, or a network that it is in
/// (<https://curl.se/libcurl/c/CURLOPT_NOPROXY.html>). `*.example.com`, which curl does not know, is what `example.com` is.
fn is_about(exception: &str, host: &str) -> bool {
    let host = bare(host);
    let address = |text: &str| text.trim_matches(['[', ']']).parse::<IpAddr>().ok();
    if let Some(own) = address(&host) {
        let (network, bits) = exception.split_once('/').unwrap_or((exception, ""));
        let bits = if bits.is_empty() { None } else { bits.parse().ok() };
        return address(network).is_some_and(|network| match bits {
            None if exception.contains('/') => false,
            bits => is_in(own, network, bits),
        });
    }
    let domain = exception.strip_prefix("*.").unwrap_or(exception);
    let above = host.strip_suffix(domain);
    above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

/// Whether the first so many bits of two addresses are alike; all of them, if no number is given.
fn is_in(address: IpAddr, network: IpAddr, bits: Option<u32>) -> bool {
    let numbers = match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            Some((u128::from(address.to_bits()), u128::from(network.to_bits()), 32))
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => Some((address.to_bits(), network.to_bits(), 128)),
        _ => None,
    };
    numbers.is_some_and(|(address, network, length): (u128, u128, u32)| {
        let rest = length.checked_sub(bits.unwrap_or(length));
        // A network of no bits is an address for curl, and not everything.
        let rest = rest.map(|rest| if rest == length { 0 } else { rest });
        rest.is_some_and(|rest| address.checked_shr(rest) == network.checked_shr(rest))
    })
}

/// ureq reads the exceptions of a proxy only together with its own choice of variables, where ALL_PROXY comes first
/// and HTTP_PROXY, which is not about `https://`, counts too; and it matches them by rules of its own. So the proxy is built from
/// its parts, and has none.
fn build(url: &str) -> Result<Proxy, ureq::Error> {
    let given = Proxy::new(url)?;
    if !matches!(given.protocol(), ProxyProtocol::Http | ProxyProtocol::Https) {
        return Err(ureq::Error::InvalidProxyUrl);
    }
    let port = match port_in(url) {
        Some(port) => port.parse().map_err(|_| ureq::Error::InvalidProxyUrl)?,
        // curl's own (CURLOPT_PROXYPORT).
        None if given.protocol() == ProxyProtocol::Http => 1080,
        None => 443,
    };
    let mut builder = Proxy::builder(given.protocol()).host(given.host()).port(port);
    if let Some(user) = given.username() {
        builder = builder.username(user);
    }
    if let Some(password) = given.password() {
        builder = builder.password(password);
    }
    builder.build()
}

/// What stands between the scheme and the path of a URL, without user and password.
fn place_in(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    authority.rsplit('@').next().unwrap_or(authority)
}

fn port_in(url: &str) -> Option<&str> {
    let place = place_in(url);
    let behind_brackets = place.rsplit(']').next().unwrap_or(place);
    behind_brackets.split_once(':').map(|(_, port)| port)
}

/// A slash within a password ends what is taken for the host, which would be looked up and stand in messages.
fn refuse_what_would_be_shown(url: &str, variable: &str) -> Result<(), Failure> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    match rest.split_once(['/', '?', '#']) {
        Some((authority, behind)) if !authority.contains('@') && behind.contains('@') => {
            Err(Failure::new(Code::ConfigInvalid, format!("{variable} cannot be used"))
                .cause("there is a `/`, `?` or `#` in its user name or password")
                .fix("percent-encode them: %2F, %3F, %23"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::build;

    #[test]
    fn without_a_port_it_is_curls_own() {
        let port = |url: &str| build(url).map(|proxy| proxy.port()).ok();
        for (url, expected) in [
            ("http://h", Some(1080)),
            ("h", Some(1080)),
            ("http://u:p@h/", Some(1080)),
            ("https://h", Some(443)),
            ("http://h:3128", Some(3128)),
            ("http://u:p@[::1]:3128/", Some(3128)),
            ("http://[::1]", Some(1080)),
            ("http://h:70000", None),
            ("http://h:x", None),
        ] {
            assert_eq!(port(url), expected, "{url}");
        }
    }
}
