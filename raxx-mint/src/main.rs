//! Mints tokens and prints them; see the library.

use std::process::ExitCode;

use clap::{ArgAction, Parser};
use jiff::Timestamp;
use plumbing::documents::InstallationToken;
use plumbing::pipe::{self, Output};
use plumbing::{Code, Environment, Failure, Failures, Report, program};
use raxx_mint::export::{self, Format};
use raxx_mint::kept::{self, Kept};
use secrecy::ExposeSecret;

const EXAMPLES: &str = "\
Examples:
  raxx-mint --bot raxx-dev-bot                              the token alone
  raxx-mint --bot raxx-dev-bot --repo hello --permission contents=read --json
  raxx-mint --all-bots                                      a JSON line for each bot
  eval \"$(raxx-mint --bot raxx-dev-bot --export)\"           the token for this shell

A shell that traces (`set -x`) prints what eval runs, and what it sources from a file descriptor, so the token too.
There hand it to one command only, or let the shell read it, which no trace shows (bash, zsh):
  with-bot-token raxx-dev-bot gh api /installation/repositories
  IFS= read -r GH_TOKEN < <(raxx-mint --bot raxx-dev-bot) && export GH_TOKEN";

/// Mint a short-lived GitHub token for a bot, from credentials kept in Infisical
///
/// Logs in to Infisical, fetches the bot's secrets, signs a JWT and exchanges it for an installation token, which lasts
/// an hour. Needs INFISICAL_CLIENT_ID, INFISICAL_CLIENT_SECRET and INFISICAL_PROJECT_ID in the environment.
#[derive(Parser)]
#[command(version, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    options: raxx_mint::Options,
    /// Print the whole installation-token document instead of the token alone
    #[arg(long, action = ArgAction::SetTrue, conflicts_with = "export", help_heading = "Output")]
    json: bool,
    /// Print the variables that gh reads, for `eval`
    #[arg(long, value_enum, value_name = "FORMAT", num_args = 0..=1, require_equals = true, help_heading = "Output")]
    #[arg(default_missing_value = "sh")]
    export: Option<Format>,
    /// Show which tokens are kept for reuse, for which bot and scope, and for how long
    #[arg(long, action = ArgAction::SetTrue, group = "folders", help_heading = "Reuse of a live token")]
    #[arg(conflicts_with_all = ["bots", "paths", "all_bots", "export", "forget"])]
    list: bool,
    /// Revoke the tokens that are kept and forget them: all, or those of the bots that are named
    #[arg(long, action = ArgAction::SetTrue, group = "folders", help_heading = "Reuse of a live token")]
    #[arg(conflicts_with_all = ["all_bots", "export", "json"])]
    forget: bool,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    report: Report,
}

impl Cli {
    fn wants_several(&self) -> bool {
        let fetch = &self.options.fetch;
        fetch.all_bots || fetch.bots.len() + fetch.paths.len() > 1
    }

    fn print_kept(&self) -> Result<(), Failure> {
        let now = Timestamp::now();
        for kept in kept::list(&Environment::of_process(), now, self.report)? {
            pipe::print(&if self.json { kept.to_json()? } else { kept.to_text(now) })?;
        }
        Ok(())
    }

    fn forget_kept(&self) -> Result<(), Failures> {
        let fetch = &self.options.fetch;
        let is_named = |kept: &Kept| fetch.bots.contains(&kept.bot) || fetch.paths.contains(&kept.path);
        let is_meant = |kept: &Kept| (fetch.bots.is_empty() && fetch.paths.is_empty()) || is_named(kept);
        let forgotten = kept::forget(&Environment::of_process(), is_meant, Timestamp::now(), self.report)?;
        program::each(forgotten, |one| {
            one.outcome.map_err(|failure| failure.of_bot(Some(one.kept.bot)))
        })
    }

    fn print(&self, token: &InstallationToken) -> Result<(), Failure> {
        match self.export {
            Some(format) => {
                if format == Format::GithubEnv && std::env::var_os("GITHUB_ACTIONS").is_some() {
                    // Standard output is the GITHUB_ENV file; the runner reads commands from standard error too.
                    self.report.command(&export::mask(&token.token));
                }
                pipe::print(&export::render(&export::variables(token)?, format))
            }
            None if self.json || self.wants_several() => pipe::write(token, self.output, &self.report),
            None => pipe::print(&format!("{}\n", token.token.expose_secret())),
        }
    }
}

fn main() -> ExitCode {
    program::run(
        |cli: &Cli| &cli.report,
        |cli| {
            if cli.export.is_some() && cli.wants_several() {
                return Err(Failure::new(Code::Usage, "--export is for one bot")
                    .cause("the variables of several bots would overwrite one another")
                    .fix("name one bot, or leave --export away and read the JSON lines")
                    .into());
            }
            if cli.list {
                return Ok(cli.print_kept()?);
            }
            if cli.forget {
                return cli.forget_kept();
            }
            let minted = raxx_mint::mint(&Environment::of_process(), &cli.options, Timestamp::now, cli.report)?;
            program::each(minted, |minted| {
                let name = cli.wants_several().then_some(minted.bot);
                minted
                    .outcome
                    .and_then(|token| cli.print(&token))
                    .map_err(|failure| failure.of_bot(name))
            })
        },
    )
}
