//! What is kept: told, and forgotten.

use gh_install_token::Target;
use jiff::Timestamp;
use plumbing::{Code, Environment, Failure, Report};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use servers::http::Client;

use super::directory::Directory;
use super::{Entry, Purpose, directory, read_entry, token_file};

/// A kept token, without the token.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename = "kept-token")]
pub struct Kept {
    /// The bot's name.
    pub bot: String,
    /// The bot's folder in Infisical.
    pub path: String,
    /// What it was narrowed to, such as `repo hello` or `contents=read`; empty for all that the installation reaches.
    pub scope: Vec<String>,
    /// The REST base that it is good for.
    pub github_api_url: String,
    /// When it ends, by this machine's clock.
    pub expires_at: Timestamp,
}

impl Kept {
    /// A line of JSON.
    ///
    /// # Errors
    /// None that can be met: it holds strings and a time only.
    pub fn to_json(&self) -> Result<String, Failure> {
        let line = serde_json::to_string(self);
        line.map(|line| line + "\n")
            .map_err(|_| Failure::new(Code::Internal, "a kept token cannot be described as JSON"))
    }

    /// A line for a person: the bot, the whole minutes that are left, the scope, the server.
    pub fn to_text(&self, now: Timestamp) -> String {
        let left = self.expires_at.duration_since(now).as_mins();
        let scope = if self.scope.is_empty() {
            "all that the installation reaches".to_owned()
        } else {
            self.scope.join(", ")
        };
        format!("{}  {left:>2} min  {scope}  {}\n", self.bot, self.github_api_url)
    }
}

impl From<&Entry> for Kept {
    fn from(entry: &Entry) -> Self {
        Self {
            bot: crate::bot_at(&entry.path).to_owned(),
            path: entry.path.clone(),
            scope: entry.scope.clone(),
            github_api_url: entry.token.github_api_url.clone(),
            expires_at: entry.ends_at(),
        }
    }
}

/// The live tokens that are kept, in the order of their folders.
///
/// # Errors
/// [`plumbing::Code::ConfigInvalid`] for a place that is none.
pub fn list(environment: &Environment, now: Timestamp, report: Report) -> Result<Vec<Kept>, Failure> {
    let Some(directory) = directory(environment, report)? else {
        return Ok(vec![]);
    };
    let entries = entries(&directory).into_iter().map(|(_, entry)| Kept::from(&entry));
    let mut kept: Vec<_> = entries.filter(|kept| kept.expires_at > now).collect();
    kept.sort_unstable_by(|a, b| (&a.path, &a.scope).cmp(&(&b.path, &b.scope)));
    Ok(kept)
}

/// What became of a kept token that was to be forgotten.
pub struct Forgotten {
    /// Which one.
    pub kept: Kept,
    /// Why it is still there, where it is.
    pub outcome: Result<(), Failure>,
}

/// Revokes the kept tokens that `is_meant` says, and takes them away. What cannot be revoked stays, so that another try
/// can.
///
/// # Errors
/// [`plumbing::Code::ConfigInvalid`] for a place that is none. What fails for one token only stands in its outcome.
pub fn forget(
    environment: &Environment,
    is_meant: impl Fn(&Kept) -> bool,
    now: Timestamp,
    report: Report,
) -> Result<Vec<Forgotten>, Failure> {
    let Some(directory) = directory(environment, report)? else {
        return Ok(vec![]);
    };
    let mut outcomes = vec![];
    for (file, entry) in entries(&directory) {
        let kept = Kept::from(&entry);
        if !is_meant(&kept) {
            continue;
        }
        let outcome = if kept.expires_at > now {
            Client::new(environment, report).and_then(|client| gh_install_token::revoke(&client, &entry.token))
        } else {
            Ok(())
        };
        if outcome.is_ok() {
            directory.remove(&file);
        }
        outcomes.push(Forgotten {
            kept,
            outcome: outcome.map_err(|failure| still_live(failure, entry.ends_at())),
        });
    }
    Ok(outcomes)
}

fn still_live(failure: Failure, until: Timestamp) -> Failure {
    let advice = format!("try again; it is still kept, and ends by itself at {until}");
    let fix = failure
        .fix
        .as_ref()
        .map_or(advice.clone(), |fix| format!("{fix}; then {advice}"));
    failure.fix(fix)
}

/// Takes away a kept token that GitHub has refused, if it is this one: the next mint is a new one. It is not revoked.
///
/// # Errors
/// Those of the steps' options.
pub fn forget_refused(
    environment: &Environment,
    options: &crate::Options,
    refused: &SecretString,
    report: Report,
) -> Result<(), Failure> {
    let account = options.login.resolve(environment, &report)?;
    let folders = options.fetch.resolve(environment)?;
    let target: Target = options.exchange.resolve(environment)?;
    let Some(directory) = directory(environment, report)? else {
        return Ok(());
    };
    for path in folders.paths() {
        let Some(purpose) = Purpose::of(&account, &folders, path, &target) else {
            continue;
        };
        let file = token_file(&purpose.name);
        if read_entry(&directory, &file)
            .is_some_and(|entry| entry.token.token.expose_secret() == refused.expose_secret())
        {
            directory.remove(&file);
        }
    }
    Ok(())
}

fn entries(directory: &Directory) -> Vec<(String, Entry)> {
    let files = directory.files().into_iter().map(|(file, _)| file);
    let tokens = files.filter(|file| file.strip_suffix(".token").is_some());
    tokens
        .filter_map(|file| read_entry(directory, &file).map(|entry| (file, entry)))
        .collect()
}
