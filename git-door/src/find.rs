//! Programs as a command would find them, were there no stand-ins.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// The document in a folder of ours; its name tells that the folder is one.
pub(crate) const DOCUMENT: &str = "git-door.json";
pub(crate) const LFS: &str = "git-lfs";

/// Whether a directory is one of a folder of ours, `bin` or `core`.
pub(crate) fn is_ours(directory: &Path) -> bool {
    directory.parent().is_some_and(|folder| folder.join(DOCUMENT).is_file())
}

/// A program as the command would find it, were there no stand-ins.
pub(crate) fn find(path: &OsStr, program: &str) -> Option<PathBuf> {
    let name = format!("{program}{}", env::consts::EXE_SUFFIX);
    let mut directories = env::split_paths(path).filter(|directory| !is_ours(directory));
    directories.find_map(|directory| {
        let candidate = directory.join(&name);
        let metadata = fs::metadata(&candidate).ok()?;
        (metadata.is_file() && may_be_run(&metadata)).then_some(candidate)
    })
}

#[cfg(unix)]
fn may_be_run(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(metadata) & 0o111 != 0
}

/// Its name tells, where a file has no such mode.
#[cfg(not(unix))]
fn may_be_run(_: &fs::Metadata) -> bool {
    true
}
