//! Makes a bot in one sitting; see the library.

use std::process::ExitCode;

use plumbing::program;
use raxx_provision::cli::Cli;

fn main() -> ExitCode {
    // The operator's own session is asked of another program.
    program::know_of_children();
    program::run(|cli: &Cli| &cli.report, |cli, context| Ok(cli.run(context)?))
}
