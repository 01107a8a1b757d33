//! The directory that kept tokens are in, trusted only as far as its owner and mode allow.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use plumbing::{Code, Environment, Failure, text};
use rustix::fs::{Access, AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use zeroize::Zeroizing;

/// Names another place, or `off`.
const CACHE: &str = "RAXX_MINT_CACHE";
const OFF: &str = "off";
/// What the session manager makes for a user at log-in and takes away at log-out
/// (<https://specifications.freedesktop.org/basedir-spec/latest/>).
const RUNTIME: &str = "XDG_RUNTIME_DIR";
/// Below the runtime directory.
const FOLDER: &str = "raxx-mint";
/// A file larger than this, in bytes, is not one that was written here.
const LARGEST_FILE: u64 = 1024 * 1024;

const PRIVATE_DIRECTORY: Mode = Mode::RWXU;
const PRIVATE_FILE: Mode = Mode::RUSR.union(Mode::WUSR);
/// No link is followed, and a device or pipe in a file's place blocks nobody.
const CAREFULLY: OFlags = OFlags::NOFOLLOW.union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);

/// Why nothing is kept.
pub(crate) enum Unfit {
    /// It is not wanted.
    Off,
    /// There is no place for it, which is as it should be: for `--verbose`.
    NoPlace(String),
    /// There is one, and it cannot be trusted: a person should mend it.
    Unsafe(String),
}

impl fmt::Display for Unfit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => write!(formatter, "{CACHE} is off"),
            Self::NoPlace(why) | Self::Unsafe(why) => formatter.write_str(why),
        }
    }
}

/// An open directory of this user's own. Everything in it is reached through it, never by its path again: what the path
/// leads to may change.
pub(crate) struct Directory(OwnedFd);

impl Directory {
    /// Opens the directory that the environment names, and makes it where it is missing.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] for a place that is no absolute path.
    pub(crate) fn open(environment: &Environment) -> Result<Result<Self, Unfit>, Failure> {
        if environment.text(&[CACHE])?.as_deref() == Some(OFF) {
            return Ok(Err(Unfit::Off));
        }
        Self::open_whether_or_not_kept(environment).map(|(_, directory)| directory)
    }

    /// The same, with its path, where tokens are not to be kept too.
    ///
    /// # Errors
    /// As for [`Directory::open`].
    pub(crate) fn open_whether_or_not_kept(
        environment: &Environment,
    ) -> Result<(PathBuf, Result<Self, Unfit>), Failure> {
        if let Some(place) = environment.text(&[CACHE])?.filter(|place| place != OFF) {
            let path = PathBuf::from(&place);
            if !path.is_absolute() {
                let summary = format!(
                    "{CACHE} is neither an absolute path nor off but “{}”",
                    text::quote(&place)
                );
                return Err(Failure::new(Code::ConfigInvalid, summary).fix(format!("write it out: {CACHE}=$PWD/…")));
            }
            let directory = open(&path);
            return Ok((path, directory));
        }
        let Some(runtime) = environment.text(&[RUNTIME])? else {
            let why = Unfit::NoPlace(format!("{RUNTIME} is not set"));
            return Ok((PathBuf::new(), Err(why)));
        };
        let path = Path::new(&runtime).join(FOLDER);
        let directory = open(&path).and_then(|directory| {
            if directory.is_in_memory() {
                return Ok(directory);
            }
            Err(Unfit::NoPlace(format!(
                "{} is not in memory but on a disk",
                path.display()
            )))
        });
        Ok((path, directory))
    }

    /// What [`Directory::open`] would come to, without making anything: the path, or why nothing would be kept.
    ///
    /// # Errors
    /// As for [`Directory::open`].
    pub(crate) fn examine(environment: &Environment) -> Result<Result<PathBuf, Unfit>, Failure> {
        let named = environment.text(&[CACHE])?;
        let missing = |path: &Path| matches!(rustix::fs::lstat(path), Err(Errno::NOENT));
        match (named.as_deref(), environment.text(&[RUNTIME])?) {
            (None, Some(runtime)) if missing(&Path::new(&runtime).join(FOLDER)) => {
                // Ours would be made in it, and is as private as it was made; only where it lies is left to be judged.
                let path = Path::new(&runtime).join(FOLDER);
                Ok(is_fit_for_ours(Path::new(&runtime)).map(|()| path))
            }
            (Some(place), _) if place != OFF && Path::new(place).is_absolute() && missing(Path::new(place)) => {
                let parent = Path::new(place).parent().unwrap_or(Path::new("/"));
                Ok(is_writable(parent).map(|()| PathBuf::from(place)))
            }
            (Some(OFF), _) => Ok(Err(Unfit::Off)),
            _ => Self::open_whether_or_not_kept(environment).map(|(path, directory)| directory.map(|_| path)),
        }
    }

    /// What a file holds, if it is one of this user's own that nobody else can have touched.
    pub(crate) fn read(&self, name: &str) -> Option<Zeroizing<Vec<u8>>> {
        let file = rustix::fs::openat(&self.0, name, OFlags::RDONLY | CAREFULLY, Mode::empty()).ok()?;
        let stat = rustix::fs::fstat(&file).ok()?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile || stat.st_nlink != 1 || !is_private(&stat) {
            return None;
        }
        let mut content = Zeroizing::new(Vec::new());
        File::from(file).take(LARGEST_FILE).read_to_end(&mut content).ok()?;
        Some(content)
    }

    /// Puts a file in place whole: written under another name, then renamed.
    pub(crate) fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let new = format!("{name}.{}", std::process::id());
        let written = self.create(&new).and_then(|mut file| file.write_all(content));
        let placed = written.and_then(|()| Ok(rustix::fs::renameat(&self.0, &new, &self.0, name)?));
        if placed.is_err() {
            self.remove(&new);
        }
        placed
    }

    fn create(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | CAREFULLY;
        Ok(rustix::fs::openat(&self.0, name, flags, PRIVATE_FILE)?.into())
    }

    /// A file to hold a lock on; nothing is ever in it.
    pub(crate) fn lock_file(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | CAREFULLY;
        Ok(rustix::fs::openat(&self.0, name, flags, PRIVATE_FILE)?.into())
    }

    /// Takes a file away, if it is there.
    pub(crate) fn remove(&self, name: &str) {
        // Gone already, or not to be had: either way there is nothing more to do about it.
        let _ = rustix::fs::unlinkat(&self.0, name, AtFlags::empty());
    }

    /// The names of all files, each with the time of its last change in seconds since 1970.
    pub(crate) fn files(&self) -> Vec<(String, i64)> {
        let Ok(entries) = Dir::read_from(&self.0) else {
            return vec![];
        };
        let names = entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str().ok().map(str::to_owned));
        let with_time = |name: String| {
            let stat = rustix::fs::statat(&self.0, &name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
            Some((name, stat.st_mtime))
        };
        names.filter_map(with_time).collect()
    }

    #[cfg(target_os = "linux")]
    fn is_in_memory(&self) -> bool {
        /// linux/magic.h
        const TMPFS: rustix::fs::FsWord = 0x0102_1994;
        const RAMFS: rustix::fs::FsWord = 0x8584_58f6;
        rustix::fs::fstatfs(&self.0).is_ok_and(|system| [TMPFS, RAMFS].contains(&system.f_type))
    }

    /// Other systems have no runtime directory; whoever sets the variable there may name a place instead.
    #[cfg(not(target_os = "linux"))]
    fn is_in_memory(&self) -> bool {
        false
    }
}

fn is_fit_for_ours(runtime: &Path) -> Result<(), Unfit> {
    is_writable(runtime)?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let opened = rustix::fs::openat(CWD, runtime, flags, Mode::empty()).map(Directory);
    if opened.is_ok_and(|runtime| runtime.is_in_memory()) {
        return Ok(());
    }
    Err(Unfit::NoPlace(format!(
        "{} is not in memory but on a disk",
        runtime.display()
    )))
}

fn is_writable(directory: &Path) -> Result<(), Unfit> {
    rustix::fs::access(directory, Access::WRITE_OK | Access::EXEC_OK).map_err(|error| {
        let why = io::Error::from(error);
        Unfit::NoPlace(format!("{} cannot be written to: {why}", directory.display()))
    })
}

fn open(path: &Path) -> Result<Directory, Unfit> {
    match rustix::fs::mkdirat(CWD, path, PRIVATE_DIRECTORY) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(error) => {
            let why = io::Error::from(error);
            return Err(Unfit::NoPlace(format!("{} cannot be made: {why}", path.display())));
        }
    }
    let unsafe_for = |why: &str| Unfit::Unsafe(format!("{} {why}", path.display()));
    let directory = rustix::fs::openat(CWD, path, OFlags::RDONLY | OFlags::DIRECTORY | CAREFULLY, Mode::empty())
        .map_err(|error| match error {
            Errno::LOOP | Errno::NOTDIR => unsafe_for("is not a directory of its own; remove it"),
            error => unsafe_for(&format!("cannot be opened: {}", io::Error::from(error))),
        })?;
    let stat = rustix::fs::fstat(&directory)
        .map_err(|error| unsafe_for(&format!("cannot be looked at: {}", io::Error::from(error))))?;
    if stat.st_uid != rustix::process::geteuid().as_raw() {
        return Err(unsafe_for("belongs to another user; remove it, or name another place"));
    }
    if !is_private(&stat) {
        return Err(unsafe_for("is open to other users; chmod 700 it"));
    }
    Ok(Directory(directory))
}

/// Whether this user owns it, and nobody else may read or write it.
fn is_private(stat: &Stat) -> bool {
    stat.st_uid == rustix::process::geteuid().as_raw()
        && !Mode::from_raw_mode(stat.st_mode).intersects(Mode::RWXG | Mode::RWXO)
}
