//! git's settings, as git itself says them.

use std::ffi::OsString;
use std::process::Command;

use plumbing::shell::quoted;
use plumbing::text;

use crate::ask::text_of;

/// One setting, and where it stands.
pub struct Setting {
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
        format!("{} ({})", text::quote(name), text::quote(&self.origin))
    }

    /// For a message: without the value, which may be a secret, nor one that stands in the key.
    pub(crate) fn named(&self) -> String {
        let key = match (self.key.find("://"), self.key.find('@')) {
            (Some(scheme), Some(at)) if scheme < at => {
                let (before, after) = (self.key.get(..scheme + 3), self.key.get(at..));
                format!("{}…{}", before.unwrap_or_default(), after.unwrap_or_default())
            }
            _ => self.key.clone(),
        };
        format!("{} ({})", text::quote(&key), text::quote(&self.origin))
    }
}

/// All settings that hold here, by the arguments that say where to look.
pub(crate) fn all(git: &mut Command, place: &[&str]) -> Vec<Setting> {
    git.arg("config")
        .args(place)
        .args(["--list", "--null", "--show-origin", "--includes"]);
    parse(&text_of(git))
}

/// Settings as `git config --null --show-origin` lists them: origin NUL key NEWLINE value NUL
/// (<https://git-scm.com/docs/git-config#Documentation/git-config.txt--z>).
pub fn parse(told: &str) -> Vec<Setting> {
    let mut parts = told.split('\0');
    let mut settings = vec![];
    while let (Some(origin), Some(setting)) = (parts.next(), parts.next()) {
        let (key, value) = setting.split_once('\n').unwrap_or((setting, ""));
        settings.push(Setting {
            origin: origin.to_owned(),
            key: key.to_owned(),
            value: value.to_owned(),
        });
    }
    settings
}

/// Settings in the form in which git hands its `-c` on to its own programs, which come after all others.
pub(crate) fn as_parameters(mut own: OsString, settings: &[(String, String)]) -> OsString {
    for (key, value) in settings {
        if !own.is_empty() {
            own.push(" ");
        }
        own.push(format!("{}={}", quoted(key), quoted(value)));
    }
    own
}
