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

mod credentials;
mod environment;
mod execute;
mod git;
mod identity;
mod options;

use std::ffi::OsString;
use std::process::Command;

use gh_install_token::GithubApi;
use jiff::Timestamp;
use plumbing::documents::InstallationToken;
use plumbing::{Code, Environment, Failure, Report};

pub use crate::execute::become_command;
pub use crate::options::Options;

/// People search their logs for this line: it stays word for word.
const FALLING_BACK: &str = "INFISICAL_* env vars not set; falling back to operator PAT";

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
) -> Result<Command, Failure> {
    let chain = options.chain()?;
    let mut command = options.command()?;
    let surroundings: Environment = variables.iter().cloned().collect();
    let bot_is_required = options.bot_is_required(&surroundings)?;
    if !credentials::are_set(&surroundings)? {
        if bot_is_required {
            return Err(credentials::required());
        }
        report.announce(FALLING_BACK);
        return Ok(command);
    }
    let token = mint(&surroundings, &chain, clock, report)?;
    let mut set = environment::of_token(&token)?;
    let mut for_git = vec![];
    if options.git_identity {
        match identity::look_up(&surroundings, &token, report) {
            Ok(identity) => set.extend(identity.variables()),
            Err(failure) => report.note(&format!(
                "git takes its own identity, since the bot's could not be looked up: {}{}",
                failure.summary,
                failure.cause.map(|cause| format!(": {cause}")).unwrap_or_default()
            )),
        }
    }
    if options.git {
        let api = GithubApi::at(&token.github_api_url).map_err(|cause| Failure::new(Code::DocumentInvalid, cause))?;
        for_git = git::variables(&surroundings, &api, environment::variable_of(&token)?)?;
    }
    command
        .env_clear()
        .envs(environment::kept(variables, |name| options.keeps(name)))
        .envs(set)
        .envs(for_git);
    Ok(command)
}

fn mint(
    surroundings: &Environment,
    chain: &raxx_mint::Options,
    clock: fn() -> Timestamp,
    report: Report,
) -> Result<InstallationToken, Failure> {
    let minted = raxx_mint::mint(surroundings, chain, clock, report)?;
    minted
        .into_iter()
        .next()
        .ok_or_else(|| Failure::new(Code::Internal, "no bot was asked for"))?
        .outcome
}
