//! A request, and which of its parts are secret.

use std::fmt;

use secrecy::SecretString;
use zeroize::Zeroizing;

use plumbing::{BaseUrl, BearerToken, secrets};

/// The methods that the chain needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Asks for something new.
    Post,
    /// Changes what is there.
    Patch,
    /// Revokes, or takes away.
    Delete,
}

impl fmt::Display for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        })
    }
}

/// A request below a base. Its secrets are redacted from whatever the server says.
pub struct Request<'a> {
    pub(super) method: Method,
    pub(super) base: &'a BaseUrl,
    path: String,
    pub(super) query: Vec<(&'a str, String)>,
    pub(super) headers: Vec<(&'a str, SecretString)>,
    pub(super) body: Option<Zeroizing<Vec<u8>>>,
    redacted: Vec<SecretString>,
}

impl<'a> Request<'a> {
    /// A request for `path`, which begins with a slash and holds nothing secret.
    pub fn new(method: Method, base: &'a BaseUrl, path: impl Into<String>) -> Self {
        Self {
            method,
            base,
            path: path.into(),
            query: vec![],
            headers: vec![],
            body: None,
            redacted: vec![],
        }
    }

    /// Adds to the query; the value is percent-encoded on the way out and may be shown.
    #[must_use]
    pub fn query(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// Adds a header that may be shown.
    #[must_use]
    pub fn header(mut self, name: &'a str, value: &str) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds a header whose value is a secret.
    #[must_use]
    pub fn secret_header(mut self, name: &'a str, value: SecretString) -> Self {
        self.headers.push((name, value.clone()));
        self.redacted.push(value);
        self
    }

    /// Adds a credential in the `Authorization` header (RFC 9110, section 11.6.2), by its scheme, such as `Bearer`.
    #[must_use]
    pub fn authorization(mut self, scheme: &str, credential: &BearerToken) -> Self {
        let value = format!("{scheme} {}", credential.expose());
        self.headers.push(("Authorization", value.into()));
        self.redacted.push(credential.as_secret().clone());
        self
    }

    /// Sets the body, JSON already, and names the secrets that stand in it.
    #[must_use]
    pub fn body(mut self, json: Zeroizing<Vec<u8>>, secrets: impl IntoIterator<Item = SecretString>) -> Self {
        self.body = Some(json);
        self.redacted.extend(secrets);
        self
    }

    /// Names a secret that stands in the path.
    #[must_use]
    pub fn secret(mut self, secret: SecretString) -> Self {
        self.redacted.push(secret);
        self
    }

    /// The URL without its query, and without secrets.
    pub(super) fn shown_url(&self) -> String {
        secrets::redact(&self.url(), &self.redacted)
    }

    /// The URL without its query.
    pub(super) fn url(&self) -> String {
        format!("{}{}", self.base, self.path)
    }

    /// What must not come back in a message.
    pub(super) fn secrets(&self) -> &[SecretString] {
        &self.redacted
    }
}
