//! Becoming the command.

use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus};

use plumbing::{Code, Failure, text};
use rustix::io::Errno;

/// Becomes the command: the same process, so that signals, the terminal and whoever waits meet the command itself.
///
/// std gives it the default SIGPIPE and an empty signal mask; the kernel lets it be dumped again (execve(2)). It
/// returns only where that fails.
pub fn become_command(mut command: Command) -> Failure {
    let error = command.exec();
    failure(&command, error)
}

/// Starts the command beside this process. As execvp(3) does it for one that this process becomes, a script without a `#!` line
/// is run by a shell.
pub(crate) fn spawn(command: &mut Command) -> Result<Child, Failure> {
    let child = match command.spawn() {
        Err(error) if Errno::from_io_error(&error) == Some(Errno::NOEXEC) => by_a_shell(command).spawn(),
        child => child,
    };
    child.map_err(|error| failure(command, error))
}

fn by_a_shell(script: &Command) -> Command {
    let mut shell = Command::new("/bin/sh");
    let environment = script.get_envs().filter_map(|(name, value)| Some((name, value?)));
    shell
        .arg(script.get_program())
        .args(script.get_args())
        .env_clear()
        .envs(environment);
    shell
}

/// Why a command could not be run.
pub(crate) fn failure(command: &Command, error: io::Error) -> Failure {
    let name = text::cut(&command.get_program().to_string_lossy());
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
        // The first process of a container cannot end by one. Else it returns only for a signal that not every system has.
        if !rustix::process::getpid().is_init() {
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
        // As a shell tells of it.
        std::process::exit(128 + signal);
    }
    std::process::exit(status.code().unwrap_or(1))
}
