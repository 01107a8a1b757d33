//! What this machine was told: variables, where they come from, and what is odd about them.

use std::fs;
use std::path::Path;

use infisical_fetch::{DEFAULT_ENV_SLUG, DEFAULT_PATH_PREFIX, ENV_SLUG, PATH_PREFIX, PROJECT_ID};
use infisical_login::{CLIENT_ID, CLIENT_SECRET, TOKEN};
use plumbing::environment::{REQUIRE_BOT, missing};
use plumbing::{Context, Environment, Failure, keychain, text};
use secrecy::ExposeSecret;
use servers::github::{GITHUB_API_URL, GithubApi, Product};
use servers::infisical::{ACCESS_ID, ACCESS_SECRET, AccessHeaders, CUSTOM_HEADERS, HOST, Infisical};

use crate::files;
use crate::flags::DoctorFlags;
use crate::machine::Tool;
use crate::sheet::Sheet;

const REACHING: [&str; 5] = ["SSL_CERT_FILE", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/// What the rest of the examination goes by; nothing where it cannot be used.
pub(crate) struct Configured {
    pub(crate) infisical: Option<Infisical>,
    pub(crate) github: Option<GithubApi>,
    /// Whether the credentials are fit to be sent: wrong ones lock the identity out.
    pub(crate) may_log_in: bool,
}

pub(crate) fn examine(sheet: &mut Sheet<'_>, context: &Context, flags: &DoctorFlags) -> Configured {
    sheet.group("configuration");
    let environment = &context.environment;
    if !files::examine(sheet, context) {
        sheet.skip(
            "variables",
            "not checked: what the file says in their place is not known",
        );
        return Configured {
            infisical: None,
            github: None,
            may_log_in: false,
        };
    }
    let mut variables = Variables {
        sheet,
        environment,
        context,
    };
    let may_log_in = variables.credentials();
    variables.project(flags);
    let infisical = variables.infisical_host(flags);
    variables.access();
    let github = variables.github(flags);
    variables.reaching();
    let by_file = environment.file_of(&[REQUIRE_BOT]).ok().flatten();
    if environment.given(REQUIRE_BOT).is_some() || by_file.is_some() {
        let by = by_file.map_or_else(String::new, |path| format!(", from {}", text::quote_path(path)));
        match environment.bot_is_required() {
            Ok(true) => sheet.ok(REQUIRE_BOT, format!("1: no command runs as the operator{by}")),
            Ok(false) => sheet.ok(REQUIRE_BOT, "not in force".to_owned()),
            Err(failure) => sheet.fail(REQUIRE_BOT, failure),
        }
    }
    envrc(sheet, environment);
    Configured {
        infisical,
        github,
        may_log_in,
    }
}

struct Variables<'a, 'b> {
    sheet: &'a mut Sheet<'b>,
    environment: &'a Environment,
    context: &'a Context,
}

impl Variables<'_, '_> {
    fn credentials(&mut self) -> bool {
        // One that cannot be used is set all the same.
        let is_set = |names: &[&str]| !matches!(self.environment.secret(names), Ok(None));
        if is_set(&TOKEN) && !is_set(&CLIENT_ID) && !is_set(&CLIENT_SECRET) {
            return self.secret(&TOKEN);
        }
        // Both are told of, whatever becomes of the first.
        let id = self.secret(&CLIENT_ID);
        self.secret(&CLIENT_SECRET) && id
    }

    /// Tells of a secret by its length; whether it is fit to be sent.
    fn secret(&mut self, names: &[&str]) -> bool {
        let name = names.first().copied().unwrap_or_default();
        // Custom headers are no credential, but hold some.
        let value = if names == [CUSTOM_HEADERS] {
            self.environment.secret(names)
        } else {
            self.environment.credential(names)
        };
        let value = match value {
            Err(failure) => {
                self.sheet.fail(name, failure);
                return false;
            }
            Ok(None) => {
                self.sheet.fail(name, self.unset(names));
                return false;
            }
            Ok(Some(value)) => value,
        };
        let value = value.expose_secret();
        let found = format!("{} characters, {}", value.chars().count(), self.source(names));
        self.judge(name, names, value, found);
        true
    }

    fn unset(&self, names: &[&str]) -> Failure {
        let is_kept = names.iter().any(|name| keychain::NAMES.contains(name));
        let failure = if is_kept {
            self.environment.missing_credential(names)
        } else {
            missing(names)
        };
        match names.iter().find(|name| self.environment.given(name).is_some()) {
            Some(name) => failure.cause(format!("{name} is set but empty, which counts as unset")),
            None => failure,
        }
    }

    /// Tells of a value that was found, and of what is odd about it in its variable.
    fn judge(&mut self, name: &str, names: &[&str], value: &str, found: String) {
        let set = names.iter().copied().find(|name| self.is_given(name)).unwrap_or(name);
        let raw = self.environment.given(set).and_then(|raw| raw.to_str());
        match blemish(raw.unwrap_or(value)) {
            None => self.sheet.ok(name, found),
            Some(where_) => self.sheet.warn(
                name,
                found,
                format!("the value of {set} has {where_}; it is dropped here, and other programs would send it"),
                format!("set {set} anew without it"),
            ),
        }
    }

    fn is_given(&self, name: &str) -> bool {
        self.environment.variable(&[name]).is_ok_and(|value| value.is_some())
    }

    /// Where a value comes from.
    fn source(&self, names: &[&str]) -> String {
        // Of these alone a twin is read.
        let is_kept = names.iter().any(|name| keychain::NAMES.contains(name));
        let is_secret = is_kept || names == TOKEN || names == [CUSTOM_HEADERS];
        for (position, name) in names.iter().enumerate() {
            let twin = format!("{name}_FILE");
            let fall_back = if position > 0 { ", the fallback name" } else { "" };
            if self.is_given(name) {
                return match position {
                    0 => "from the environment".to_owned(),
                    _ => format!("from {name}{fall_back}"),
                };
            }
            if let (true, Ok(Some(path))) = (is_secret, self.environment.text(&[&twin])) {
                return format!("from the file of {twin}{fall_back}: {}", text::quote(&path));
            }
        }
        if is_kept {
            return "from the keychain".to_owned();
        }
        match self.environment.file_of(names) {
            Ok(Some(path)) => format!("from {}", text::quote_path(path)),
            _ => "by default".to_owned(),
        }
    }

    /// A value that may be shown, by a flag, a variable or default.
    fn shown(&mut self, names: &[&str], flag: Option<&String>, default: Option<&str>) {
        let [name, ..] = names else { return };
        let value = match (flag, self.environment.text(names)) {
            (Some(value), _) => {
                self.sheet.ok(name, format!("{}, from a flag", text::quote(value)));
                return;
            }
            (None, Err(failure)) => return self.sheet.fail(name, failure),
            (None, Ok(value)) => value,
        };
        match (value, default) {
            (Some(value), _) => {
                let found = format!("{}, {}", text::quote(&value), self.source(names));
                if self.environment.variable(names).is_ok_and(|value| value.is_some()) {
                    self.judge(name, names, &value, found);
                } else {
                    self.sheet.ok(name, found);
                }
            }
            (None, Some(default)) if self.environment.given(name).is_some() => self.sheet.warn(
                name,
                format!("{default}, by default"),
                format!("{name} is set but empty, which counts as unset"),
                format!("set {name}, or unset it"),
            ),
            (None, Some(default)) => self.sheet.ok(name, format!("{default}, by default")),
            (None, None) => {
                let failure = self.unset(names);
                self.sheet.fail(name, failure);
            }
        }
    }

    fn project(&mut self, flags: &DoctorFlags) {
        let project = &flags.project;
        self.shown(&[PROJECT_ID], project.project_id.as_ref(), None);
        self.shown(&ENV_SLUG, project.env_slug.as_ref(), Some(DEFAULT_ENV_SLUG));
        self.shown(&[PATH_PREFIX], project.path_prefix.as_ref(), Some(DEFAULT_PATH_PREFIX));
    }

    fn infisical_host(&mut self, flags: &DoctorFlags) -> Option<Infisical> {
        let [name, ..] = HOST;
        let flag = flags.login.infisical_host.as_deref();
        let infisical = match Infisical::configured(flag, self.context) {
            Ok(infisical) => infisical,
            Err(failure) => {
                // What is wrong with the headers in front stands under their own names.
                if AccessHeaders::from_environment(self.environment).is_ok() {
                    self.sheet.fail(name, failure);
                }
                return None;
            }
        };
        let source = flag.map_or_else(|| self.source(&HOST), |_| "from a flag".to_owned());
        let found = format!("{}, {source}", infisical.host);
        if infisical.host.path().is_empty() {
            let value = self.environment.text(&HOST).ok().flatten().unwrap_or_default();
            self.judge(name, &HOST, &value, found);
        } else {
            self.sheet.warn(
                name,
                found,
                format!(
                    "the host has a path: requests go to {}/api/…, where a server answers only if it was put there",
                    infisical.host
                ),
                format!(
                    "leave the path out unless Infisical stands there: {}",
                    infisical.host.clone().with_path("")
                ),
            );
        }
        Some(infisical)
    }

    fn access(&mut self) {
        let is_whole = [ACCESS_ID, ACCESS_SECRET]
            .iter()
            .all(|name| self.environment.secret(&[name]).is_ok_and(|value| value.is_some()));
        let both = [ACCESS_ID, ACCESS_SECRET].map(|name| {
            let asked = if is_whole {
                Environment::credential
            } else {
                Environment::secret
            };
            (name, asked(self.environment, &[name]))
        });
        match both {
            [(name, Err(failure)), _] | [_, (name, Err(failure))] => self.sheet.fail(name, failure),
            [(_, Ok(Some(_))), (_, Ok(Some(_)))] => {
                self.secret(&[ACCESS_ID]);
                self.secret(&[ACCESS_SECRET]);
            }
            [(set, Ok(Some(_))), (unset, Ok(None))] | [(unset, Ok(None)), (set, Ok(Some(_)))] => self.sheet.warn(
                set,
                format!("set, and {unset} is not"),
                "one half of a service token opens nothing, so both are ignored",
                format!("set {unset} too, or unset {set}"),
            ),
            [(_, Ok(None)), (_, Ok(None))] => {}
        }
        if self
            .environment
            .secret(&[CUSTOM_HEADERS])
            .is_ok_and(|value| value.is_some())
        {
            match AccessHeaders::from_environment(self.environment) {
                Err(failure) if failure.summary.starts_with(CUSTOM_HEADERS) => self.sheet.fail(CUSTOM_HEADERS, failure),
                _ => {
                    self.secret(&[CUSTOM_HEADERS]);
                }
            }
        }
    }

    fn github(&mut self, flags: &DoctorFlags) -> Option<GithubApi> {
        let api = match flags.github.resolve(self.environment) {
            Ok(api) => api,
            Err(failure) => {
                self.sheet.fail(GITHUB_API_URL, failure);
                return None;
            }
        };
        let source = match &flags.github.github_api_url {
            Some(_) => "from a flag".to_owned(),
            None => self.source(&[GITHUB_API_URL]),
        };
        let found = format!("{}, API version {}, {source}", api.base, api.version());
        let is_odd =
            api.product() == Product::EnterpriseServer && api.base.path() != "/api/v3" && !api.base.is_loopback();
        if is_odd {
            self.sheet.warn(
                GITHUB_API_URL,
                found,
                "an Enterprise Server's REST base ends in /api/v3",
                format!("set it to {}", api.base.clone().with_path("/api/v3")),
            );
        } else {
            let value = self
                .environment
                .text(&[GITHUB_API_URL])
                .ok()
                .flatten()
                .unwrap_or_default();
            self.judge(GITHUB_API_URL, &[GITHUB_API_URL], &value, found);
        }
        Some(api)
    }

    /// What the client would refuse.
    fn reaching(&mut self) {
        let set = REACHING.into_iter().find(|name| self.is_given(name));
        let Some(name) = set else { return };
        match servers::http::Client::new(self.context) {
            Ok(_) if name == "SSL_CERT_FILE" => {
                let path = self.environment.text(&[name]).ok().flatten().unwrap_or_default();
                self.sheet
                    .ok(name, format!("{}, beside the built-in roots", text::quote(&path)));
            }
            // A proxy's URL may hold a password, and its host stands under reachability.
            Ok(_) => self.sheet.ok(name, "set"),
            Err(failure) => self.sheet.fail(name, failure),
        }
    }
}

fn blemish(raw: &str) -> Option<&'static str> {
    if raw.ends_with(['\n', '\r']) {
        return Some("a newline at its end");
    }
    (raw.trim() != raw).then_some("white space around it")
}

/// direnv takes the nearest one above (<https://direnv.net/man/direnv.1.html>).
fn envrc(sheet: &mut Sheet<'_>, environment: &Environment) {
    let here = std::env::current_dir().unwrap_or_default();
    let Some(path) = here
        .ancestors()
        .map(|above| above.join(".envrc"))
        .find(|path| path.is_file())
    else {
        return;
    };
    let shown = text::quote_path(&path);
    let folder = path.parent().unwrap_or(Path::new("/"));
    let tracked = Tool::git(environment)
        .arg("-C")
        .arg(folder)
        .args(["ls-files", "--error-unmatch", ".envrc"])
        .says();
    if tracked.is_some() {
        sheet.warn(
            ".envrc",
            format!("{shown} is tracked by git"),
            "whatever credentials it holds are in the repository, and in every clone",
            "git rm --cached .envrc, add it to .gitignore, and rotate the client secret if it was ever pushed",
        );
        return;
    }
    match fs::metadata(&path).map(|metadata| mode_for_others(&metadata)) {
        Ok(Some(mode)) => sheet.warn(
            ".envrc",
            format!("{shown} is open to others (mode {mode:o})"),
            "every user of this machine may be able to read the credentials in it",
            "chmod 600 .envrc",
        ),
        Ok(None) if cfg!(unix) => sheet.ok(".envrc", format!("{shown}, yours alone, not tracked by git")),
        Ok(None) => sheet.ok(".envrc", format!("{shown}, not tracked by git")),
        Err(error) => sheet.skip(".envrc", format!("{shown} cannot be looked at: {error}")),
    }
}

/// A file's mode, if it lets other users in.
#[cfg(unix)]
fn mode_for_others(metadata: &fs::Metadata) -> Option<u32> {
    let mode = std::os::unix::fs::MetadataExt::mode(metadata) & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

/// Who may read a file does not stand in a mode there.
#[cfg(not(unix))]
fn mode_for_others(_: &fs::Metadata) -> Option<u32> {
    None
}
