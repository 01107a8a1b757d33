//! Staying beside the command: its token is revoked when it ends, and with `--renew` replaced while it runs.
//!
//! Nothing can be done about a `SIGKILL` of this process: the command then goes on with the last token, which lives out
//! its hour, and the folder is swept away by the next run.

mod folder;
mod renewal;
mod signals;
mod stopwatch;
mod waiting;

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use plumbing::documents::{InstallationToken, LiveToken};
use plumbing::{Code, Context, Failure, program};
use raxx_mint::MintFlags;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, WaitOptions};
use servers::http::Client;

use crate::execute;
pub(crate) use folder::Folder;
use renewal::Renewal;
pub(crate) use signals::Signals;
pub(crate) use waiting::{Outcome, wait_for};

/// What this process does while the command runs, and after.
pub struct Stay {
    context: Context,
    chain: MintFlags,
    live: LiveToken,
    /// Where the token is renewed.
    folder: Option<Folder>,
    signals: Signals,
}

impl Stay {
    pub(crate) fn new(
        context: &Context,
        chain: MintFlags,
        live: LiveToken,
        folder: Option<Folder>,
        signals: Signals,
    ) -> Self {
        let mut context = context.clone();
        context.report.is_beside_a_command = true;
        Self {
            context,
            chain,
            live,
            folder,
            signals,
        }
    }

    /// Revokes the token of a command that is not run.
    pub(crate) fn give_up(&self) {
        revoke(&self.context, [&self.live.token]);
    }

    /// Runs the command to its end and leaves nothing behind: no live token, no file.
    ///
    /// # Errors
    /// [`Code::CommandNotFound`] and [`Code::CommandNotRunnable`]. What fails about the tokens is a note: how the
    /// command ended counts.
    pub fn run(self, mut command: Command) -> Result<ExitStatus, Failure> {
        let (renewed, status) = if let Some(status) = self.signals.end() {
            (vec![], Ok(status))
        } else {
            match execute::spawn(&mut command) {
                Ok(child) => self.attend(&child),
                Err(failure) => (vec![], Err(failure)),
            }
        };
        revoke(&self.context, [&self.live.token].into_iter().chain(&renewed));
        status
    }

    /// Passes signals on and renews until the command has ended: the tokens that it had beside the first, and its end.
    fn attend(&self, child: &Child) -> (Vec<InstallationToken>, Result<ExitStatus, Failure>) {
        let command = Running::of(child);
        let renewal = self.folder.as_ref().map(|folder| Renewal {
            context: &self.context,
            chain: &self.chain,
            first: &self.live,
            folder,
        });
        thread::scope(|scope| {
            let passing_on = self.signals.pass_on_to(scope, &command);
            // Dropped, it ends the renewal.
            let (running, ended) = mpsc::channel::<()>();
            let renewing = renewal
                .map(|renewal| thread::Builder::new().spawn_scoped(scope, move || renewal.run(&ended)))
                .transpose();
            let (passing_on, renewing) = match (passing_on, renewing) {
                (Ok(passing_on), Ok(renewing)) => (passing_on, renewing),
                (Ok(passing_on), Err(error)) => {
                    passing_on.stop();
                    return (vec![], Err(command.give_up(&error)));
                }
                (Err(error), _) => return (vec![], Err(command.give_up(&error))),
            };
            let status = command.end();
            passing_on.stop();
            drop(running);
            let renewed = renewing.and_then(|renewing| renewing.join().ok()).unwrap_or_default();
            (renewed, status)
        })
    }
}

/// Revokes what was minted, whatever a clock says of it: GitHub knows what has ended. What fails is told.
pub(crate) fn revoke<'t>(context: &Context, tokens: impl IntoIterator<Item = &'t InstallationToken>) {
    for token in tokens {
        // Each has the whole time of a client: a server that hangs for one must not cost the others theirs.
        let revoked = Client::new(context).and_then(|client| gh_install_token::revoke(&client, token));
        if let Err(failure) = revoked {
            context.report.note(&not_revoked(token, &failure));
        }
    }
}

/// The command's process; none, once it has been waited for: another one may have its number then.
pub(crate) struct Running(Mutex<Option<Pid>>);

impl Running {
    fn of(child: &Child) -> Self {
        Self(Mutex::new(Some(Pid::from_child(child))))
    }

    /// Sends it a signal, if it is there.
    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(process) = *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            // It may have ended this moment.
            let _ = rustix::process::kill_process(process, signal);
        }
    }

    /// Ends it, since it cannot be attended to.
    fn give_up(&self, error: &io::Error) -> Failure {
        self.signal(Signal::KILL);
        // What it ended with is known.
        let _ = self.end();
        program::no_thread(error)
    }

    /// Waits for its end. In a container this process may be the first one, which is given the children of those that have ended:
    /// nobody else would ever wait for them.
    fn end(&self) -> Result<ExitStatus, Failure> {
        let lost = |error: Errno| {
            Failure::new(Code::Internal, "the command cannot be waited for").because(io::Error::from(error))
        };
        loop {
            match rustix::process::waitid(WaitId::All, WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
                Err(Errno::INTR) => continue,
                waited => waited.map_err(lost)?,
            };
            let mut command = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match rustix::process::wait(WaitOptions::NOHANG).map_err(lost)? {
                Some((ended, status)) if Some(ended) == *command => {
                    *command = None;
                    return Ok(ExitStatus::from_raw(status.as_raw()));
                }
                _ => {}
            }
        }
    }
}

fn not_revoked(token: &InstallationToken, failure: &Failure) -> String {
    format!(
        "the token could not be revoked and lives until {}: {}",
        token.expires_at, failure.summary
    )
}
