//! What goes to standard error: failures, notes, and with `--verbose` each step.

use std::ffi::OsString;
use std::io::Write;
use std::time::Duration;

use anstyle::AnsiColor;
use clap::{ArgAction, Args, ValueEnum};
use serde::Serialize;
use serde_json::json;

use crate::text::{escaped, escaped_in_json};
use crate::{Failure, waiting};

/// How standard error is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ErrorFormat {
    /// For people: `error: …`, then `cause:` and `fix:`.
    #[default]
    Text,
    /// For programs: one JSON object on a line.
    Json,
}

/// The flags about standard error, which every program has.
#[derive(Args, Clone, Copy, Debug, Default)]
#[command(next_help_heading = "Messages")]
pub struct Report {
    /// Print the first line of a failure only, and no notes
    #[arg(short, long, global = true, action = ArgAction::SetTrue, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Show each step with its time, host, status and request id (never a secret)
    #[arg(short, long, global = true, action = ArgAction::SetTrue, overrides_with = "verbose")]
    pub verbose: bool,
    /// How failures are written to standard error
    #[arg(long, global = true, value_enum, value_name = "FORMAT", default_value = "text")]
    pub error_format: ErrorFormat,
    /// Whether a command has the terminal now, so that nothing may stand there for a while only.
    #[arg(skip)]
    pub is_beside_a_command: bool,
}

impl Report {
    /// As a command line asks for it that clap could not read, or has not read yet: for people or for programs.
    pub(crate) fn as_asked(arguments: impl Iterator<Item = OsString>) -> Self {
        let arguments: Vec<_> = arguments.collect();
        let asks_for_json = arguments.iter().any(|argument| argument == "--error-format=json")
            || arguments.windows(2).any(|pair| pair == ["--error-format", "json"]);
        Self {
            error_format: if asks_for_json {
                ErrorFormat::Json
            } else {
                ErrorFormat::Text
            },
            ..Self::default()
        }
    }

    /// Tells of a failure, and as JSON the exit code that it leads to.
    pub(crate) fn failure(&self, failure: &Failure, exit_code: u8) {
        match self.error_format {
            ErrorFormat::Text => print(&self.text(failure)),
            ErrorFormat::Json => print_json(&Line {
                kind: "failure",
                exit_code: Some(exit_code),
                content: failure,
            }),
        }
    }

    /// Tells a person of a failure that ends nothing.
    pub fn trouble(&self, failure: &Failure) {
        print(&self.text(failure));
    }

    /// Tells something that a person should know although nothing failed.
    pub fn note(&self, text: &str) {
        match (self.quiet, self.error_format) {
            (true, _) => {}
            (false, ErrorFormat::Text) => print(&format!("note: {}\n", escaped(text))),
            (false, ErrorFormat::Json) => {
                print_json(&Line {
                    kind: "note",
                    exit_code: None,
                    content: json!({ "text": text }),
                });
            }
        }
    }

    /// Tells, whatever the flags, what people search their logs for word for word.
    pub fn announce(&self, text: &str) {
        match self.error_format {
            ErrorFormat::Text => print(&format!("{text}\n")),
            ErrorFormat::Json => print_json(&Line {
                kind: "note",
                exit_code: None,
                content: json!({ "text": text }),
            }),
        }
    }

    /// Hands a line to what runs this program, whatever the flags: a workflow command of GitHub Actions.
    pub fn command(&self, line: &str) {
        print(line);
    }

    /// Tells, with `--verbose`, what a step did and how long it took. The text must hold no secret.
    pub fn step(&self, text: &str, took: Duration) {
        let milliseconds = took.as_secs_f64() * 1000.0;
        match (self.verbose, self.error_format) {
            (false, _) => {}
            (true, ErrorFormat::Text) => print(&format!("{milliseconds:8.1} ms  {}\n", escaped(text))),
            (true, ErrorFormat::Json) => {
                let content = json!({ "text": text, "milliseconds": milliseconds });
                print_json(&Line {
                    kind: "step",
                    exit_code: None,
                    content,
                });
            }
        }
    }

    fn text(&self, failure: &Failure) -> String {
        let bot = failure.bot.as_ref().map(|bot| format!("{bot}: ")).unwrap_or_default();
        let mut text = format!("{} {bot}{failure}\n", painted("error:"));
        if !self.quiet {
            for (name, value) in [("cause:", &failure.cause), ("fix:  ", &failure.fix)] {
                if let Some(value) = value {
                    text.extend(["  ", name, " ", &escaped(value), "\n"]);
                }
            }
            if let Some(id) = &failure.request_id {
                text.extend(["  request id: ", id, "\n"]);
            }
        }
        text
    }
}

/// In the colour of what does not work, at a terminal that wants colours (`NO_COLOR`, `TERM=dumb`).
fn painted(word: &str) -> String {
    let choice = anstream::AutoStream::choice(&std::io::stderr());
    if choice == anstream::ColorChoice::Never {
        return word.to_owned();
    }
    let style = AnsiColor::Red.on_default().bold();
    format!("{style}{word}{style:#}")
}

/// A line of `--error-format json`.
#[derive(Serialize)]
struct Line<T> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<u8>,
    #[serde(flatten)]
    content: T,
}

fn print_json(line: &impl Serialize) {
    // These types hold strings and numbers only, which always serialize.
    let text = serde_json::to_string(line).unwrap_or_default();
    print(&(escaped_in_json(&text) + "\n"));
}

/// One write for the whole text, so that the messages of programs that run side by side do not mix.
pub(crate) fn print(text: &str) {
    // Where standard error is closed there is nobody left to tell.
    waiting::in_its_place(|| drop(std::io::stderr().lock().write_all(text.as_bytes())));
}
