//! The four documents that pass between the steps: the whole data flow in one file.
//!
//! A document is one JSON object on one line of UTF-8, ended by a newline. Writers always write `kind`. Readers accept
//! its absence, ignore fields that they do not know, and refuse another `kind` by name. Times are RFC 3339 in UTC with
//! whole seconds. Ids are strings; a number is accepted on reading.

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::de::{self, DeserializeOwned, Deserializer};
use serde::{Deserialize, Serialize, Serializer};

use crate::base_url::BaseUrl;
use crate::bearer::BearerToken;
use crate::folder::{BotName, FolderPath};
use crate::life::Life;
use crate::private_key::PrivateKey;

/// A document of the chain.
pub trait Document: Serialize + DeserializeOwned {
    /// Its `kind`.
    const KIND: &'static str;
    /// The program that writes it.
    const WRITER: &'static str;
    /// The program that reads it, and for what.
    const READER: &'static str;

    /// The same document with a description in the place of each secret, to be shown to a person.
    #[must_use]
    fn masked(&self) -> Self;
}

/// A session with Infisical: what `infisical-login` writes and `infisical-fetch` reads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InfisicalSession {
    /// Infisical's base URL, without `/api` and without a slash at its end.
    pub host: BaseUrl,
    /// The access token. Secret.
    pub access_token: BearerToken,
    /// How to present it: `Bearer`.
    #[serde(default = "bearer")]
    pub token_type: String,
    /// When it ends, by this machine's clock. Absent where it has no end, and where a token was given and not asked for
    /// (`INFISICAL_TOKEN`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl Document for InfisicalSession {
    const KIND: &'static str = "infisical-session";
    const WRITER: &'static str = "infisical-login";
    const READER: &'static str = "infisical-fetch";

    fn masked(&self) -> Self {
        Self {
            access_token: self.access_token.described("session token"),
            ..self.clone()
        }
    }
}

/// A bot's secrets, under the names that they have in Infisical: what `infisical-fetch` writes and `gh-app-jwt` reads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BotSecrets {
    /// The folder that they were read from, without a slash at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<FolderPath>,
    /// The GitHub App's id, or its client id (`Iv23…`).
    #[serde(rename = "APP_ID", deserialize_with = "id")]
    pub app_id: String,
    /// The id of the App's installation.
    #[serde(rename = "INSTALLATION_ID", deserialize_with = "id")]
    pub installation_id: String,
    /// The App's private key, as it was typed into Infisical. Secret; it goes no further than `gh-app-jwt`.
    #[serde(rename = "PRIVATE_KEY_PEM", serialize_with = "expose")]
    pub private_key_pem: SecretString,
}

impl Document for BotSecrets {
    const KIND: &'static str = "bot-secrets";
    const WRITER: &'static str = "infisical-fetch";
    const READER: &'static str = "gh-app-jwt";

    fn masked(&self) -> Self {
        let description = PrivateKey::parse(&self.private_key_pem)
            .and_then(|key| key.description())
            .unwrap_or_else(|failure| failure.summary);
        Self {
            private_key_pem: format!("<{description}>").into(),
            ..self.clone()
        }
    }
}

/// A JWT that speaks for a GitHub App: what `gh-app-jwt` writes and `gh-install-token` reads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AppJwt {
    /// The signed JWT. Secret while it lives.
    pub jwt: BearerToken,
    /// The App it speaks for (`iss`).
    #[serde(deserialize_with = "id")]
    pub app_id: String,
    /// The installation that a token is wanted for.
    #[serde(deserialize_with = "id")]
    pub installation_id: String,
    /// The folder that the bot's secrets are from, by which its usual scope is found; none where somebody else has signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<FolderPath>,
    /// Its `iat`: 60 s before it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_at: Option<Timestamp>,
    /// Its `exp`: 9 minutes after it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl Document for AppJwt {
    const KIND: &'static str = "app-jwt";
    const WRITER: &'static str = "gh-app-jwt";
    const READER: &'static str = "gh-install-token";

    fn masked(&self) -> Self {
        Self {
            jwt: self.jwt.described("JWT"),
            ..self.clone()
        }
    }
}

/// A token that acts as the bot: what `gh-install-token` and `raxx-mint --json` write.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InstallationToken {
    /// The bot that it was asked for by name. Written by `raxx-mint` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot: Option<BotName>,
    /// The token. Secret. Opaque: GitHub has two shapes of it and may make more.
    pub token: BearerToken,
    /// When it ends, by GitHub's clock: an hour after it was made. By this machine's clock it ends when its [`Life`] does.
    pub expires_at: Timestamp,
    /// What it may do, by permission: `read`, `write` or `admin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<BTreeMap<String, String>>,
    /// `all` or `selected`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository_selection: Option<String>,
    /// The repositories (`owner/name`) that it is scoped to, where some were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repositories: Option<Vec<String>>,
    /// The App that it belongs to.
    #[serde(deserialize_with = "id")]
    pub app_id: String,
    /// The installation that it acts for.
    #[serde(deserialize_with = "id")]
    pub installation_id: String,
    /// The REST base that it is good for, without a slash at its end.
    pub github_api_url: BaseUrl,
}

impl Document for InstallationToken {
    const KIND: &'static str = "installation-token";
    const WRITER: &'static str = "gh-install-token";
    const READER: &'static str = "gh-install-token --revoke";

    fn masked(&self) -> Self {
        Self {
            token: self.token.described("installation token"),
            ..self.clone()
        }
    }
}

/// An installation token, and its life by this machine's clock: what passes between the programs of one machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LiveToken {
    /// The token, as GitHub gave it.
    #[serde(flatten)]
    pub token: InstallationToken,
    /// From when to when it lives here.
    #[serde(flatten)]
    pub life: Life,
}

impl Document for LiveToken {
    const KIND: &'static str = InstallationToken::KIND;
    const WRITER: &'static str = "with-bot-token --renew";
    const READER: &'static str = "git-credential-raxx --token-file";

    fn masked(&self) -> Self {
        Self {
            token: self.token.masked(),
            life: self.life,
        }
    }
}

/// The one place where a private key leaves its wrapper into a document.
fn expose<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

fn bearer() -> String {
    "Bearer".to_owned()
}

/// Reads an id that may stand as a string or as a number.
fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    struct Id;
    impl de::Visitor<'_> for Id {
        type Value = String;
        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("an id")
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
            Ok(text.trim().to_owned())
        }
        fn visit_u64<E: de::Error>(self, number: u64) -> Result<String, E> {
            Ok(number.to_string())
        }
    }
    deserializer.deserialize_any(Id)
}
