//! A directory of links to what is in another.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

/// Links to each entry of `from`, but for those that are not wanted; what is there already stays.
pub(crate) fn to_each(from: &Path, into: &Path, is_wanted: impl Fn(&OsStr) -> bool) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if !is_wanted(&entry.file_name()) {
            continue;
        }
        match symlink(entry.path(), into.join(entry.file_name())) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            linked => linked?,
        }
    }
    Ok(())
}
