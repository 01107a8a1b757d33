//! The command line, for the program itself, its man page and its completions.

use clap::{ArgAction, Parser};
use plumbing::Report;

use crate::DoctorFlags;

const EXAMPLES: &str = "\
Examples:
  raxx-doctor                            everything, for every bot
  raxx-doctor raxx-dev-bot               one bot only
  raxx-doctor --json | jq '.checks[] | select(.mark == \"failed\")'

Marks: ✓ as it should be, ! works but should be looked at, ✗ does not work, – not checked.
The exit code is 0 where nothing is marked ✗, else that of the programs for the first one.

To check a token by hand ask for GET /installation/repositories, or GraphQL for
{viewer{login}}: GET /user does not work for an installation.";

/// Walk the chain from the environment to GitHub and say what is wrong and how to fix it
///
/// Checks the configuration, the way to Infisical and GitHub, Cloudflare Access, the login, each bot's secrets, App and
/// installation, and this machine. Changes nothing and shows no secret. For each bot one narrow token is minted and
/// revoked.
#[derive(Parser)]
#[command(version, after_long_help = EXAMPLES)]
pub struct Cli {
    /// What is asked for.
    #[command(flatten)]
    pub flags: DoctorFlags,
    /// Print one document instead of lines
    #[arg(long, action = ArgAction::SetTrue, help_heading = "Output")]
    pub json: bool,
    /// How messages are written.
    #[command(flatten)]
    pub report: Report,
}
