//! Mints tokens and prints them; see the library.

use std::process::ExitCode;

use plumbing::{pipe, program};
use raxx_mint::cli::Cli;
use raxx_mint::export;

fn main() -> ExitCode {
    let code = program::run(|cli: &Cli| &cli.report, Cli::run);
    // Whatever failed, a mistake in the flags included: a shell that evaluates nothing goes on as the operator.
    if code != ExitCode::SUCCESS
        && let Some(format) = export::Format::asked_for(std::env::args_os())
    {
        // Where nobody reads it there is nobody left to stop.
        let _ = pipe::print(&export::no_token(format));
    }
    code
}
