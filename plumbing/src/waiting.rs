//! What a person at a terminal is told who waits for longer than a second.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::report::ErrorFormat;
use crate::{Report, program, text};

/// A wait that is shorter needs no word.
const AFTER: Duration = Duration::from_secs(1);

/// Whether a line stands on the terminal that is to be taken back. One at a time: of several waits a person needs one.
static STANDS: Mutex<bool> = Mutex::new(false);

/// While it lives, something is waited for.
#[must_use]
pub struct Waiting(Option<(Sender<()>, JoinHandle<()>)>);

impl Report {
    /// Tells a person at a terminal what is waited for, after a second and for as long as the answer lives. Nothing is told with
    /// `--quiet`, to a program, where the terminal is a command's, or where it cannot take a line back.
    pub fn waiting(&self, what: impl FnOnce() -> String) -> Waiting {
        let is_told = !self.quiet
            && !self.is_beside_a_command
            && self.error_format == ErrorFormat::Text
            && io::stderr().is_terminal()
            && has_the_terminal()
            && std::env::var_os("TERM").is_some_and(|terminal| !terminal.is_empty() && terminal != "dumb");
        if !is_told {
            return Waiting(None);
        }
        let line = text::escaped(&what());
        let (over, is_over) = mpsc::channel();
        let tell = move || {
            if is_over.recv_timeout(AFTER) != Err(mpsc::RecvTimeoutError::Timeout) || !put(&line) {
                return;
            }
            // Until the sender goes.
            let _ = is_over.recv();
            let mut stands = standing();
            take_back(&mut stands);
        };
        // Where no thread is to be had, nothing is told.
        let telling = thread::Builder::new().name(program::OPTIONAL.to_owned()).spawn(tell);
        Waiting(telling.ok().map(|telling| (over, telling)))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some((over, telling)) = self.0.take() {
            drop(over);
            // So that the line is gone before anything else is written.
            let _ = telling.join();
        }
    }
}

/// Puts a line on the terminal, unless one stands there.
fn put(line: &str) -> bool {
    let mut stands = standing();
    if *stands || !has_the_terminal() {
        return false;
    }
    *stands = true;
    let _ = write!(io::stderr().lock(), "{line} …");
    true
}

/// Takes the line back that stands there, and writes what comes in its place.
pub(crate) fn in_its_place(write: impl FnOnce()) {
    let mut stands = standing();
    take_back(&mut stands);
    // Until this is written no other line is put.
    write();
    drop(stands);
}

fn take_back(stands: &mut bool) {
    if std::mem::take(stands) && has_the_terminal() {
        // To the line's beginning, and erase it (ECMA-48, EL).
        let _ = write!(io::stderr().lock(), "\r\x1b[K");
    }
}

/// Whether this process is one that a person looks at: another's line would be disturbed by a job in the background, which a
/// terminal may also stop for writing (`stty tostop`).
#[cfg(unix)]
fn has_the_terminal() -> bool {
    let foreground = rustix::termios::tcgetpgrp(io::stderr());
    foreground.is_ok_and(|group| group == rustix::process::getpgrp())
}

#[cfg(not(unix))]
fn has_the_terminal() -> bool {
    true
}

fn standing() -> MutexGuard<'static, bool> {
    STANDS.lock().unwrap_or_else(PoisonError::into_inner)
}
