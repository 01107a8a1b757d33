//! One flight for many passengers: of the processes that want the same at once, one does the work, and the others have
//! what came of it.
//!
//! A file is locked while somebody works. Who succeeds takes the file away; who fails leaves the failure in it. So a
//! process that waited for the lock knows without looking at a clock what became of the one that it waited for: the file
//! is gone, or holds a failure, or neither, because that process was killed; then the next in line does the work.

use std::fs::{File, TryLockError};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use plumbing::Failure;
use serde::{Deserialize, Serialize};

use crate::directory::{Directory, LockFile};
use crate::name::FileName;

/// All of a chain ends after 45 s, so who holds the lock for longer has been stopped.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks, where no thread can be had to wait for the lock.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How a process takes part.
pub enum Flight<'a> {
    /// It does the work, and says with [`Lead::land`] what came of it.
    Lead(Lead<'a>),
    /// Another process has succeeded while this one waited.
    Landed,
    /// Another process has failed: while this one waited, or so long ago as is told.
    Failed(Failure, Option<SignedDuration>),
    /// No other process can be seen: there are no locks to be had here.
    Alone,
    /// Another process has held the lock for a minute, and was perhaps stopped.
    Stuck,
}

/// What a process leaves that has failed.
#[derive(Serialize, Deserialize)]
struct Word {
    at: Timestamp,
    /// For those that come later.
    counts_for: SignedDuration,
    failure: Failure,
}

/// The process that does the work. Dropped before it has landed, it leaves the work to the next.
pub struct Lead<'a> {
    directory: &'a Directory,
    name: FileName,
    lock: LockFile,
    clock: fn() -> Timestamp,
}

impl Lead<'_> {
    /// Tells those that wait what came of it; a failure also those that come later, for as long as `counts_for`. To be
    /// called when the others can have what it came to.
    pub fn land<T>(self, outcome: &Result<T, Failure>, counts_for: SignedDuration) {
        let Err(failure) = outcome else {
            self.directory.remove(&self.name);
            return;
        };
        let word = Word {
            at: (self.clock)(),
            counts_for,
            failure: failure.clone(),
        };
        if let Ok(word) = serde_json::to_vec(&word) {
            // Where it cannot be written, the others try for themselves.
            let _ = self.lock.leave(&word);
        }
    }
}

/// Takes part with the lock of that name.
pub(crate) fn board<'a>(
    directory: &'a Directory,
    name: &FileName,
    lock: LockFile,
    clock: fn() -> Timestamp,
) -> Flight<'a> {
    let give_up = Instant::now() + PATIENCE;
    let mut waited = false;
    loop {
        match lock.0.try_lock() {
            Ok(()) if lock.is_gone() => return Flight::Landed,
            Ok(()) => {
                if let Some(failed) = failure_in(&lock, waited, clock) {
                    return failed;
                }
                // What is in it now is nobody's any more.
                let _ = lock.leave(b"");
                return Flight::Lead(Lead {
                    directory,
                    name: name.clone(),
                    lock,
                    clock,
                });
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(_)) => return Flight::Alone,
        }
        if !wait_for(&lock.0, give_up) {
            return Flight::Stuck;
        }
        waited = true;
        if lock.is_gone() {
            return Flight::Landed;
        }
        if let Some(failed) = failure_in(&lock, waited, clock) {
            return failed;
        }
    }
}

fn failure_in<'a>(lock: &LockFile, waited: bool, clock: fn() -> Timestamp) -> Option<Flight<'a>> {
    let Word {
        at,
        counts_for,
        failure,
    } = serde_json::from_slice(&lock.word()).ok()?;
    if waited {
        return Some(Flight::Failed(failure, None));
    }
    let age = clock().duration_since(at);
    // One from the future was written by a clock that has been set since: how old it is cannot be told.
    (!age.is_negative() && age < counts_for).then_some(Flight::Failed(failure, Some(age)))
}

/// Waits until nobody works; `false` where that takes too long.
///
/// std has no lock with a limit: the thread that waits is left behind, and goes with the process.
fn wait_for(lock: &File, give_up: Instant) -> bool {
    let patience = give_up.saturating_duration_since(Instant::now());
    let (sender, free) = mpsc::channel();
    let Ok(shared) = lock.try_clone().map(Arc::new) else {
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
