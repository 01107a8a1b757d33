//! Reads a session and writes the bot's secrets; see the library.

use std::process::ExitCode;

use infisical_fetch::cli::Cli;
use plumbing::{pipe, program};
use servers::http::Client;

fn main() -> ExitCode {
    program::run(
        |cli: &Cli| &cli.report,
        |cli, context| {
            let mut flags = cli.flags.clone();
            cli.names.put_into(&mut flags);
            let folders = flags.resolve(&context.environment)?;
            let session = pipe::read()?;
            let bots = infisical_fetch::fetch(&Client::new(context)?, &session, &folders)?;
            program::each(bots, |bot| {
                let name = (!folders.selection.is_one()).then(|| bot.bot());
                let secrets = bot.outcome.map_err(|failure| failure.of_bot(name))?;
                pipe::write(&secrets, cli.output, &cli.report)
            })
        },
    )
}
