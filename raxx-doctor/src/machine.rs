//! This machine: where tokens are kept, and the programs that use them.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use git_door::settings;
use plumbing::{Context, Environment, text};
use servers::github::GithubApi;
use token_cache::{Cache, Unusable};

use crate::sheet::Sheet;

/// What git and gh need to find their way; the credentials are none of their business.
const PASSED_ON: [&str; 6] = [
    "PATH",
    "HOME",
    "XDG_CONFIG_HOME",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "LANG",
];

/// A program that is asked something.
pub(crate) struct Tool(Command);

impl Tool {
    fn new(program: &str, environment: &Environment) -> Self {
        let mut command = Command::new(program);
        command.env_clear().stdin(Stdio::null()).stderr(Stdio::null());
        for name in PASSED_ON {
            command.envs(environment.given(name).map(|value| (name, value)));
        }
        // No question, no update check.
        command
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GH_NO_UPDATE_NOTIFIER", "1");
        Self(command)
    }

    pub(crate) fn git(environment: &Environment) -> Self {
        Self::new("git", environment)
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.0.arg(argument);
        self
    }

    pub(crate) fn args<const N: usize>(mut self, arguments: [&str; N]) -> Self {
        self.0.args(arguments);
        self
    }

    /// What it says, if it ends well.
    pub(crate) fn says(mut self) -> Option<String> {
        let output = self.0.output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

pub(crate) fn examine(sheet: &mut Sheet<'_>, context: &Context, api: Option<&GithubApi>) {
    let environment = &context.environment;
    sheet.group("this machine");
    cache(sheet, context);
    for (program, without) in [
        ("gh", "agents that call gh cannot act as a bot"),
        (
            "git",
            "with-bot-token --git and the credential helper have nobody to serve",
        ),
    ] {
        sheet.begin(&format!("asking {program} for its version"));
        match Tool::new(program, environment).arg("--version").says() {
            Some(version) => sheet.ok(program, text::quote(version.lines().next().unwrap_or_default())),
            None => sheet.warn(
                program,
                "not found, or it does not run",
                format!("without it {without}"),
                format!("install {program}, or add its folder to PATH"),
            ),
        }
    }
    if let Some(api) = api {
        helpers(sheet, environment, api);
    }
}

fn cache(sheet: &mut Sheet<'_>, context: &Context) {
    const NAME: &str = "reuse of tokens";
    let cache = match Cache::new(context) {
        Ok(cache) => cache,
        Err(failure) => return sheet.fail(NAME, failure),
    };
    match cache.examine() {
        Ok(path) => sheet.ok(NAME, format!("kept in {}", text::quote(&path.to_string_lossy()))),
        Err(Unusable::Off) => sheet.ok(NAME, "off, by RAXX_MINT_CACHE: each call mints a token"),
        Err(Unusable::Missing(why)) => sheet.warn(
            NAME,
            "none: each call mints a token",
            why,
            "log in through a session manager that sets XDG_RUNTIME_DIR, or name a private place in RAXX_MINT_CACHE",
        ),
        Err(Unusable::Unsafe(why)) => sheet.warn(
            NAME,
            "none: each call mints a token",
            why,
            "mend that, or name another private place in RAXX_MINT_CACHE",
        ),
    }
}

/// Helpers that git would ask for the bot's host before ours. git takes them in the order of its files, and an empty one
/// forgets those before it (<https://git-scm.com/docs/gitcredentials>).
fn helpers(sheet: &mut Sheet<'_>, environment: &Environment, api: &GithubApi) {
    const NAME: &str = "credential helpers";
    let host = api.git_host();
    sheet.begin("asking git for its credential helpers");
    let settings = Tool::git(environment)
        .args([
            "config",
            "--show-origin",
            "--null",
            "--get-regexp",
            r"^credential\.(.*\.)?helper$",
        ])
        .says()
        .unwrap_or_default();
    let settings = settings::parse(&settings);
    let mut asked: Vec<(&str, &str)> = vec![];
    for setting in settings.iter().filter(|setting| is_for(&setting.key, host)) {
        if setting.value.is_empty() {
            asked.clear();
        } else {
            asked.push((&setting.origin, &setting.value));
        }
    }
    let Some(ours) = asked.iter().position(|(_, helper)| is_ours(helper)) else {
        let others = match &asked[..] {
            [] => format!("none for {host}"),
            _ => format!("{} for {host}, which with-bot-token --git does not ask", listed(&asked)),
        };
        return sheet.ok(NAME, others);
    };
    let (before, _) = asked.split_at(ours);
    if before.is_empty() {
        return sheet.ok(NAME, format!("ours is asked first for {host}"));
    }
    sheet.warn(
        NAME,
        format!("{} before ours for {host}", listed(before)),
        "git takes the first that answers, so it may act as the operator",
        format!(
            "put an empty helper before ours: git config --global credential.https://{host}.helper '', then --add ours"
        ),
    );
}

fn is_for(key: &str, host: &str) -> bool {
    let Some(url) = key
        .strip_prefix("credential.")
        .and_then(|rest| rest.strip_suffix("helper"))
    else {
        return false;
    };
    let url = url.trim_end_matches('.');
    url.is_empty() || url.trim_end_matches('/') == format!("https://{host}") || url.trim_end_matches('/') == host
}

/// By the name that git makes a program's of (`raxx`), or by the program's own.
fn is_ours(helper: &str) -> bool {
    let program = helper
        .trim_start_matches('!')
        .split_whitespace()
        .next()
        .unwrap_or_default();
    let program = program.trim_matches(['\'', '"']);
    program == "raxx" || program.rsplit('/').next() == Some("git-credential-raxx")
}

fn listed(helpers: &[(&str, &str)]) -> String {
    // The name only: what follows may be a secret.
    let names = helpers.iter().map(|(origin, helper)| {
        let name = helper.split_whitespace().next().unwrap_or_default();
        format!("{} ({})", text::quote(name), text::quote(origin))
    });
    names.collect::<Vec<_>>().join(", ")
}
