//! Staying beside the command: its token is revoked when it ends, and with `--renew` replaced while it runs.
//!
//! Nothing can be done about a `SIGKILL` of this process: the command then goes on with the last token, which lives out
//! its hour, and the folder is swept away by the next run.

mod folder;
mod renewal;
mod signals;

use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc;
use std::thread;

use jiff::Timestamp;
use plumbing::documents::InstallationToken;
use plumbing::{Code, Environment, Failure, Report};
use rustix::process::{Pid, WaitId, WaitIdOptions};
use servers::http::Client;

use crate::execute;
pub(crate) use folder::Folder;
use renewal::Renewal;
pub(crate) use signals::Signals;

/// What this process does while the command runs, and after.
pub struct Stay {
    pub(crate) surroundings: Environment,
    pub(crate) chain: raxx_mint::Options,
    pub(crate) token: InstallationToken,
    /// Where the token is renewed.
    pub(crate) folder: Option<Folder>,
    pub(crate) signals: Signals,
    pub(crate) clock: fn() -> Timestamp,
    pub(crate) report: Report,
}

impl Stay {
    /// Runs the command to its end and leaves nothing behind: no live token, no file.
    ///
    /// # Errors
    /// [`Code::CommandNotFound`] and [`Code::CommandNotRunnable`]. What fails about the tokens is a note: how the
    /// command ended counts.
    pub fn run(self, mut command: Command) -> Result<ExitStatus, Failure> {
        let outcome = command
            .spawn()
            .map_err(|error| execute::failure(&command, &error))
            .and_then(|child| self.attend(child));
        let (tokens, status) = match outcome {
            Ok((tokens, status)) => (tokens, Ok(status)),
            Err(failure) => (vec![self.token.clone()], Err(failure)),
        };
        self.revoke(&tokens);
        status
    }

    /// Passes signals on and renews until the command has ended; all tokens that it had.
    fn attend(&self, mut child: Child) -> Result<(Vec<InstallationToken>, ExitStatus), Failure> {
        let lost = |error: std::io::Error| {
            Failure::new(Code::Internal, "the command cannot be waited for").cause(error.to_string())
        };
        let process = Pid::from_child(&child);
        let renewal = self.folder.as_ref().map(|folder| Renewal { stay: self, folder });
        thread::scope(|scope| {
            let passing_on = self.signals.pass_on_to(scope, process);
            // Dropped, it ends the renewal.
            let (running, ended) = mpsc::channel::<()>();
            let renewing = renewal.map(|renewal| scope.spawn(move || renewal.run(&ended)));
            // The process is still there, as a zombie, while signals may be on their way to it.
            let waited = rustix::process::waitid(WaitId::Pid(process), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
            passing_on.stop();
            drop(running);
            let mut tokens = vec![self.token.clone()];
            if let Some(renewed) = renewing.and_then(|renewing| renewing.join().ok()) {
                tokens.extend(renewed);
            }
            waited.map_err(|error| lost(error.into()))?;
            Ok((tokens, child.wait().map_err(lost)?))
        })
    }

    /// Revokes those that are live; what fails is told.
    pub(crate) fn revoke(&self, tokens: &[InstallationToken]) {
        let now = (self.clock)();
        for token in tokens.iter().filter(|token| token.expires_at > now) {
            let outcome = Client::new(&self.surroundings, self.report)
                .and_then(|client| gh_install_token::revoke(&client, token));
            if let Err(failure) = outcome {
                self.report.note(&format!(
                    "the token could not be revoked and lives until {}: {}",
                    token.expires_at, failure.summary
                ));
            }
        }
    }
}
