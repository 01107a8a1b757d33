//! Reads a session and writes the bot's secrets; see the library.

use std::process::ExitCode;

use infisical_fetch::cli::Cli;
use plumbing::pipe;
use plumbing::{Environment, program};
use servers::http::Client;
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
