//! Keeps credentials in the system's keychain; see the library.

use std::process::ExitCode;

use plumbing::program;
use raxx_keychain::cli::Cli;

fn main() -> ExitCode {
    program::run(|cli: &Cli| &cli.report, |cli, context| Ok(cli.run(context)?))
}
