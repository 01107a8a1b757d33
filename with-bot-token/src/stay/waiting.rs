//! Work that a signal ends: what comes before the command.

use std::panic;
use std::process::ExitStatus;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use plumbing::{Code, Context, Failure, Stop, program};

use super::Signals;

/// How often signals are looked for: a person should not notice it.
const LOOK: Duration = Duration::from_millis(20);
/// Whoever sends a second signal after so long means to end the wait, too.
const ONE_WISH: Duration = Duration::from_secs(1);

/// How work came to its end.
pub(crate) enum Outcome<T> {
    /// It is done.
    Done(T),
    /// A signal came: as if this process had been ended by it, and what the work had made all the same.
    Interrupted(ExitStatus, Option<T>),
}

/// Does work on another thread until it is done, or a signal ends it. Where the work has begun to make something it is seen
/// through, and a second signal ends that too.
///
/// # Errors
/// [`Code::Internal`] where there is no thread to be had, or the work has panicked.
pub(crate) fn wait_for<T: Send + 'static>(
    signals: &Signals,
    context: &Context,
    work: impl FnOnce(&Context) -> T + Send + 'static,
) -> Result<Outcome<T>, Failure> {
    let mut own = context.clone();
    own.stop = Stop::default();
    let stop = own.stop.clone();
    let (sender, done) = mpsc::sync_channel(1);
    let working = thread::Builder::new().spawn(move || {
        // Where nobody waits any more, this process is about to end.
        let _ = sender.send(work(&own));
    });
    let working = working.map_err(|error| program::no_thread(&error))?;
    let mut first: Option<(Instant, ExitStatus)> = None;
    loop {
        match done.recv_timeout(LOOK) {
            Ok(made) => {
                return Ok(match first {
                    None => Outcome::Done(made),
                    Some((_, status)) => Outcome::Interrupted(status, Some(made)),
                });
            }
            // It has panicked, and told of that; so it is this thread's end too.
            Err(RecvTimeoutError::Disconnected) => match working.join() {
                Err(panic) => panic::resume_unwind(panic),
                Ok(()) => return Err(Failure::new(Code::Internal, "what was made was lost")),
            },
            Err(RecvTimeoutError::Timeout) => {}
        }
        let Some(status) = signals.end() else { continue };
        match first {
            None if !stop.stop() => return Ok(Outcome::Interrupted(status, None)),
            None => {
                let note = "stopped; waiting for GitHub's answer, to revoke the token that it may hold";
                context.report.note(note);
                first = Some((Instant::now(), status));
            }
            // Several at once are one wish.
            Some((since, _)) if since.elapsed() < ONE_WISH => {}
            Some((_, status)) => {
                context
                    .report
                    .note("not waited for: a token may live that nobody knows; it ends by itself within an hour");
                return Ok(Outcome::Interrupted(status, None));
            }
        }
    }
}
