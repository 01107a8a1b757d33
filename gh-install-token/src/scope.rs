//! What the token may reach: less than the installation, never more.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use clap::{ArgAction, Args};
use plumbing::{Code, Failure};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::permissions;

/// The flags that narrow the token. Without any of them it has the bot's usual scope, as a configuration file says; without that it
/// reaches all that the installation does.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
#[command(next_help_heading = "Scope of the token")]
pub struct ScopeFlags {
    /// A repository of the installation's owner, by its bare name (repeatable)
    #[arg(long = "repo", value_name = "NAME", value_parser = repository)]
    pub repositories: Vec<String>,
    /// A repository by its id, which survives renames (repeatable)
    #[arg(long = "repository-id", value_name = "ID")]
    pub repository_ids: Vec<u64>,
    /// A permission and its level, such as contents=read (repeatable)
    #[arg(long = "permission", value_name = "NAME=LEVEL", value_parser = permission)]
    pub permissions: Vec<(String, Level)>,
    /// Ask for everything the installation can access, whatever scope a configuration file names
    #[arg(long, action = ArgAction::SetTrue, conflicts_with_all = ["repositories", "repository_ids", "permissions"])]
    pub unscoped: bool,
}

impl ScopeFlags {
    /// Whether they say anything, so that a token with the usual scope will not do.
    pub fn are_given(&self) -> bool {
        self.unscoped
            || !(self.repositories.is_empty() && self.repository_ids.is_empty() && self.permissions.is_empty())
    }
}

/// How far a permission goes (<https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Looking.
    Read,
    /// Changing.
    Write,
    /// Settings too.
    Admin,
}

impl Level {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for Level {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut known = [Self::Read, Self::Write, Self::Admin].into_iter();
        let level = known.find(|level| level.name() == text.trim());
        level.ok_or_else(|| "a level is read, write or admin".to_owned())
    }
}

/// What a token is narrowed to: sets and a map, so that neither order nor repetition makes another scope of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Scope {
    /// Repositories by their bare names.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub repositories: BTreeSet<String>,
    /// Repositories by their ids.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub repository_ids: BTreeSet<u64>,
    /// Permissions, and how far each goes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub permissions: BTreeMap<String, Level>,
}

impl ScopeFlags {
    /// The scope that they name.
    ///
    /// # Errors
    /// [`Code::Usage`] where one permission is asked for at two levels.
    pub fn resolve(&self) -> Result<Scope, Failure> {
        let mut permissions = BTreeMap::new();
        for (name, level) in &self.permissions {
            if let Some(before) = permissions
                .insert(name.clone(), *level)
                .filter(|before| before != level)
            {
                let (before, level) = (before.name(), level.name());
                return Err(Failure::new(
                    Code::Usage,
                    format!("--permission asks for {name}={before} and {name}={level}"),
                )
                .cause("a token has a permission at one level")
                .fix("name the level that is meant, once"));
            }
        }
        Ok(Scope {
            repositories: self.repositories.iter().cloned().collect(),
            repository_ids: self.repository_ids.iter().copied().collect(),
            permissions,
        })
    }
}

impl Scope {
    /// This scope, and where it says nothing of repositories, or of permissions, what the other one says of them.
    #[must_use]
    pub(crate) fn or(self, other: &Self) -> Self {
        let Self {
            mut repositories,
            mut repository_ids,
            mut permissions,
        } = self;
        // By name and by id are two ways to say one thing.
        if repositories.is_empty() && repository_ids.is_empty() {
            repositories.clone_from(&other.repositories);
            repository_ids.clone_from(&other.repository_ids);
        }
        if permissions.is_empty() {
            permissions.clone_from(&other.permissions);
        }
        Self {
            repositories,
            repository_ids,
            permissions,
        }
    }

    /// The request's body; none where nothing is narrowed.
    pub(crate) fn to_json(&self) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        if *self == Self::default() {
            return Ok(None);
        }
        serde_json::to_vec(self)
            .map(|json| Some(Zeroizing::new(json)))
            .map_err(|_| Failure::new(Code::Internal, "the scope cannot be written as JSON"))
    }

    /// Permissions whose names GitHub's description of its API does not know, each with one that is near, if there is. The list grows
    /// between releases, so that these are no mistakes for sure.
    pub fn unknown_permissions(&self) -> impl Iterator<Item = (&str, Option<&'static str>)> {
        permissions::unknown(self)
    }

    /// In words, such as `repo hello` and `contents=read`; none for all that the installation reaches.
    pub fn words(&self) -> Vec<String> {
        let permissions = self
            .permissions
            .iter()
            .map(|(name, level)| format!("{name}={}", level.name()));
        let repositories = self.repositories.iter().map(|name| format!("repo {name}"));
        let ids = self.repository_ids.iter().map(|id| format!("repository-id {id}"));
        permissions.chain(repositories).chain(ids).collect()
    }
}

pub(crate) fn repository(name: &str) -> Result<String, String> {
    match name.rsplit_once('/') {
        Some((_, bare)) => Err(format!(
            "an installation has one owner, so give the bare name: `{bare}`"
        )),
        None if name.trim().is_empty() => Err("a repository's name is wanted".to_owned()),
        None => Ok(name.trim().to_owned()),
    }
}

/// Reads a permission and its level, such as `contents=read`.
///
/// # Errors
/// In words for a person, where it is not written so.
///
/// Names are spelt with hyphens in workflows and with underscores in the API. Which ones there are is left to GitHub:
/// the list grows between releases.
pub fn permission(text: &str) -> Result<(String, Level), String> {
    let Some((name, level)) = text.split_once('=') else {
        return Err("write it as NAME=LEVEL, such as contents=read".to_owned());
    };
    let name = name.trim().replace('-', "_");
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() || !name.chars().all(is_name) {
        return Err("a permission's name is of lower-case letters, such as pull_requests".to_owned());
    }
    if level.contains(',') {
        return Err("one at a time: repeat the flag for each".to_owned());
    }
    Ok((name, level.parse()?))
}
