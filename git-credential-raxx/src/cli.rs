//! The command line, for the program itself, its man page and its completions.

use clap::{Args, Parser, Subcommand};
use plumbing::Report;
use servers::github::GithubFlags;

use crate::HelperFlags;
use crate::install::PlaceFlags;

const AFTER: &str = "\
Examples:
  git-credential-raxx install raxx-dev-bot
  git-credential-raxx install raxx-ops-bot --for MooseQuest/infrastructure
  git-credential-raxx uninstall";

const AFTER_INSTALL: &str = "\
What is written stands at the end of the file, so that it comes after the helpers that are there. It says for the host: \
ask this bot and nobody else, look into no netrc, send no header and no cookie, and go over HTTPS instead of ssh. The \
other flags are kept for the helper.

Examples:
  git-credential-raxx install raxx-dev-bot --dry-run
  git-credential-raxx install raxx-dev-bot --local
  git-credential-raxx install raxx-ops-bot --for MooseQuest";

const AFTER_UNINSTALL: &str = "\
Examples:
  git-credential-raxx uninstall
  git-credential-raxx uninstall --local
  git-credential-raxx uninstall --for MooseQuest";

/// git's credential helper for a bot: git over HTTPS acts as it
///
/// git runs it with get, store, erase or capability, and writes what it knows on standard input. It answers for the
/// GitHub that tokens are minted for and over https only; where a mint fails it tells git to ask nobody else.
#[derive(Parser)]
#[command(version, after_long_help = AFTER, subcommand_negates_reqs = true, args_conflicts_with_subcommands = true)]
#[command(disable_help_subcommand = true, subcommand_help_heading = "For people")]
pub struct Cli {
    /// What git wants: get, store, erase or capability
    #[arg(required = true)]
    pub operation: Option<String>,
    /// What is asked for.
    #[command(flatten)]
    pub flags: HelperFlags,
    /// How messages are written.
    #[command(flatten)]
    pub report: Report,
    /// What a person wants.
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// What a person wants.
#[derive(Subcommand)]
pub enum Verb {
    /// Put the helper into git's configuration, show what changes, and refuse where git would still be the operator
    #[command(after_long_help = AFTER_INSTALL)]
    Install(Box<InstallArgs>),
    /// Remove the helper from git's configuration; nothing else changes
    #[command(after_long_help = AFTER_UNINSTALL)]
    Uninstall(UninstallArgs),
}

/// The flags of `install`.
#[derive(Args)]
pub struct InstallArgs {
    /// Which bot.
    #[command(flatten)]
    pub names: infisical_fetch::BareNames,
    /// Where it is put.
    #[command(flatten)]
    pub place: PlaceFlags,
    /// What git is to call it with.
    #[command(flatten)]
    pub flags: HelperFlags,
}

/// The flags of `uninstall`.
#[derive(Args)]
pub struct UninstallArgs {
    /// Where it was put.
    #[command(flatten)]
    pub place: PlaceFlags,
    /// For which host.
    #[command(flatten)]
    pub github: GithubFlags,
}
