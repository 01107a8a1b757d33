//! Examines the chain and shows what it finds; see the library.

use std::process::ExitCode;

use clap::{ArgAction, Parser};
use plumbing::{Environment, Report, pipe, program};
use raxx_doctor::show::{self, Lines, Silent};
use raxx_doctor::{Check, Options};

const EXAMPLES: &str = "\
Examples:
  raxx-doctor                            everything, for every bot
  raxx-doctor --bot raxx-dev-bot         one bot only
  raxx-doctor --json | jq '.checks[] | select(.mark == \"failed\")'

Marks: ✓ as it should be, ! works but should be looked at, ✗ does not work, – not checked.
The exit code is 0 where nothing is marked ✗, else the one that the programs end with for the first of them.

To check a token by hand ask for GET /installation/repositories, or GraphQL for {viewer{login}}: GET /user does not
work for an installation.";

/// Walk the chain from the environment to GitHub and say what is wrong and how to mend it
///
/// Checks the configuration, the way to Infisical and GitHub, Cloudflare Access, the log-in, each bot's secrets, App and
/// installation, and this machine. Changes nothing and shows no secret. For each bot one narrow token is minted and
/// revoked.
#[derive(Parser)]
#[command(version, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    options: Options,
    /// Print one document instead of lines
    #[arg(long, action = ArgAction::SetTrue, help_heading = "Output")]
    json: bool,
    #[command(flatten)]
    report: Report,
}

fn main() -> ExitCode {
    program::run_to_verdict(
        |cli: &Cli| &cli.report,
        |cli| {
            let environment = Environment::of_process();
            let checks = if cli.json {
                let checks = raxx_doctor::examine(&environment, &cli.options, &mut Silent);
                pipe::print(&show::json(&checks)?)?;
                checks
            } else {
                let mut lines = Lines::new(&environment);
                let checks = raxx_doctor::examine(&environment, &cli.options, &mut lines);
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
