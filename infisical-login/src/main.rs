//! Logs in to Infisical and writes the session; see the library.

use std::process::ExitCode;

use infisical_login::cli::Cli;
use jiff::Timestamp;
use plumbing::pipe;
use plumbing::{Environment, program};
use servers::http::Client;
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
