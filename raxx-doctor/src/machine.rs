//! This machine: where tokens are kept, and the programs that use them.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use git_door::hazards::{self, Hazard, Kind, Rest};
use git_door::helpers::{self, Helpers};
use git_door::settings::{self, Setting};
use plumbing::{Code, Context, Environment, operators, text};
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
        log_in_of_gh(sheet, environment, api.git_host());
        git(sheet, environment, api.git_host());
    }
}

/// A file of gh's hosts that is larger, in bytes, is none.
const LARGEST: u64 = 1024 * 1024;

/// gh's own login: without the wrapper gh is the operator by it (<https://cli.github.com/manual/gh_help_environment>).
fn log_in_of_gh(sheet: &mut Sheet<'_>, environment: &Environment, host: &str) {
    let folder = |name: &str| {
        environment
            .given(name)
            .filter(|folder| !folder.is_empty())
            .map(PathBuf::from)
    };
    let folder = folder("GH_CONFIG_DIR")
        .or_else(|| Some(folder("XDG_CONFIG_HOME")?.join("gh")))
        .or_else(|| Some(folder("HOME")?.join(".config/gh")));
    let Some(file) = folder.map(|folder| folder.join("hosts.yml")) else {
        return;
    };
    let hosts = plumbing::file::read(&file, LARGEST).unwrap_or_default();
    let hosts = String::from_utf8_lossy(&hosts);
    let names = |line: &str| {
        line.trim_end()
            .strip_suffix(':')
            .is_some_and(|name| name.trim_matches(['"', '\'']) == host)
    };
    if hosts.lines().any(names) {
        let file = text::quote_path(&file);
        let found = format!("for {host}, in {file}: with-bot-token goes past it, gh without it is the operator");
        sheet.ok("gh's own login", found);
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
        Ok((path, None)) => sheet.ok(NAME, format!("kept in {}", text::quote_path(path))),
        Ok((path, Some(why))) => sheet.ok(NAME, format!("kept in {}, since {why}", text::quote_path(path))),
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
            "fix that, or name another private place in RAXX_MINT_CACHE",
        ),
    }
}

/// Whom git acts as on the bot's host, from here, without the wrapper and with it.
fn git(sheet: &mut Sheet<'_>, environment: &Environment, host: &str) {
    sheet.begin("asking git for its credentials");
    let program = |name: &str| Tool::new(name, environment).0;
    let settings = match settings::read(&mut program("git")) {
        Ok(settings) => settings,
        // That it is not there is told already.
        Err(failure) if failure.code == Code::CommandNotFound => return,
        Err(failure) => return sheet.fail(HELPERS, failure),
    };
    // That of the repository which it stands in, as far as its remotes tell.
    let path = hazards::path_of_remotes(&settings, host);
    let asked = helpers::of(&settings, host, path.as_deref());
    tell_helpers(sheet, &asked, host);
    let hazards = hazards::survey(
        &settings,
        &program,
        environment,
        host,
        path.as_deref().unwrap_or_default(),
    );
    for hazard in &hazards {
        tell_hazard(sheet, hazard, host, asked.ours.is_some());
    }
    if hazards.is_empty() {
        sheet.ok(
            OTHER_WAYS,
            format!("no netrc, header, cookie, certificate, URL or ssh remote leads to {host} as the operator"),
        );
    }
}

const HELPERS: &str = "credential helpers";

/// All helpers are told what has served, so that one behind ours counts too.
fn tell_helpers(sheet: &mut Sheet<'_>, asked: &Helpers, host: &str) {
    const INSTALL: &str =
        "`git-credential-raxx install --bot NAME` puts ours last and alone; with --local for this repository";
    let others = asked.others().map(Setting::shown).collect::<Vec<_>>().join(", ");
    if let Some((ours, missing)) = asked
        .ours
        .as_ref()
        .and_then(|ours| Some((ours, helpers::missing(&ours.value)?)))
    {
        let found = format!("ours for {host} is not there: {}", text::quote(&missing));
        let cause = format!("{} names it, so that git asks nobody and fails", ours.shown());
        return sheet.warn(HELPERS, found, cause, INSTALL);
    }
    match (&asked.ours, &asked.forgotten_by, others.is_empty()) {
        (Some(_), _, true) => sheet.ok(HELPERS, format!("ours alone is asked for {host}")),
        (None, Some(by), _) => sheet.warn(
            HELPERS,
            format!("ours is forgotten for {host}, by {}", by.shown()),
            "an empty helper behind ours takes it away, so that git acts as the operator",
            INSTALL,
        ),
        (None, None, true) => sheet.ok(HELPERS, format!("none for {host}")),
        (None, None, false) => sheet.ok(
            HELPERS,
            format!("{others} for {host}, which with-bot-token --git does not ask"),
        ),
        (Some(_), _, false) if asked.before.is_empty() => sheet.warn(
            HELPERS,
            format!("{others} after ours for {host}"),
            "git tells every helper what has served; ours has no answer where another may keep it",
            INSTALL,
        ),
        (Some(_), _, false) => sheet.warn(
            HELPERS,
            format!("{others} beside ours for {host}"),
            "git takes the first that answers, so it may act as the operator",
            INSTALL,
        ),
    }
}

const OTHER_WAYS: &str = "other ways to be the operator";

fn tell_hazard(sheet: &mut Sheet<'_>, hazard: &Hazard, host: &str, is_ours_asked: bool) {
    let found = hazard.words(host);
    let by_the_door = if hazard.is_put_aside_by_the_door {
        "with-bot-token --git puts it aside"
    } else {
        "with-bot-token --git stops there"
    };
    let is_setting_for_good = hazard.kind == Kind::Certificate && !hazard.is_put_aside_by_the_door;
    let why = match (is_ours_asked, hazard.rest) {
        _ if is_setting_for_good => {
            format!("{by_the_door}, since git cannot be told to leave it out; without it git is the operator")
        }
        (false, _) => {
            return sheet.ok(
                OTHER_WAYS,
                format!("{found}; {by_the_door}, git without it is the operator"),
            );
        }
        (true, Rest::Nothing) => {
            return sheet.ok(OTHER_WAYS, format!("{found}; the helper's settings put it aside"));
        }
        (true, Rest::ForLfs) => {
            format!("git leaves it aside, by the helper's settings, but git-lfs does not; {by_the_door}, for both")
        }
        (true, Rest::All) => {
            format!("it wins over the helper that git is to ask, so that git is the operator; {by_the_door}")
        }
    };
    sheet.warn(OTHER_WAYS, found, why, hazard.fix.as_str());
}
