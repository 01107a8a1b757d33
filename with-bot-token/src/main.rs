//! Runs a command as a bot; see the library.

use std::process::ExitCode;

use jiff::Timestamp;
use plumbing::program;
use with_bot_token::Prepared;
use with_bot_token::cli::Cli;
fn main() -> ExitCode {
    program::run_before_command(
        |cli: &Cli| &cli.report,
        |cli| {
            let variables = std::env::vars_os().collect();
            let Prepared { command, stay } =
                with_bot_token::prepare(variables, &cli.options, Timestamp::now, cli.report)?;
            match stay {
                None => Err(with_bot_token::become_command(command).into()),
                Some(stay) => with_bot_token::end_as(stay.run(command)?),
            }
        },
    )
}
