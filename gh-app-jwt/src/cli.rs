//! The command line, for the program itself, its man page and its completions.

use clap::Parser;
use plumbing::Report;
use plumbing::pipe::Output;

/// Sign a JWT that speaks for a GitHub App
///
/// Reads a bot-secrets document (from infisical-fetch) on standard input and writes an app-jwt document. The private
/// key may be PKCS#1 or PKCS#8, and is repaired where a form or a shell has mangled its newlines.
#[derive(Parser)]
#[command(
    version,
    after_long_help = "Example:\n  infisical-login | infisical-fetch --bot raxx-dev-bot | gh-app-jwt | gh-install-token"
)]
pub struct Cli {
    /// How documents are written.
    #[command(flatten)]
    pub output: Output,
    /// How messages are written.
    #[command(flatten)]
    pub report: Report,
}
