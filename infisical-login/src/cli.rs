//! The command line, for the program itself, its man page and its completions.

use clap::Parser;
use plumbing::Report;
use plumbing::pipe::Output;

/// Log in to Infisical with a machine identity and write the session as JSON
///
/// Reads INFISICAL_CLIENT_ID and INFISICAL_CLIENT_SECRET from the environment, the system's keychain, or the files that
/// INFISICAL_CLIENT_ID_FILE and INFISICAL_CLIENT_SECRET_FILE name. Behind Cloudflare Access, set CF_ACCESS_CLIENT_ID
/// and CF_ACCESS_CLIENT_SECRET too.
#[derive(Parser)]
#[command(
    version,
    after_long_help = "Example:\n  infisical-login | infisical-fetch --path /MooseQuest/raxx-dev-bot | gh-app-jwt | gh-install-token"
)]
pub struct Cli {
    /// What is asked for.
    #[command(flatten)]
    pub flags: crate::LoginFlags,
    /// How documents are written.
    #[command(flatten)]
    pub output: Output,
    /// How messages are written.
    #[command(flatten)]
    pub report: Report,
}
