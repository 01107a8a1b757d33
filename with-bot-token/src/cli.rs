//! The command line, for the program itself, its man page and its completions.

use clap::Parser;
use plumbing::Report;

const AFTER: &str = "\
Flags stand before the bot's name; all that follows it belongs to the command. After --bot NAME the command stands alone.

Examples:
  with-bot-token raxx-dev-bot gh api /installation/repositories
  with-bot-token --repo hello --git-identity raxx-dev-bot git commit -am fix
  with-bot-token --renew --git --git-identity raxx-dev-bot an-agent that runs for hours

Exit codes are those of env(1): the command's own; 125 where a failure kept it from being run,
126 where it cannot be run, 127 where it is not found.";

/// Run a command as a bot, with a short-lived GitHub token in its environment
///
/// Mints a token as raxx-mint does, puts it into the variables that gh and others read, takes the dispatcher's own
/// credentials (INFISICAL_*, CF_ACCESS_*) and the operator's GitHub tokens out, and becomes the command. Where no
/// credentials are set at all, the command runs as the operator, and a line on standard error says so.
#[derive(Parser)]
#[command(version, after_long_help = AFTER)]
pub struct Cli {
    /// What is asked for.
    #[command(flatten)]
    pub flags: crate::WrapperFlags,
    /// How messages are written.
    #[command(flatten)]
    pub report: Report,
}
