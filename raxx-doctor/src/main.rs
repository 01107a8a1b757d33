//! Examines the chain and shows what it finds; see the library.

use std::process::ExitCode;

use plumbing::{pipe, program};
use raxx_doctor::Check;
use raxx_doctor::cli::Cli;
use raxx_doctor::show::{self, Lines, Silent};

fn main() -> ExitCode {
    program::know_of_children();
    program::run_to_verdict(
        |cli: &Cli| &cli.report,
        |cli, context| {
            let checks = if cli.json {
                let checks = raxx_doctor::examine(context, &cli.flags, &mut Silent);
                pipe::print(&show::json(&checks)?)?;
                checks
            } else {
                let mut lines = Lines::new(&context.environment, cli.report);
                let checks = raxx_doctor::examine(context, &cli.flags, &mut lines);
                lines.end(&checks)?;
                checks
            };
            Ok(verdict(&checks))
        },
    )
}

/// That of the first failure: the chain stops there.
fn verdict(checks: &[Check]) -> ExitCode {
    let first = checks.iter().find_map(|check| check.class);
    first.map_or(ExitCode::SUCCESS, |class| ExitCode::from(class as u8))
}
