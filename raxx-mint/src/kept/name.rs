//! What a kept token is good for, as a file's name.

use std::fmt::{self, Write as _};

use aws_lc_rs::digest::{Context, SHA256};
use gh_install_token::{Scope, Target};
use infisical_fetch::Folders;
use infisical_login::Account;
use secrecy::ExposeSecret;

/// SHA-256 over all that a token depends on: no name of a bot stands in a directory's listing, and a token for one
/// scope is never found for another, a wider one not for a narrower.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name(String);

impl Name {
    /// The name of a token of the bot at `path`; none for a session that something else has opened, since whose it is
    /// cannot be known.
    pub(crate) fn of(account: &Account, folders: &Folders, path: &str, target: &Target) -> Option<Self> {
        let (host, client_id) = account.identity()?;
        let (host, github) = (host.to_string(), target.api.base.to_string());
        let client_id = client_id.expose_secret();
        let mut parts = vec![
            "token",
            &host,
            &folders.project_id,
            &folders.environment,
            path,
            client_id,
            &github,
        ];
        let scope = words(&target.scope);
        parts.extend(scope.iter().map(String::as_str));
        Some(Self::hash(&parts))
    }

    /// The name of the last refusal of an identity.
    pub(crate) fn of_identity(account: &Account) -> Option<Self> {
        let (host, client_id) = account.identity()?;
        Some(Self::hash(&["identity", &host.to_string(), client_id.expose_secret()]))
    }

    /// Each part goes in with its length before it, so that no two lists of parts are the same bytes.
    pub(crate) fn hash(parts: &[&str]) -> Self {
        let mut context = Context::new(&SHA256);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut name = String::new();
        for byte in context.finish().as_ref() {
            let _ = write!(name, "{byte:02x}");
        }
        Self(name)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A scope in words, in one order whatever the order of the flags: `repo hello`, `contents=read`. Empty for all that
/// the installation reaches.
pub(crate) fn words(scope: &Scope) -> Vec<String> {
    let mut words: Vec<_> = scope.repositories.iter().map(|name| format!("repo {name}")).collect();
    words.extend(scope.repository_ids.iter().map(|id| format!("repository-id {id}")));
    words.extend(scope.permissions.iter().map(|(name, level)| format!("{name}={level}")));
    words.sort_unstable();
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn no_two_lists_of_parts_have_one_name() {
        assert_ne!(Name::hash(&["ab", "c"]), Name::hash(&["a", "bc"]));
        assert_ne!(Name::hash(&["a"]), Name::hash(&["a", ""]));
    }
}
