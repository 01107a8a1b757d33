//! This machine: where tokens are kept, and the programs that use them.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use git_door::hazards::{self, Hazard, Rest};
use git_door::helpers::{self, Helpers};
use git_door::{block, settings::Setting};
use plumbing::{Context, Environment, operators, text};
use servers::github::GithubApi;
use token_cache::{Cache, Unusable};

use crate::sheet::Sheet;

/// What git and gh need to find their way; the credentials are none of their business.
const PASSED_ON: [&str; 4] = ["PATH", "HOME", "XDG_CONFIG_HOME", "LANG"];
/// Variables of git's own, settings among them.
const OF_GIT: &str = "GIT_";

/// A program that is asked something.
pub(crate) struct Tool(Command);

impl Tool {
    fn new(program: &str, environment: &Environment) -> Self {
        let mut command = Command::new(program);
        command.env_clear().stdin(Stdio::null()).stderr(Stdio::null());
        command.envs(environment.all().filter(|(name, _)| {
            let name = name.to_string_lossy();
            PASSED_ON.contains(&name.as_ref()) || name.starts_with(OF_GIT)
        }));
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
    tokens(sheet, environment);
    if let Some(api) = api {
        git(sheet, environment, api.git_host());
    }
}

/// Tokens of the operator's: a command of with-bot-token's does not get them.
fn tokens(sheet: &mut Sheet<'_>, environment: &Environment) {
    const NAME: &str = "operator's tokens";
    let held = environment
        .all()
        .filter(|(name, value)| !value.is_empty() && operators::is_token(name, value));
    let names: Vec<_> = held.map(|(name, _)| text::quote(&name.to_string_lossy())).collect();
    let found = if names.is_empty() {
        "none in this environment".to_owned()
    } else {
        format!(
            "{}: with-bot-token takes them out, a command without it has them",
            names.join(", ")
        )
    };
    sheet.ok(NAME, found);
}

fn cache(sheet: &mut Sheet<'_>, context: &Context) {
    const NAME: &str = "reuse of tokens";
    let cache = match Cache::new(context) {
        Ok(cache) => cache,
        Err(failure) => return sheet.fail(NAME, failure),
    };
    match cache.examine() {
        Ok(path) => sheet.ok(NAME, format!("kept in {}", text::quote_path(path))),
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

/// Whom git acts as on the bot's host, from here, without the wrapper and with it.
fn git(sheet: &mut Sheet<'_>, environment: &Environment, host: &str) {
    sheet.begin("asking git for its credentials");
    let program = |name: &str| Tool::new(name, environment).0;
    let asked = helpers::survey(&mut program("git"), host, None);
    tell_helpers(sheet, &asked, host);
    let hazards = hazards::survey(&program, environment, host);
    for hazard in &hazards {
        let is_helpers = asked.ours.is_some();
        let is_put_aside = hazard.beside_the_helper == Rest::Nothing && block::is_in_force(&mut program("git"), host);
        tell_hazard(sheet, hazard, host, is_helpers, is_put_aside);
    }
    if hazards.is_empty() {
        sheet.ok(
            OTHER_WAYS,
            format!("no netrc, header, cookie, certificate, URL or ssh remote leads to {host} as the operator"),
        );
    }
}

/// All helpers are told what has served, so that one behind ours counts too.
fn tell_helpers(sheet: &mut Sheet<'_>, asked: &Helpers, host: &str) {
    const NAME: &str = "credential helpers";
    const INSTALL: &str =
        "`git-credential-raxx install --bot NAME` puts ours last and alone; with --local for this repository";
    let others = asked.before.iter().chain(&asked.after);
    let others = others.filter(|helper| !helpers::is_ours(&helper.value));
    let others = others.map(Setting::shown).collect::<Vec<_>>().join(", ");
    match (&asked.ours, others.is_empty()) {
        (Some(_), true) => sheet.ok(NAME, format!("ours alone is asked for {host}")),
        (None, true) => sheet.ok(NAME, format!("none for {host}")),
        (None, false) => sheet.ok(
            NAME,
            format!("{others} for {host}, which with-bot-token --git does not ask"),
        ),
        (Some(_), false) if asked.before.is_empty() => sheet.warn(
            NAME,
            format!("{others} after ours for {host}"),
            "git tells every helper what has served, and one that keeps it puts the bot's token on a disk",
            INSTALL,
        ),
        (Some(_), false) => sheet.warn(
            NAME,
            format!("{others} beside ours for {host}"),
            "git takes the first that answers, so it may act as the operator",
            INSTALL,
        ),
    }
}

const OTHER_WAYS: &str = "other ways to be the operator";

fn tell_hazard(sheet: &mut Sheet<'_>, hazard: &Hazard, host: &str, is_helpers: bool, is_put_aside: bool) {
    let found = hazard.words(host);
    if !hazard.is_put_aside_by_the_door() {
        sheet.warn(
            OTHER_WAYS,
            found,
            "with-bot-token --git stops there, since git cannot be told to leave it out; without it git is the operator",
            hazard.fix(),
        );
    } else if !is_helpers {
        let aside = "with-bot-token --git puts it aside, git without it is the operator";
        sheet.ok(OTHER_WAYS, format!("{found}; {aside}"));
    } else if is_put_aside {
        sheet.ok(OTHER_WAYS, format!("{found}; the helper's settings put it aside"));
    } else {
        sheet.warn(
            OTHER_WAYS,
            found,
            "it wins over the helper that git is to ask, so that git is the operator; with-bot-token --git puts it aside",
            hazard.fix(),
        );
    }
}
