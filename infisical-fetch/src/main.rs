//! Reads a session and writes the bot's secrets; see the library.

use std::process::ExitCode;

use clap::Parser;
use plumbing::http::Client;
use plumbing::pipe::{self, Output};
use plumbing::{Environment, Report, program};

/// Fetch a bot's secrets from its folder in Infisical
///
/// Reads an infisical-session document (from infisical-login) on standard input and writes a bot-secrets document for
/// each bot: APP_ID, INSTALLATION_ID and PRIVATE_KEY_PEM, as they are named in Infisical.
#[derive(Parser)]
#[command(
    version,
    after_help = "Example:\n  infisical-login | infisical-fetch --path /MooseQuest/raxx-dev-bot | gh-app-jwt | gh-install-token"
)]
struct Cli {
    #[command(flatten)]
    options: infisical_fetch::Options,
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
            let folders = cli.options.resolve(&environment)?;
            // Before the client, whose time runs: what stands in front may be waiting for a person.
            let session = pipe::read()?;
            let client = Client::new(&environment, cli.report)?;
            let bots = infisical_fetch::fetch(&client, &session, &folders)?;
            program::each(bots, |bot| {
                let name = (!folders.is_single()).then(|| bot.bot().to_owned());
                let secrets = bot.outcome.map_err(|failure| failure.of_bot(name))?;
                pipe::write(&secrets, cli.output, &cli.report)
            })
        },
    )
}
