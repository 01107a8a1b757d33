//! Signals that are meant for the command.

use std::sync::{Mutex, PoisonError};
use std::thread::Scope;

use plumbing::{Code, Failure};
use rustix::process::{Pid, Signal};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH};
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::iterator::{Handle, SignalsInfo};
use signal_hook::low_level::siginfo::{Cause, Origin};

/// Those that would end this process, or that a program may want to know of.
const PASSED_ON: [i32; 7] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH];

/// Caught from now on: none of them ends this process before the command, nor before the token is revoked.
pub(crate) struct Signals {
    caught: Mutex<SignalsInfo<WithOrigin>>,
    handle: Handle,
}

/// Ends the passing on.
pub(crate) struct PassingOn(Handle);

impl Signals {
    pub(crate) fn catch() -> Result<Self, Failure> {
        SignalsInfo::new(PASSED_ON)
            .map(|caught| Self {
                handle: caught.handle(),
                caught: Mutex::new(caught),
            })
            .map_err(|error| Failure::new(Code::Internal, "signals cannot be caught").cause(error.to_string()))
    }

    /// Passes on, on a thread, what was sent to this process alone. What a terminal sends, such as Ctrl-C's, goes to the
    /// command by itself, since it is of the same process group.
    pub(crate) fn pass_on_to<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>, process: Pid) -> PassingOn {
        scope.spawn(move || {
            let mut caught = self.caught.lock().unwrap_or_else(PoisonError::into_inner);
            for origin in &mut *caught {
                if let (true, Some(signal)) = (was_sent_to_us(&origin), Signal::from_named_raw(origin.signal)) {
                    // It may have ended this moment.
                    let _ = rustix::process::kill_process(process, signal);
                }
            }
        });
        PassingOn(self.handle.clone())
    }
}

impl PassingOn {
    pub(crate) fn stop(&self) {
        self.0.close();
    }
}

fn was_sent_to_us(origin: &Origin) -> bool {
    origin.cause != Cause::Kernel
}
