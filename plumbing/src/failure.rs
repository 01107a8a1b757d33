//! The one error type: what failed, why, and what to do about it.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::folder::BotName;
use crate::text;

/// The kinds of failure that an exit code tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Class {
    /// Nothing that was foreseen, or output that could not be written.
    Unexpected = 1,
    /// A command line that cannot be followed. clap exits with the same code.
    Usage = 2,
    /// A variable or a file of the configuration is missing or wrong.
    Configuration = 3,
    /// Standard input does not hold the document that the step reads.
    Document = 4,
    /// Infisical refused the login, or could not be reached for it.
    Login = 10,
    /// Infisical refused to hand out the secrets, or could not be reached for them.
    Fetch = 11,
    /// Infisical answered, but the bot's secrets are not what they should be.
    BotSecrets = 12,
    /// The private key cannot sign.
    Signing = 13,
    /// GitHub refused, or could not be reached.
    Github = 14,
    /// The command that was to be run is there but cannot be run, as with env(1).
    CommandNotRunnable = 126,
    /// The command that was to be run is not there, as with env(1).
    CommandNotFound = 127,
}

/// Declares [`Code`] and its tables from one list, so that no code can lack a name or an exit code.
macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $class:ident;)+) => {
        /// What failed, as a name that scripts may rely on: a code is never renamed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Code {
            /// Every code, in the order of the chain. The table in `docs/pipeline.md` is held against it.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The stable name, as it stands in `--error-format json`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The code of that name.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.name() == name)
            }

            /// The class, which is also the exit code, but for a program that runs another.
            pub const fn class(self) -> Class {
                match self { $(Self::$variant => Class::$class,)+ }
            }

            /// When it happens, in a line.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

codes! {
    /// a defect in the program itself
    Internal = "internal", Unexpected;
    /// standard output could not be written
    OutputFailed = "output_failed", Unexpected;
    /// the command line cannot be followed
    Usage = "usage", Usage;
    /// a variable that is needed is not set
    ConfigMissing = "config_missing", Configuration;
    /// a variable or flag holds a value that cannot be used
    ConfigInvalid = "config_invalid", Configuration;
    /// a variable and its `_FILE` twin are both set, or two configuration files contradict each other
    ConfigConflict = "config_conflict", Configuration;
    /// a configuration file, or a file that a variable names, cannot be used
    ConfigFile = "config_file", Configuration;
    /// the system's keychain is not there, or does not do what it was asked
    Keychain = "keychain", Configuration;
    /// a repository's configuration file was not allowed, or has changed since
    ConfigNotAllowed = "config_not_allowed", Configuration;
    /// a token was to be forgotten, and none is kept for that bot
    NothingKept = "nothing_kept", Configuration;
    /// standard input is empty or a terminal
    DocumentEmpty = "document_empty", Document;
    /// standard input ends inside a document
    DocumentIncomplete = "document_incomplete", Document;
    /// standard input is no JSON object, or lacks a field, or a field has the wrong type
    DocumentInvalid = "document_invalid", Document;
    /// standard input holds another step's document
    DocumentWrongKind = "document_wrong_kind", Document;
    /// standard input holds more than one document
    DocumentSeveral = "document_several", Document;
    /// standard input is larger than any document
    DocumentTooLarge = "document_too_large", Document;
    /// Infisical could not be reached for the login
    InfisicalLoginConnection = "infisical_login_connection", Login;
    /// Infisical, or what stands in front of it, refused the login
    InfisicalLoginHttp = "infisical_login_http", Login;
    /// Infisical's answer to the login cannot be read
    InfisicalLoginAnswer = "infisical_login_answer", Login;
    /// Infisical could not be reached for the secrets
    InfisicalFetchConnection = "infisical_fetch_connection", Fetch;
    /// Infisical, or what stands in front of it, refused to hand out the secrets
    InfisicalFetchHttp = "infisical_fetch_http", Fetch;
    /// Infisical's list of secrets cannot be read
    InfisicalFetchAnswer = "infisical_fetch_answer", Fetch;
    /// Infisical could not be reached to write
    InfisicalWriteConnection = "infisical_write_connection", Fetch;
    /// Infisical, or what stands in front of it, refused to write
    InfisicalWriteHttp = "infisical_write_http", Fetch;
    /// the session that was to write has ended, or is none
    InfisicalWriteSession = "infisical_write_session", Fetch;
    /// what was to be written waits for somebody's approval
    InfisicalWritePending = "infisical_write_pending", Fetch;
    /// the bot that was to be made is there already
    BotExists = "bot_exists", BotSecrets;
    /// the bot was made, and the doctor finds something wrong
    BotUnproved = "bot_unproved", BotSecrets;
    /// the folder holds no secrets, may not be read, or does not exist
    BotSecretsNone = "bot_secrets_none", BotSecrets;
    /// the folder lacks one of the three names
    BotSecretsMissingKeys = "bot_secrets_missing_keys", BotSecrets;
    /// the identity may list a secret but not read its value
    BotSecretsHidden = "bot_secrets_hidden", BotSecrets;
    /// a secret's value is not of its form
    BotSecretsInvalid = "bot_secrets_invalid", BotSecrets;
    /// the private key is not PEM, or its body is damaged
    PrivateKeyMalformed = "private_key_malformed", Signing;
    /// the private key stops before its end, or lacks a line
    PrivateKeyTruncated = "private_key_truncated", Signing;
    /// the private key is in OpenSSH's format
    PrivateKeyOpenssh = "private_key_openssh", Signing;
    /// the private key is encrypted
    PrivateKeyEncrypted = "private_key_encrypted", Signing;
    /// a public key or certificate stands where the private key should
    PrivateKeyPublic = "private_key_public", Signing;
    /// the private key is of another algorithm than RSA
    PrivateKeyNotRsa = "private_key_not_rsa", Signing;
    /// the RSA key has fewer than 2048 bits
    PrivateKeyTooShort = "private_key_too_short", Signing;
    /// GitHub made no App, or not the one that was asked for
    GithubManifest = "github_manifest", Github;
    /// the new App is not installed yet
    InstallationPending = "installation_pending", Github;
    /// GitHub could not be reached
    GithubConnection = "github_connection", Github;
    /// GitHub refused
    GithubHttp = "github_http", Github;
    /// GitHub finds the JWT's times wrong: the clocks differ
    GithubClock = "github_clock", Github;
    /// GitHub's answer cannot be read
    GithubAnswer = "github_answer", Github;
    /// the command that was to be run is there but cannot be run
    CommandNotRunnable = "command_not_runnable", CommandNotRunnable;
    /// the command that was to be run is not there
    CommandNotFound = "command_not_found", CommandNotFound;
}

/// A failure, built where the knowledge is and rendered elsewhere (see [`crate::report`]).
///
/// `summary` is one line that people search their logs for; it stays word for word from release to release.
/// No field ever holds a secret, nor a part of one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Failure {
    /// The stable name of what failed.
    #[serde(serialize_with = "code_by_name", deserialize_with = "code_of_name")]
    pub code: Code,
    /// What failed, in one line.
    pub summary: String,
    /// Why, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What to do, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// The status of the HTTP answer that it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// The server's name for the request, to quote to its support.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The bot that failed, where a command asked for several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bot: Option<BotName>,
    /// The error of the system or of a library that it came from, for who calls the programs' libraries.
    #[serde(skip)]
    pub source: Option<Arc<dyn Error + Send + Sync>>,
}

/// Why something failed, and what to do about it: what is known of a failure beyond its summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Why.
    pub cause: String,
    /// What to do.
    pub fix: String,
}

impl Failure {
    /// A failure of which only the summary is known so far.
    pub fn new(code: Code, summary: impl Into<String>) -> Self {
        Self {
            code,
            summary: summary.into(),
            cause: None,
            fix: None,
            http_status: None,
            request_id: None,
            bot: None,
            source: None,
        }
    }

    /// Adds why it happened.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// Adds why it happened and what to do about it.
    #[must_use]
    pub fn explained(self, Explanation { cause, fix }: Explanation) -> Self {
        self.cause(cause).fix(fix)
    }

    /// Adds the error that it came from, whose text is the cause.
    #[must_use]
    pub fn because(mut self, error: impl Error + Send + Sync + 'static) -> Self {
        self.cause = Some(error.to_string());
        self.source = Some(Arc::new(error));
        self
    }

    /// Adds the HTTP answer that it came from: its status, and the server's name for the request.
    #[must_use]
    pub fn answered(mut self, status: u16, request_id: Option<String>) -> Self {
        self.http_status = Some(status);
        self.request_id = request_id;
        self
    }

    /// Names the bot that it is about, where several were asked for.
    #[must_use]
    pub fn of_bot(mut self, bot: Option<BotName>) -> Self {
        self.bot = bot;
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&text::escaped(&self.summary))
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

/// What a program ends with: one failure, or one for each bot that failed.
#[derive(Debug)]
pub struct Failures(pub Vec<Failure>);

impl From<Failure> for Failures {
    fn from(failure: Failure) -> Self {
        Self(vec![failure])
    }
}

// serde hands the field over by reference.
fn code_by_name<S: Serializer>(code: &Code, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(code.name())
}

fn code_of_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Code, D::Error> {
    let name = String::deserialize(deserializer)?;
    Code::named(&name).ok_or_else(|| de::Error::custom("no such code"))
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn the_documentation_lists_every_code() {
        let documentation = include_str!("../../docs/pipeline.md");
        let row = |code: &Code| format!("| `{}` | {} | {} |\n", code.name(), code.class() as u8, code.meaning());
        let table: String = Code::ALL.iter().map(row).collect();
        assert!(
            documentation.contains(&table),
            "docs/pipeline.md should hold this table:\n{table}"
        );
    }

    #[test]
    fn names_are_unique_and_made_for_scripts() {
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
        assert!(
            names
                .iter()
                .all(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        );
    }
}
