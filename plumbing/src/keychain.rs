//! Credentials from the system's keychain, for which the program `raxx-keychain` is asked.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use secrecy::{ExposeSecret, SecretString};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::documents::Document;
use crate::{Code, Failure, pipe, program};

/// What can be kept, by the names of the variables: the dispatcher's own credentials.
pub const NAMES: [&str; 4] = [
    "INFISICAL_CLIENT_ID",
    "INFISICAL_CLIENT_SECRET",
    "CF_ACCESS_CLIENT_ID",
    "CF_ACCESS_CLIENT_SECRET",
];

/// Those of them that a login needs.
pub(crate) const LOGIN: [&str; 2] = ["INFISICAL_CLIENT_ID", "INFISICAL_CLIENT_SECRET"];
/// The variable of a session that was opened already, which stands for both.
pub(crate) const SESSION: &str = "INFISICAL_TOKEN";

/// The program that speaks to the keychain.
const PROGRAM: &str = "raxx-keychain";

/// What is kept: what `raxx-keychain get` writes.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Kept {
    #[serde(flatten)]
    by_name: BTreeMap<String, SecretString>,
}

impl Kept {
    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// Adds a credential by its name.
    pub fn put(&mut self, name: &str, value: SecretString) {
        self.by_name.insert(name.to_owned(), value);
    }

    /// A credential by its name.
    pub fn get(&self, name: &str) -> Option<&SecretString> {
        self.by_name.get(name)
    }
}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.by_name.len()))?;
        for (name, value) in &self.by_name {
            map.serialize_entry(name, value.expose_secret())?;
        }
        map.end()
    }
}

impl Document for Kept {
    const KIND: &'static str = "kept-credentials";
    const WRITER: &'static str = "raxx-keychain get";
    const READER: &'static str = "the programs that log in";

    fn masked(&self) -> Self {
        let masked = |value: &SecretString| format!("<{} characters>", value.expose_secret().chars().count()).into();
        let by_name = self.by_name.iter().map(|(name, value)| (name.clone(), masked(value)));
        Self {
            by_name: by_name.collect(),
        }
    }
}

/// Hands a credential to the keychain's program, by its standard input.
///
/// # Errors
/// [`Code::Keychain`] where it is not there, or fails.
pub fn keep(name: &str, value: &SecretString) -> Result<(), Failure> {
    let mut child = program(&["set", name])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| failed(format!("{PROGRAM} does not run: {error}")))?;
    if let Some(mut input) = child.stdin.take() {
        // Where it has ended already, what it says is why.
        let _ = input.write_all(value.expose_secret().as_bytes());
    }
    let output = child.wait_with_output().map_err(|error| failed(error.to_string()))?;
    said(&output)
}

/// Asks the keychain's program for all that is kept.
///
/// # Errors
/// [`Code::Keychain`] where it is not there, or fails.
pub fn ask() -> Result<Kept, Failure> {
    let mut command = program(&["get"]);
    let output = command.stdin(Stdio::null()).stdout(Stdio::piped()).output();
    let mut output = output.map_err(|error| failed(format!("{PROGRAM} does not run: {error}")))?;
    let document = Zeroizing::new(std::mem::take(&mut output.stdout));
    said(&output)?;
    pipe::parse(&document).map_err(|_| failed(format!("what {PROGRAM} printed is not its document")))
}

fn program(arguments: &[&str]) -> Command {
    let mut command = program::beside(PROGRAM);
    // It needs none of what it is there to keep, nor a session.
    for name in NAMES.iter().chain([&SESSION]) {
        command.env_remove(name).env_remove(format!("{name}_FILE"));
    }
    command
        .args(arguments)
        .arg("--error-format=json")
        .stderr(Stdio::piped());
    command
}

/// What it failed with, in its own words where it has any.
fn said(output: &Output) -> Result<(), Failure> {
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    let told: Option<Failure> = words.lines().find_map(|line| serde_json::from_str(line).ok());
    Err(told.unwrap_or_else(|| failed(format!("{PROGRAM} ended with {}", output.status))))
}

fn failed(cause: String) -> Failure {
    Failure::new(Code::Keychain, "the system's keychain cannot be used").cause(cause).fix(
        "install raxx-keychain beside the other programs; or take `keychain = true` out of your configuration file and export \
         the variables",
    )
}
