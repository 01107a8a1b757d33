//! The file as it is written.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use plumbing::configuration::{KEYS, UsualScope};
use plumbing::environment::REQUIRE_BOT;
use plumbing::{Code, Environment, Failure, text};
use serde::Serialize;
use tempfile::NamedTempFile;

use crate::consent::{make_room, write_whole};

/// The file, in the order in which it is written: what stands alone before the tables.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Content<'a> {
    #[serde(flatten)]
    values: BTreeMap<&'a str, String>,
    require_bot: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    keychain: bool,
    bots: BTreeMap<&'a str, Scope<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Scope<'a> {
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    repositories: &'a BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    repository_ids: &'a BTreeSet<u64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    permissions: &'a BTreeMap<String, String>,
}

/// What the file says: the answers, as they stand in the environment.
pub(super) fn content(
    environment: &Environment,
    bots: &BTreeMap<String, UsualScope>,
    keychain: bool,
) -> Result<String, Failure> {
    let mut values = BTreeMap::new();
    for (key, variable) in KEYS.into_iter().filter(|(_, variable)| *variable != REQUIRE_BOT) {
        if let Some(value) = environment.text(&[variable])? {
            values.insert(key, value);
        }
    }
    let scopes = bots.iter().map(|(bot, scope)| {
        let scope = Scope {
            repositories: &scope.repositories,
            repository_ids: &scope.repository_ids,
            permissions: &scope.permissions,
        };
        (bot.as_str(), scope)
    });
    let content = Content {
        values,
        require_bot: environment.bot_is_required()?,
        keychain,
        bots: scopes.collect(),
    };
    let content = toml::to_string(&content)
        .map_err(|error| Failure::new(Code::Internal, "the configuration cannot be written as TOML").because(error))?;
    Ok(format!(
        "# Written by raxx-mint init; `raxx-mint docs pipeline` has all keys.\n{content}"
    ))
}

/// Finds out whether the file can be written, before anything is answered for it.
pub(super) fn try_to_write(path: &Path) -> Result<(), Failure> {
    let there = path
        .ancestors()
        .skip(1)
        .find(|above| above.exists())
        .unwrap_or(Path::new("/"));
    let tried = if path.exists() {
        make_room(path).map(|(file, _)| file)
    } else {
        NamedTempFile::new_in(there)
    };
    tried
        .and_then(|mut file| file.write_all(b"#"))
        .map_err(|error| failed(path, &error))
}

/// Puts the file in place; where one stood there, with other words in it, that one is kept beside it, and its path is returned.
pub(super) fn write(path: &Path, content: &str) -> Result<Option<PathBuf>, Failure> {
    let failed = |error: io::Error| failed(path, &error);
    let before = fs::read(path)
        .ok()
        .filter(|before| !before.trim_ascii().is_empty() && before != content.as_bytes());
    let beside = match before {
        None => None,
        Some(before) => {
            let beside = free_beside(path);
            write_whole(&beside, &before).map_err(failed)?;
            Some(beside)
        }
    };
    write_whole(path, content.as_bytes()).map_err(failed)?;
    Ok(beside)
}

/// A name for what stood there, which no earlier one has.
fn free_beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let named = |number: usize| match number {
        1 => path.with_file_name(format!("{name}.before")),
        number => path.with_file_name(format!("{name}.before-{number}")),
    };
    let mut number = 1;
    while named(number).exists() {
        number += 1;
    }
    named(number)
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure::new(
        Code::ConfigFile,
        format!("{} cannot be written", text::quote_path(path)),
    )
    .cause(error.kind().to_string())
    .fix("make its folder one that you may write to, or name another file in RAXX_CONFIG")
}
