//! What every program does around its verb: flags in, exit code out, and nothing of a crash left behind.

use std::ffi::OsString;
use std::panic;
use std::process::ExitCode;

use clap::Parser;

use crate::report::{ErrorFormat, Report};
use crate::{Code, Failure, Failures, report};

/// Runs a program: reads its flags, calls `verb`, and turns failures into messages and an exit code.
///
/// `report` tells where in the flags those about messages stand.
pub fn run<C: Parser>(report: fn(&C) -> &Report, verb: impl FnOnce(&C) -> Result<(), Failures>) -> ExitCode {
    forbid_core_dumps();
    hide_panics();
    // Unwinding runs the destructors that wipe secrets; nothing of what it leaves is looked at again.
    let code = panic::catch_unwind(panic::AssertUnwindSafe(|| {
        let cli = match C::try_parse() {
            Ok(cli) => cli,
            Err(error) => return usage(&error),
        };
        let Err(failures) = verb(&cli) else {
            return ExitCode::SUCCESS;
        };
        failures.0.iter().for_each(|failure| report(&cli).failure(failure));
        ExitCode::from(failures.exit_code())
    }));
    code.unwrap_or(ExitCode::from(Code::Internal.class() as u8))
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

/// clap's own answer: help and version go to standard output, mistakes to standard error with exit code 2.
fn usage(error: &clap::Error) -> ExitCode {
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
        report.failure(&Failure::new(Code::Usage, summary).fix("see --help"));
    } else {
        // Where the stream is closed there is nobody left to tell.
        let _ = error.print();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Code::Usage.class() as u8))
}

/// Whether the command line asks for JSON, as far as can be told of one that clap could not read.
fn asks_for_json(arguments: impl Iterator<Item = OsString>) -> bool {
    let arguments: Vec<_> = arguments.collect();
    arguments.iter().any(|argument| argument == "--error-format=json")
        || arguments.windows(2).any(|pair| pair == ["--error-format", "json"])
}
