//! Logs in to Infisical and writes the session; see the library.

use std::process::ExitCode;

use clap::Parser;
use jiff::Timestamp;
use plumbing::http::Client;
use plumbing::pipe::{self, Output};
use plumbing::{Environment, Report, program};

/// Log in to Infisical with a machine identity and write the session as JSON
///
/// Reads INFISICAL_CLIENT_ID and INFISICAL_CLIENT_SECRET from the environment, or from the files that
/// INFISICAL_CLIENT_ID_FILE and INFISICAL_CLIENT_SECRET_FILE name. Behind Cloudflare Access, set CF_ACCESS_CLIENT_ID
/// and CF_ACCESS_CLIENT_SECRET too.
#[derive(Parser)]
#[command(
    version,
    after_help = "Example:\n  infisical-login | infisical-fetch --path /MooseQuest/raxx-dev-bot | gh-app-jwt | gh-install-token"
)]
struct Cli {
    #[command(flatten)]
    options: infisical_login::Options,
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
            let account = cli.options.resolve(&environment, &cli.report)?;
            let client = Client::new(&environment, cli.report)?;
            let session = infisical_login::login(&client, &account, Timestamp::now())?;
            Ok(pipe::write(&session, cli.output, &cli.report)?)
        },
    )
}
