//! A home without a netrc: curl and git-lfs look for it there and nowhere else that could be switched off.

use std::env;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// Both names that curl knows.
const NETRC: [&str; 2] = [".netrc", "_netrc"];

/// A directory of links to all that is in the user's home, but for the netrc; none where there is no netrc to hide.
pub(crate) fn without_netrc() -> Option<PathBuf> {
    let home = PathBuf::from(env::var_os("HOME")?);
    if !NETRC.iter().any(|name| home.join(name).symlink_metadata().is_ok()) {
        return None;
    }
    let called = env::args_os().next()?;
    let (folder, _) = crate::Arrangement::of_this_process(&called)?;
    let twin = folder.join("home").join(spelled(&home));
    // Where it cannot be made, one that is not there hides the netrc too.
    let _ = mirror(&home, &twin);
    Some(twin)
}

/// A path as one name.
fn spelled(path: &Path) -> String {
    path.to_string_lossy().replace('%', "%25").replace('/', "%2F")
}

fn mirror(home: &Path, twin: &Path) -> io::Result<()> {
    fs::create_dir_all(twin)?;
    for entry in fs::read_dir(home)? {
        let entry = entry?;
        if NETRC.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        match symlink(entry.path(), twin.join(entry.file_name())) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            linked => linked?,
        }
    }
    Ok(())
}
