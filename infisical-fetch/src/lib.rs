//! Step 2: fetches a bot's secrets from its folder in Infisical.
//!
//! In: an `infisical-session` document, `INFISICAL_PROJECT_ID`, and which bot is wanted. Out: a `bot-secrets`
//! document for each:
//!
//! ```json
//! {"kind":"bot-secrets","path":"/MooseQuest/raxx-dev-bot","APP_ID":"3501352","INSTALLATION_ID":"101","PRIVATE_KEY_PEM":"…"}
//! ```
//!
//! Several bots cost one request: the folder above them is read recursively.

#![forbid(unsafe_code)]

mod assemble;
pub mod cli;
mod listing;
mod options;
mod refusal;

use plumbing::documents::{BotSecrets, InfisicalSession};
use plumbing::{Code, Failure};
use servers::http::Client;
use servers::infisical::Infisical;

use crate::assemble::assemble;
use crate::listing::{Listing, Source};
pub use crate::options::{ENVIRONMENT, Folders, Options, PATH_PREFIX, PROJECT_ID, Place};

/// What became of one bot's folder.
pub struct Fetched {
    /// The folder, without a slash at its end.
    pub path: String,
    /// Its secrets, or why there are none.
    pub outcome: Result<BotSecrets, Failure>,
}

impl Fetched {
    /// The bot's name: the last part of its folder's path.
    pub fn bot(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// Fetches the secrets of every folder that is asked for, in that order; of all bots in the order of their paths.
///
/// # Errors
/// The `infisical_fetch_…` codes where the request as a whole fails. What is wrong with one bot only, such as
/// [`Code::BotSecretsMissingKeys`], stands in its [`Fetched`].
pub fn fetch(client: &Client, session: &InfisicalSession, folders: &Folders) -> Result<Vec<Fetched>, Failure> {
    let infisical = Infisical::at(&session.host, folders.access_headers.clone())?;
    let source = Source {
        client,
        infisical: &infisical,
        session,
        folders,
    };
    match folders.paths() {
        [] => all_bots(&source),
        [path] => Ok(vec![Fetched {
            path: path.clone(),
            outcome: Ok(alone(&source, path)?),
        }]),
        paths => several(&source, paths),
    }
}

/// Every folder below the prefix that holds one of the three names.
fn all_bots(source: &Source<'_>) -> Result<Vec<Fetched>, Failure> {
    let folders = source.folders;
    let listing = source.recursive(folders.prefix())?;
    let bots: Vec<_> = listing
        .paths()
        .filter(|path| assemble::holds_bot_secrets(&listing, path))
        .map(|path| Fetched {
            path: path.to_owned(),
            outcome: one_of(source, &listing, path),
        })
        .collect();
    if bots.is_empty() {
        return Err(assemble::no_bots_below(folders.prefix(), folders));
    }
    Ok(bots)
}

fn several(source: &Source<'_>, paths: &[String]) -> Result<Vec<Fetched>, Failure> {
    let listing = match source.recursive(&options::common_parent(paths)) {
        Ok(listing) => listing,
        // An identity that may read the bots' folders only may not list the folder above them.
        Err(failure) if failure.http_status == Some(403) => {
            return Ok(paths
                .iter()
                .map(|path| Fetched {
                    path: path.clone(),
                    outcome: alone(source, path),
                })
                .collect());
        }
        Err(failure) => return Err(failure),
    };
    Ok(paths
        .iter()
        .map(|path| Fetched {
            path: path.clone(),
            outcome: one_of(source, &listing, path),
        })
        .collect())
}

/// One bot out of a recursive listing.
fn one_of(source: &Source<'_>, listing: &Listing, path: &str) -> Result<BotSecrets, Failure> {
    match assemble(listing, path, source.folders) {
        // A recursive listing does not tell which folder imports what; the folder's own listing does.
        Err(failure) if matches!(failure.code, Code::BotSecretsMissingKeys | Code::BotSecretsNone) => {
            alone(source, path)
        }
        outcome => outcome,
    }
}

fn alone(source: &Source<'_>, path: &str) -> Result<BotSecrets, Failure> {
    assemble(&source.single(path)?, path, source.folders)
}
