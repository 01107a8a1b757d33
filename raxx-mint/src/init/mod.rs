//! Asks for the configuration at a terminal, tries each answer as it is given, and writes the user's file.

mod file;
mod tried;

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use infisical_fetch::{DEFAULT_ENV_SLUG, DEFAULT_PATH_PREFIX, ENV_SLUG, PATH_PREFIX, PROJECT_ID};
use infisical_login::{CLIENT_ID, CLIENT_SECRET, TOKEN};
use plumbing::configuration::{self, UsualScope};
use plumbing::documents::InfisicalSession;
use plumbing::environment::REQUIRE_BOT;
use plumbing::{Code, Context, Environment, Failure, keychain, terminal, text};
use secrecy::{ExposeSecret, SecretString};
use servers::github::GITHUB_API_URL;
use servers::infisical::HOST;

use self::tried::Bots;

/// Asks for what is missing, and writes the user's file. `keep`: the credentials go into the system's keychain.
///
/// # Errors
/// [`Code::Usage`] without a terminal, or where it ends before all is answered; [`Code::ConfigFile`] where the file cannot be written;
/// [`Code::Keychain`] where there is none.
pub(crate) fn init(context: &Context, keep: bool) -> Result<(), Failure> {
    let path = place(context)?;
    let mut sitting = Sitting {
        context: context.clone(),
        credentials: vec![],
    };
    sitting.host()?;
    let session = sitting.credentials()?;
    let bots = sitting.bots(&session)?;
    sitting.github(&bots)?;
    let requires = sitting.requires_a_bot()?;
    sitting.set(REQUIRE_BOT, if requires { "1" } else { "0" });
    // First, so that the file does not speak of what is not there.
    if keep {
        sitting.keep()?;
    }
    sitting.write(&path, &bots, keep)
}

/// Where the file goes, if there is somebody to ask at all.
fn place(context: &Context) -> Result<PathBuf, Failure> {
    let path = configuration::path_of_users(&context.environment)?.ok_or_else(|| {
        Failure::new(Code::ConfigMissing, "there is no place for a configuration file")
            .cause("there is no home directory")
            .fix("set HOME, or RAXX_CONFIG to the file's path")
    })?;
    if io::stdin().is_terminal() && io::stderr().is_terminal() {
        return Ok(path);
    }
    Err(
        Failure::new(Code::Usage, "raxx-mint init asks at a terminal, and there is none").fix(format!(
            "write {} by hand, as `raxx-mint docs pipeline` shows under Configuration files",
            text::quote_path(&path)
        )),
    )
}

/// What was answered so far.
struct Sitting {
    /// Its environment has the answers in it.
    context: Context,
    /// The credentials that were typed, and stand in no variable.
    credentials: Vec<(&'static str, SecretString)>,
}

impl Sitting {
    /// Asks for what may be shown; what is configured already is what Enter stands for.
    fn answer(&self, question: &str, names: &[&str], default: &str) -> Result<String, Failure> {
        let configured = self.context.environment.text(names)?;
        terminal::ask(question, configured.as_deref().unwrap_or(default))
    }

    fn set(&mut self, name: &str, value: &str) {
        self.context.environment = self.context.environment.with(name, value);
    }

    fn host(&mut self) -> Result<(), Failure> {
        loop {
            let host = self.answer("Infisical's URL", &HOST, servers::infisical::DEFAULT_HOST)?;
            match tried::host(&self.context, &host) {
                Ok(host) => {
                    self.set(HOST[0], &host);
                    return Ok(());
                }
                Err(failure) => self.context.report.trouble(&failure),
            }
        }
    }

    /// Takes the credentials of the environment where they serve, and asks where they do not.
    fn credentials(&mut self) -> Result<InfisicalSession, Failure> {
        let environment = &self.context.environment;
        let is_set = |names: &[&str]| environment.credential(names).is_ok_and(|value| value.is_some());
        let mut must_ask = !(is_set(&CLIENT_ID) && is_set(&CLIENT_SECRET) || is_set(&TOKEN));
        loop {
            if must_ask {
                self.ask_for_credentials()?;
            } else {
                terminal::tell("The credentials are there already.");
            }
            match tried::login(&self.context) {
                Ok(session) => {
                    terminal::tell("Infisical lets the identity in.");
                    return Ok(session);
                }
                Err(failure) => {
                    self.context.report.trouble(&failure);
                    terminal::tell("After a few wrong secrets Infisical locks an identity out for some minutes.");
                    must_ask = true;
                }
            }
        }
    }

    fn ask_for_credentials(&mut self) -> Result<(), Failure> {
        self.credentials.clear();
        for (question, names) in [
            ("Client ID of the machine identity", CLIENT_ID),
            ("Client Secret", CLIENT_SECRET),
        ] {
            let [name, ..] = names;
            loop {
                let typed = terminal::ask_for_secret(question)?;
                match Environment::from_iter([(name, typed.expose_secret())]).credential(&[name]) {
                    Ok(Some(value)) => {
                        self.set(name, value.expose_secret());
                        // Its twin would contradict what was typed.
                        self.set(&format!("{name}_FILE"), "");
                        self.credentials.push((name, value));
                        break;
                    }
                    Ok(None) => {}
                    Err(failure) => self.context.report.trouble(&failure),
                }
            }
        }
        Ok(())
    }

    fn bots(&mut self, session: &InfisicalSession) -> Result<Bots, Failure> {
        loop {
            for (question, names, default) in [
                ("Project ID", &[PROJECT_ID][..], ""),
                ("Environment's slug", &ENV_SLUG[..], DEFAULT_ENV_SLUG),
                ("Folder of the bots' folders", &[PATH_PREFIX][..], DEFAULT_PATH_PREFIX),
            ] {
                let answer = self.answer(question, names, default)?;
                self.set(names.first().copied().unwrap_or_default(), &answer);
            }
            match tried::bots(&self.context, session) {
                Ok(bots) => {
                    terminal::tell(&format!("Found {}.", bots.names().join(", ")));
                    for failure in bots.broken() {
                        self.context.report.trouble(failure);
                    }
                    return Ok(bots);
                }
                Err(failure) => self.context.report.trouble(&failure),
            }
        }
    }

    fn github(&mut self, bots: &Bots) -> Result<(), Failure> {
        loop {
            let github = self.answer("GitHub's REST base", &[GITHUB_API_URL], "https://api.github.com")?;
            match tried::github(&self.context, bots, &github) {
                Ok(github) => {
                    terminal::tell("GitHub knows the App.");
                    self.set(GITHUB_API_URL, &github);
                    return Ok(());
                }
                Err(failure) => self.context.report.trouble(&failure),
            }
        }
    }

    fn requires_a_bot(&self) -> Result<bool, Failure> {
        let configured = self.context.environment.text(&[REQUIRE_BOT])?;
        let default = if configured.as_deref() == Some("0") { "n" } else { "y" };
        loop {
            let answer = terminal::ask(
                "Never run a command as you where no credentials are set? (y/n)",
                default,
            )?;
            match answer.to_lowercase().as_str() {
                "y" | "yes" => return Ok(true),
                "n" | "no" => return Ok(false),
                _ => {}
            }
        }
    }

    /// Puts what was typed, or stood in variables, into the keychain.
    fn keep(&self) -> Result<(), Failure> {
        for names in [CLIENT_ID, CLIENT_SECRET] {
            let [name, ..] = names;
            let value = self.context.environment.credential(&names)?;
            let value = value.ok_or_else(|| {
                Failure::new(
                    Code::ConfigMissing,
                    format!("{name} is not known, so it cannot be kept"),
                )
                .cause("a session was given in INFISICAL_TOKEN, which ends by itself")
                .fix("export the identity's client id and secret, or unset INFISICAL_TOKEN to be asked for them")
            })?;
            keychain::keep(name, &value)?;
        }
        terminal::tell("The credentials are in the keychain.");
        Ok(())
    }

    fn write(&self, path: &Path, bots: &Bots, keep: bool) -> Result<(), Failure> {
        let environment = &self.context.environment;
        let user = environment.configuration()?.user.as_ref();
        // A scope that was written down stays, and so does a bot that is not there yet.
        let mut named: BTreeMap<String, UsualScope> = user.map(|user| user.settings.bots.clone()).unwrap_or_default();
        for bot in bots.names() {
            named.entry(bot).or_default();
        }
        let is_kept = keep || user.is_some_and(|user| user.settings.keychain);
        let before = file::write(path, &file::content(environment, &named, is_kept)?)?;
        terminal::tell(&format!("Wrote {}.", text::quote_path(path)));
        if let Some(before) = before {
            terminal::tell(&format!("What stood there is in {}.", text::quote_path(&before)));
        }
        if !self.credentials.is_empty() && !keep {
            terminal::tell(
                "Still to be exported: INFISICAL_CLIENT_ID and INFISICAL_CLIENT_SECRET, in a file of your own with mode 0600 \
                 (`raxx-mint docs runbook`, chapter 6), or kept by `raxx-mint init --keychain`.",
            );
        }
        let first = bots.names().into_iter().next().unwrap_or_default();
        terminal::tell(&format!("Try it: raxx-doctor {first}"));
        Ok(())
    }
}
