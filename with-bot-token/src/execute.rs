//! Becoming the command.

use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus};

use plumbing::{Code, Failure, text};

/// Becomes the command: the same process, so that signals, the terminal and whoever waits meet the command itself.
///
/// std gives it the default SIGPIPE and an empty signal mask; the kernel lets it be dumped again (execve(2)). It
/// returns only where that fails.
pub fn become_command(mut command: Command) -> Failure {
    let error = command.exec();
    failure(&command, error)
}

/// Why a command could not be run.
pub(crate) fn failure(command: &Command, error: io::Error) -> Failure {
    let name = text::quote(&command.get_program().to_string_lossy());
    match error.kind() {
        io::ErrorKind::NotFound => Failure::new(Code::CommandNotFound, format!("{name} is not found"))
            .cause("no directory of PATH holds such a program, or it is a script whose interpreter is not there")
            .fix("check its spelling and PATH; what follows the bot's name is the command"),
        _ => Failure::new(Code::CommandNotRunnable, format!("{name} cannot be run"))
            .because(error)
            .fix("it has to be a program, or a script with a `#!` line, that this user may execute"),
    }
}

/// Ends this process as a command ended: with its exit code, or by the signal that ended it, so that whoever waits for
/// this one sees the same.
pub fn end_as(status: ExitStatus) -> ! {
    if let Some(signal) = status.signal() {
        // Returns only where the signal does not end a process.
        let _ = signal_hook::low_level::emulate_default_handler(signal);
    }
    std::process::exit(status.code().unwrap_or(1))
}
