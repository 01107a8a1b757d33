//! The command line, for the program itself, its man page and its completions.

use clap::Parser;
use plumbing::Report;
use plumbing::pipe::Output;

/// Exchange a GitHub App's JWT for an installation token
///
/// Reads an app-jwt document (from gh-app-jwt) on standard input and writes an installation-token document. The token
/// lasts an hour.
#[derive(Parser)]
#[command(
    version,
    after_long_help = "Examples:\n  … | gh-app-jwt | gh-install-token --repo hello --permission contents=read\n  gh-install-token --revoke < token.json"
)]
pub struct Cli {
    /// What is asked for.
    #[command(flatten)]
    pub flags: crate::ExchangeFlags,
    /// Read an installation-token document instead, and revoke that token
    #[arg(long, help_heading = "Other actions", conflicts_with_all = ["repositories", "repository_ids", "permissions", "unscoped", "github_api_url", "github_api_version"])]
    pub revoke: bool,
    /// How documents are written.
    #[command(flatten)]
    pub output: Output,
    /// How messages are written.
    #[command(flatten)]
    pub report: Report,
}
