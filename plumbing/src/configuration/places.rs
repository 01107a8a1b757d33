//! Where the files are.

use std::path::{Path, PathBuf};

use crate::environment::Environment;
use crate::{Code, Failure, text};

/// The variable that names the user's file.
pub const VARIABLE: &str = "RAXX_CONFIG";
/// What it says where no file is to be read at all.
pub const OFF: &str = "off";
/// The name of a repository's file.
pub const OF_REPOSITORY: &str = ".raxx.toml";

pub(super) fn is_off(environment: &Environment) -> Result<bool, Failure> {
    Ok(environment.text(&[VARIABLE])?.as_deref() == Some(OFF))
}

/// The user's file, if there is one.
///
/// # Errors
/// [`Code::ConfigFile`] where the variable names one that is not there: what it says is missed then.
pub(super) fn of_user(environment: &Environment) -> Result<Option<PathBuf>, Failure> {
    let Some(path) = path_of_users(environment)? else {
        return Ok(None);
    };
    if path.exists() {
        return Ok(Some(path));
    }
    if environment.text(&[VARIABLE])?.is_none() {
        return Ok(None);
    }
    let words = format!(
        "the configuration file that {VARIABLE} names is not there: {}",
        text::quote_path(&path)
    );
    Err(Failure::new(Code::ConfigFile, words).fix(format!(
        "name one that is; or `unset {VARIABLE}`, or {VARIABLE}={OFF} to read no file"
    )))
}

/// Where the user's file is or would be: in the place that the variable names, else where the system keeps such files
/// (<https://specifications.freedesktop.org/basedir-spec/latest/>).
///
/// # Errors
/// Those of [`Environment::text`].
pub fn path_of_users(environment: &Environment) -> Result<Option<PathBuf>, Failure> {
    if let Some(named) = environment.text(&[VARIABLE])? {
        return Ok(Some(std::path::absolute(&named).unwrap_or_else(|_| named.into())));
    }
    Ok(base(environment, "XDG_CONFIG_HOME", ".config", "APPDATA").map(|base| base.join("raxx").join("config.toml")))
}

/// Where this user's allowances are kept.
pub(super) fn allowances(environment: &Environment) -> Option<PathBuf> {
    base(environment, "XDG_DATA_HOME", ".local/share", "LOCALAPPDATA").map(|base| base.join("raxx").join("allowed"))
}

/// A variable of the specification, which says nothing where it is relative; else below the home directory.
fn base(environment: &Environment, variable: &str, below_home: &str, on_windows: &str) -> Option<PathBuf> {
    let named = |name: &str| {
        let path = environment.text(&[name]).ok().flatten().map(PathBuf::from);
        path.filter(|path| path.is_absolute())
    };
    if cfg!(windows) {
        return named(on_windows);
    }
    named(variable).or_else(|| Some(named("HOME")?.join(below_home)))
}

/// The nearest repository's file upwards from a directory.
pub fn nearest(from: &Path) -> Option<PathBuf> {
    from.ancestors().map(|above| above.join(OF_REPOSITORY)).find(|path| {
        // What may not be looked at is not there for us; a link that leads nowhere is not either.
        path.is_file()
    })
}

/// The user's file says where credentials are sent: nobody else may write it, as with ssh's own.
///
/// # Errors
/// [`Code::ConfigFile`] where another can.
#[cfg(unix)]
pub(super) fn refuse_others_hands(path: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::MetadataExt;
    let Ok(metadata) = path.metadata() else {
        return Ok(());
    };
    let user = rustix::process::geteuid().as_raw();
    let (cause, fix) = if ![0, user].contains(&metadata.uid()) {
        (
            "it belongs to another user, and says where credentials are sent",
            "have one of your own",
        )
    } else if metadata.is_file() && metadata.mode() & 0o022 != 0 {
        (
            "others may write it, and it says where credentials are sent",
            "`chmod 600` it",
        )
    } else {
        return Ok(());
    };
    Err(super::document::unusable(path, cause).fix(fix))
}

/// Who may write a file does not stand in a mode there.
#[cfg(not(unix))]
pub(super) fn refuse_others_hands(_: &Path) -> Result<(), Failure> {
    Ok(())
}
