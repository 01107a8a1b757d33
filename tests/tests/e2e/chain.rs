//! One chain of calls for every test: a program, its arguments and environment, what it was fed, what it told.

use std::fmt::Write as _;

use assert_cmd::Command;
use serde_json::Value;
use tests::programs;
use tests::sandbox::Sandbox;

/// A program about to be run, with an empty environment but for PATH.
pub(crate) struct Run {
    command: Command,
    line: String,
    /// What differs from run to run, and what stands for it in a snapshot.
    names: Vec<(String, String)>,
}

/// Runs one of the workspace's programs.
pub(crate) fn program(line: &str) -> Run {
    let mut words = line.split_whitespace();
    let name = words.next().expect("a program");
    let mut command = Command::new(programs::path(name));
    command.args(words);
    Run::new(command, line)
}

/// Runs a line of shell, the workspace's programs on its PATH.
pub(crate) fn shell(line: &str) -> Run {
    let mut command = Command::new("bash");
    command.args(["-c", line]);
    Run::new(command, line)
}

impl Run {
    fn new(mut command: Command, line: &str) -> Self {
        programs::build();
        let inherited = std::env::var("PATH").unwrap_or_default();
        command
            .env_clear()
            .env("PATH", format!("{}:{inherited}", programs::directory().display()))
            // What is left there for other processes stays below the build's own folder.
            .env("TMPDIR", env!("CARGO_TARGET_TMPDIR"))
            // No file of whoever runs the tests.
            .env("RAXX_CONFIG", "off");
        Self {
            command,
            line: line.to_owned(),
            names: vec![],
        }
    }

    /// Points it at a sandbox.
    pub(crate) fn against(mut self, sandbox: &Sandbox) -> Self {
        for (name, value) in sandbox.environment() {
            self.command.env(name, value);
        }
        self.named(sandbox.github().base_url(), "http://github.test")
            .named(sandbox.infisical().base_url(), "http://infisical.test")
            .named(sandbox.github().address().to_string(), "github.test")
            .named(sandbox.infisical().address().to_string(), "infisical.test")
            .named(sandbox.infisical().settings().project_id, "[project]")
    }

    /// Calls a value that differs from run to run by a name in snapshots.
    pub(crate) fn named(mut self, value: impl Into<String>, name: &str) -> Self {
        self.names.push((value.into(), name.to_owned()));
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// With a directory behind all others on PATH.
    pub(crate) fn last_on_path(self, directory: &std::path::Path) -> Self {
        let before = std::env::var("PATH").unwrap_or_default();
        let path = format!("{}:{before}:{}", programs::directory().display(), directory.display());
        self.env("PATH", path)
    }

    /// Starts it in that directory.
    pub(crate) fn inside(mut self, directory: &std::path::Path) -> Self {
        self.command.current_dir(directory);
        self.named(directory.to_string_lossy(), "[here]")
    }

    /// Adds one argument as it is, spaces and all.
    pub(crate) fn arg(mut self, argument: &str) -> Self {
        let _ = write!(self.line, " {argument}");
        self.command.arg(argument);
        self
    }

    pub(crate) fn stdin(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.command.write_stdin(input);
        self
    }

    pub(crate) fn run(mut self) -> Told {
        let output = self.command.output().expect("the program can be started");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Told {
            line: self.line,
            names: self.names,
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

/// What a program told.
pub(crate) struct Told {
    line: String,
    names: Vec<(String, String)>,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Told {
    /// It ended well; its standard output.
    pub(crate) fn success(self) -> String {
        assert_eq!(self.code, Some(0), "{self}");
        self.stdout
    }

    /// It ended with that exit code, and standard output stayed empty.
    pub(crate) fn failure(self, code: i32) -> Self {
        assert_eq!((self.code, self.stdout.as_str()), (Some(code), ""), "{self}");
        self
    }

    /// Its standard output as one document.
    pub(crate) fn document(self) -> Value {
        let stdout = self.success();
        assert!(
            stdout.ends_with("}\n") && stdout.lines().count() == 1,
            "one line: {stdout}"
        );
        serde_json::from_str(&stdout).expect("JSON")
    }

    fn unnamed(&self, text: &str) -> String {
        let named = self
            .names
            .iter()
            .fold(text.to_owned(), |text, (value, name)| text.replace(value, name));
        named.lines().map(|line| steady(line) + "\n").collect()
    }
}

/// A line without what the clock and chance put into it.
fn steady(line: &str) -> String {
    let line = match line.split_once(" ms  ") {
        Some((time, rest)) if time.trim().parse::<f64>().is_ok() => format!("[time] {rest}"),
        _ => line.to_owned(),
    };
    match (line.split_once("request id: "), line.split_once("(request id ")) {
        (Some((before, _)), _) => format!("{before}request id: [id]"),
        (None, Some((before, _))) => format!("{before}(request id [id])"),
        (None, None) => line,
    }
}

/// For snapshots: the command line and all that it told.
impl std::fmt::Display for Told {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let code = self.code.map_or("a signal".to_owned(), |code| code.to_string());
        write!(
            formatter,
            "$ {}\nexit code: {code}\n",
            self.unnamed(&self.line).trim_end()
        )?;
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                write!(formatter, "--- {name}\n{}", self.unnamed(text))?;
            }
        }
        Ok(())
    }
}
