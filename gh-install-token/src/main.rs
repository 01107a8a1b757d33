//! Reads a JWT and writes an installation token, or revokes one; see the library.

use std::process::ExitCode;

use gh_install_token::cli::Cli;
use jiff::Timestamp;
use plumbing::pipe;
use plumbing::{Environment, program};
use servers::http::Client;
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
