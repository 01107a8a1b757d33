//! Logs in to Infisical and writes the session; see the library.

use std::process::ExitCode;

use infisical_login::cli::Cli;
use plumbing::{pipe, program};
use servers::http::Client;

fn main() -> ExitCode {
    program::run(
        |cli: &Cli| &cli.report,
        |cli, context| {
            let account = cli.flags.resolve(context)?;
            let session = infisical_login::login(&Client::new(context)?, &account, context)?;
            Ok(pipe::write(&session, cli.output, &cli.report)?)
        },
    )
}
