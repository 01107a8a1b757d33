//! Where tokens are kept.

use std::fmt;
use std::path::{Path, PathBuf};

use plumbing::{Code, Environment, Failure, text};

/// Names another directory, or `off`.
pub(crate) const VARIABLE: &str = "RAXX_MINT_CACHE";
const OFF: &str = "off";
/// What the session manager makes for a user at login and takes away at log-out
/// (<https://specifications.freedesktop.org/basedir-spec/latest/>).
const RUNTIME: &str = "XDG_RUNTIME_DIR";
/// On macOS: of each user's own, made by the system with mode 0700 and emptied at every start (confstr(3),
/// `_CS_DARWIN_USER_TEMP_DIR`). It is on a disk, which that system has no other place for.
const TEMPORARY: &str = "TMPDIR";
/// Our directory below the runtime directory.
const FOLDER: &str = "raxx-mint";

/// A directory for tokens, which may not be there yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Location {
    pub(crate) path: PathBuf,
    /// A token goes to a disk only where a person said so.
    pub(crate) in_memory_only: bool,
    /// Why it is not the one that is wanted first.
    pub(crate) instead: Option<String>,
}

/// Why nothing is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// It is not wanted: `RAXX_MINT_CACHE=off`.
    Off,
    /// There is no directory for it, so that each call mints: why.
    Missing(String),
    /// There is one that cannot be trusted: why, and what to do.
    Unsafe(String),
}

impl fmt::Display for Unusable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => write!(formatter, "{VARIABLE} is off"),
            Self::Missing(why) | Self::Unsafe(why) => formatter.write_str(why),
        }
    }
}

impl Location {
    /// The directory for tokens.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] for a relative path.
    pub(crate) fn for_tokens(environment: &Environment) -> Result<Result<Self, Unusable>, Failure> {
        match environment.text(&[VARIABLE])?.as_deref() {
            Some(OFF) => Ok(Err(Unusable::Off)),
            Some(named) => Self::named(named).map(Ok),
            None => Self::in_runtime(environment),
        }
    }

    /// The directory for what must not lie about while a process runs, wanted also where tokens are not to be kept.
    ///
    /// # Errors
    /// As for [`Location::for_tokens`].
    pub(crate) fn for_this_run(environment: &Environment) -> Result<Result<Self, Unusable>, Failure> {
        match environment.text(&[VARIABLE])?.filter(|named| named != OFF) {
            Some(named) => Self::named(&named).map(Ok),
            None => Self::in_runtime(environment),
        }
    }

    /// Places for what a command needs for longer than this process runs and what is not secret, best first.
    pub(crate) fn for_commands(environment: &Environment) -> Result<Vec<Self>, Failure> {
        let best = Self::for_this_run(environment)?.ok();
        let others = meeting_places(environment)
            .into_iter()
            .map(|path| path.with_file_name(folder_of(&path)));
        let places = best.map(|location| location.path).into_iter().chain(others);
        let on_a_disk_too = places.map(|path| Self {
            path,
            in_memory_only: false,
            instead: None,
        });
        Ok(on_a_disk_too.collect())
    }

    fn named(path: &str) -> Result<Self, Failure> {
        let location = Self {
            // Without a slash or dot at its end, behind which a link would be followed.
            path: Path::new(path).components().collect(),
            in_memory_only: false,
            instead: None,
        };
        if location.path.is_absolute() {
            return Ok(location);
        }
        let summary = format!(
            "{VARIABLE} is neither an absolute path nor off but “{}”",
            text::quote(path)
        );
        Err(Failure::new(Code::ConfigInvalid, summary).fix(format!("write it out: {VARIABLE}=$PWD/…")))
    }

    fn in_runtime(environment: &Environment) -> Result<Result<Self, Unusable>, Failure> {
        let runtime = environment.text(&[RUNTIME])?.map(PathBuf::from);
        if cfg!(target_os = "linux") {
            return Ok(Ok(Self::on_linux(runtime)));
        }
        let temporary = environment.text(&[TEMPORARY])?.map(PathBuf::from);
        let own = |directory: PathBuf, in_memory_only| Self {
            path: directory.join(FOLDER),
            in_memory_only,
            instead: None,
        };
        Ok(match (runtime, temporary) {
            _ if cfg!(not(unix)) => Err(nowhere()),
            (Some(runtime), _) => Ok(own(runtime, true)),
            (None, Some(temporary)) if cfg!(target_os = "macos") => Ok(own(temporary, false)),
            (None, _) if cfg!(target_os = "macos") => {
                Err(Unusable::Missing(format!("neither {RUNTIME} nor {TEMPORARY} is set")))
            }
            (None, _) => Err(Unusable::Missing(format!("{RUNTIME} is not set"))),
        })
    }

    /// The runtime directory that the environment names, if it is not another user's, whose environment su(1) has left; else that
    /// of this user's session; and where there is no session (cron, containers), one of this user's own beside those of others.
    fn on_linux(runtime: Option<PathBuf>) -> Self {
        let why = match &runtime {
            None => Some(format!("{RUNTIME} is not set")),
            Some(runtime) if is_anothers(runtime) => Some(format!("{RUNTIME} is another user's")),
            Some(_) => None,
        };
        let (Some(why), [session, alone]) = (why, own_places()) else {
            return Self {
                path: runtime.unwrap_or_default().join(FOLDER),
                in_memory_only: true,
                instead: None,
            };
        };
        let has_session = session
            .parent()
            .is_some_and(|session| session.is_dir() && !is_anothers(session));
        Self {
            path: if has_session { session } else { alone },
            in_memory_only: true,
            instead: Some(why),
        }
    }

    /// Why it cannot be used, with why it was to be used in the first place.
    pub(crate) fn explained(&self, why: Unusable) -> Unusable {
        let with = |why: &str| match &self.instead {
            Some(instead) => format!("{instead}, and {why}"),
            None => why.to_owned(),
        };
        match why {
            Unusable::Off => Unusable::Off,
            Unusable::Missing(why) => Unusable::Missing(with(&why)),
            Unusable::Unsafe(why) => Unusable::Unsafe(with(&why)),
        }
    }

    /// Where this user's other processes may keep tokens: those without a session, and those in one.
    pub(crate) fn others(&self) -> Vec<Self> {
        let [session, alone] = own_places();
        let path = if self.path == session {
            alone
        } else if self.path == alone {
            session
        } else {
            return vec![];
        };
        vec![Self {
            path,
            in_memory_only: true,
            instead: None,
        }]
    }
}

/// Below the runtime directory of a session, and beside other users' in the memory that all share: made with mode 0700, and not used
/// where another has made it before.
#[cfg(unix)]
fn own_places() -> [PathBuf; 2] {
    let user = rustix::process::geteuid().as_raw();
    [
        format!("/run/user/{user}/{FOLDER}").into(),
        format!("/dev/shm/{FOLDER}-{user}").into(),
    ]
}

#[cfg(not(unix))]
fn own_places() -> [PathBuf; 2] {
    Default::default()
}

#[cfg(unix)]
fn is_anothers(directory: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let metadata = directory.metadata();
    metadata.is_ok_and(|metadata| metadata.is_dir() && metadata.uid() != rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
fn is_anothers(_: &Path) -> bool {
    false
}

/// Why there is no place on a system whose files have no owner and mode, whatever a variable names.
pub(crate) fn nowhere() -> Unusable {
    Unusable::Missing("on this system there is no telling whether a directory is this user's alone".to_owned())
}

/// Not the meeting place itself, which is taken away when it is empty.
fn folder_of(meeting_place: &Path) -> String {
    let name = meeting_place.file_name().unwrap_or_default().to_string_lossy();
    name.replace(".login", ".commands")
}

/// Directories in which the processes of one user can meet, best first. They need not be in memory, since what is left there
/// is not secret. They depend neither on where tokens are kept nor on whether a session manager has set anything, so that a
/// shell, cron and su(1) meet too.
#[cfg(unix)]
pub(crate) fn meeting_places(environment: &Environment) -> Vec<PathBuf> {
    const FOLDER: &str = "raxx-mint.login";
    let user = rustix::process::geteuid().as_raw();
    let named = |variable: &str| environment.text(&[variable]).ok().flatten().map(PathBuf::from);
    let of_all_users = |directory: PathBuf| directory.join(format!("{FOLDER}-{user}"));
    // What a session manager makes for a user, whether or not the variable says so.
    let of_this_user = PathBuf::from(format!("/run/user/{user}")).join(FOLDER);
    named("TMPDIR")
        .map(of_all_users)
        .into_iter()
        .chain([of_this_user, of_all_users(PathBuf::from("/tmp"))])
        .chain(named(RUNTIME).map(|directory| directory.join(FOLDER)))
        .collect()
}

/// None that could be told to be this user's.
#[cfg(not(unix))]
pub(crate) fn meeting_places(_: &Environment) -> Vec<PathBuf> {
    vec![]
}
