//! One mint at a time: who comes while another process mints waits for it, and has its token or its failure.

use std::fs::{File, TryLockError};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use plumbing::documents::InstallationToken;
use plumbing::{Class, Failure};
use serde::{Deserialize, Serialize};

use super::name::Name;
use super::{Purpose, Store};

/// A mint gives up after 45 s, so who holds the lock for longer has been stopped.
const PATIENCE: Duration = Duration::from_secs(60);
/// So long a refused log-in counts for all who come: of many that start together the last arrive after the first has
/// failed already, and Infisical locks an identity out after a few wrong secrets.
const REFUSAL_COUNTS_FOR: SignedDuration = SignedDuration::from_secs(5);

/// What a process that failed leaves for those that wait.
#[derive(Serialize, Deserialize)]
struct Refusal {
    at: Timestamp,
    failure: Failure,
}

impl Store {
    /// A live token, or the one that `mint` makes, in this process or in another that has begun before.
    ///
    /// # Errors
    /// Those of `mint`, perhaps of the other process.
    pub(crate) fn share(
        &self,
        purpose: &Purpose,
        mint: impl FnOnce() -> Result<InstallationToken, Failure>,
    ) -> Result<InstallationToken, Failure> {
        let arrived = (self.clock)();
        let settled = || match self.live(&purpose.name) {
            Some(token) => Some(Ok(token)),
            None => self.refusal(purpose, arrived).map(Err),
        };
        if let Some(outcome) = settled() {
            return outcome;
        }
        let Ok(lock) = self.directory.lock_file(&format!("{}.lock", purpose.name)) else {
            return self.mint_and_leave(purpose, mint);
        };
        let lock = Arc::new(lock);
        let give_up = Instant::now() + PATIENCE;
        loop {
            match lock.try_lock() {
                Err(TryLockError::WouldBlock) => {
                    if !is_free(&lock, give_up.saturating_duration_since(Instant::now())) {
                        self.report.note(
                            "another process has been minting this token for a minute and was perhaps stopped; \
                             minting another",
                        );
                        return mint();
                    }
                }
                // Where locks do not work, each mints for itself.
                Ok(()) | Err(TryLockError::Error(_)) => {
                    return settled().unwrap_or_else(|| self.mint_and_leave(purpose, mint));
                }
            }
            if let Some(outcome) = settled() {
                return outcome;
            }
        }
    }

    fn mint_and_leave(
        &self,
        purpose: &Purpose,
        mint: impl FnOnce() -> Result<InstallationToken, Failure>,
    ) -> Result<InstallationToken, Failure> {
        let outcome = mint();
        match &outcome {
            Ok(token) => self.keep(purpose, token),
            Err(failure) => self.leave(purpose, failure),
        }
        outcome
    }

    fn leave(&self, purpose: &Purpose, failure: &Failure) {
        let refusal = Refusal {
            at: (self.clock)(),
            failure: failure.clone(),
        };
        let Ok(content) = serde_json::to_vec(&refusal) else {
            return;
        };
        let whose = if is_refused_log_in(failure) {
            &purpose.identity
        } else {
            &purpose.name
        };
        // Where it cannot be written, the others try for themselves.
        let _ = self.directory.write(&refusal_file(whose), &content);
    }

    /// The failure of a process that began before, or a refused log-in of a moment ago.
    fn refusal(&self, purpose: &Purpose, arrived: Timestamp) -> Option<Failure> {
        let left = |name: &Name| {
            let content = self.directory.read(&refusal_file(name))?;
            serde_json::from_slice::<Refusal>(&content).ok()
        };
        let own = left(&purpose.name).filter(|refusal| refusal.at >= arrived);
        let log_in = || left(&purpose.identity).filter(|refusal| refusal.at >= arrived - REFUSAL_COUNTS_FOR);
        Some(own.or_else(log_in)?.failure)
    }
}

fn refusal_file(name: &Name) -> String {
    format!("{name}.refusal")
}

fn is_refused_log_in(failure: &Failure) -> bool {
    failure.code.class() == Class::Login && failure.http_status.is_some_and(|status| (400..500).contains(&status))
}

/// Waits until nobody mints; `false` where that takes too long.
///
/// std has no lock with a limit: the thread that waits is left behind, and goes with the process.
fn is_free(lock: &Arc<File>, patience: Duration) -> bool {
    let (sender, free) = mpsc::channel();
    let shared = Arc::clone(lock);
    let waiting = thread::Builder::new().spawn(move || {
        // All who wait look at the outcome at once; the receiver may be gone.
        let _ = sender.send(shared.lock_shared().and_then(|()| shared.unlock()));
    });
    waiting.is_ok() && matches!(free.recv_timeout(patience), Ok(Ok(())))
}
