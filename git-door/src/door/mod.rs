//! The door itself: what a command's git is led into, and what the stand-ins do there. It is made of links and of processes that
//! become other programs, so that it is on Unix only.

mod arrangement;
mod home;
mod lfs;
mod links;
mod remote;
mod ssh;

use std::env;
use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

use plumbing::{Code, Environment, Failure, program};

pub use arrangement::{Arrangement, PREFIX, Source};

use crate::find::{LFS, is_ours};
use arrangement::{EXEC_PATH, IN_EXEC_PATH, SSH_COMMAND};

/// What git ends with where it cannot go on.
const FATAL: u8 = 128;

/// Stands in for one of git's programs, if this process was called by the name of one: it becomes the real one, or tells why it
/// does not.
pub fn stand_in() -> Option<ExitCode> {
    let mut arguments = env::args_os();
    let called = arguments.next()?;
    let name = Path::new(&called).file_name()?.to_str()?;
    if !IN_EXEC_PATH.contains(&name) && name != LFS {
        return None;
    }
    let arguments: Vec<OsString> = arguments.collect();
    let failure = match become_the_real(name, &called, &arguments) {
        Ok(never) => match never {},
        Err(failure) => failure,
    };
    Some(program::fail_as(&failure, FATAL))
}

fn become_the_real(name: &str, called: &OsStr, arguments: &[OsString]) -> Result<std::convert::Infallible, Failure> {
    let (folder, arrangement) = Arrangement::of_this_process(called).ok_or_else(|| {
        Failure::new(
            Code::Internal,
            format!("{name} was called outside of a command of with-bot-token's"),
        )
        .cause(
            "the folder that it was made for is gone: a day after the command began, or with a --renew that has ended",
        )
        .fix("run the command through with-bot-token again")
    })?;
    let mut command = match name {
        "git" => git(&folder, &arrangement)?,
        LFS => lfs::command(&folder, &arrangement, arguments)?,
        "git-http-fetch" | "git-http-push" => remote::past_the_door(name, &arrangement, arguments)?,
        "git-remote-https" | "git-remote-http" | "git-remote-ftp" | "git-remote-ftps" => {
            return remote::become_it(name, &folder, &arrangement, arguments);
        }
        _ => ssh::command(name, &arrangement, arguments)?,
    };
    command.args(arguments);
    Err(cannot(&command.exec(), &command))
}

/// Whether a command with that environment has the door already.
pub fn is_open(environment: &Environment) -> bool {
    environment
        .given(EXEC_PATH)
        .is_some_and(|core| is_ours(Path::new(core)))
}

/// git itself, with what a command has dropped or replaced put back.
fn git(folder: &Path, arrangement: &Arrangement) -> Result<Command, Failure> {
    let mut git = Command::new(arrangement.git());
    git.arg0("git");
    for (name, value) in arrangement.variables(folder, &|name| env::var_os(name))? {
        // Where PATH has the stand-in already, its order is the command's own affair.
        let is_on_path = name == "PATH" && env::var_os("PATH").is_some_and(|path| has_ours(&path));
        if !is_on_path {
            git.env(name, value);
        }
    }
    Ok(git)
}

fn has_ours(path: &OsStr) -> bool {
    env::split_paths(path).any(|directory| is_ours(&directory))
}

fn cannot(error: &std::io::Error, command: &Command) -> Failure {
    let program = plumbing::text::quote(&command.get_program().to_string_lossy());
    Failure::new(Code::Internal, format!("{program} cannot be run"))
        .cause(error.to_string())
        .fix("it was there when with-bot-token began; run the command through it again")
}

/// Takes what is the operator's out of a process that is to speak to the bot's host.
fn without_the_operators(command: &mut Command, home: Option<&Path>) {
    for name in [
        "NETRC",
        "GIT_SSL_CERT",
        "GIT_SSL_KEY",
        "GIT_SSL_CERT_PASSWORD_PROTECTED",
        "SSH_ASKPASS",
    ] {
        command.env_remove(name);
    }
    // Empty, it switches off every program that asks a person, or answers for one.
    command.env("GIT_ASKPASS", "").env("GIT_TERMINAL_PROMPT", "0");
    command.envs(home.map(|home| ("HOME", home)));
}

/// Keeps the folder of links out of a process that needs it no more.
fn out_of_the_folder(command: &mut Command) {
    let path = env::var_os("PATH").unwrap_or_default();
    let kept = env::split_paths(&path).filter(|directory| !is_ours(directory));
    if let Ok(path) = env::join_paths(kept) {
        command.env("PATH", path);
    }
    command.env_remove(EXEC_PATH).env_remove(SSH_COMMAND);
}
