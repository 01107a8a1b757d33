//! Staying beside the command: its token is revoked when it ends, and with `--renew` replaced while it runs.
//!
//! Nothing can be done about a `SIGKILL` of this process: the command then goes on with the last token, which lives out
//! its hour, and the folder is swept away by the next run.

mod folder;
mod renewal;
mod signals;
mod stopwatch;

use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc;
use std::thread;

use plumbing::documents::{InstallationToken, LiveToken};
use plumbing::{Code, Context, Failure};
use raxx_mint::MintFlags;
use rustix::process::{Pid, WaitId, WaitIdOptions};
use servers::http::Client;

use crate::execute;
pub(crate) use folder::Folder;
use renewal::Renewal;
pub(crate) use signals::Signals;

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
        Self {
            context: context.clone(),
            chain,
            live,
            folder,
            signals,
        }
    }

    /// Revokes the token of a command that is not run.
    pub(crate) fn give_up(&self) {
        self.revoke([&self.live.token]);
    }

    /// Runs the command to its end and leaves nothing behind: no live token, no file.
    ///
    /// # Errors
    /// [`Code::CommandNotFound`] and [`Code::CommandNotRunnable`]. What fails about the tokens is a note: how the
    /// command ended counts.
    pub fn run(self, mut command: Command) -> Result<ExitStatus, Failure> {
        let child = command.spawn().map_err(|error| execute::failure(&command, error));
        let (renewed, status) = match child {
            Ok(child) => self.attend(child),
            Err(failure) => (vec![], Err(failure)),
        };
        self.revoke([&self.live.token].into_iter().chain(&renewed));
        status
    }

    /// Passes signals on and renews until the command has ended: the tokens that it had beside the first, and its end.
    fn attend(&self, mut child: Child) -> (Vec<InstallationToken>, Result<ExitStatus, Failure>) {
        let lost =
            |error: std::io::Error| Failure::new(Code::Internal, "the command cannot be waited for").because(error);
        let process = Pid::from_child(&child);
        let renewal = self.folder.as_ref().map(|folder| Renewal {
            context: &self.context,
            chain: &self.chain,
            first: &self.live,
            folder,
        });
        thread::scope(|scope| {
            let passing_on = self.signals.pass_on_to(scope, process);
            // Dropped, it ends the renewal.
            let (running, ended) = mpsc::channel::<()>();
            let renewing = renewal.map(|renewal| scope.spawn(move || renewal.run(&ended)));
            // The process is still there, as a zombie, while signals may be on their way to it.
            let waited = rustix::process::waitid(WaitId::Pid(process), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
            passing_on.stop();
            drop(running);
            let renewed = renewing.and_then(|renewing| renewing.join().ok()).unwrap_or_default();
            let status = waited
                .map_err(|error| lost(error.into()))
                .and_then(|_| child.wait().map_err(lost));
            (renewed, status)
        })
    }

    /// Revokes what was minted, whatever a clock says of it: GitHub knows what has ended. What fails is told.
    fn revoke<'t>(&self, tokens: impl IntoIterator<Item = &'t InstallationToken>) {
        for token in tokens {
            // Each has the whole time of a client: a server that hangs for one must not cost the others theirs.
            let revoked = Client::new(&self.context).and_then(|client| gh_install_token::revoke(&client, token));
            if let Err(failure) = revoked {
                self.context.report.note(&not_revoked(token, &failure));
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
