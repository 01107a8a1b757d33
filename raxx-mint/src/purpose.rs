//! What a kept token is good for.

use gh_install_token::Target;
use infisical_fetch::BotFolders;
use infisical_login::Account;
use plumbing::FolderPath;
use secrecy::ExposeSecret;
use token_cache::Name;

/// What a token is for: a bot of a project, for one identity, on one GitHub, with one scope.
pub(crate) struct Purpose {
    /// Over all of it, so that a token for one scope is never found for another, a wider one not for a narrower.
    pub(crate) name: Name,
    pub(crate) path: FolderPath,
    /// The scope in words.
    pub(crate) scope: Vec<String>,
}

impl Purpose {
    /// One for each bot that was named. None where all bots are wanted, since which there are only Infisical knows, and none
    /// for a session that something else has opened, since whose it is cannot be known.
    pub(crate) fn of_each(account: &Account, folders: &BotFolders, target: &Target) -> Vec<Self> {
        let Some((host, client_id)) = account.identity() else {
            return vec![];
        };
        let (host, github) = (host.to_string(), target.api.base.to_string());
        let of = |path: &FolderPath| {
            let scope = target.scope_of(Some(path)).words();
            let mut parts = vec![
                "token",
                &host,
                &folders.project_id,
                &folders.env_slug,
                path.as_str(),
                client_id.expose_secret(),
                &github,
            ];
            parts.extend(scope.iter().map(String::as_str));
            Self {
                name: Name::of(&parts),
                path: path.clone(),
                scope,
            }
        };
        folders.selection.paths().iter().map(of).collect()
    }
}
