//! A directory of this user's own, trusted only as far as its owner and mode allow.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;

use jiff::Timestamp;
use plumbing::text;
use rustix::fs::{Access, AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use zeroize::Zeroizing;

use crate::location::{Location, Unusable};
use crate::lock_file::LockFile;
use crate::name::FileName;

/// A file larger than this, in bytes, is not one that was written here.
const LARGEST_FILE: u64 = 1024 * 1024;

/// So often a directory is made again that others took away in between, because it was empty.
pub(crate) const TRIES: usize = 8;

const PRIVATE_DIRECTORY: Mode = Mode::RWXU;
const PRIVATE_FILE: Mode = Mode::RUSR.union(Mode::WUSR);
/// No link is followed, and a device or pipe in a file's place blocks nobody.
const CAREFULLY: OFlags = OFlags::NOFOLLOW.union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);

/// An open directory of this user's own. Everything in it is reached through it, never by its path again, since what the
/// path leads to may change; and only files of the cache's own can be named.
#[derive(Debug)]
pub(crate) struct Directory(OwnedFd);

impl Directory {
    /// Opens the directory, and makes it where it is missing.
    pub(crate) fn make(location: &Location) -> Result<Self, Unusable> {
        for _ in 0..TRIES {
            match rustix::fs::mkdirat(CWD, &location.path, PRIVATE_DIRECTORY) {
                Ok(()) => undo_umask(&location.path),
                Err(Errno::EXIST) => {}
                Err(error) => {
                    let why = io::Error::from(error);
                    return Err(Unusable::Missing(format!(
                        "{} cannot be made: {why}",
                        text::quote_path(&location.path)
                    )));
                }
            }
            if let Some(directory) = Self::open(location)? {
                return Ok(directory);
            }
        }
        Err(Unusable::Missing(format!(
            "{} is taken away as soon as it is made",
            text::quote_path(&location.path)
        )))
    }

    /// Opens the directory; none where it is missing.
    pub(crate) fn open(location: &Location) -> Result<Option<Self>, Unusable> {
        let path = &location.path;
        let not_safe = |why: &str| Unusable::Unsafe(format!("{} {why}", text::quote_path(path)));
        let opened = rustix::fs::openat(CWD, path, OFlags::RDONLY | OFlags::DIRECTORY | CAREFULLY, Mode::empty());
        let directory = match opened {
            Ok(directory) => directory,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP | Errno::NOTDIR) => return Err(not_safe("is not a directory of its own; remove it")),
            Err(error) => return Err(not_safe(&format!("cannot be opened: {}", io::Error::from(error)))),
        };
        let stat = rustix::fs::fstat(&directory)
            .map_err(|error| not_safe(&format!("cannot be looked at: {}", io::Error::from(error))))?;
        if stat.st_uid != rustix::process::geteuid().as_raw() {
            return Err(not_safe("belongs to another user; remove it, or name another place"));
        }
        if !is_private(&stat) {
            return Err(not_safe("is open to other users; chmod 700 it"));
        }
        let directory = Self(directory);
        if location.in_memory_only && !directory.is_in_memory() {
            return Err(on_a_disk(path));
        }
        Ok(Some(directory))
    }

    /// What [`Directory::make`] would come to, without making anything.
    pub(crate) fn look(location: &Location) -> Result<(), Unusable> {
        if Self::open(location)?.is_some() {
            return Ok(());
        }
        // Ours would be as private as it was made; only where it would lie is left to be judged.
        let parent = location.path.parent().unwrap_or(Path::new("/"));
        rustix::fs::access(parent, Access::WRITE_OK | Access::EXEC_OK).map_err(|error| {
            let why = io::Error::from(error);
            Unusable::Missing(format!("{} cannot be written to: {why}", text::quote_path(parent)))
        })?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = rustix::fs::openat(CWD, parent, flags, Mode::empty()).map(Self);
        if location.in_memory_only && !opened.is_ok_and(|parent| parent.is_in_memory()) {
            return Err(on_a_disk(parent));
        }
        Ok(())
    }

    /// What a file holds, if it is one of this user's own that nobody else can have touched.
    pub(crate) fn read(&self, name: &FileName) -> Option<Zeroizing<Vec<u8>>> {
        let file = rustix::fs::openat(&self.0, name.to_string(), OFlags::RDONLY | CAREFULLY, Mode::empty()).ok()?;
        let stat = rustix::fs::fstat(&file).ok()?;
        if stat.st_nlink != 1 || !is_own_file(&stat) {
            return None;
        }
        let mut content = Zeroizing::new(Vec::new());
        File::from(file).take(LARGEST_FILE).read_to_end(&mut content).ok()?;
        Some(content)
    }

    /// Puts a file in place whole: written under another name, then renamed.
    pub(crate) fn write(&self, name: &FileName, content: &[u8]) -> io::Result<()> {
        let new = name.being_written();
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
        let written = self.create(&new, flags).and_then(|mut file| file.write_all(content));
        let placed = written.and_then(|()| {
            Ok(rustix::fs::renameat(
                &self.0,
                new.to_string(),
                &self.0,
                name.to_string(),
            )?)
        });
        if placed.is_err() {
            self.remove(&new);
        }
        placed
    }

    fn create(&self, name: &FileName, flags: OFlags) -> io::Result<File> {
        let file = rustix::fs::openat(&self.0, name.to_string(), flags | CAREFULLY, PRIVATE_FILE)?;
        // The umask may have taken some of it away.
        rustix::fs::fchmod(&file, PRIVATE_FILE)?;
        Ok(file.into())
    }

    /// A file to hold a lock on.
    pub(crate) fn lock_file(&self, name: &FileName) -> io::Result<LockFile> {
        let file = self.create(name, OFlags::RDWR | OFlags::CREATE)?;
        if !is_own_file(&rustix::fs::fstat(&file)?) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Ok(LockFile(file))
    }

    /// Takes a file away, if it is there.
    pub(crate) fn remove(&self, name: &FileName) {
        // Gone already, or not to be had: either way there is nothing more to do about it.
        let _ = rustix::fs::unlinkat(&self.0, name.to_string(), AtFlags::empty());
    }

    /// Takes a lock's file away, if nobody holds it: whoever does would no longer be seen by those that come.
    pub(crate) fn remove_if_free(&self, name: &FileName) {
        let Ok(lock) = self.lock_file(name) else { return };
        // Held until it is gone: who comes in between waits, and then sees that it is.
        if lock.0.try_lock().is_ok() && !lock.is_gone() {
            self.remove(name);
        }
    }

    /// The cache's own files, each with the time of its last change in seconds since 1970.
    pub(crate) fn files(&self) -> impl Iterator<Item = (FileName, i64)> {
        let entries = Dir::read_from(&self.0).into_iter().flatten().flatten();
        let own = entries.filter_map(|entry| entry.file_name().to_str().ok()?.parse::<FileName>().ok());
        own.filter_map(|name| {
            let stat = rustix::fs::statat(&self.0, name.to_string(), AtFlags::SYMLINK_NOFOLLOW).ok()?;
            (FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile).then_some((name, stat.st_mtime))
        })
    }

    /// Those of them that were changed longer ago than that, in seconds.
    pub(crate) fn files_older_than(&self, age: i64, now: Timestamp) -> Vec<FileName> {
        let is_old = |changed: i64| changed.checked_add(age).is_none_or(|then| then < now.as_second());
        self.files()
            .filter(|(_, changed)| is_old(*changed))
            .map(|(file, _)| file)
            .collect()
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

/// A directory that was made under an odd umask is this user's to open again. What the path leads to may have changed
/// meanwhile, so nothing but a directory of this user's own is touched.
#[cfg(target_os = "linux")]
fn undo_umask(path: &Path) {
    use std::os::fd::AsRawFd;
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let Ok(directory) = rustix::fs::openat(CWD, path, flags, Mode::empty()) else {
        return;
    };
    let is_own = |stat: Stat| stat.st_uid == rustix::process::geteuid().as_raw();
    if rustix::fs::fstat(&directory).is_ok_and(is_own) {
        // The one way to change the mode of what was opened without the right to read it.
        let opened = format!("/proc/self/fd/{}", directory.as_raw_fd());
        let _ = rustix::fs::chmodat(CWD, opened, PRIVATE_DIRECTORY, AtFlags::empty());
    }
}

/// Elsewhere an odd umask leaves a directory that cannot be used, which is told.
#[cfg(not(target_os = "linux"))]
fn undo_umask(_: &Path) {}

fn on_a_disk(path: &Path) -> Unusable {
    Unusable::Missing(format!("{} is not in memory but on a disk", text::quote_path(path)))
}

/// Whether this user owns it, and nobody else may read or write it.
fn is_private(stat: &Stat) -> bool {
    stat.st_uid == rustix::process::geteuid().as_raw()
        && !Mode::from_raw_mode(stat.st_mode).intersects(Mode::RWXG | Mode::RWXO)
}

fn is_own_file(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile && is_private(stat)
}
