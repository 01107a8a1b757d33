//! Reuse of a live token: it is kept where only this user can read it, in memory, and used until ten minutes before its
//! end. What is kept is the token that a command would have anyway; neither a session nor a private key ever is.

mod directory;
mod inventory;
mod name;
mod options;
mod share;

use std::path::PathBuf;
use std::time::Duration;

use gh_install_token::Target;
use infisical_fetch::Folders;
use infisical_login::Account;
use jiff::{SignedDuration, Timestamp};
use plumbing::documents::InstallationToken;
use plumbing::{Environment, Failure, Report};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use directory::{Directory, Unfit};
use name::Name;

pub use inventory::{Kept, forget, forget_refused, list};
pub use options::Options;

/// Of the form of the files; one of another form counts as none.
const VERSION: u32 = 1;
/// What GitHub gives a token. By a clock that was wrong when it was kept, it may seem to live longer.
const LIFE: SignedDuration = SignedDuration::from_hours(1);
/// No file is of use for longer, in seconds.
const LITTER_AFTER: i64 = 24 * 60 * 60;

/// What a token is for.
pub(crate) struct Purpose {
    pub(crate) name: Name,
    identity: Name,
    pub(crate) path: String,
    scope: Vec<String>,
}

impl Purpose {
    /// None for a session that something else has opened.
    pub(crate) fn of(account: &Account, folders: &Folders, path: &str, target: &Target) -> Option<Self> {
        Some(Self {
            name: Name::of(account, folders, path, target)?,
            identity: Name::of_identity(account)?,
            path: path.to_owned(),
            scope: name::words(&target.scope),
        })
    }
}

/// A kept token's file.
#[derive(Serialize, Deserialize)]
struct Entry {
    version: u32,
    path: String,
    scope: Vec<String>,
    kept_at: Timestamp,
    token: InstallationToken,
}

impl Entry {
    /// When the token ends, by this machine's clock.
    fn ends_at(&self) -> Timestamp {
        self.token.expires_at.min(self.kept_at + LIFE)
    }
}

/// The tokens that this user keeps.
pub(crate) struct Store {
    directory: Directory,
    min_ttl: SignedDuration,
    clock: fn() -> Timestamp,
    report: Report,
}

impl Store {
    /// None where tokens are not to be kept, or have no place to be kept in, which is told.
    ///
    /// # Errors
    /// Those of [`Directory::open`].
    pub(crate) fn open(
        environment: &Environment,
        options: &Options,
        clock: fn() -> Timestamp,
        report: Report,
    ) -> Result<Option<Self>, Failure> {
        if options.fresh {
            return Ok(None);
        }
        Ok(directory(environment, report)?.map(|directory| Self {
            directory,
            min_ttl: options.min_ttl,
            clock,
            report,
        }))
    }

    /// A token that has long enough to live.
    pub(crate) fn live(&self, name: &Name) -> Option<InstallationToken> {
        let entry = read_entry(&self.directory, &token_file(name))?;
        let now = (self.clock)();
        let left = entry.ends_at().duration_since(now);
        // One from the future was kept by a clock that has been set since: how long it lives cannot be told.
        if left < self.min_ttl || left.is_zero() || entry.kept_at > now {
            return None;
        }
        self.report.step("reused a token that was kept", Duration::ZERO);
        Some(entry.token)
    }

    /// Keeps a token. Where that fails it is told and no more: the token itself is good.
    pub(crate) fn keep(&self, purpose: &Purpose, token: &InstallationToken) {
        let entry = Entry {
            version: VERSION,
            path: purpose.path.clone(),
            scope: purpose.scope.clone(),
            kept_at: (self.clock)(),
            token: token.clone(),
        };
        self.sweep();
        if let Err(error) = write(&self.directory, &token_file(&purpose.name), &entry) {
            self.report
                .note(&format!("the token could not be kept for reuse: {error}"));
        }
    }

    /// Nothing grows without limit.
    fn sweep(&self) {
        let now = (self.clock)().as_second();
        for (file, changed) in self.directory.files() {
            if changed + LITTER_AFTER < now {
                self.directory.remove(&file);
            }
        }
    }
}

/// What was remembered under a name of several parts, where tokens are kept; it holds nothing secret.
pub fn recall<T: DeserializeOwned>(environment: &Environment, report: Report, parts: &[&str]) -> Option<T> {
    let directory = directory(environment, report).ok()??;
    serde_json::from_slice(&directory.read(&fact_file(parts))?).ok()
}

/// Remembers for [`recall`] what is not secret and may be forgotten: for a day at most, and nowhere where no tokens are
/// kept.
pub fn remember(environment: &Environment, report: Report, parts: &[&str], fact: &impl Serialize) {
    if let Ok(Some(directory)) = directory(environment, report) {
        // It will be asked for again.
        let _ = write(&directory, &fact_file(parts), fact);
    }
}

/// A directory of this user's own, in memory or where a person said, for what must not lie about.
///
/// # Errors
/// Why there is none, as the cause of a failure.
pub fn private_place(environment: &Environment) -> Result<PathBuf, String> {
    match Directory::open_whether_or_not_kept(environment) {
        Ok((path, Ok(_))) => Ok(path),
        Ok((_, Err(unfit))) => Err(unfit.to_string()),
        Err(failure) => Err(failure.summary),
    }
}

/// Where tokens are kept, without making it: the place, or why they are not.
///
/// # Errors
/// [`plumbing::Code::ConfigInvalid`] for a place that is none.
pub fn place(environment: &Environment) -> Result<Place, Failure> {
    Ok(match Directory::examine(environment)? {
        Ok(path) => Place::Fit(path),
        Err(Unfit::Off) => Place::Off,
        Err(Unfit::NoPlace(why)) => Place::None(why),
        Err(Unfit::Unsafe(why)) => Place::Unsafe(why),
    })
}

/// What [`place`] finds.
#[derive(Debug)]
pub enum Place {
    /// Tokens are kept there.
    Fit(PathBuf),
    /// It is not wanted: `RAXX_MINT_CACHE=off`.
    Off,
    /// There is no place, so that each call mints: why.
    None(String),
    /// There is one that cannot be trusted: why, and what to do.
    Unsafe(String),
}

/// The directory, or a word on why there is none.
fn directory(environment: &Environment, report: Report) -> Result<Option<Directory>, Failure> {
    match Directory::open(environment)? {
        Ok(directory) => return Ok(Some(directory)),
        Err(unfit @ Unfit::Unsafe(_)) => report.note(&format!("tokens are not kept: {unfit}")),
        Err(unfit) => report.step(&format!("tokens are not kept: {unfit}"), Duration::ZERO),
    }
    Ok(None)
}

fn token_file(name: &Name) -> String {
    format!("{name}.token")
}

fn fact_file(parts: &[&str]) -> String {
    format!("{}.fact", Name::hash(parts))
}

fn read_entry(directory: &Directory, file: &str) -> Option<Entry> {
    let entry: Entry = serde_json::from_slice(&directory.read(file)?).ok()?;
    (entry.version == VERSION).then_some(entry)
}

fn write(directory: &Directory, file: &str, content: &impl Serialize) -> std::io::Result<()> {
    let content = Zeroizing::new(serde_json::to_vec(content)?);
    directory.write(file, &content)
}
