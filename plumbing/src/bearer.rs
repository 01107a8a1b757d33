//! A token that is presented as it is (RFC 6750): a session's, a JWT, an installation token.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A bearer token: never empty, and of visible ASCII only, so that it is one word in an HTTP header, one line in a file,
/// and one attribute of git's credential protocol.
///
/// Nothing else is known of it: GitHub has two shapes of installation tokens and may make more. `Debug` shows nothing of
/// it, and it has no `Display`.
#[derive(Clone)]
pub struct BearerToken(SecretString);

impl BearerToken {
    /// Takes a text for a token.
    ///
    /// # Errors
    /// What keeps it from being one, in words that quote nothing of it.
    pub fn parse(text: impl Into<SecretString>) -> Result<Self, &'static str> {
        let secret = text.into();
        let text = secret.expose_secret();
        if text.is_empty() {
            return Err("it is empty");
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("it holds a space, a control character or a letter that no token has");
        }
        Ok(Self(secret))
    }

    /// The token itself.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// What is shown in its place: what it is and how long it is, and no part of it.
    pub(crate) fn described(&self, what: &str) -> Self {
        Self(format!("<{what}, {} characters>", self.expose().len()).into())
    }

    /// The token as a secret, for what redacts it.
    pub const fn as_secret(&self) -> &SecretString {
        &self.0
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("BearerToken([redacted])")
    }
}

/// Into a document, whole: there it goes on to the next step.
impl Serialize for BearerToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for BearerToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let secret = SecretString::deserialize(deserializer)?;
        Self::parse(secret).map_err(|why| de::Error::custom(crate::unusable::unusable("a token", why)))
    }
}

#[cfg(test)]
mod tests {
    use super::BearerToken;

    #[test]
    fn a_token_is_one_word() {
        for token in ["ghs_16C7e42F292c6912E7710c838347Ae178B4a", "ghs_12_ey-J.e_y-.s~ig+/="] {
            assert_eq!(
                BearerToken::parse(token)
                    .map(|token| token.expose().to_owned())
                    .as_deref(),
                Ok(token)
            );
        }
        for text in [
            "",
            " ",
            "ghs_a b",
            "ghs_a\n",
            "ghs_a\nGH_HOST=evil.test",
            "ghs_\u{202e}",
            "ghs_\u{7f}",
            "ghs_é",
        ] {
            assert!(BearerToken::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn debug_shows_nothing_of_it() {
        let token = BearerToken::parse("ghs_s3cret").expect("a token");
        assert!(!format!("{token:?}").contains("s3cret"));
    }
}
