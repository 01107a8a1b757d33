//! Runs a command as a bot; see the library.

use std::process::ExitCode;

use plumbing::program;

#[cfg(unix)]
fn main() -> ExitCode {
    use with_bot_token::Prepared;
    use with_bot_token::cli::Cli;

    // A stand-in asks git, too.
    program::know_of_children();
    // git starts it under the names of its own programs (the crate git-door).
    if let Some(code) = git_door::stand_in() {
        return code;
    }
    program::run_before_command(
        |cli: &Cli| &cli.report,
        |cli, context| {
            let variables = std::env::vars_os().collect();
            match with_bot_token::prepare(variables, &cli.flags, context)? {
                Prepared::Become(command) => Err(with_bot_token::become_command(command).into()),
                Prepared::Beside(command, stay) => with_bot_token::end_as(stay.run(command)?),
                Prepared::Interrupted(status) => with_bot_token::end_as(status),
            }
        },
    )
}

/// Says what there is instead, whatever was asked for.
#[cfg(not(unix))]
fn main() -> ExitCode {
    use plumbing::{Code, Failure};

    let failure = Failure::new(Code::Usage, "with-bot-token cannot run a command on this system")
        .cause("it would have to become the command (execve), and to stand in for git's programs by links to itself")
        .fix(
            "in PowerShell `raxx-mint --bot BOT --export=powershell | Out-String | Invoke-Expression` makes the shell the \
             bot; or run it under WSL",
        );
    program::fail_as(&failure, 2)
}
