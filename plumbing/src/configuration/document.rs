//! What stands in a file: TOML (<https://toml.io/en/v1.0.0>) whose keys are the names of the flags.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use zeroize::Zeroizing;

use crate::environment::{BOTS, REQUIRE_BOT};
use crate::{BaseUrl, BotName, Code, Failure, FolderPath, file, secrets, text};

/// A file is smaller than this, in bytes; one with a hundred bots has some ten thousand.
const LARGEST_FILE: u64 = 256 * 1024;

/// The keys that stand alone, and the variables that they speak for.
pub const KEYS: [(&str, &str); 6] = [
    ("infisical-host", "INFISICAL_HOST"),
    ("project-id", "INFISICAL_PROJECT_ID"),
    ("env", "INFISICAL_ENV"),
    ("path-prefix", "INFISICAL_PATH_PREFIX"),
    ("github-api-url", "GITHUB_API_URL"),
    (REQUIRE, REQUIRE_BOT),
];
const REQUIRE: &str = "require-bot";
/// The table of the bots' tables.
const OF_BOTS: &str = "bots";
/// In the user's file: the credentials come from the system's keychain.
const KEYCHAIN: &str = "keychain";
/// The keys of a bot's table.
const OF_SCOPE: [&str; 3] = ["repositories", "repository-ids", "permissions"];

/// What a file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// By the variable that each value stands for.
    pub values: BTreeMap<&'static str, String>,
    /// The bots that it names, each with its usual scope.
    pub bots: BTreeMap<String, UsualScope>,
    /// Whether the client secret is to be had from the system's keychain.
    pub keychain: bool,
}

/// What a bot's tokens are narrowed to where no flag says anything else: as it is written, and judged where scopes are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsualScope {
    /// Repositories by their bare names; none for all.
    pub repositories: BTreeSet<String>,
    /// Repositories by their ids; none for all.
    pub repository_ids: BTreeSet<u64>,
    /// Permissions, each with its level; none for all.
    pub permissions: BTreeMap<String, String>,
}

/// Reads a file that is there.
///
/// # Errors
/// [`Code::ConfigFile`] where it cannot be read.
pub fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    file::read(path, LARGEST_FILE).map_err(|error| unusable(path, error))
}

/// Reads what stands in a file. `is_users`: whether it is the user's own.
///
/// # Errors
/// [`Code::ConfigFile`] for what cannot be read, is not known, or is a secret. No text of the file stands in it but keys.
pub fn parse(path: &Path, content: &[u8], is_users: bool) -> Result<Settings, Failure> {
    let content = std::str::from_utf8(content).map_err(|_| unusable(path, "it is not UTF-8 text"))?;
    // An editor's mark at the start (BOM) is no part of it.
    let content = content.trim_start_matches('\u{feff}');
    let reading = Reading { path, content };
    let table = DeTable::parse(content).map_err(|error| {
        let line = reading.line(error.span().map_or(0, |span| span.start));
        // Its Display would quote the line, whatever stands in it.
        unusable(path, format!("line {line}: {}", text::quote(error.message())))
            .fix("write it as TOML: `key = \"value\"`, and `[bots.NAME]` above what belongs to a bot")
    })?;
    let mut settings = Settings::default();
    for (key, value) in table.get_ref() {
        let name = key.get_ref().as_ref();
        let at = key.span().start;
        if name == OF_BOTS {
            settings.bots = reading.bots(value)?;
            let names: Vec<_> = settings.bots.keys().map(String::as_str).collect();
            if !names.is_empty() {
                settings.values.insert(BOTS, names.join(" "));
            }
        } else if name == KEYCHAIN && is_users {
            settings.keychain = reading.switch(name, value)?;
        } else if name == REQUIRE {
            let is_required = reading.switch(name, value)?;
            settings.values.insert(REQUIRE_BOT, u8::from(is_required).to_string());
        } else if let Some((_, variable)) = KEYS.iter().find(|(known, _)| *known == name) {
            settings.values.insert(variable, reading.value(name, value)?);
        } else {
            let known = KEYS.iter().map(|(known, _)| *known).chain([OF_BOTS, KEYCHAIN]);
            return Err(reading.unknown(name, at, known, is_users));
        }
    }
    Ok(settings)
}

/// The failure of a file that is there and cannot be used.
pub(super) fn unusable(path: &Path, cause: impl Display) -> Failure {
    let words = format!("the configuration file cannot be used: {}", text::quote_path(path));
    Failure::new(Code::ConfigFile, words)
        .cause(cause.to_string())
        .fix("make it a file of TOML that this user may read; `raxx-mint docs pipeline` shows one")
}

/// A file that is being read, for failures to tell where.
struct Reading<'a> {
    path: &'a Path,
    content: &'a str,
}

impl Reading<'_> {
    /// The line of a place in the text, counted from one.
    fn line(&self, at: usize) -> usize {
        let before = self.content.get(..at).unwrap_or(self.content);
        before.matches('\n').count() + 1
    }

    fn wrong(&self, at: usize, cause: &str) -> Failure {
        unusable(self.path, format!("line {}: {cause}", self.line(at)))
    }

    /// The failure for a key that nobody reads: a secret by its name, or a slip.
    fn unknown<'k>(&self, name: &str, at: usize, known: impl Iterator<Item = &'k str>, is_users: bool) -> Failure {
        let shown = text::quote(name);
        if is_a_secrets(name) {
            return self
                .wrong(
                    at,
                    &format!("{shown} is a secret or a half of one, and none is taken from a file"),
                )
                .fix(
                    "take the line out and export the variable instead, or keep it in the system's keychain \
                     (`raxx-mint init --keychain`); where others may have read the file, make a new one",
                );
        }
        if name == KEYCHAIN && !is_users {
            return self
                .wrong(at, "keychain may be set only in the user's own file")
                .fix("take the line out, and write it into your own file (`raxx-mint init --keychain`)");
        }
        let known: Vec<_> = known.collect();
        // As a variable is spelt, or a key of Python.
        let spelt = name.to_lowercase().replace('_', "-");
        let by_variable = KEYS
            .iter()
            .find(|(_, variable)| variable.eq_ignore_ascii_case(name))
            .map(|(key, _)| *key);
        let near = by_variable.or_else(|| text::nearest(&spelt, known.iter().copied()));
        let fix = near.map_or_else(
            || format!("the keys are {}", known.join(", ")),
            |near| format!("perhaps {near} is meant"),
        );
        self.wrong(at, &format!("there is no key “{shown}”")).fix(fix)
    }

    fn value(&self, name: &str, value: &Spanned<DeValue<'_>>) -> Result<String, Failure> {
        let at = value.span().start;
        let DeValue::String(written) = value.get_ref() else {
            return Err(self.wrong(at, &format!("{name} is a text in quotes")));
        };
        let written = written.trim();
        if written.is_empty() {
            return Err(self
                .wrong(at, &format!("{name} is empty"))
                .fix("give it a value, or take the line out"));
        }
        self.refuse_secret(at, written, name)?;
        if ["infisical-host", "github-api-url"].contains(&name) {
            BaseUrl::parse(written).map_err(|why| self.wrong(at, &format!("{name}: {why}")))?;
        }
        Ok(written.to_owned())
    }

    fn refuse_secret(&self, at: usize, written: &str, what: &str) -> Result<(), Failure> {
        if secrets::without_likely_secrets(written) == written {
            return Ok(());
        }
        Err(self
            .wrong(at, &format!("what stands as {what} looks like a secret"))
            .fix("take it out; where others may have read the file, make a new one"))
    }

    fn switch(&self, name: &str, value: &Spanned<DeValue<'_>>) -> Result<bool, Failure> {
        match value.get_ref() {
            DeValue::Boolean(is_on) => Ok(*is_on),
            _ => Err(self.wrong(value.span().start, &format!("{name} is true or false, without quotes"))),
        }
    }

    fn bots(&self, value: &Spanned<DeValue<'_>>) -> Result<BTreeMap<String, UsualScope>, Failure> {
        let table = |value: &Spanned<DeValue<'_>>, what: &str| {
            self.wrong(value.span().start, &format!("{what} is a table"))
                .fix("write `[bots.raxx-dev-bot]`, one for each bot, with or without its usual scope below")
        };
        let DeValue::Table(bots) = value.get_ref() else {
            return Err(table(value, OF_BOTS));
        };
        let each = bots.iter().map(|(name, value)| {
            let shown = text::quote(name.get_ref());
            let DeValue::Table(scope) = value.get_ref() else {
                return Err(table(value, &format!("{OF_BOTS}.{shown}")));
            };
            let at = name.span().start;
            let bot = one_spelling(name.get_ref()).ok_or_else(|| {
                self.wrong(
                    at,
                    &format!("“{shown}” is neither a bot's name nor the whole path of its folder"),
                )
            })?;
            self.refuse_secret(at, &bot, "a bot's name")?;
            Ok((at, bot, self.scope(scope)?))
        });
        let mut all = BTreeMap::new();
        for one in each {
            let (at, bot, scope) = one?;
            if all.insert(bot.clone(), scope).is_some() {
                return Err(self.wrong(at, &format!("{} is named twice", text::quote(&bot))));
            }
        }
        Ok(all)
    }

    fn scope(&self, table: &DeTable<'_>) -> Result<UsualScope, Failure> {
        let mut scope = UsualScope::default();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let at = value.span().start;
            let none = || {
                self.wrong(at, &format!("{name} is empty"))
                    .fix("leave the line out for all of them")
            };
            match (name, value.get_ref()) {
                ("repositories", DeValue::Array(names)) => {
                    let names = names.iter().map(|one| self.value(name, one));
                    scope.repositories = names.collect::<Result<_, _>>()?;
                }
                ("repository-ids", DeValue::Array(ids)) => {
                    let ids = ids.iter().map(|one| self.id(one));
                    scope.repository_ids = ids.collect::<Result<_, _>>()?;
                }
                ("permissions", DeValue::Table(levels)) => {
                    for key in levels.keys() {
                        self.refuse_secret(key.span().start, key.get_ref(), "a permission's name")?;
                        let other = key.get_ref().replace('-', "_");
                        if other != *key.get_ref() && levels.contains_key(other.as_str()) {
                            return Err(self.wrong(key.span().start, &format!("{other} is named twice")));
                        }
                    }
                    let levels = levels.iter().map(|(key, level)| {
                        Ok((
                            key.get_ref().trim().to_owned(),
                            self.value("a permission's level", level)?,
                        ))
                    });
                    scope.permissions = levels.collect::<Result<_, Failure>>()?;
                }
                ("repositories", _) => return Err(self.wrong(at, "repositories is a list: [\"hello\"]")),
                ("repository-ids", _) => return Err(self.wrong(at, "repository-ids is a list of numbers: [1296269]")),
                ("permissions", _) => {
                    return Err(self.wrong(at, "permissions is a table: { contents = \"read\" }"));
                }
                _ => return Err(self.unknown(name, key.span().start, OF_SCOPE.into_iter(), false)),
            }
            let is_empty = match name {
                "repositories" => scope.repositories.is_empty(),
                "repository-ids" => scope.repository_ids.is_empty(),
                _ => scope.permissions.is_empty(),
            };
            if is_empty {
                return Err(none());
            }
        }
        Ok(scope)
    }

    fn id(&self, value: &Spanned<DeValue<'_>>) -> Result<u64, Failure> {
        let number = match value.get_ref() {
            DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        number.ok_or_else(|| self.wrong(value.span().start, "repository-ids is a list of numbers: [1296269]"))
    }
}

/// A bot's name as it is, or the path of its folder as it is spelt everywhere; none for what is neither.
fn one_spelling(key: &str) -> Option<String> {
    if key.contains(char::is_whitespace) || key.contains(',') {
        return None;
    }
    if key.starts_with('/') {
        return Some(FolderPath::parse(key).as_str().to_owned());
    }
    BotName::parse(key)
        .ok()
        .filter(|bot| bot.as_str() == key)
        .map(|bot| bot.as_str().to_owned())
}

/// Whether a key says that what stands behind it is a secret, or the half of one that the client id is.
fn is_a_secrets(name: &str) -> bool {
    const HOLDING: [&str; 8] = [
        "secret",
        "token",
        "password",
        "passwd",
        "pem",
        "credential",
        "private",
        "headers",
    ];
    let letters = name.to_lowercase().replace(['_', '.'], "-");
    HOLDING.iter().any(|word| letters.contains(word)) || letters.ends_with("client-id") || letters.ends_with("-key")
}

#[cfg(test)]
mod tests {
    use super::{Settings, UsualScope, parse};
    use std::path::Path;

    fn read(content: &str) -> Result<Settings, String> {
        parse(Path::new("/here/.raxx.toml"), content.as_bytes(), true).map_err(|failure| {
            format!(
                "{} | {}",
                failure.cause.unwrap_or_default(),
                failure.fix.unwrap_or_default()
            )
        })
    }

    #[test]
    fn keys_are_flags_and_speak_for_variables() {
        let settings = read(
            "\u{feff}infisical-host = \"https://eu.infisical.com\"\nrequire-bot = true\n[bots.raxx-dev-bot]\nrepositories = [\"hello\"]\n\
             repository-ids = [1_296_269]\npermissions = { contents = \"read\" }\n[bots.raxx-ops-bot]\n",
        )
        .expect("it is well");
        let value = |name: &str| settings.values.get(name).map(String::as_str);
        assert_eq!(value("INFISICAL_HOST"), Some("https://eu.infisical.com"));
        assert_eq!(value("RAXX_REQUIRE_BOT"), Some("1"));
        assert_eq!(value("RAXX_BOTS"), Some("raxx-dev-bot raxx-ops-bot"));
        let scope = settings.bots.get("raxx-dev-bot").expect("it is named");
        assert!(scope.repositories.contains("hello") && scope.repository_ids.contains(&1_296_269));
        assert_eq!(scope.permissions.get("contents").map(String::as_str), Some("read"));
        assert_eq!(settings.bots.get("raxx-ops-bot"), Some(&UsualScope::default()));
    }

    #[test]
    fn what_cannot_be_read_is_told_by_its_line_and_never_quoted() {
        for (content, told) in [
            ("\n\nhost\n", "line 3: "),
            (
                "project_id = \"x\"",
                "line 1: there is no key “project_id” | perhaps project-id is meant",
            ),
            ("INFISICAL_HOST = \"x\"", "perhaps infisical-host is meant"),
            ("colour = 1", "the keys are infisical-host, "),
            ("env = 1", "env is a text in quotes"),
            ("env = \" \"", "env is empty"),
            ("require-bot = \"1\"", "require-bot is true or false"),
            ("bots = [\"a\"]", "bots is a table"),
            ("[bots]\na = 1", "line 2: bots.a is a table"),
            ("[bots.a]\nrepositories = []", "line 2: repositories is empty"),
            ("[bots.a]\nrepositories = \"b\"", "repositories is a list"),
            ("[bots.a]\nrepository-ids = [\"b\"]", "a list of numbers"),
            ("[bots.a]\nrepository-ids = [-1]", "a list of numbers"),
            ("[bots.a]\npermissions = [\"b\"]", "permissions is a table"),
            ("[bots.a]\npermission = { }", "perhaps permissions is meant"),
            ("github-api-url = \"ftp://x\"", "github-api-url: "),
        ] {
            let failure = read(content).expect_err(content);
            assert!(failure.contains(told), "{content}: {failure}");
        }
        let token = format!("ghp_{}", "x1".repeat(18));
        for content in [
            format!("client-secret = \"{token}\""),
            format!("INFISICAL_CLIENT_SECRET = \"{token}\""),
            format!("infisical_client_id = \"{token}\""),
            format!("project-id = \"{token}\""),
            format!("project-id = \"{token}"),
            token.clone(),
            format!("[bots.a]\nprivate-key-pem = \"{token}\""),
        ] {
            let failure = read(&content).expect_err(&content);
            assert!(!failure.contains("x1x1"), "{failure}");
        }
        assert!(
            read("client_secret = 1")
                .expect_err("a secret")
                .contains("none is taken from a file")
        );
    }
}
