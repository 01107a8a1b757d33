//! Reads a bot's secrets and writes a JWT; see the library.

use std::process::ExitCode;

use gh_app_jwt::JwtId;
use gh_app_jwt::cli::Cli;
use plumbing::{pipe, program};

fn main() -> ExitCode {
    program::run(
        |cli: &Cli| &cli.report,
        |cli, context| {
            let jwt = gh_app_jwt::sign(&pipe::read()?, context.now(), &JwtId::random()?)?;
            Ok(pipe::write(&jwt, cli.output, &cli.report)?)
        },
    )
}
