//! What every program does around its verb: flags in, exit code out, and nothing of a crash left behind.

use std::ffi::OsString;
use std::panic;
use std::process::ExitCode;

use clap::Parser;

use crate::report::{ErrorFormat, Report};
use crate::{Class, Code, Failure, Failures, report};

/// What a program that runs another ends with where it fails itself, as env(1) does: low codes are the other's.
const FAILED_BEFORE_COMMAND: u8 = 125;

/// Runs a program: reads its flags, calls `verb`, and turns failures into messages and an exit code.
///
/// `report` tells where in the flags those about messages stand.
pub fn run<C: Parser>(report: fn(&C) -> &Report, verb: impl FnOnce(&C) -> Result<(), Failures>) -> ExitCode {
    run_to_verdict(report, |cli| verb(cli).map(|()| ExitCode::SUCCESS))
}

/// The same for a program whose exit code is its verdict, where nothing of its own has failed.
pub fn run_to_verdict<C: Parser>(
    report: fn(&C) -> &Report,
    verb: impl FnOnce(&C) -> Result<ExitCode, Failures>,
) -> ExitCode {
    run_with(report, |class| class as u8, verb)
}

/// The same for a program that runs another, whose exit codes are those of env(1): 126 and 127 where that one cannot be
/// run or found, 125 for every other failure, mistakes in the flags included.
pub fn run_before_command<C: Parser>(
    report: fn(&C) -> &Report,
    verb: impl FnOnce(&C) -> Result<(), Failures>,
) -> ExitCode {
    let exit_code = |class| match class {
        Class::CommandNotRunnable | Class::CommandNotFound => class as u8,
        _ => FAILED_BEFORE_COMMAND,
    };
    run_with(report, exit_code, |cli| verb(cli).map(|()| ExitCode::SUCCESS))
}

fn run_with<C: Parser>(
    report: fn(&C) -> &Report,
    exit_code: fn(Class) -> u8,
    verb: impl FnOnce(&C) -> Result<ExitCode, Failures>,
) -> ExitCode {
    forbid_core_dumps();
    hide_panics();
    // Unwinding runs the destructors that wipe secrets; nothing of what it leaves is looked at again.
    let code = panic::catch_unwind(panic::AssertUnwindSafe(|| {
        let cli = match C::try_parse() {
            Ok(cli) => cli,
            Err(error) => return usage(&error, exit_code(Class::Usage)),
        };
        let failures = match verb(&cli) {
            Ok(code) => return code,
            Err(Failures(failures)) => failures,
        };
        let codes = failures.iter().map(|failure| {
            let code = exit_code(failure.code.class());
            report(&cli).failure(failure, code);
            code
        });
        // All are told, the first decides.
        let codes: Vec<_> = codes.collect();
        ExitCode::from(codes.first().copied().unwrap_or(exit_code(Class::Unexpected)))
    }));
    code.unwrap_or(ExitCode::from(exit_code(Class::Unexpected)))
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

/// A core dump would hold the private key.
///
/// Not through the core limit (`RLIMIT_CORE`), which a child would inherit.
fn forbid_core_dumps() {
    #[cfg(target_os = "linux")]
    {
        // Where the kernel refuses, the program is no worse than any other.
        let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    }
}

/// A panic is a defect; its text may quote what the program was working on, so only its place is told.
fn hide_panics() {
    panic::set_hook(Box::new(|info| {
        let place = info
            .location()
            .map(|place| format!(" at {}:{}", place.file(), place.line()))
            .unwrap_or_default();
        report::print(&format!(
            "error: internal error{place}\n  fix:   this is a defect, please report this line\n"
        ));
    }));
}

/// clap's own answer: help and version go to standard output, mistakes to standard error with the exit code for them.
fn usage(error: &clap::Error, exit_code: u8) -> ExitCode {
    if error.use_stderr() && asks_for_json(std::env::args_os()) {
        let text = error.to_string();
        // The message itself; what follows the empty line is usage and tips for people.
        let message: Vec<_> = text
            .lines()
            .map(str::trim)
            .take_while(|line| !line.is_empty())
            .collect();
        let summary = message.join(" ").trim_start_matches("error: ").to_owned();
        let report = Report {
            error_format: ErrorFormat::Json,
            ..Report::default()
        };
        report.failure(&Failure::new(Code::Usage, summary).fix("see --help"), exit_code);
    } else {
        // Where the stream is closed there is nobody left to tell.
        let _ = error.print();
    }
    ExitCode::from(if error.use_stderr() { exit_code } else { 0 })
}

/// Whether the command line asks for JSON, as far as can be told of one that clap could not read.
fn asks_for_json(arguments: impl Iterator<Item = OsString>) -> bool {
    let arguments: Vec<_> = arguments.collect();
    arguments.iter().any(|argument| argument == "--error-format=json")
        || arguments.windows(2).any(|pair| pair == ["--error-format", "json"])
}
