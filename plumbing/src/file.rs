//! Files that a person names: of any kind, and so perhaps without an end, or with nobody at the other end.

use std::fs::OpenOptions;
use std::io::{self, Read};
use std::path::Path;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

/// So long a FIFO may have nobody who writes into it.
const FOR_A_WRITER: Duration = Duration::from_secs(5);
/// So long whoever writes may take for it: a password manager asks for a finger first.
const FOR_ALL: Duration = Duration::from_secs(60);

/// Reads a file of any kind to its end: `<(…)` of a shell is a pipe, and gives what it has once.
///
/// # Errors
/// Where it cannot be read, is larger than `limit` bytes, or nothing more comes in time: 5 s for somebody to write into a FIFO, 60 s
/// for all of it.
pub fn read(path: &Path, limit: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut options = OpenOptions::new();
    options.read(true);
    // A FIFO would else be waited for while it is opened, and a terminal become this process's own.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        (rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY)
            .bits()
            .cast_signed(),
    );
    let file = options.open(path)?;
    let mut content = Zeroizing::new(Vec::new());
    let mut chunk = Zeroizing::new([0; 4096]);
    let started = Instant::now();
    loop {
        let read = (&file).read(chunk.as_mut());
        let left = match read {
            // The end of a FIFO that nobody has opened to write yet is none; that of a shell's pipe is.
            Ok(0) if !content.is_empty() || !is_fifo(&file) || is_of_a_process(path) => return Ok(content),
            Ok(0) => FOR_A_WRITER.saturating_sub(started.elapsed()),
            Ok(length) => {
                content.extend_from_slice(chunk.get(..length).unwrap_or_default());
                if content.len() as u64 > limit {
                    let words = format!("it is larger than {} KiB", limit / 1024);
                    return Err(io::Error::new(io::ErrorKind::FileTooLarge, words));
                }
                continue;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => FOR_ALL.saturating_sub(started.elapsed()),
            Err(error) => return Err(error),
        };
        if left.is_zero() || !is_ready(&file, left)? {
            let words = format!("nothing came from it for {} s", started.elapsed().as_secs());
            return Err(io::Error::new(io::ErrorKind::TimedOut, words));
        }
    }
}

/// Under names that exist for a process's own open files only.
fn is_of_a_process(path: &Path) -> bool {
    path.starts_with("/dev/fd") || path.starts_with("/proc") || path.starts_with("/dev/stdin")
}

#[cfg(unix)]
fn is_fifo(file: &std::fs::File) -> bool {
    use std::os::unix::fs::FileTypeExt;
    file.metadata().is_ok_and(|metadata| metadata.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_fifo(_: &std::fs::File) -> bool {
    false
}

/// Waits until there is something to read, or an end.
#[cfg(unix)]
fn is_ready(file: &std::fs::File, patience: Duration) -> io::Result<bool> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let patience = Timespec::try_from(patience).map_err(io::Error::other)?;
    let mut asked = [PollFd::new(file, PollFlags::IN)];
    match poll(&mut asked, Some(&patience)) {
        Err(rustix::io::Errno::INTR) => Ok(true),
        ready => Ok(ready? > 0),
    }
}

#[cfg(not(unix))]
fn is_ready(_: &std::fs::File, _: Duration) -> io::Result<bool> {
    Ok(true)
}

#[cfg(all(test, unix))]
mod tests {
    use super::read;
    use std::fs;
    use std::io::{ErrorKind, Write};
    use std::path::Path;
    use std::process::Command;
    use std::thread;

    #[test]
    fn a_file_a_device_and_nothing() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), "x".repeat(5000)).expect("written");
        assert_eq!(read(file.path(), 5000).expect("read").len(), 5000);
        let kind = |path: &str| read(Path::new(path), 4999).err().map(|error| error.kind());
        assert_eq!(kind(&file.path().to_string_lossy()), Some(ErrorKind::FileTooLarge));
        assert_eq!(kind("/dev/zero"), Some(ErrorKind::FileTooLarge));
        assert_eq!(kind("/dev/null"), None);
        assert_eq!(kind("/nowhere"), Some(ErrorKind::NotFound));
        assert_eq!(kind("/"), Some(ErrorKind::IsADirectory));
    }

    #[test]
    fn a_fifo_that_somebody_writes_into_and_one_that_nobody_does() {
        let directory = tempfile::tempdir().expect("a directory");
        let fifo = directory.path().join("fifo");
        let made = Command::new("mkfifo").arg(&fifo).status().expect("coreutils");
        assert!(made.success());
        let name = fifo.clone();
        let writer = thread::spawn(move || {
            // Opening waits for the reader.
            let mut fifo = fs::OpenOptions::new().write(true).open(name).expect("opened");
            fifo.write_all(b"s3cret").expect("written");
        });
        assert_eq!(read(&fifo, 100).expect("read").as_slice(), b"s3cret");
        writer.join().expect("it ended well");
        let error = read(&fifo, 100).expect_err("nobody writes");
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }
}
