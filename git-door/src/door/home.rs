//! A home without a netrc: curl and git-lfs look for it there and nowhere else that could be switched off.

use std::env;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::links;
use crate::hazards::NETRC;

/// A directory of links to all that is in the user's home, but for the netrc, made in a folder of ours; none where there is no
/// netrc to hide. Where no home is set it is an empty one: curl would look into that of the user database.
pub(crate) fn without_netrc(folder: &Path) -> Option<PathBuf> {
    let Some(home) = env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from) else {
        return Some(folder.join("home").join("none"));
    };
    if !NETRC.iter().any(|name| home.join(name).symlink_metadata().is_ok()) {
        return None;
    }
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
    // Whatever the umask.
    fs::set_permissions(twin, fs::Permissions::from_mode(0o700))?;
    links::to_each(home, twin, |name| !NETRC.iter().any(|netrc| name == *netrc))
}
