//! The command line, for the program itself, its man page and its completions.

use clap::{ArgAction, Parser};
use plumbing::Report;
use plumbing::pipe::Output;

use crate::export::Format;

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
#[command(version, after_long_help = EXAMPLES)]
pub struct Cli {
    /// What is asked for.
    #[command(flatten)]
    pub options: crate::Options,
    /// Print the whole installation-token document instead of the token alone
    #[arg(long, action = ArgAction::SetTrue, conflicts_with = "export", help_heading = "Output")]
    pub json: bool,
    /// Print the variables that gh reads, for `eval`
    #[arg(long, value_enum, value_name = "FORMAT", num_args = 0..=1, require_equals = true, help_heading = "Output")]
    #[arg(default_missing_value = "sh")]
    pub export: Option<Format>,
    /// Show which tokens are kept for reuse, for which bot and scope, and for how long
    #[arg(long, action = ArgAction::SetTrue, group = "folders", help_heading = "Reuse of a live token")]
    #[arg(conflicts_with_all = ["bots", "paths", "all_bots", "export", "forget"])]
    pub list: bool,
    /// Revoke the tokens that are kept and forget them: all, or those of the bots that are named
    #[arg(long, action = ArgAction::SetTrue, group = "folders", help_heading = "Reuse of a live token")]
    #[arg(conflicts_with_all = ["all_bots", "export", "json"])]
    pub forget: bool,
    /// How documents are written.
    #[command(flatten)]
    pub output: Output,
    /// How messages are written.
    #[command(flatten)]
    pub report: Report,
}
