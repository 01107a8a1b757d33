//! The configuration: environment variables, their `_FILE` twins, and the names that other programs use for the same.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::keychain::{self, Kept};
use crate::{Code, Configuration, Failure, Report, configuration, file, text};

/// A file of one secret is smaller than this, in bytes; a PEM of 8192 bits has some 6500.
const LARGEST_SECRET_FILE: u64 = 64 * 1024;

/// The variable that forbids to run a command as the operator where no credentials are set.
pub const REQUIRE_BOT: &str = "RAXX_REQUIRE_BOT";

/// The variable that `with-bot-token` sets for its command: which bot it acts as.
pub const ACTING_AS: &str = "RAXX_ACTING_AS";

/// The variable of the names of the operator's bots, between white space or commas.
pub const BOTS: &str = "RAXX_BOTS";

/// What a file held, or why it could not be read.
type Read = Result<Arc<Zeroizing<Vec<u8>>>, String>;

/// The environment variables that a program was started with, and below them what configuration files say.
///
/// It is passed to whatever needs it, so that a library call is a function of its arguments. An empty variable counts
/// as unset. White space around a value is dropped: no value here may have any, and a stray newline in a client secret
/// costs logins until Infisical locks the identity out.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
    /// What files held, by path: a FIFO or `/dev/fd/N` gives it once, so each is read once a process.
    files: Arc<Mutex<BTreeMap<String, Read>>>,
    /// Where configuration files are looked for, and who is told of those that do not count; none for what was put together by hand.
    place: Option<(PathBuf, Report)>,
    /// What they say, read when it is first asked for.
    configuration: Arc<OnceLock<Result<Configuration, Failure>>>,
    /// What the system's keychain holds, asked for once a process.
    keychain: Arc<OnceLock<Result<Kept, Failure>>>,
    /// Whether it was told that the keychain cannot be asked.
    noted: Arc<OnceLock<()>>,
}

impl Environment {
    /// The environment of this process, with the configuration files of its user and of where it was started.
    pub fn of_process(report: Report) -> Self {
        let variables: Self = std::env::vars_os().collect();
        // Where the directory is gone, the user's file is there all the same.
        let here = std::env::current_dir().unwrap_or_default();
        Self {
            place: Some((here, report)),
            ..variables
        }
    }

    /// The same, and nobody is told of a file that does not count: for who tells it in words of their own.
    #[must_use]
    pub fn quietly(self) -> Self {
        let quiet = |(here, report): (PathBuf, Report)| (here, Report { quiet: true, ..report });
        Self {
            place: self.place.map(quiet),
            ..self
        }
    }

    /// The same with another value for a variable; the files are those that were read.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut with = self.clone();
        with.variables.insert(name.into(), value.into());
        with
    }

    /// The same with other files.
    #[must_use]
    pub fn with_configuration(&self, configuration: Configuration) -> Self {
        Self {
            configuration: Arc::new(OnceLock::from(Ok(configuration))),
            keychain: Arc::default(),
            ..self.clone()
        }
    }

    /// Whether it is that of this process, and not one that was put together by hand.
    pub(crate) fn is_of_process(&self) -> bool {
        self.place.is_some()
    }

    /// What the configuration files say.
    ///
    /// # Errors
    /// Those of [`Configuration::load`].
    pub fn configuration(&self) -> Result<&Configuration, Failure> {
        let load = || {
            let Some((here, report)) = &self.place else {
                return Ok(Configuration::default());
            };
            let loaded = Configuration::load(self, Some(here.as_path()).filter(|here| here.is_absolute()))?;
            if let Some(note) = loaded.note() {
                report.note(&note);
            }
            Ok(loaded)
        };
        self.configuration.get_or_init(load).as_ref().map_err(Clone::clone)
    }

    /// The file that speaks for the first of `names`, where no variable does.
    ///
    /// # Errors
    /// Those of [`Environment::text`].
    pub fn file_of(&self, names: &[&str]) -> Result<Option<&Path>, Failure> {
        if self.variable(names)?.is_some() {
            return Ok(None);
        }
        Ok(self.said(names)?.map(|(_, path)| path))
    }

    /// Whether a command may not run without a bot, by [`REQUIRE_BOT`].
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] for anything but `1` and `0`: a guard that does not understand its order must not be taken for one
    /// that stands.
    pub fn bot_is_required(&self) -> Result<bool, Failure> {
        match self.text(&[REQUIRE_BOT])?.as_deref() {
            None | Some("0") => Ok(false),
            Some("1") => Ok(true),
            Some(other) => {
                let summary = format!("{REQUIRE_BOT} is neither 1 nor 0 but “{}”", text::quote(other));
                Err(Failure::new(Code::ConfigInvalid, summary).fix(format!("export {REQUIRE_BOT}=1")))
            }
        }
    }

    /// The operator's bots, as [`BOTS`] names them: none where it is not set.
    ///
    /// # Errors
    /// Those of [`Environment::text`].
    pub fn bots(&self) -> Result<Vec<String>, Failure> {
        let names = self.text(&[BOTS])?.unwrap_or_default();
        let names = names.split(|letter: char| letter == ',' || letter.is_whitespace());
        Ok(names.filter(|name| !name.is_empty()).map(str::to_owned).collect())
    }

    /// A variable exactly as it was given, for what judges the configuration itself: empty, padded or not UTF-8.
    pub fn given(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// All variables, in the order of their names.
    pub fn all(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.variables
            .iter()
            .map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// The first of `names` that is set; where none is, what a configuration file says.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] where its value is not UTF-8, or has quotes around it; those of [`Configuration::load`].
    pub fn text(&self, names: &[&str]) -> Result<Option<String>, Failure> {
        if let Some(value) = self.variable(names)? {
            return Ok(Some(value));
        }
        Ok(self.said(names)?.map(|(value, _)| value.to_owned()))
    }

    /// The same without the files: what this very environment says.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] where its value is not UTF-8, or has quotes around it.
    pub fn variable(&self, names: &[&str]) -> Result<Option<String>, Failure> {
        for name in names {
            if let Some(value) = self.value(name)? {
                return Ok(Some(value.to_owned()));
            }
        }
        Ok(None)
    }

    /// What a configuration file says in place of these variables, and which.
    fn said(&self, names: &[&str]) -> Result<Option<(&str, &Path)>, Failure> {
        if !names.iter().any(|name| configuration::speaks_for(name)) {
            return Ok(None);
        }
        let configuration = self.configuration()?;
        let said = names.iter().find_map(|name| configuration.value(name));
        Ok(said.map(|(value, layer)| (value, layer.path.as_path())))
    }

    /// The first of `names` that is set, or whose `_FILE` twin names a file.
    ///
    /// # Errors
    /// [`Code::ConfigConflict`] where a name and its twin are both set; [`Code::ConfigFile`] where the file cannot be
    /// read or is empty; [`Code::ConfigInvalid`] where the value is not UTF-8, or has quotes around it.
    pub fn secret(&self, names: &[&str]) -> Result<Option<SecretString>, Failure> {
        Ok(self.provided(names)?.map(|(_, secret)| secret))
    }

    /// A secret with the variable that provides it.
    fn provided(&self, names: &[&str]) -> Result<Option<(String, SecretString)>, Failure> {
        for name in names {
            let twin = format!("{name}_FILE");
            match (self.value(name)?, self.value(&twin)?) {
                (Some(_), Some(_)) => {
                    return Err(
                        Failure::new(Code::ConfigConflict, format!("{name} and {twin} are both set"))
                            .cause("which of them holds the right value cannot be known")
                            .fix(format!("unset one of them, for example `unset {name}`")),
                    );
                }
                (Some(value), None) => return Ok(Some(((*name).to_owned(), value.into()))),
                (None, Some(path)) => {
                    let secret = secret_in(&twin, path, self.file(path, LARGEST_SECRET_FILE))?;
                    return Ok(Some((twin, secret)));
                }
                (None, None) => {}
            }
        }
        for name in names {
            if let Some(kept) = self.kept(name)? {
                return Ok(Some(((*name).to_owned(), kept)));
            }
        }
        Ok(None)
    }

    /// A credential from the system's keychain, where the user's file says so.
    ///
    /// # Errors
    /// [`Code::Keychain`] where it cannot be asked, for what a login needs.
    pub fn kept(&self, name: &str) -> Result<Option<SecretString>, Failure> {
        // A session in a variable goes before credentials that stand in none.
        let is_login = keychain::LOGIN.contains(&name);
        let has_session = || self.value(keychain::SESSION).map(|value| value.is_some());
        if !keychain::NAMES.contains(&name) || !self.uses_keychain()? || is_login && has_session()? {
            return Ok(None);
        }
        match self.keychain.get_or_init(keychain::ask) {
            Ok(kept) => Ok(kept.get(name).cloned()),
            Err(failure) if is_login => Err(failure.clone()),
            // Few have a service token, and who has the credentials themselves in variables needs no keychain.
            Err(failure) => {
                if let (Some((_, report)), Ok(())) = (&self.place, self.noted.set(())) {
                    let why = failure.cause.as_deref().unwrap_or(&failure.summary);
                    report.note(&format!("the keychain is not asked for CF_ACCESS_CLIENT_ID: {why}"));
                }
                Ok(None)
            }
        }
    }

    /// Whether what no variable says is asked of the system's keychain: the user's file says so. A command that runs as a bot was not to
    /// have the dispatcher's credentials, so there it is not.
    ///
    /// # Errors
    /// Those of [`Configuration::load`].
    pub fn uses_keychain(&self) -> Result<bool, Failure> {
        if self.is_in_a_bots_command() {
            return Ok(false);
        }
        let user = self.configuration()?.user.as_ref();
        Ok(user.is_some_and(|user| user.settings.keychain))
    }

    /// Whether `with-bot-token` runs this as a bot's command.
    pub fn is_in_a_bots_command(&self) -> bool {
        self.given(ACTING_AS).is_some_and(|bot| !bot.is_empty())
    }

    /// The failure for a credential that is nowhere, under any of the names that would have served.
    pub fn missing_credential(&self, names: &[&str]) -> Failure {
        let failure = missing(names);
        if !self.uses_keychain().unwrap_or_default() {
            return failure;
        }
        let name = names.first().copied().unwrap_or_default();
        failure
            .cause(
                "it stands in no variable, and the system's keychain, which your configuration file names, does not hold it",
            )
            .fix(format!("`raxx-keychain set {name}`, or export it"))
    }

    /// The first of `names` that is set, or whose `_FILE` twin names a file, if it can be a credential at all: one that cannot is not
    /// worth a request, and a wrong client secret locks an identity out.
    ///
    /// # Errors
    /// Those of [`Environment::secret`], and [`Code::ConfigInvalid`] for a placeholder, a reference that nothing has resolved, a
    /// whole line of a file.
    pub fn credential(&self, names: &[&str]) -> Result<Option<SecretString>, Failure> {
        let Some((name, secret)) = self.provided(names)? else {
            return Ok(None);
        };
        let Some(why) = no_credential(secret.expose_secret()) else {
            return Ok(Some(secret));
        };
        let fix = if name.ends_with("_FILE") {
            format!("put the value itself, and nothing else, into the file that {name} names; nothing was sent with it")
        } else {
            format!("set {name} to the value itself; nothing was sent with it")
        };
        Err(Failure::new(Code::ConfigInvalid, format!("{name} holds no credential"))
            .cause(why)
            .fix(fix))
    }

    /// What a file that a variable names holds, read once a process.
    ///
    /// # Errors
    /// Why it cannot be read, as [`file::read`] tells it.
    pub fn file(&self, path: &str, limit: u64) -> Result<Arc<Zeroizing<Vec<u8>>>, String> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || {
            file::read(Path::new(path), limit)
                .map(Arc::new)
                .map_err(|error| error.to_string())
        };
        files.entry(path.to_owned()).or_insert_with(read).clone()
    }

    fn value(&self, name: &str) -> Result<Option<&str>, Failure> {
        let Some(value) = self.given(name) else {
            return Ok(None);
        };
        let value = value.to_str().ok_or_else(|| {
            Failure::new(Code::ConfigInvalid, format!("{name} is not UTF-8"))
                .fix("set it anew; its value was perhaps cut inside a character")
        })?;
        let value = value.trim();
        if is_quoted(value) {
            return Err(
                Failure::new(Code::ConfigInvalid, format!("{name} has quotes around its value"))
                    .cause(QUOTED)
                    .fix(format!("set {name} anew without the quotes")),
            );
        }
        Ok(Some(value).filter(|value| !value.is_empty()))
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        let mut first = BTreeMap::new();
        for (name, value) in variables {
            // As getenv(3) does, and so as the command that with-bot-token runs will see it.
            first.entry(name.into()).or_insert_with(|| value.into());
        }
        Self {
            variables: first,
            ..Self::default()
        }
    }
}

/// The failure for a variable that is needed and not set, under any of the names that would have served.
pub fn missing(names: &[&str]) -> Failure {
    let name = names.first().copied().unwrap_or_default();
    Failure::new(Code::ConfigMissing, format!("{name} is not set"))
        .cause("the variable is missing, or empty, in the environment of this program")
        .fix(format!(
            "export {name}; if your shell sets it in a file, reload that (`direnv reload`, or a new shell)"
        ))
}

const QUOTED: &str = "the quotes are a part of the value and would be sent; env files keep them, shells do not";

fn is_quoted(value: &str) -> bool {
    let mut ends = value.chars();
    let pair = (ends.next(), ends.next_back());
    let pairs = [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”')];
    pairs.iter().any(|(first, last)| pair == (Some(*first), Some(*last)))
}

/// Why a value cannot be what a server has handed out, if it cannot.
fn no_credential(value: &str) -> Option<&'static str> {
    /// What people write where a value is still to come.
    const PLACEHOLDERS: [&str; 10] = [
        "changeme",
        "todo",
        "tbd",
        "placeholder",
        "replaceme",
        "redacted",
        // As jq, JavaScript and Python leave what is not there.
        "null",
        "undefined",
        "none",
        "nil",
    ];
    let letters: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
    let letters = letters.to_ascii_lowercase();
    let is_line = value.split_once('=').is_some_and(|(name, rest)| {
        let is_name = name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "_-".contains(letter));
        // Base64 ends in one or two.
        is_name && !name.is_empty() && !matches!(rest, "" | "=")
    });
    let mut all = value.chars();
    let first = all.next();
    if is_quoted(value) {
        Some(QUOTED)
    } else if value.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
        Some("there is white space in it: several values, or more than the value")
    } else if !value.is_ascii() {
        Some("it contains a character that no credential has, perhaps from formatted text")
    } else if is_line {
        Some("it is a whole line, with a name and `=` in front of the value")
    } else if value.contains("://") {
        Some(
            "it is a reference such as op://…, or a URL, and whatever was to put the value in its place has not done so",
        )
    } else if value.starts_with(['$', '<', '{', '%']) {
        Some("it is a placeholder or a variable's name, and whatever was to put the value in its place has not done so")
    } else if value.contains(['"', '\'', '`', ',', ';', '\\', '*']) {
        Some(
            "it contains a character that no credential has, such as a quote, a comma or a backslash: a part of a file's syntax",
        )
    } else if value.starts_with("-----BEGIN") {
        Some("it is the beginning of a key")
    } else if PLACEHOLDERS.contains(&letters.as_str())
        || ["yourclient", "yoursecret", "yourtoken"]
            .iter()
            .any(|begin| letters.starts_with(begin))
        || value.len() > 1 && all.all(|letter| Some(letter) == first)
    {
        Some("it is a placeholder")
    } else {
        None
    }
}

fn secret_in(variable: &str, path: &str, read: Read) -> Result<SecretString, Failure> {
    let unusable = |cause: String| {
        Failure::new(
            Code::ConfigFile,
            format!("the file that {variable} names cannot be used: {}", text::quote(path)),
        )
        .cause(cause)
        .fix("name a file that holds the secret and nothing else, and that this user may read")
    };
    let bytes = read.map_err(unusable)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| unusable("it is not UTF-8 text".to_owned()))?;
    let secret = SecretString::from(text.trim());
    if secret.expose_secret().is_empty() {
        return Err(unusable("it is empty".to_owned()));
    }
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::Environment;
    use crate::Code;
    use secrecy::ExposeSecret;

    fn code<T>(result: Result<T, crate::Failure>) -> Option<Code> {
        result.err().map(|failure| failure.code)
    }

    #[test]
    fn the_first_name_wins_and_an_empty_one_counts_as_unset() {
        let environment = Environment::from_iter([("A", " "), ("B", " two \n"), ("C", "three")]);
        assert_eq!(
            environment.text(&["A", "B", "C"]).ok().flatten().as_deref(),
            Some("two")
        );
        assert_eq!(environment.text(&["A"]).ok().flatten(), None);
    }

    #[test]
    fn of_a_variable_that_stands_twice_the_first_counts() {
        let environment = Environment::from_iter([("A", "one"), ("A", "two")]);
        assert_eq!(environment.text(&["A"]).ok().flatten().as_deref(), Some("one"));
    }

    #[test]
    fn a_secret_and_its_file_exclude_each_other() {
        let environment = Environment::from_iter([("A", "one"), ("A_FILE", "/nowhere")]);
        assert_eq!(code(environment.secret(&["A"])), Some(Code::ConfigConflict));
    }

    #[test]
    fn a_missing_file_is_named_with_its_variable() {
        let environment = Environment::from_iter([("A_FILE", "/nowhere/secret")]);
        let failure = environment.secret(&["A"]).expect_err("there is no such file");
        assert_eq!(
            failure.summary,
            "the file that A_FILE names cannot be used: /nowhere/secret"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_value_that_is_not_text_is_refused_by_name() {
        use std::os::unix::ffi::OsStringExt;
        let environment = Environment::from_iter([("A", std::ffi::OsString::from_vec(vec![0xff]))]);
        assert_eq!(code(environment.text(&["A"])), Some(Code::ConfigInvalid));
    }

    #[test]
    fn what_no_server_has_handed_out_is_no_credential() {
        let judged = |value: &str| Environment::from_iter([("A", value)]).credential(&["A"]);
        for value in [
            "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9",
            "7f1c1e0e-36f5-4d7e-9c59-0c3c8d2f1a11",
            "eyJhbGciOiJIUzI1NiJ9.eyJpZCI6MX0.c2ln-_",
            "st.abc.def.ghi",
            "id.access",
            "c2VjcmV0==",
            "wrong",
            "x",
        ] {
            assert!(judged(value).is_ok_and(|value| value.is_some()), "{value}");
        }
        for value in [
            "'quoted'",
            "\"quoted\"",
            "two words",
            "CLIENT_SECRET=abc",
            "op://vault/infisical/secret",
            "https://app.infisical.com",
            "${CLIENT_SECRET}",
            "$CLIENT_SECRET",
            "{{ secret }}",
            "{{secret}}",
            "<client-secret>",
            "%SECRET%",
            "changeme",
            "CHANGE_ME",
            "your-client-secret",
            "xxxxxxxx",
            "****",
            "null",
            "undefined",
            "None",
            "\"abc",
            "abc'",
            "abc,",
            "abc;",
            "abc\\n",
            "*****abcd",
            "your_secret_here",
            "CF-Access-Client-Id=abc.access",
            "-----BEGIN",
            "…",
            "abc\u{a0}def",
            "abc\u{200b}def",
        ] {
            assert_eq!(code(judged(value)), Some(Code::ConfigInvalid), "{value}");
        }
    }

    #[test]
    fn what_is_no_credential_is_told_of_the_variable_that_holds_it() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), "A=s3cret\n").expect("it can be written");
        let path = file.path().to_str().unwrap_or_default();
        let blamed = |variables: &[(&str, &str)]| {
            let environment: Environment = variables.iter().copied().collect();
            environment.credential(&["A", "B"]).expect_err("it is none").summary
        };
        assert_eq!(blamed(&[("A", ""), ("B_FILE", path)]), "B_FILE holds no credential");
        assert_eq!(blamed(&[("A", " "), ("B", "changeme")]), "B holds no credential");
        assert_eq!(blamed(&[("A_FILE", path), ("B", "good")]), "A_FILE holds no credential");
    }

    #[test]
    fn a_file_lends_its_content_without_the_newline() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), "s3cret\n").expect("it can be written");
        let environment = Environment::from_iter([("A_FILE", file.path())]);
        let secret = environment.secret(&["A"]).expect("the file is there");
        assert_eq!(secret.expect("it is set").expose_secret(), "s3cret");
    }
}
