//! Standard input and standard output: where documents come from and go to.

use std::io::{self, IsTerminal, Read, Write};

use clap::{ArgAction, Args};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::documents::Document;
use crate::report::Report;
use crate::unusable::UNUSABLE;
use crate::{Code, Failure, text};

/// No document is larger, in bytes: the largest holds the names of 500 repositories.
const LARGEST_DOCUMENT: u64 = 1024 * 1024;

/// In bytes.
const LONGEST_KIND: usize = 40;

/// The flag of every program that writes a document.
#[derive(Args, Clone, Copy, Debug, Default)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// Print secrets unmasked even on a terminal
    #[arg(long, action = ArgAction::SetTrue)]
    pub reveal: bool,
}

/// Reads the one document that stands on standard input.
///
/// # Errors
/// One of the `document_…` codes.
pub fn read<D: Document>() -> Result<D, Failure> {
    let stdin = io::stdin().lock();
    if stdin.is_terminal() {
        return Err(
            empty::<D>("standard input is a terminal").cause("this step reads a document from the step before it")
        );
    }
    read_from(stdin)
}

fn read_from<D: Document>(input: impl Read) -> Result<D, Failure> {
    let mut bytes = Zeroizing::new(Vec::new());
    input
        .take(LARGEST_DOCUMENT + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::new(Code::DocumentInvalid, "standard input cannot be read").because(error))?;
    if bytes.len() as u64 > LARGEST_DOCUMENT {
        let largest = LARGEST_DOCUMENT / 1024;
        return Err(Failure::new(
            Code::DocumentTooLarge,
            format!("standard input is larger than {largest} KiB"),
        )
        .cause(format!("no {} document is that large; this is something else", D::KIND))
        .fix(pipe_from::<D>()));
    }
    parse(&bytes)
}

/// Reads a document from its bytes.
///
/// # Errors
/// One of the `document_…` codes.
pub fn parse<D: Document>(bytes: &[u8]) -> Result<D, Failure> {
    // PowerShell and some editors put a byte-order mark in front of UTF-8.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii();
    if bytes.is_empty() {
        return Err(empty::<D>("standard input is empty")
            .cause("the step before this one wrote no document; where it failed, its message stands above"));
    }
    let kind = one_object::<Envelope>(bytes)
        .map_err(|error| unreadable::<D>(&error))?
        .kind;
    match kind {
        Some(kind) if kind != D::KIND => Err(wrong_kind::<D>(&kind)),
        _ => serde_json::from_slice(bytes).map_err(|error| unreadable::<D>(&error)),
    }
}

/// The part of a document that all kinds have.
#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    kind: Option<String>,
}

fn one_object<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    // serde would take an array for a struct, field by field.
    if bytes.first() != Some(&b'{') {
        return Err(serde::de::Error::custom("not an object"));
    }
    serde_json::from_slice(bytes)
}

/// What is wrong with the text, in words that quote nothing of it: serde's own messages would show a secret's value.
fn unreadable<D: Document>(error: &serde_json::Error) -> Failure {
    let (line, column, message) = (error.line(), error.column(), error.to_string());
    let failure = if error.is_eof() {
        Failure::new(Code::DocumentIncomplete, "standard input ends inside a document")
            .cause(format!("it is cut off at line {line}, column {column}"))
    } else if message.starts_with("trailing characters") {
        Failure::new(Code::DocumentSeveral, "standard input holds more than one document")
            .cause("a step reads one document; raxx-mint is the program for several bots")
    } else if error.is_syntax() {
        Failure::new(
            Code::DocumentInvalid,
            format!("standard input is no {} document", D::KIND),
        )
        .cause(format!("it is not JSON at line {line}, column {column}"))
    } else {
        let told = message
            .strip_prefix(UNUSABLE)
            .and_then(|told| told.split(" at line ").next());
        let cause = match message.split('`').nth(1) {
            _ if told.is_some() => format!("{} (line {line}, column {column})", told.unwrap_or_default()),
            Some(field) if message.starts_with("missing field") => format!("the field `{field}` is missing"),
            _ if line == 0 => "it is not a JSON object".to_owned(),
            _ => format!("a field has the wrong type at line {line}, column {column}"),
        };
        Failure::new(
            Code::DocumentInvalid,
            format!("standard input is no {} document", D::KIND),
        )
        .cause(cause)
    };
    failure.fix(pipe_from::<D>())
}

fn empty<D: Document>(what: &str) -> Failure {
    Failure::new(
        Code::DocumentEmpty,
        format!("{what}: expected {} (from {})", D::KIND, D::WRITER),
    )
    .fix(pipe_from::<D>())
}

fn wrong_kind<D: Document>(kind: &str) -> Failure {
    // Whatever is longer is no kind of ours, and may be what stood beside it.
    let got = if kind.len() > LONGEST_KIND {
        "none of ours".to_owned()
    } else {
        text::quote(kind)
    };
    let expected = format!("expected {} (from {}), got {got}", D::KIND, D::WRITER);
    Failure::new(Code::DocumentWrongKind, expected)
        .cause("the steps are piped in another order than the chain's")
        .fix("infisical-login | infisical-fetch --path … | gh-app-jwt | gh-install-token")
}

fn pipe_from<D: Document>() -> String {
    format!("pipe the output of {} into {}", D::WRITER, D::READER)
}

/// Writes a document to standard output: whole into a pipe or a file, masked to a terminal unless asked otherwise.
///
/// # Errors
/// [`Code::OutputFailed`] where it cannot be written.
pub fn write<D: Document>(document: &D, output: Output, report: &Report) -> Result<(), Failure> {
    if io::stdout().is_terminal() && !output.reveal {
        report.note("secrets are masked on a terminal; pipe the document on, or print it whole with --reveal");
        return print(&line(&document.masked())?);
    }
    print(&line(document)?)
}

/// Whether there is a standard output: to be asked before something is made that is shown only once.
///
/// # Errors
/// [`Code::OutputFailed`] where it was closed.
pub fn can_print() -> Result<(), Failure> {
    if is_closed() {
        return Err(Failure::new(Code::OutputFailed, "standard output is closed")
            .cause(
                "it was closed (`>&-`), or leads to /dev/null for reading and writing: what is printed would be lost",
            )
            .fix("redirect it to where it is wanted; `> /dev/null` drops it"));
    }
    Ok(())
}

/// Writes text, whole or not at all as far as the system allows, to standard output.
///
/// # Errors
/// [`Code::OutputFailed`] where it cannot be written.
pub fn print(text: &str) -> Result<(), Failure> {
    // git gives /dev/null to a helper that it asks for nothing, and wants nothing printed.
    if !text.is_empty() {
        can_print()?;
    }
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|error| {
            let is_broken = error.kind() == io::ErrorKind::BrokenPipe;
            let failure = Failure::new(Code::OutputFailed, "standard output cannot be written").because(error);
            if is_broken {
                failure.fix("the program that reads it ended first: look at its message")
            } else {
                failure
            }
        })
}

/// Prints what a person reads for as long as they like: one who has seen enough (`| head`, a pager that is left) is no failure.
///
/// # Errors
/// Those of [`print()`], but for a reader that has gone.
pub fn print_while_read(text: &str) -> Result<(), Failure> {
    print(text).or_else(|failure| {
        let source = failure
            .source
            .as_deref()
            .and_then(|source| source.downcast_ref::<io::Error>());
        if source.is_some_and(|source| source.kind() == io::ErrorKind::BrokenPipe) {
            return Ok(());
        }
        Err(failure)
    })
}

/// Whether this process was started without a standard output. Rust then opens /dev/null in its place, for reading and writing
/// (std's `sanitize_standard_fds`), so that every write would succeed; a shell's `> /dev/null` is for writing only.
#[cfg(target_os = "linux")]
fn is_closed() -> bool {
    use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat, makedev};
    let stdout = io::stdout();
    let is_for_both = fcntl_getfl(&stdout).is_ok_and(|flags| flags & OFlags::RWMODE == OFlags::RDWR);
    is_for_both
        && fstat(&stdout).is_ok_and(|stat| {
            FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice && stat.st_rdev == makedev(1, 3)
        })
}

#[cfg(not(target_os = "linux"))]
fn is_closed() -> bool {
    false
}

/// The document on its line, `kind` first and a newline last.
///
/// # Errors
/// [`Code::Internal`] where it cannot be written as JSON, which no document of this crate does.
pub fn line<D: Document>(document: &D) -> Result<Zeroizing<String>, Failure> {
    #[derive(Serialize)]
    struct Line<'a, D> {
        kind: &'static str,
        #[serde(flatten)]
        document: &'a D,
    }
    serde_json::to_string(&Line {
        kind: D::KIND,
        document,
    })
    .map(Zeroizing::new)
    .map(|json| Zeroizing::new(text::escaped_in_json(&json) + "\n"))
    .map_err(|_| Failure::new(Code::Internal, "a document cannot be written as JSON"))
}
