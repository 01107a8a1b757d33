//! The base of every URL that is asked for: a scheme, a host, perhaps a port and a path, and nothing else.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::Uri;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::unusable::unusable;
use crate::{secrets, text};

/// An `https://` base without a slash at its end; `http://` for loopback only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    scheme: &'static str,
    /// Host and port as they stand in the URL.
    authority: String,
    /// Empty, or with a slash at its beginning and none at its end.
    path: String,
}

impl BaseUrl {
    /// Reads a base as a person writes it: `https://` may be left out, a slash may stand at its end.
    ///
    /// # Errors
    /// What is wrong with it, as the cause of a failure. Never quotes a user or password that stands in it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("it holds a space, a control character or a letter that no URL has".to_owned());
        }
        // It would be taken for a host of that name.
        let begins = |with: &&&str| text.to_ascii_lowercase().starts_with(**with) && !text.contains("://");
        if let Some(typo) = ["https:", "http:", "https/", "http/"].iter().find(begins) {
            return Err(format!("it begins with {typo} and lacks a part of https://"));
        }
        let absolute = if text.contains("://") {
            text.to_owned()
        } else {
            format!("https://{text}")
        };
        if absolute.matches("://").count() > 1 {
            return Err("there are two addresses in it".to_owned());
        }
        let uri: Uri = absolute.parse().map_err(|_| "it is not a URL".to_owned())?;
        let authority = uri.authority().ok_or("it names no host")?;
        if authority.as_str().contains('@') {
            return Err("it holds a user name or password".to_owned());
        }
        let labels = || authority.host().trim_end_matches('.').split('.');
        let is_label = |label: &str| {
            let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
            !label.is_empty() && label.chars().all(is_letter)
        };
        if !authority.host().starts_with('[') && !labels().all(is_label) {
            return Err("its host holds a letter that no host has, or a dot too many".to_owned());
        }
        // A name below a top-level domain may well look like one.
        let is_top_level = |label: &str| label.len() > 1 && label.chars().all(|letter| letter.is_ascii_alphabetic());
        let is_a_domains = labels().count() > 1 && labels().next_back().is_some_and(is_top_level);
        let host: Vec<_> = labels().filter(|_| !is_a_domains).collect();
        // It would be asked of a name server, and stand in messages.
        let is_one_word = !text.contains("://") && !text.contains('.') && secrets::is_one(text);
        let mut parts = host.into_iter().chain(uri.path().split('/'));
        if is_one_word || parts.any(secrets::is_one) {
            return Err("it looks like a key or token, which belongs into another variable".to_owned());
        }
        // Within the brackets of an IPv6 address a colon begins no port.
        let port = authority
            .as_str()
            .rsplit_once(':')
            .map(|(_, port)| port)
            .filter(|port| !port.ends_with(']'));
        if port.is_some_and(|port| !port.parse().is_ok_and(|port: u16| port > 0)) {
            return Err("its port is none: a number from 1 to 65535 is wanted".to_owned());
        }
        if uri.query().is_some() || absolute.contains('#') {
            return Err("it has a query (`?…`) or a fragment (`#…`)".to_owned());
        }
        let base = Self {
            scheme: if uri.scheme_str() == Some("http") {
                "http"
            } else {
                "https"
            },
            authority: authority.as_str().to_ascii_lowercase(),
            path: uri.path().trim_end_matches('/').to_owned(),
        };
        match uri.scheme_str() {
            Some("https") => Ok(base),
            Some("http") if base.is_loopback() => Ok(base),
            Some("http") => {
                Err("http:// would send credentials in the clear; only loopback may be asked so".to_owned())
            }
            other => Err(format!(
                "its scheme is {}, not https",
                text::quote(other.unwrap_or_default())
            )),
        }
    }

    /// The host without its port; an IPv6 address in its brackets.
    pub fn host(&self) -> &str {
        match self.authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => &self.authority,
        }
    }

    /// The host with its port, where it has one.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The path below the host: empty, or `/…` without a slash at its end.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The same base with another path, which is empty or begins with a slash.
    #[must_use]
    pub fn with_path(mut self, path: &str) -> Self {
        path.trim_end_matches('/').clone_into(&mut self.path);
        self
    }

    /// The same base with another host.
    #[must_use]
    pub fn with_authority(mut self, authority: &str) -> Self {
        authority.clone_into(&mut self.authority);
        self
    }

    /// Whether it is asked over TLS: always, but for loopback.
    pub fn is_tls(&self) -> bool {
        self.scheme == "https"
    }

    /// Whether the host is this machine itself, by name or by address.
    pub fn is_loopback(&self) -> bool {
        let host = self.host().trim_start_matches('[').trim_end_matches(']');
        host == "localhost"
            || host
                .parse::<Ipv4Addr>()
                .map(IpAddr::V4)
                .is_ok_and(|address| address.is_loopback())
            || host
                .parse::<Ipv6Addr>()
                .map(IpAddr::V6)
                .is_ok_and(|address| address.is_loopback())
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}{}", self.scheme, self.authority, self.path)
    }
}

impl Serialize for BaseUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BaseUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|why| de::Error::custom(unusable("a server's URL", &why)))
    }
}

#[cfg(test)]
mod tests {
    use super::BaseUrl;

    fn parsed(text: &str) -> Result<String, String> {
        BaseUrl::parse(text).map(|base| base.to_string())
    }

    #[test]
    fn a_base_is_read_as_a_person_writes_it() {
        for text in [
            "https://vault.raxx.app",
            "https://vault.raxx.app/",
            "vault.raxx.app",
            " VAULT.raxx.app// ",
        ] {
            assert_eq!(parsed(text).as_deref(), Ok("https://vault.raxx.app"), "{text}");
        }
        assert_eq!(
            parsed("https://h:8443/infisical/").as_deref(),
            Ok("https://h:8443/infisical")
        );
    }

    #[test]
    fn plain_http_reaches_loopback_only() {
        for text in ["http://localhost:1", "http://127.8.9.1:2", "http://[::1]:3"] {
            assert_eq!(parsed(text).as_deref(), Ok(text));
        }
        for text in [
            "http://10.0.0.1",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "http://[::2]",
        ] {
            assert!(
                parsed(text).is_err_and(|cause| cause.contains("in the clear")),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_base_is_refused_without_quoting_a_password() {
        for text in [
            "https://user:hunter2@host",
            "https://host/?token=hunter2",
            "ftp://hunter2",
            "https://",
            "https:/host",
            "https:host",
            "https//host",
            "https://https://host",
            "$HOST",
            "https://host;",
            "https://a,b",
            ".",
            "https://a..b",
            "HTTP:/host",
            "https://host:99999",
            "https://host:0",
            "https://host:",
            "a b",
            "https://host/\u{202e}api",
            "https://host/\u{9b}",
        ] {
            assert!(parsed(text).is_err_and(|cause| !cause.contains("hunter2")), "{text}");
        }
    }
}
