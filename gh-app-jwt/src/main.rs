//! Reads a bot's secrets and writes a JWT; see the library.

use std::process::ExitCode;

use gh_app_jwt::cli::Cli;
use jiff::Timestamp;
use plumbing::pipe;
use plumbing::program;
fn main() -> ExitCode {
    program::run(
        |cli: &Cli| &cli.report,
        |cli| {
            let jwt = gh_app_jwt::sign(&pipe::read()?, Timestamp::now())?;
            Ok(pipe::write(&jwt, cli.output, &cli.report)?)
        },
    )
}
