//! Reads a JWT and writes an installation token, or revokes one; see the library.

use std::process::ExitCode;

use clap::Parser;
use jiff::Timestamp;
use plumbing::http::Client;
use plumbing::pipe::{self, Output};
use plumbing::{Environment, Report, program};

/// Exchange a GitHub App's JWT for an installation token
///
/// Reads an app-jwt document (from gh-app-jwt) on standard input and writes an installation-token document. The token
/// lasts an hour.
#[derive(Parser)]
#[command(
    version,
    after_help = "Examples:\n  … | gh-app-jwt | gh-install-token --repo hello --permission contents=read\n  gh-install-token --revoke < token.json"
)]
struct Cli {
    #[command(flatten)]
    options: gh_install_token::Options,
    /// Read an installation-token document instead, and revoke that token
    #[arg(long, help_heading = "Instead", conflicts_with_all = ["repositories", "repository_ids", "permissions", "github_api_url", "github_api_version"])]
    revoke: bool,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    report: Report,
}

fn main() -> ExitCode {
    program::run(
        |cli: &Cli| &cli.report,
        |cli| {
            let environment = Environment::of_process();
            // Documents are read before the client is made, whose time runs: what stands in front may be waiting.
            if cli.revoke {
                let token = pipe::read()?;
                return Ok(gh_install_token::revoke(
                    &Client::new(&environment, cli.report)?,
                    &token,
                )?);
            }
            let target = cli.options.resolve(&environment)?;
            let jwt = pipe::read()?;
            let client = Client::new(&environment, cli.report)?;
            let token = gh_install_token::exchange(&client, &jwt, &target, Timestamp::now())?;
            pipe::write(&token, cli.output, &cli.report)?;
            Ok(())
        },
    )
}
