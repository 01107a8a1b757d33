//! What the token may reach: less than the installation, never more.

use std::collections::BTreeMap;

use clap::Args;
use plumbing::{Code, Failure};
use serde::Serialize;
use zeroize::Zeroizing;

/// Narrows the token. Without any of it the token reaches all that the installation does.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Scope of the token")]
pub struct Scope {
    /// A repository of the installation's owner, by its bare name (repeatable)
    #[arg(long = "repo", value_name = "NAME", value_parser = repository)]
    pub repositories: Vec<String>,
    /// A repository by its id, which survives renames (repeatable)
    #[arg(long = "repository-id", value_name = "ID")]
    pub repository_ids: Vec<u64>,
    /// A permission and its level, such as contents=read (repeatable)
    #[arg(long = "permission", value_name = "NAME=LEVEL", value_parser = permission)]
    pub permissions: Vec<(String, String)>,
}

impl Scope {
    /// The request's body; none where nothing is narrowed.
    pub(crate) fn to_json(&self) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        #[derive(Serialize)]
        struct Body<'a> {
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            repositories: &'a [String],
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            repository_ids: &'a [u64],
            #[serde(skip_serializing_if = "BTreeMap::is_empty")]
            permissions: BTreeMap<&'a str, &'a str>,
        }
        if self.repositories.is_empty() && self.repository_ids.is_empty() && self.permissions.is_empty() {
            return Ok(None);
        }
        let body = Body {
            repositories: &self.repositories,
            repository_ids: &self.repository_ids,
            permissions: self
                .permissions
                .iter()
                .map(|(name, level)| (name.as_str(), level.as_str()))
                .collect(),
        };
        serde_json::to_vec(&body)
            .map(|json| Some(Zeroizing::new(json)))
            .map_err(|_| Failure::new(Code::Internal, "the scope cannot be written as JSON"))
    }
}

fn repository(name: &str) -> Result<String, String> {
    match name.rsplit_once('/') {
        Some((_, bare)) => Err(format!(
            "an installation has one owner, so give the bare name: `{bare}`"
        )),
        None if name.trim().is_empty() => Err("a repository's name is wanted".to_owned()),
        None => Ok(name.trim().to_owned()),
    }
}

/// Names are spelt with hyphens in workflows and with underscores in the API. Which ones there are is left to GitHub:
/// the list grows between releases.
fn permission(text: &str) -> Result<(String, String), String> {
    let Some((name, level)) = text.split_once('=') else {
        return Err("write it as NAME=LEVEL, such as contents=read".to_owned());
    };
    let name = name.trim().replace('-', "_");
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() || !name.chars().all(is_name) {
        return Err("a permission's name is of lower-case letters, such as pull_requests".to_owned());
    }
    match level.trim() {
        level @ ("read" | "write" | "admin") => Ok((name, level.to_owned())),
        _ => Err("a level is read, write or admin".to_owned()),
    }
}
