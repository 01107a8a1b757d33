//! The questions, and what was answered so far.

use std::collections::BTreeMap;

use infisical_fetch::{DEFAULT_ENV_SLUG, DEFAULT_PATH_PREFIX, ENV_SLUG, PATH_PREFIX, PROJECT_ID};
use infisical_login::{CLIENT_ID, CLIENT_SECRET, TOKEN};
use plumbing::configuration::{KEYS, UsualScope};
use plumbing::documents::InfisicalSession;
use plumbing::environment::REQUIRE_BOT;
use plumbing::{Context, Environment, Failure, keychain, terminal};
use secrecy::ExposeSecret;
use servers::github::GITHUB_API_URL;
use servers::infisical::{ACCESS_ID, ACCESS_SECRET, HOST};

use super::file;
use super::tried::{self, Bots, NotThere};

/// What was answered so far: it stands in the environment, as if it were configured already.
pub(super) struct Answers {
    context: Context,
    /// The variables of the credentials that were typed.
    typed: Vec<&'static str>,
}

impl Answers {
    pub(super) fn new(context: Context) -> Self {
        Self { context, typed: vec![] }
    }

    /// Asks for what may be shown; what is configured already is what Enter stands for.
    fn answer(&self, question: &str, names: &[&str], default: &str) -> Result<String, Failure> {
        let configured = self.context.environment.text(names)?;
        terminal::ask(question, configured.as_deref().unwrap_or(default))
    }

    fn set(&mut self, name: &str, value: &str) {
        self.context.environment = self.context.environment.with(name, value);
    }

    pub(super) fn host(&mut self) -> Result<(), Failure> {
        loop {
            let host = self.answer("Infisical's URL", &HOST, servers::infisical::DEFAULT_HOST)?;
            loop {
                match tried::host(&self.context, &host) {
                    Ok(host) => {
                        self.set(HOST[0], &host);
                        return Ok(());
                    }
                    Err(NotThere::Access(failure)) => {
                        self.context.report.trouble(&failure);
                        terminal::tell("Cloudflare Access is in front of it: its service token is wanted.");
                        self.ask_for(ACCESS_ID, "Client ID of the service token")?;
                        self.ask_for(ACCESS_SECRET, "Client Secret of the service token")?;
                    }
                    Err(NotThere::Other(failure)) => {
                        self.context.report.trouble(&failure);
                        break;
                    }
                }
            }
        }
    }

    /// Takes the credentials that there are where they serve, and asks where they do not.
    pub(super) fn credentials(&mut self, keep: bool) -> Result<InfisicalSession, Failure> {
        let mut missing = self.missing(keep);
        loop {
            if missing.is_empty() {
                terminal::tell("Using the credentials that are configured.");
            }
            for (name, question) in std::mem::take(&mut missing) {
                self.ask_for(name, question)?;
            }
            let failure = match tried::login(&self.context) {
                Ok(session) => {
                    terminal::tell("Infisical accepts the identity.");
                    return Ok(session);
                }
                Err(failure) => failure,
            };
            self.context.report.trouble(&failure);
            if failure.http_status == Some(401) {
                terminal::tell("After three wrong secrets Infisical locks an identity out for some minutes.");
                missing = QUESTIONS.to_vec();
            } else if !terminal::ask("Try again? (y/n)", "y")?.to_lowercase().starts_with('y') {
                return Err(failure);
            }
        }
    }

    /// What of the credentials is not there, or not fit to be sent.
    fn missing(&self, keep: bool) -> Vec<(&'static str, &'static str)> {
        let environment = &self.context.environment;
        let is_set = |names: &[&str]| match environment.credential(names) {
            Ok(value) => value.is_some(),
            Err(failure) => {
                self.context.report.trouble(&failure);
                false
            }
        };
        let all = [is_set(&CLIENT_ID), is_set(&CLIENT_SECRET)];
        // A session's token ends by itself: what is to be kept is asked for.
        if all == [false; 2] && !keep && is_set(&TOKEN) {
            return vec![];
        }
        let missing = QUESTIONS.iter().zip(all).filter(|(_, is_set)| !is_set);
        missing.map(|(question, _)| *question).collect()
    }

    fn ask_for(&mut self, name: &'static str, question: &str) -> Result<(), Failure> {
        loop {
            let typed = terminal::ask_for_secret(question)?;
            match Environment::from_iter([(name, typed.expose_secret())]).credential(&[name]) {
                Ok(Some(value)) => {
                    self.set(name, value.expose_secret());
                    // Its twin would contradict what was typed.
                    self.set(&format!("{name}_FILE"), "");
                    if !self.typed.contains(&name) {
                        self.typed.push(name);
                    }
                    return Ok(());
                }
                Ok(None) => {}
                Err(failure) => self.context.report.trouble(&failure),
            }
        }
    }

    pub(super) fn bots(&mut self, session: &InfisicalSession) -> Result<Bots, Failure> {
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

    pub(super) fn github(&mut self, bots: &Bots) -> Result<(), Failure> {
        loop {
            let question = "Base URL of GitHub's REST API";
            let github = self.answer(question, &[GITHUB_API_URL], "https://api.github.com")?;
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

    pub(super) fn requires_a_bot(&mut self) -> Result<(), Failure> {
        let configured = self.context.environment.text(&[REQUIRE_BOT])?;
        let default = if configured.as_deref() == Some("0") { "n" } else { "y" };
        loop {
            let question = "Refuse to run commands as you where no bot credentials are set? (y/n)";
            let answer = match terminal::ask(question, default)?.to_lowercase().as_str() {
                "y" | "yes" => "1",
                "n" | "no" => "0",
                _ => continue,
            };
            self.set(REQUIRE_BOT, answer);
            return Ok(());
        }
    }

    /// Puts what was typed, or stood in variables, into the keychain.
    pub(super) fn keep(&self) -> Result<(), Failure> {
        for names in [&CLIENT_ID[..], &CLIENT_SECRET[..], &[ACCESS_ID], &[ACCESS_SECRET]] {
            let name = names.first().copied().unwrap_or_default();
            if let Some(value) = self.context.environment.credential(names)? {
                keychain::keep(name, &value)?;
            }
        }
        terminal::tell("The credentials are in the keychain.");
        Ok(())
    }

    /// The file that the answers come to.
    pub(super) fn content(&self, bots: &Bots, keep: bool) -> Result<String, Failure> {
        let environment = &self.context.environment;
        let user = environment.configuration()?.user.as_ref();
        // A scope that was written down stays, and so does a bot that is not there yet.
        let mut named: BTreeMap<String, UsualScope> = user.map(|user| user.settings.bots.clone()).unwrap_or_default();
        for bot in bots.names() {
            named.entry(bot).or_default();
        }
        file::content(environment, &named, keep)
    }

    /// What is to be exported, and what stands in the way of what was written: variables and a repository's file go before.
    pub(super) fn tell_what_is_left(&self, given: &Context, keep: bool) -> Result<(), Failure> {
        if !self.typed.is_empty() && !keep {
            terminal::tell(&format!(
                "Still to be exported: {}, in a file of your own with mode 0600 (`raxx-mint docs runbook`, chapter 6), or kept by \
                 `raxx-mint init --keychain`.",
                self.typed.join(", ")
            ));
        }
        let written = &self.context.environment;
        let twins = keychain::NAMES.map(|name| format!("{name}_FILE"));
        let credentials = self.typed.iter().map(|name| (*name).to_owned());
        let credentials = credentials.chain(
            twins
                .into_iter()
                .filter(|twin| self.typed.iter().any(|name| twin.strip_suffix("_FILE") == Some(name))),
        );
        let keys = KEYS.iter().map(|(_, variable)| (*variable).to_owned());
        for name in keys.chain(credentials) {
            let is_set = |environment: &Environment| {
                environment
                    .given(&name)
                    .filter(|value| !value.is_empty())
                    .map(ToOwned::to_owned)
            };
            let before = is_set(&given.environment);
            if before.is_some() && before != is_set(written) {
                terminal::tell(&format!(
                    "{name} is set to something else, and goes before what was written: unset it."
                ));
            }
        }
        let repository = given
            .environment
            .configuration()
            .ok()
            .and_then(|all| all.repository.clone());
        for (variable, value) in repository.iter().flat_map(|repository| &repository.settings.values) {
            if written.text(&[*variable])?.as_ref() != Some(value) && KEYS.iter().any(|(_, known)| known == variable) {
                terminal::tell(&format!(
                    "Here, the repository's .raxx.toml says another {variable}, and goes before it."
                ));
            }
        }
        Ok(())
    }
}

const QUESTIONS: [(&str, &str); 2] = [
    ("INFISICAL_CLIENT_ID", "Client ID of the machine identity"),
    ("INFISICAL_CLIENT_SECRET", "Client Secret"),
];
