//! How an examination is shown: line by line to a person, or as one document to a program.

use std::time::Duration;

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use plumbing::text::escaped;
use plumbing::{Code, Environment, Failure, Report, pipe, text};
use serde::Serialize;

use crate::{Audience, Check, Mark};

/// How often the spinner turns.
const TURN: Duration = Duration::from_millis(100);

/// For a program: the whole examination as one document.
///
/// # Errors
/// None that can be met: it holds strings, numbers and truth values only.
pub fn json(checks: &[Check]) -> Result<String, Failure> {
    #[derive(Serialize)]
    struct Document<'a> {
        kind: &'static str,
        healthy: bool,
        checks: &'a [Check],
    }
    let document = Document {
        kind: "diagnosis",
        healthy: checks.iter().all(|check| check.mark != Mark::Failed),
        checks,
    };
    serde_json::to_string(&document)
        .map(|line| text::escaped_in_json(&line) + "\n")
        .map_err(|_| Failure::new(Code::Internal, "the examination cannot be written as JSON"))
}

/// For nobody: whoever wants the checks has them afterwards.
pub struct Silent;

impl Audience for Silent {
    fn begin(&mut self, _: &str) {}
    fn tell(&mut self, _: &Check) {}
}

/// For a person: a line a check on standard output, as it ends.
pub struct Lines {
    group: String,
    colours: bool,
    words: bool,
    /// Causes and fixes too.
    explains: bool,
    spinner: Option<ProgressBar>,
    /// Why standard output cannot be written; there is nobody left to tell then.
    outcome: Result<(), Failure>,
}

impl Lines {
    /// Colours where standard output is a terminal that wants them (`NO_COLOR`, `TERM=dumb`), a spinner where there is
    /// one to turn it on, words for marks where the locale has no UTF-8.
    pub fn new(environment: &Environment, report: Report) -> Self {
        let colours = anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never;
        let is_dumb = environment.given("TERM").is_none_or(|term| term == "dumb");
        let target = ProgressDrawTarget::stderr();
        let spins = !is_dumb && !target.is_hidden() && std::io::IsTerminal::is_terminal(&std::io::stdout());
        Self {
            group: String::new(),
            colours,
            words: !is_utf8(environment),
            explains: !report.quiet,
            spinner: spins.then(|| spinner(target)),
            outcome: Ok(()),
        }
    }

    /// Tells what it comes to.
    ///
    /// # Errors
    /// Where standard output could not be written.
    pub fn end(mut self, checks: &[Check]) -> Result<(), Failure> {
        if let Some(spinner) = self.spinner.take() {
            spinner.finish_and_clear();
        }
        let count = |mark| checks.iter().filter(|check| check.mark == mark).count();
        let (failed, warned, skipped) = (count(Mark::Failed), count(Mark::Warning), count(Mark::Skipped));
        let several = if warned == 1 { "warning" } else { "warnings" };
        let counts = [(failed, "failed"), (warned, several), (skipped, "skipped")];
        let counts: Vec<_> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        let text = match counts[..] {
            [] => format!("{} checks, all well", checks.len()),
            _ => format!("{} checks: {}", checks.len(), counts.join(", ")),
        };
        let style = style(if failed > 0 {
            Mark::Failed
        } else if warned > 0 {
            Mark::Warning
        } else {
            Mark::Ok
        });
        let line = format!("\n{}\n", self.painted(style.bold(), &text));
        self.outcome.and_then(|()| pipe::print_while_read(&line))
    }

    fn painted(&self, style: Style, text: &str) -> String {
        if self.colours {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    fn lines(&mut self, check: &Check) -> String {
        let mut text = String::new();
        if check.group != self.group {
            let gap = if self.group.is_empty() { "" } else { "\n" };
            self.group.clone_from(&check.group);
            text = format!("{gap}{}\n", self.painted(Style::new().bold(), &escaped(&check.group)));
        }
        let milliseconds = format!("{:8.1} ms  ", check.took.as_secs_f64() * 1000.0);
        let mark = self.painted(style(check.mark).bold(), mark(check.mark, self.words));
        text.push_str(&self.painted(Style::new().dimmed(), &milliseconds));
        text.extend([mark.as_str(), " ", &check.name, ": ", &escaped(&check.found), "\n"]);
        for (name, value) in [("cause:", &check.cause), ("fix:  ", &check.fix)] {
            if let Some(value) = value.as_ref().filter(|value| self.explains && !value.is_empty()) {
                let name = self.painted(style(check.mark), name);
                text.extend(["               ", name.as_str(), " ", &escaped(value), "\n"]);
            }
        }
        text
    }
}

impl Audience for Lines {
    fn begin(&mut self, what: &str) {
        if let Some(spinner) = &self.spinner {
            spinner.set_message(what.to_owned());
        }
    }

    fn tell(&mut self, check: &Check) {
        let lines = self.lines(check);
        if self.outcome.is_ok() {
            self.outcome = match &self.spinner {
                Some(spinner) => spinner.suspend(|| pipe::print_while_read(&lines)),
                None => pipe::print_while_read(&lines),
            };
        }
    }
}

fn spinner(target: ProgressDrawTarget) -> ProgressBar {
    let spinner = ProgressBar::with_draw_target(None, target).with_style(
        ProgressStyle::with_template("            {spinner} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner()),
    );
    spinner.enable_steady_tick(TURN);
    spinner
}

const fn mark(mark: Mark, words: bool) -> &'static str {
    match (mark, words) {
        (Mark::Ok, false) => "✓",
        (Mark::Warning, false) => "!",
        (Mark::Failed, false) => "✗",
        (Mark::Skipped, false) => "–",
        (Mark::Ok, true) => "ok  ",
        (Mark::Warning, true) => "warn",
        (Mark::Failed, true) => "FAIL",
        (Mark::Skipped, true) => "skip",
    }
}

const fn style(mark: Mark) -> Style {
    match mark {
        Mark::Ok => AnsiColor::Green.on_default(),
        Mark::Warning => AnsiColor::Yellow.on_default(),
        Mark::Failed => AnsiColor::Red.on_default(),
        Mark::Skipped => Style::new().dimmed(),
    }
}

/// The first of these that is set decides (POSIX, "Internationalization Variables").
fn is_utf8(environment: &Environment) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| environment.given(name).filter(|value| !value.is_empty()));
    let locale = locale.map(|locale| locale.to_string_lossy().to_ascii_lowercase());
    locale.is_some_and(|locale| locale.ends_with("utf-8") || locale.ends_with("utf8"))
}
