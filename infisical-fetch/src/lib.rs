#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod assemble;
pub mod cli;
mod flags;
mod listing;
mod refusal;

use std::collections::BTreeMap;

use plumbing::documents::{BotSecrets, InfisicalSession};
use plumbing::{BotName, Code, Failure, FolderPath};
use servers::http::Client;
use servers::infisical::Infisical;

use crate::assemble::assemble;
pub use crate::flags::{
    BareNames, BotFolders, DEFAULT_ENV_SLUG, DEFAULT_PATH_PREFIX, ENV_SLUG, FetchFlags, PATH_PREFIX, PROJECT_ID,
    ProjectFlags, Selection,
};
use crate::listing::{Listing, Source};
pub use crate::refusal::{OLD_SERVERS, REFUSALS};

/// What became of one bot's folder.
pub struct Fetched {
    /// The folder.
    pub path: FolderPath,
    /// Its secrets, or why there are none.
    pub outcome: Result<BotSecrets, Failure>,
}

impl Fetched {
    /// The bot's name.
    pub fn bot(&self) -> BotName {
        self.path.bot()
    }
}

/// Fetches the secrets of every folder that is asked for, in that order; of all bots in the order of their paths.
///
/// # Errors
/// The `infisical_fetch_…` codes where the request as a whole fails. What is wrong with one bot only, such as
/// [`Code::BotSecretsMissingKeys`], stands in its [`Fetched`].
pub fn fetch(client: &Client, session: &InfisicalSession, folders: &BotFolders) -> Result<Vec<Fetched>, Failure> {
    let infisical = Infisical::at(session.host.clone(), folders.access_headers.clone());
    let source = Source {
        client,
        infisical: &infisical,
        session,
        folders,
    };
    match &folders.selection {
        Selection::All => all_bots(&source),
        Selection::One(path) => Ok(vec![Fetched {
            path: path.clone(),
            outcome: Ok(alone(&source, path)?),
        }]),
        Selection::Several(paths) => several(&source, paths),
    }
}

/// Every folder below the prefix that holds one of the three names.
fn all_bots(source: &Source<'_>) -> Result<Vec<Fetched>, Failure> {
    let folders = source.folders;
    let (listing, is_whole) = source.recursive_at_any_rate(&folders.prefix)?;
    let bots: Vec<_> = listing
        .paths()
        .filter(|path| assemble::holds_bot_secrets(&listing, path))
        .map(|path| Fetched {
            path: path.clone(),
            outcome: if is_whole {
                one_of(source, &listing, path)
            } else {
                alone(source, path)
            },
        })
        .collect();
    if listing.imports.iter().any(assemble::is_a_whole_bot) {
        source.client.report().note(&format!(
            "a folder below {} imports a whole bot; if it holds nothing of its own it is left out, since Infisical does not tell which \
             it is: name it with --bot",
            folders.prefix
        ));
    }
    if bots.is_empty() {
        let names = source.recursive_names(&folders.prefix).ok();
        let are_seen = names.is_some_and(|names| names.paths().any(|path| assemble::holds_bot_secrets(&names, path)));
        return Err(if are_seen {
            assemble::names_only(&folders.prefix)
        } else {
            assemble::no_bots_below(&folders.prefix, folders)
        });
    }
    Ok(bots)
}

/// Bots that are in one folder cost one request.
fn several(source: &Source<'_>, paths: &[FolderPath]) -> Result<Vec<Fetched>, Failure> {
    let mut siblings: BTreeMap<Option<FolderPath>, Vec<&FolderPath>> = BTreeMap::new();
    for path in paths {
        siblings.entry(path.parent()).or_default().push(path);
    }
    let mut listings = BTreeMap::new();
    for (parent, children) in siblings {
        // Of the root's bots each is read by itself: below the root is the whole project.
        let Some(parent) = parent.filter(|parent| children.len() > 1 && !parent.is_root()) else {
            continue;
        };
        match source.recursive(&parent) {
            Ok(listing) => {
                listings.insert(parent, listing);
            }
            // An identity that may read the bots' folders only may not list the folder above them; and of folders that are
            // not there each bot's own failure tells, so that it does not cost the others theirs.
            Err(failure) if matches!(failure.http_status, Some(403 | 404)) => {}
            Err(failure) => return Err(failure),
        }
    }
    let fetched = paths.iter().map(|path| {
        let listing = path.parent().and_then(|parent| listings.get(&parent));
        Fetched {
            path: path.clone(),
            outcome: match listing {
                Some(listing) => one_of(source, listing, path),
                None => alone(source, path),
            },
        }
    });
    Ok(fetched.collect())
}

/// One bot out of a recursive listing.
fn one_of(source: &Source<'_>, listing: &Listing, path: &FolderPath) -> Result<BotSecrets, Failure> {
    match assemble(listing, path, source.folders) {
        // A recursive listing does not tell which folder imports what; the folder's own listing does.
        Err(failure) if matches!(failure.code, Code::BotSecretsMissingKeys | Code::BotSecretsNone) => {
            alone(source, path)
        }
        outcome => outcome,
    }
}

fn alone(source: &Source<'_>, path: &FolderPath) -> Result<BotSecrets, Failure> {
    let listing = source.single(path)?;
    if listing.is_empty() && source.is_surely_there(path) {
        return Err(assemble::closed_or_empty(path));
    }
    assemble(&listing, path, source.folders)
}
