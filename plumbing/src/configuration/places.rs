//! Where the files are.

use std::io::ErrorKind;
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
/// [`Code::ConfigFile`] where the variable names one that is not there: what it says is missed then; and those of
/// [`of_user_if_there`].
pub(super) fn of_user(environment: &Environment) -> Result<Option<PathBuf>, Failure> {
    let there = of_user_if_there(environment)?;
    if there.is_some() || environment.given(VARIABLE).is_none_or(std::ffi::OsStr::is_empty) {
        return Ok(there);
    }
    let path = path_of_users(environment)?.unwrap_or_default();
    let words = format!(
        "the configuration file that {VARIABLE} names is not there: {}",
        text::quote_path(&path)
    );
    Err(Failure::new(Code::ConfigFile, words).fix(format!(
        "name one that is; or `unset {VARIABLE}`, or {VARIABLE}={OFF} to read no file"
    )))
}

/// The user's file, unless it is certainly not there: one that cannot be looked at, or a link that leads nowhere, is missed.
///
/// # Errors
/// [`Code::ConfigFile`] where it cannot be looked at; those of [`path_of_users`].
pub(super) fn of_user_if_there(environment: &Environment) -> Result<Option<PathBuf>, Failure> {
    let Some(path) = path_of_users(environment)? else {
        return Ok(None);
    };
    match path.symlink_metadata() {
        Ok(_) => match path.metadata() {
            Ok(_) => Ok(Some(path)),
            Err(error) => Err(super::document::unusable(&path, error)
                .fix("it is a link: make what it leads to one that this user may read, or remove it")),
        },
        // A file in a folder's place above it: nothing can be there.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => {
            Err(super::document::unusable(&path, error).fix("make its folder one that this user may look into"))
        }
    }
}

/// Where the user's file is or would be: in the place that the variable names, else where the system keeps such files
/// (<https://specifications.freedesktop.org/basedir-spec/latest/>).
///
/// # Errors
/// Those of [`Environment::text`].
pub fn path_of_users(environment: &Environment) -> Result<Option<PathBuf>, Failure> {
    if let Some(named) = environment.given(VARIABLE).filter(|named| !named.is_empty()) {
        return Ok(Some(std::path::absolute(named).unwrap_or_else(|_| named.into())));
    }
    let base = base(environment, "XDG_CONFIG_HOME", ".config", "APPDATA")?;
    Ok(base.map(|base| base.join("raxx").join("config.toml")))
}

/// Where this user's allowances are kept.
pub(super) fn allowances(environment: &Environment) -> Option<PathBuf> {
    let base = base(environment, "XDG_DATA_HOME", ".local/share", "LOCALAPPDATA")
        .ok()
        .flatten();
    base.map(|base| base.join("raxx").join("allowed"))
}

/// A variable of the specification, which says nothing where it is relative; else below the home directory, which the system knows
/// where no variable says it.
fn base(
    environment: &Environment,
    variable: &str,
    below_home: &str,
    on_windows: &str,
) -> Result<Option<PathBuf>, Failure> {
    let named = |name: &str| {
        environment
            .given(name)
            .filter(|path| !path.is_empty())
            .map(PathBuf::from)
    };
    if cfg!(windows) {
        return Ok(named(on_windows));
    }
    if let Some(base) = named(variable).filter(|path| path.is_absolute()) {
        return Ok(Some(base));
    }
    match named("HOME") {
        Some(home) if home.is_absolute() => Ok(Some(home.join(below_home))),
        Some(home) => Err(Failure::new(
            Code::ConfigInvalid,
            format!("HOME is not absolute: {}", text::quote_path(&home)),
        )
        .cause("your configuration file could not be found by it")
        .fix("set HOME to an absolute path")),
        None if environment.is_of_process() => {
            let home = std::env::home_dir().filter(|home| home.is_absolute());
            Ok(home.map(|home| home.join(below_home)))
        }
        None => Ok(None),
    }
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
