//! Asking another program.

use std::io;
use std::process::{Command, Stdio};

/// What a program says on standard output, asked without a terminal and without its complaints. Whether it ended well is left to
/// what it said.
///
/// # Errors
/// Where it cannot be run.
pub(crate) fn told_by(command: &mut Command) -> io::Result<Vec<u8>> {
    command.stdin(Stdio::null()).stderr(Stdio::null());
    Ok(command.output()?.stdout)
}

/// The same as text; nothing where the program cannot be run.
pub(crate) fn text_of(command: &mut Command) -> String {
    let told = told_by(command).unwrap_or_default();
    String::from_utf8_lossy(&told).into_owned()
}
