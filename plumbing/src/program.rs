//! What every program does around its verb: flags in, exit code out, and nothing of a crash left behind.

use std::alloc::System;
use std::panic;
use std::process::{Command, ExitCode};

use clap::Parser;
use rustix::io::Errno;
use zeroizing_alloc::ZeroAlloc;

use crate::report::{ErrorFormat, Report};
use crate::{Class, Code, Context, Failure, Failures, report, secrets, text};

/// What libraries have read a secret into is wiped when they give it back: a process that stays, as with-bot-token --renew does,
/// holds no part of a key.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

/// The name of a thread whose work is not missed where it fails.
pub const OPTIONAL: &str = "optional";

/// Whether this process was started to ignore a signal, as nohup(1) and a shell's jobs in the background are; false where the system
/// does not tell.
pub fn ignores(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| {
        u32::try_from(signal - 1).is_ok_and(|bit| mask.checked_shr(bit).is_some_and(|rest| rest & 1 == 1))
    })
}

/// Another of these programs: the one that stands beside this one, else the first on PATH.
pub fn beside(name: &str) -> Command {
    let beside = std::env::current_exe().ok().map(|own| own.with_file_name(name));
    let beside = beside.map(|path| path.with_extension(std::env::consts::EXE_EXTENSION));
    Command::new(beside.filter(|path| path.is_file()).unwrap_or_else(|| name.into()))
}

/// What a program that runs another ends with where it fails itself, as env(1) does: low codes are the other's.
const FAILED_BEFORE_COMMAND: u8 = 125;

/// Runs a program: reads its flags, calls `verb`, and turns failures into messages and an exit code.
///
/// `report` tells where in the flags those about messages stand.
pub fn run<C: Parser>(report: fn(&C) -> &Report, verb: impl FnOnce(&C, &Context) -> Result<(), Failures>) -> ExitCode {
    run_to_verdict(report, |cli, context| verb(cli, context).map(|()| ExitCode::SUCCESS))
}

/// The same for a program whose exit code is its verdict, where nothing of its own has failed.
pub fn run_to_verdict<C: Parser>(
    report: fn(&C) -> &Report,
    verb: impl FnOnce(&C, &Context) -> Result<ExitCode, Failures>,
) -> ExitCode {
    run_with(report, |class| class as u8, verb)
}

/// The same for a program that runs another, whose exit codes are those of env(1): 126 and 127 where that one cannot be
/// run or found, 125 for every other failure, mistakes in the flags included.
pub fn run_before_command<C: Parser>(
    report: fn(&C) -> &Report,
    verb: impl FnOnce(&C, &Context) -> Result<(), Failures>,
) -> ExitCode {
    let exit_code = |class| match class {
        Class::CommandNotRunnable | Class::CommandNotFound => class as u8,
        _ => FAILED_BEFORE_COMMAND,
    };
    run_with(report, exit_code, |cli, context| {
        verb(cli, context).map(|()| ExitCode::SUCCESS)
    })
}

fn run_with<C: Parser>(
    report: fn(&C) -> &Report,
    exit_code: fn(Class) -> u8,
    verb: impl FnOnce(&C, &Context) -> Result<ExitCode, Failures>,
) -> ExitCode {
    forbid_core_dumps();
    outlive_a_full_file();
    hide_panics(exit_code(Class::Unexpected));
    // Unwinding runs the destructors that wipe secrets; nothing of what it leaves is looked at again.
    let code = panic::catch_unwind(panic::AssertUnwindSafe(|| {
        let cli = match C::try_parse() {
            Ok(cli) => cli,
            Err(error) => return usage(&error, exit_code(Class::Usage)),
        };
        let context = Context::of_process(*report(&cli));
        let failures = match verb(&cli, &context) {
            Ok(code) => return code,
            Err(Failures(failures)) => failures,
        };
        let codes = failures.iter().map(|failure| {
            let code = exit_code(failure.code.class());
            context.report.failure(failure, code);
            code
        });
        // All are told, the first decides.
        let codes: Vec<_> = codes.collect();
        ExitCode::from(codes.first().copied().unwrap_or(exit_code(Class::Unexpected)))
    }));
    code.unwrap_or(ExitCode::from(exit_code(Class::Unexpected)))
}

/// Tells a failure of a program that takes no flags of its own, and ends as it says.
pub fn fail_as(failure: &Failure, exit_code: u8) -> ExitCode {
    Report::default().failure(failure, exit_code);
    ExitCode::from(exit_code)
}

/// Calls `verb` for each of several bots: one's failure does not cost the others theirs.
///
/// # Errors
/// All failures, in the order of the bots.
pub fn each<T>(bots: Vec<T>, verb: impl FnMut(T) -> Result<(), Failure>) -> Result<(), Failures> {
    let failures: Vec<_> = bots.into_iter().map(verb).filter_map(Result::err).collect();
    if failures.is_empty() {
        Ok(())
    } else {
        Err(Failures(failures))
    }
}

/// Where a file may not grow (`ulimit -f`), a write should fail and say so, not end this process. A handler, unlike an ignored
/// signal, is not left to a program that this process becomes.
fn outlive_a_full_file() {
    #[cfg(unix)]
    {
        // Where it cannot be set, the program ends as any other does.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, std::sync::Arc::default());
    }
}

/// Who started this process may not want to know of its children, and have the kernel bury them (`trap '' CHLD`); a program that
/// waits for its own would never learn how they ended.
pub fn know_of_children() {
    #[cfg(unix)]
    {
        let _ = signal_hook::flag::register(signal_hook::consts::SIGCHLD, std::sync::Arc::default());
    }
}

/// The failure for a thread that the system does not give.
pub fn no_thread(error: &std::io::Error) -> Failure {
    Failure::new(Code::Internal, "no thread could be started")
        .cause(format!(
            "{error}: this user or container may have no more processes, or no more memory"
        ))
        .fix("end some, or raise the limit (`ulimit -u`, `pids.max` of the container)")
}

/// A core dump would hold the private key.
///
/// On Linux not through the core limit (`RLIMIT_CORE`), which a child inherits. Elsewhere there is nothing else: only the soft
/// limit is lowered, so that a command which wants cores may raise it again.
fn forbid_core_dumps() {
    #[cfg(target_os = "linux")]
    {
        // Where the kernel refuses, the program is no worse than any other.
        let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    }
    #[cfg(all(unix, not(target_os = "linux")))]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let none = Rlimit {
            current: Some(0),
            ..getrlimit(Resource::Core)
        };
        let _ = setrlimit(Resource::Core, none);
    }
}

/// A panic is a defect; its text may quote what the program was working on, so only its place is told, in the format that
/// was asked for.
fn hide_panics(exit_code: u8) {
    let report = Report::as_asked(std::env::args_os());
    panic::set_hook(Box::new(move |info| {
        // std's own way to start a thread knows no error; ureq looks names up on one.
        let text = info
            .payload()
            .downcast_ref::<String>()
            .map(String::as_str)
            .unwrap_or_default();
        if text.starts_with("failed to spawn thread") {
            if std::thread::current().name() == Some(OPTIONAL) {
                return;
            }
            return report.failure(&no_thread(&Errno::AGAIN.into()), exit_code);
        }
        let place = info
            .location()
            .map(|place| format!(" at {}:{}", place.file(), place.line()))
            .unwrap_or_default();
        let failure = Failure::new(Code::Internal, format!("internal error{place}"))
            .fix("this is a defect, please report this line");
        report.failure(&failure, exit_code);
    }));
}

/// clap's own answer: help and version go to standard output, mistakes to standard error with the exit code for them.
fn usage(error: &clap::Error, exit_code: u8) -> ExitCode {
    if !error.use_stderr() {
        // Where the stream is closed there is nobody left to tell.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let report = Report::as_asked(std::env::args_os());
    let text = error.to_string();
    if report.error_format == ErrorFormat::Json {
        // The message itself; what follows the empty line is usage and tips for people.
        let message: Vec<_> = text
            .lines()
            .map(str::trim)
            .take_while(|line| !line.is_empty())
            .collect();
        let summary = message.join(" ").trim_start_matches("error: ").to_owned();
        let summary = secrets::without_likely_secrets(&summary);
        report.failure(&Failure::new(Code::Usage, summary).fix("see --help"), exit_code);
    } else {
        // It quotes what stood on the command line. That a flag which is not known could be a value helps nobody.
        let lines = text
            .lines()
            .filter(|line| !line.starts_with("  tip: to pass "))
            .map(|line| text::escaped(&secrets::without_likely_secrets(line)) + "\n");
        let lines: String = lines.collect();
        report::print(&lines);
    }
    ExitCode::from(exit_code)
}
