//! Mints tokens and prints them; see the library.

use std::process::ExitCode;

use plumbing::program;
use raxx_mint::cli::Cli;

fn main() -> ExitCode {
    program::run(|cli: &Cli| &cli.report, Cli::run)
}
