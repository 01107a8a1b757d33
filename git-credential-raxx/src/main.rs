//! Hands git a bot's token; see the library.

use std::process::ExitCode;

use git_credential_raxx::cli::Cli;
use git_credential_raxx::{Attributes, Operation, QUIT, answer};
use plumbing::{Code, Failure, pipe, program};

fn main() -> ExitCode {
    let code = program::run(
        |cli: &Cli| &cli.report,
        |cli, context| {
            let attributes = Attributes::read(std::io::stdin().lock())
                .map_err(|error| Failure::new(Code::DocumentInvalid, "git's request cannot be read").because(error))?;
            let operation = Operation::from(cli.operation.as_str());
            Ok(pipe::print(&answer(operation, &attributes, &cli.flags, context)?)?)
        },
    );
    // Whatever failed, a mistake in the flags included: git must not go on as the operator.
    if code != ExitCode::SUCCESS {
        // Where git is gone there is nobody left to stop.
        let _ = pipe::print(QUIT);
    }
    code
}
