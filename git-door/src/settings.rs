//! git's settings, as git itself says them.

#[cfg(unix)]
use std::ffi::OsString;
use std::io;
use std::process::{Command, Stdio};

use plumbing::shell::quoted;
use plumbing::{Code, Failure, text};

use crate::ask::text_of;

/// One setting, and where it stands.
#[derive(Clone, Debug)]
pub struct Setting {
    /// `system`, `global`, `local`, `worktree` or `command`.
    pub scope: String,
    /// Such as `file:.git/config`.
    pub origin: String,
    /// Section and name in lower case, what is between them as it was written.
    pub key: String,
    /// May be a secret.
    pub value: String,
}

impl Setting {
    /// The part between section and name, and the name.
    pub(crate) fn parts(&self, section: &str) -> Option<(&str, &str)> {
        let rest = self.key.strip_prefix(section)?.strip_prefix('.')?;
        Some(rest.rsplit_once('.').unwrap_or(("", rest)))
    }

    /// A helper for a message: the program's name and where it stands, without its arguments, which may hold a secret.
    pub fn shown(&self) -> String {
        let name = self.value.split_whitespace().next().unwrap_or_default();
        // A variable that is set for it may be one.
        let name = name
            .split_once('=')
            .map_or_else(|| name.to_owned(), |(name, _)| format!("{name}=…"));
        format!("{} ({})", text::quote(&name), text::quote(&self.origin))
    }

    /// For a message: without the value, which may be a secret, nor one that stands in the key.
    pub(crate) fn named(&self) -> String {
        let key = self.key_without_secrets().unwrap_or_else(|| self.key.clone());
        format!("{} ({})", text::quote(&key), text::quote(&self.origin))
    }

    /// The key with its URL's user taken out, where there is one.
    fn key_without_secrets(&self) -> Option<String> {
        let start = self.key.find("://")? + 3;
        let end = self
            .key
            .get(start..)?
            .find('/')
            .map_or(self.key.len(), |end| start + end);
        let at = self.key.get(start..end)?.rfind('@')? + start;
        Some(format!("{}…{}", self.key.get(..start)?, self.key.get(at..)?))
    }

    /// What takes it away.
    pub fn fix(&self) -> String {
        match (self.origin.strip_prefix("file:"), self.key_without_secrets()) {
            (Some(file), None) => format!("git config --file {} --unset-all {}", quoted(file), quoted(&self.key)),
            (Some(file), Some(_)) => format!("take it out of {}", text::quote(file)),
            (None, _) => "leave it out of the command line (`-c`), or unset GIT_CONFIG_COUNT".to_owned(),
        }
    }
}

/// All settings that hold here.
///
/// # Errors
/// [`Code::CommandNotFound`] without git; [`Code::ConfigInvalid`] where git cannot read them, with what it says.
pub fn read(git: &mut Command) -> Result<Vec<Setting>, Failure> {
    let asked = listing(git, &[]).stdin(Stdio::null()).output();
    let asked = asked.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Failure::new(Code::CommandNotFound, "git is not found")
            .cause("no directory of PATH holds it")
            .fix("install git, or add its folder to PATH"),
        _ => Failure::new(Code::CommandNotRunnable, "git cannot be run").cause(error.to_string()),
    })?;
    if !asked.status.success() {
        let said = String::from_utf8_lossy(&asked.stderr);
        return Err(Failure::new(Code::ConfigInvalid, "git cannot read its configuration")
            .cause(text::quote(&said))
            .fix("fix the file that git names"));
    }
    Ok(parse(&String::from_utf8_lossy(&asked.stdout)))
}

/// Those of a place, by the arguments that say where it is; none where there is no such place.
pub(crate) fn all(git: &mut Command, place: &[&str]) -> Vec<Setting> {
    parse(&text_of(listing(git, place)))
}

fn listing<'a>(git: &'a mut Command, place: &[&str]) -> &'a mut Command {
    // Of git's programs `config` alone obeys it.
    git.env_remove("GIT_CONFIG").arg("config").args(place);
    git.args(["--list", "--null", "--show-scope", "--show-origin", "--includes"])
}

/// Settings as git lists them: scope NUL origin NUL key NEWLINE value NUL
/// (<https://git-scm.com/docs/git-config#Documentation/git-config.txt--z>).
fn parse(told: &str) -> Vec<Setting> {
    let mut parts = told.split('\0');
    let mut settings = vec![];
    while let (Some(scope), Some(origin), Some(setting)) = (parts.next(), parts.next(), parts.next()) {
        let (key, value) = setting.split_once('\n').unwrap_or((setting, ""));
        settings.push(Setting {
            scope: scope.to_owned(),
            origin: origin.to_owned(),
            key: key.to_owned(),
            value: value.to_owned(),
        });
    }
    settings
}

/// Settings in the form in which git hands its `-c` on to its own programs, which come after all others.
#[cfg(unix)]
pub(crate) fn as_parameters(mut own: OsString, settings: &[(String, String)]) -> OsString {
    for (key, value) in settings {
        if !own.is_empty() {
            own.push(" ");
        }
        own.push(format!("{}={}", quoted(key), quoted(value)));
    }
    own
}
