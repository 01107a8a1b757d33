//! Reads a bot's secrets and writes a JWT; see the library.

use std::process::ExitCode;

use clap::Parser;
use jiff::Timestamp;
use plumbing::pipe::{self, Output};
use plumbing::{Report, program};

/// Sign a JWT that speaks for a GitHub App
///
/// Reads a bot-secrets document (from infisical-fetch) on standard input and writes an app-jwt document. The private
/// key may be PKCS#1 or PKCS#8, and is repaired where a form or a shell has mangled its newlines.
#[derive(Parser)]
#[command(
    version,
    after_help = "Example:\n  infisical-login | infisical-fetch --bot raxx-dev-bot | gh-app-jwt | gh-install-token"
)]
struct Cli {
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    report: Report,
}

fn main() -> ExitCode {
    program::run(
        |cli: &Cli| &cli.report,
        |cli| {
            let jwt = gh_app_jwt::sign(&pipe::read()?, Timestamp::now())?;
            Ok(pipe::write(&jwt, cli.output, &cli.report)?)
        },
    )
}
