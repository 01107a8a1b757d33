//! Runs a command as a bot: mints a token, puts it into the command's environment, and becomes the command.
//!
//! ```text
//! with-bot-token raxx-dev-bot gh api /installation/repositories
//! ```
//!
//! [`prepare`] does all that can fail for want of credentials, [`become_command`] the rest. The command never runs as
//! the operator because something failed: only where none of the credentials are set, which is told, and which
//! `--require-bot` forbids.

#![forbid(unsafe_code)]

pub mod cli;
mod credentials;
mod environment;
mod execute;
mod git;
mod identity;
mod options;
mod stay;

use std::ffi::OsString;
use std::process::Command;

use jiff::Timestamp;
use plumbing::documents::InstallationToken;
use plumbing::{Code, Environment, Failure, Report};
use servers::github::GithubApi;

pub use crate::execute::{become_command, end_as};
use crate::git::Source;
pub use crate::options::Options;
pub use crate::stay::Stay;
use crate::stay::{Folder, Signals};

/// People search their logs for this line: it stays word for word.
const FALLING_BACK: &str = "INFISICAL_* env vars not set; falling back to operator PAT";

/// A command that is ready to be run.
pub struct Prepared {
    /// With the environment in which it is the bot; as it is, where no credentials are set at all.
    pub command: Command,
    /// Whether this process stays beside it; else it becomes the command.
    pub stay: Option<Stay>,
}

/// The command with the environment in which it is the bot; with its environment as it is, and a line that says so,
/// where no credentials are set at all.
///
/// `variables` are the whole environment, in its order; `clock` tells this machine's time.
///
/// # Errors
/// [`Code::Usage`] for a bot that is none, the `config_…` codes where some credentials are missing or all of them are
/// and a bot is required, and those of [`raxx_mint::mint`].
pub fn prepare(
    variables: Vec<(OsString, OsString)>,
    options: &Options,
    clock: fn() -> Timestamp,
    report: Report,
) -> Result<Prepared, Failure> {
    let chain = options.chain()?;
    let mut command = options.command()?;
    let surroundings: Environment = variables.iter().cloned().collect();
    let bot_is_required = options.bot_is_required(&surroundings)?;
    if !credentials::are_set(&surroundings)? {
        if bot_is_required {
            return Err(credentials::required());
        }
        report.announce(FALLING_BACK);
        return Ok(Prepared { command, stay: None });
    }
    // Before there is a token that a signal could leave behind, and a token that has no place.
    let signals = (options.revoke || options.renew).then(Signals::catch).transpose()?;
    let folder = options.renew.then(|| Folder::new(&surroundings)).transpose()?;
    let token = raxx_mint::mint_one(&surroundings, &chain, clock, report)?;
    let set = environment_of(&surroundings, options, &token, folder.as_ref(), report);
    let stay = signals.map(|signals| Stay {
        surroundings,
        chain,
        token,
        folder,
        signals,
        clock,
        report,
    });
    if let (Err(_), Some(stay)) = (&set, &stay) {
        stay.revoke(std::slice::from_ref(&stay.token));
    }
    command
        .env_clear()
        .envs(environment::kept(variables, |name| options.keeps(name)))
        .envs(set?);
    Ok(Prepared { command, stay })
}

/// All that is set for the command.
fn environment_of(
    surroundings: &Environment,
    options: &Options,
    token: &InstallationToken,
    folder: Option<&Folder>,
    report: Report,
) -> Result<Vec<(String, OsString)>, Failure> {
    let of_token = environment::of_token(token)?;
    let mut set: Vec<(String, OsString)> = vec![];
    let mut add = |name: &str, value: OsString| set.push((name.to_owned(), value));
    let source = if let Some(folder) = folder {
        folder.put(token)?;
        add("GH_CONFIG_DIR", folder.path().into());
        Source::File(folder.document())
    } else {
        Source::Variable(environment::variable_of(token)?)
    };
    for (name, value) in of_token {
        // What is in the environment cannot be renewed.
        if folder.is_none() || name == environment::HOST {
            add(name, value.into());
        }
    }
    if options.git_identity {
        match identity::look_up(surroundings, token, report) {
            Ok(identity) => identity
                .variables()
                .into_iter()
                .for_each(|(name, value)| add(name, value.into())),
            Err(failure) => report.note(&format!(
                "git takes its own identity, since the bot's could not be looked up: {}{}",
                failure.summary,
                failure.cause.map(|cause| format!(": {cause}")).unwrap_or_default()
            )),
        }
    }
    if options.git {
        let api = GithubApi::at(&token.github_api_url).map_err(|cause| Failure::new(Code::DocumentInvalid, cause))?;
        for (name, value) in git::variables(surroundings, &api, &source)? {
            add(&name, value.into());
        }
    }
    Ok(set)
}
