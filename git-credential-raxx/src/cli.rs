//! The command line, for the program itself, its man page and its completions.

use clap::Parser;
use plumbing::Report;

use crate::HelperFlags;

const AFTER: &str = "\
Examples:
  git config --global credential.https://github.com.helper ''
  git config --global --add credential.https://github.com.helper 'raxx --bot raxx-dev-bot'

The first line keeps other helpers, which may hold the operator's token, from answering for that host.";

/// git's credential helper for a bot: git over HTTPS acts as it
///
/// git runs it with get, store, erase or capability, and writes what it knows on standard input. It answers for the
/// GitHub that tokens are minted for and over https only; where a mint fails it tells git to ask nobody else.
#[derive(Parser)]
#[command(version, after_long_help = AFTER)]
pub struct Cli {
    /// What git wants: get, store, erase or capability
    pub operation: String,
    /// What is asked for.
    #[command(flatten)]
    pub flags: HelperFlags,
    /// How messages are written.
    #[command(flatten)]
    pub report: Report,
}
