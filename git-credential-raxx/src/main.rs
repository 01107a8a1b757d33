//! Hands git a bot's token; see the library.

use std::process::ExitCode;

use clap::Parser;
use git_credential_raxx::{Attributes, Operation, Options, QUIT, answer};
use jiff::Timestamp;
use plumbing::{Code, Environment, Failure, Report, pipe, program};

const AFTER: &str = "\
Examples:
  git config --global credential.https://github.com.helper ''
  git config --global --add credential.https://github.com.helper 'raxx --bot raxx-dev-bot'

The first line keeps other helpers, which may hold the operator's token, from answering for that host.";

/// git's credential helper for a bot: git over HTTPS acts as it
///
/// git runs it with get, store, erase or capability, and writes what it knows on standard input. It answers for the
/// GitHub that tokens are minted for and over https only; where a mint fails it tells git to ask nobody else.
#[derive(Parser)]
#[command(version, after_help = AFTER)]
struct Cli {
    /// What git wants: get, store, erase or capability
    operation: String,
    #[command(flatten)]
    options: Options,
    #[command(flatten)]
    report: Report,
}

fn main() -> ExitCode {
    let code = program::run(
        |cli: &Cli| &cli.report,
        |cli| {
            let attributes = Attributes::read(std::io::stdin().lock()).map_err(|error| {
                Failure::new(Code::DocumentInvalid, "git's request cannot be read").cause(error.to_string())
            })?;
            let operation = Operation::from(cli.operation.as_str());
            let environment = Environment::of_process();
            let answer = answer(
                operation,
                &attributes,
                &environment,
                &cli.options,
                Timestamp::now,
                cli.report,
            )?;
            Ok(pipe::print(&answer)?)
        },
    );
    // Whatever failed, a mistake in the flags included: git must not go on as the operator.
    if code != ExitCode::SUCCESS {
        // Where git is gone there is nobody left to stop.
        let _ = pipe::print(QUIT);
    }
    code
}
