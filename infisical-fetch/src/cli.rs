//! The command line, for the program itself, its man page and its completions.

use clap::Parser;
use plumbing::Report;
use plumbing::pipe::Output;

/// Fetch a bot's secrets from its folder in Infisical
///
/// Reads an infisical-session document (from infisical-login) on standard input and writes a bot-secrets document for
/// each bot: APP_ID, INSTALLATION_ID and PRIVATE_KEY_PEM, as they are named in Infisical.
#[derive(Parser)]
#[command(
    version,
    after_long_help = "Examples:\n  infisical-login | infisical-fetch --path /MooseQuest/raxx-dev-bot | gh-app-jwt | gh-install-token\n  infisical-login | infisical-fetch raxx-dev-bot"
)]
pub struct Cli {
    /// Which bots.
    #[command(flatten)]
    pub names: crate::BareNames,
    /// What is asked for.
    #[command(flatten)]
    pub flags: crate::FetchFlags,
    /// How documents are written.
    #[command(flatten)]
    pub output: Output,
    /// How messages are written.
    #[command(flatten)]
    pub report: Report,
}
