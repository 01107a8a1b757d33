//! Which repositories' files this user has allowed, and with which content.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};

use super::places;
use crate::environment::Environment;
use crate::file;

/// A record is smaller than this, in bytes: a word, a hash and a path.
const LARGEST_RECORD: u64 = 16 * 1024;

/// What this user has said of a repository's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It counts, with this content.
    Allowed,
    /// It was allowed with another content.
    Changed,
    /// It is not to count.
    Denied,
    /// Nothing.
    Unknown,
}

/// Where is written down what this user says of a file, and the line for it; none where there is no home directory.
pub fn record_of(environment: &Environment, path: &Path, allowed: Option<&[u8]>) -> Option<(PathBuf, String)> {
    let path = real(path);
    let place = places::allowances(environment)?.join(hex(path.as_os_str().as_encoded_bytes()));
    let word = allowed.map_or_else(|| DENIED.to_owned(), |content| format!("{ALLOWED}{}", hex(content)));
    // The path is for whoever looks into the folder; what counts is the file's name.
    Some((place, format!("{word}\n{}\n", path.display())))
}

const ALLOWED: &str = "allowed ";
const DENIED: &str = "denied";

/// What this user has said of a file with this content; of one that is not there, or cannot be read, whether it is missed.
pub fn standing(environment: &Environment, path: &Path, content: Option<&[u8]>) -> Standing {
    let Some((place, expected)) = record_of(environment, path, content) else {
        return Standing::Unknown;
    };
    let record = place
        .exists()
        .then(|| file::read(&place, LARGEST_RECORD).ok())
        .flatten();
    // What others can write says nothing.
    let is_own = |path: &Path| places::refuse_others_hands(path).is_ok() && !is_open_to_others(path);
    let record = record.filter(|_| is_own(&place) && place.parent().is_some_and(is_own));
    let Some(record) = record else { return Standing::Unknown };
    let record = String::from_utf8_lossy(&record);
    let word = record.lines().next().unwrap_or_default();
    if word == DENIED {
        Standing::Denied
    } else if !word.starts_with(ALLOWED) {
        Standing::Unknown
    } else if content.is_some() && Some(word) == expected.lines().next() {
        Standing::Allowed
    } else {
        Standing::Changed
    }
}

/// One name for a file by whichever way its folder was reached. A link is a file of its own: where it leads may change.
fn real(path: &Path) -> PathBuf {
    let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
    match (folder, path.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    path.metadata().is_ok_and(|metadata| metadata.mode() & 0o022 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> bool {
    false
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in digest(&SHA256, bytes).as_ref() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
