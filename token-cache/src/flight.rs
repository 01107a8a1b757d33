//! One flight for many passengers: of the processes that want the same at once, one does the work, and the others have
//! its outcome.
//!
//! A file is locked while somebody works. Who succeeds says so in the file and takes it away; who fails leaves the failure
//! in it. So a process that waited for the lock knows without looking at a clock what became of the one that it waited for:
//! the file says that it has landed, or holds another failure than before, or neither, because that process was killed;
//! then the next in line does the work.

use std::fs::{File, TryLockError};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use plumbing::{Failure, Report};
use serde::{Deserialize, Serialize};

use crate::directory::Directory;
use crate::lock_file::LockFile;
use crate::name::FileName;

/// Between two looks, where no thread can be had to wait for the lock.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// What a file says whose process has succeeded. A file that is taken away without it was only swept.
const LANDED: &[u8] = b"landed";

/// How a process takes part.
pub enum Flight<'a> {
    /// It does the work, and tells the outcome with [`Lead::land`].
    Lead(Lead<'a>),
    /// Another process has succeeded while this one waited.
    Landed,
    /// Another process has failed: while this one waited, or so long ago as is told.
    Failed(Failure, Option<SignedDuration>),
    /// No other process can be seen: there are no locks to be had here.
    Alone,
    /// Another process has held the lock for longer than the work can take, and was perhaps stopped.
    Stuck,
}

/// Whom a failure is told beside those that waited and go the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Nobody: another way, such as through another proxy, may well succeed.
    SameWay,
    /// All that waited, and for so long all that come later: it does not depend on the way.
    Everyone(SignedDuration),
}

/// What a process leaves that has failed.
#[derive(Serialize, Deserialize)]
struct Word {
    at: Timestamp,
    /// For whom it counts that did not wait, or goes another way.
    counts_for: Option<SignedDuration>,
    /// What else the work depends on, as a hash.
    way: String,
    failure: Failure,
}

/// The process that does the work. Dropped before it has landed, it leaves the work to the next.
pub struct Lead<'a> {
    passenger: Passenger<'a>,
    lock: LockFile,
}

impl Lead<'_> {
    /// Tells the others the outcome. To be called when they can have the result.
    pub fn land<T>(self, outcome: &Result<T, Failure>, reach: Reach) {
        let Err(failure) = outcome else {
            if self.lock.leave(LANDED).is_ok() && !self.lock.is_gone() {
                self.passenger.directory.remove(self.passenger.name);
            }
            return;
        };
        let word = Word {
            at: (self.passenger.clock)(),
            counts_for: match reach {
                Reach::SameWay => None,
                Reach::Everyone(counts_for) => Some(counts_for),
            },
            way: self.passenger.way.to_owned(),
            failure: failure.clone(),
        };
        if let Ok(word) = serde_json::to_vec(&word) {
            // Where it cannot be written, the others try for themselves.
            let _ = self.lock.leave(&word);
        }
    }
}

/// Who takes part, and how.
#[derive(Clone, Copy)]
pub(crate) struct Passenger<'a> {
    pub(crate) directory: &'a Directory,
    pub(crate) name: &'a FileName,
    pub(crate) clock: fn() -> Timestamp,
    /// What else the work depends on, as a hash.
    pub(crate) way: &'a str,
    /// Who holds the lock for longer was perhaps stopped.
    pub(crate) patience: Duration,
    pub(crate) report: Report,
}

impl<'a> Passenger<'a> {
    /// Takes part with the lock of that name.
    pub(crate) fn board(self, mut lock: LockFile) -> Flight<'a> {
        let give_up = Instant::now() + self.patience;
        // What was in the file when this process found it locked.
        let mut before: Option<Vec<u8>> = None;
        loop {
            let is_free = match lock.0.try_lock() {
                Ok(()) => true,
                Err(TryLockError::WouldBlock) => false,
                Err(TryLockError::Error(_)) => return Flight::Alone,
            };
            if !is_free && before.is_none() {
                before = Some(lock.word());
            }
            if !is_free {
                let waiting = self
                    .report
                    .waiting(|| "waiting for another process, which does the same".to_owned());
                let has_ended = wait_for(&lock.0, give_up);
                drop(waiting);
                if !has_ended {
                    return Flight::Stuck;
                }
            }
            let word = lock.word();
            if lock.is_gone() {
                if word == LANDED {
                    return Flight::Landed;
                }
                // It was old and was swept away: whoever comes now locks another.
                let Ok(new) = self.directory.lock_file(self.name) else {
                    return Flight::Alone;
                };
                (lock, before) = (new, None);
                continue;
            }
            let waited = before.as_ref().is_some_and(|before| *before != word);
            if let Some(failed) = self.failure_in(&word, waited) {
                return failed;
            }
            if is_free {
                // What is in it is nobody's any more.
                let _ = lock.leave(b"");
                return Flight::Lead(Lead { passenger: self, lock });
            }
        }
    }

    /// The failure of which a word tells, if it is one for this process.
    fn failure_in(&self, word: &[u8], waited: bool) -> Option<Flight<'a>> {
        let word: Word = serde_json::from_slice(word).ok()?;
        if waited && (word.counts_for.is_some() || word.way == self.way) {
            return Some(Flight::Failed(word.failure, None));
        }
        let age = (self.clock)().duration_since(word.at);
        // One from the future was written by a clock that has been set since: how old it is cannot be told.
        let counts = !age.is_negative() && word.counts_for.is_some_and(|counts_for| age < counts_for);
        counts.then_some(Flight::Failed(word.failure, Some(age)))
    }
}

/// Waits until nobody works; `false` where that takes too long.
///
/// std has no lock with a limit: the thread that waits is left behind, and goes with the process.
fn wait_for(lock: &File, give_up: Instant) -> bool {
    let patience = give_up.saturating_duration_since(Instant::now());
    let (sender, free) = mpsc::channel();
    let Ok(shared) = lock.try_clone() else {
        return look_again_and_again(lock, give_up);
    };
    let waiting = thread::Builder::new().spawn(move || {
        // All who wait look at the outcome at once; the receiver may be gone.
        let _ = sender.send(shared.lock_shared().and_then(|()| shared.unlock()));
    });
    match waiting {
        Ok(_) => matches!(free.recv_timeout(patience), Ok(Ok(()))),
        Err(_) => look_again_and_again(lock, give_up),
    }
}

fn look_again_and_again(lock: &File, give_up: Instant) -> bool {
    while Instant::now() < give_up {
        if lock.try_lock_shared().is_ok() {
            return lock.unlock().is_ok();
        }
        thread::sleep(LOOK_EVERY);
    }
    false
}
