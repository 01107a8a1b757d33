//! Signals that are meant for the command.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, Scope};

use plumbing::{Code, Failure, program};
use rustix::process::Signal;
use signal_hook::consts::{
    SIGABRT, SIGALRM, SIGHUP, SIGINT, SIGIO, SIGPROF, SIGQUIT, SIGSYS, SIGTERM, SIGTRAP, SIGUSR1, SIGUSR2, SIGVTALRM,
    SIGWINCH, SIGXCPU, SIGXFSZ,
};
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::iterator::{Handle, SignalsInfo};
use signal_hook::low_level::siginfo::{Cause, Origin};

use super::Running;

/// Those that would end this process, or that a program may want to know of: all that have a name, but for those that nobody
/// can catch or that tell of a defect, and those about jobs of a shell.
const PASSED_ON: &[i32] = &[
    SIGABRT,
    SIGALRM,
    SIGHUP,
    SIGINT,
    SIGIO,
    SIGPROF,
    SIGQUIT,
    SIGSYS,
    SIGTERM,
    SIGTRAP,
    SIGUSR1,
    SIGUSR2,
    SIGVTALRM,
    SIGWINCH,
    SIGXCPU,
    SIGXFSZ,
    // By their numbers, which no other system has (signal(7)).
    #[cfg(target_os = "linux")]
    POWER_FAILURE,
    #[cfg(target_os = "linux")]
    STACK_FAULT,
];
#[cfg(target_os = "linux")]
const POWER_FAILURE: i32 = Signal::POWER.as_raw();
#[cfg(target_os = "linux")]
const STACK_FAULT: i32 = Signal::STKFLT.as_raw();

/// Caught from now on: none of them ends this process before the command, nor before the token is revoked.
pub(crate) struct Signals {
    caught: Mutex<SignalsInfo<WithOrigin>>,
    handle: Handle,
}

/// Ends the passing on.
pub(crate) struct PassingOn(Handle);

impl Signals {
    pub(crate) fn catch() -> Result<Self, Failure> {
        // What was ignored when this process began, as nohup(1) does it, stays so, for the command too.
        let caught = PASSED_ON.iter().filter(|signal| !program::ignores(**signal));
        SignalsInfo::new(caught)
            .map(|caught| Self {
                handle: caught.handle(),
                caught: Mutex::new(caught),
            })
            .map_err(|error| Failure::new(Code::Internal, "signals cannot be caught").cause(error.to_string()))
    }

    /// As what ended this process, if one came that would have.
    pub(crate) fn end(&self) -> Option<ExitStatus> {
        let mut caught = self.caught.lock().unwrap_or_else(PoisonError::into_inner);
        let mut signals = caught.pending().filter(|origin| !is_our_own(origin));
        // A window's size ends nobody.
        signals
            .find(|origin| origin.signal != SIGWINCH)
            .map(|origin| ExitStatus::from_raw(origin.signal))
    }

    /// Passes on, on a thread, what was sent to this process alone. What a terminal sends, such as Ctrl-C's, goes to the
    /// command by itself, since it is of the same process group.
    pub(crate) fn pass_on_to<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        command: &'scope Running,
    ) -> io::Result<PassingOn> {
        thread::Builder::new().spawn_scoped(scope, move || {
            let mut caught = self.caught.lock().unwrap_or_else(PoisonError::into_inner);
            // Those that came while the command was being started, a terminal's too: it may have missed them.
            let before = caught.pending().filter(|origin| !is_our_own(origin));
            for signal in before.filter_map(|origin| Signal::from_named_raw(origin.signal)) {
                command.signal(signal);
            }
            for origin in &mut *caught {
                if let (true, Some(signal)) = (was_sent_to_us(&origin), Signal::from_named_raw(origin.signal)) {
                    command.signal(signal);
                }
            }
        })?;
        Ok(PassingOn(self.handle.clone()))
    }
}

impl PassingOn {
    pub(crate) fn stop(&self) {
        self.0.close();
    }
}

fn was_sent_to_us(origin: &Origin) -> bool {
    origin.cause != Cause::Kernel && !is_our_own(origin)
}

/// Whether this process itself caused it: with a write to a file that may not grow, which fails and is told as such.
fn is_our_own(origin: &Origin) -> bool {
    let sender = origin.process.as_ref().map(|sender| sender.pid.cast_unsigned());
    sender == Some(std::process::id())
}
