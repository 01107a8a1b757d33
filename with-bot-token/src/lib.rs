#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
// It becomes another program, and the door for git is made of links: there is nothing to share elsewhere.
#![cfg(unix)]

pub mod cli;
mod credentials;
mod environment;
mod execute;
mod flags;
mod git;
mod identity;
mod nested;
mod stay;

use std::ffi::OsString;
use std::process::{Command, ExitStatus};
use std::sync::Arc;

use git_door::Source;
use plumbing::documents::LiveToken;
use plumbing::environment::ACTING_AS;
use plumbing::{Context, Failure};
use secrecy::ExposeSecret;
use servers::github::GithubApi;
use token_cache::Cache;

pub use crate::execute::{become_command, end_as};
pub use crate::flags::WrapperFlags;
use crate::identity::Identity;
pub use crate::stay::Stay;
use crate::stay::{Folder, Outcome, Signals, wait_for};

/// People search their logs for this line: it stays word for word.
const FALLING_BACK: &str = "INFISICAL_* env vars not set; falling back to operator PAT";

/// What is to be done now.
pub enum Prepared {
    /// This process becomes the command: with the environment in which it is the bot, or as it is, where no credentials are set
    /// at all.
    Become(Command),
    /// This process stays beside the command.
    Beside(Command, Box<Stay>),
    /// A signal came before the command was run: this process ends as by that signal.
    Interrupted(ExitStatus),
}

/// The command with the environment in which it is the bot; with its environment as it is, and a line that says so,
/// where no credentials are set at all.
///
/// `variables` are the whole environment, in its order.
///
/// # Errors
/// [`plumbing::Code::Usage`] for a text that cannot name a bot, the `config_…` codes where some credentials are missing or all of
/// them are and a bot is required, and those of [`raxx_mint::mint`].
pub fn prepare(
    variables: Vec<(OsString, OsString)>,
    flags: &WrapperFlags,
    context: &Context,
) -> Result<Prepared, Failure> {
    let chain = flags.chain()?;
    let mut command = flags.command()?;
    // Before anything else: one that cannot be understood is a guard that does not stand.
    flags.bot_is_required(&context.environment)?;
    if !credentials::are_set(&context.environment, flags)? {
        if nested::is_the_one(&context.environment, flags)? {
            for name in nested::of_others(&variables) {
                command.env_remove(name);
            }
            return Ok(Prepared::Become(command));
        }
        credentials::refuse_the_operator(&context.environment, flags)?;
        context.report.announce(FALLING_BACK);
        return Ok(Prepared::Become(command));
    }
    let cache = Arc::new(Cache::new(context)?);
    // Before there is a token that a signal could leave behind, and a token that has no place.
    let signals = (flags.revoke || flags.renew).then(Signals::catch).transpose()?;
    let folder = flags.renew.then(|| Folder::new(&cache)).transpose()?;
    let minted = {
        let (chain, cache) = (chain.clone(), Arc::clone(&cache));
        unless_interrupted(signals.as_ref(), context, move |context| {
            raxx_mint::mint_one(context, &cache, &chain)
        })?
    };
    let live = match minted {
        Outcome::Done(live) => live?,
        Outcome::Interrupted(status, made) => {
            if let Some(Ok(live)) = made {
                stay::revoke(context, [&live.token]);
            }
            return Ok(Prepared::Interrupted(status));
        }
    };
    let identity = {
        let (token, cache) = (live.token.clone(), Arc::clone(&cache));
        let is_wanted = flags.git_identity;
        unless_interrupted(signals.as_ref(), context, move |context| {
            is_wanted.then(|| identity::look_up(context, &cache, &token))
        })
    };
    let identity = match identity {
        Ok(Outcome::Done(identity)) => identity,
        Err(failure) => Some(Err(failure)),
        Ok(Outcome::Interrupted(status, _)) => {
            stay::revoke(context, [&live.token]);
            return Ok(Prepared::Interrupted(status));
        }
    };
    let set = environment_of(context, &cache, flags, &live, identity, folder.as_ref());
    let mut variables = variables;
    if context.environment.is_in_a_bots_command() {
        variables.retain(|(name, value)| !nested::is_the_outers(name, value));
    }
    let stay = signals.map(|signals| Stay::new(context, chain, live, folder, signals));
    if let (Err(_), Some(stay)) = (&set, &stay) {
        stay.give_up();
    }
    command
        .env_clear()
        .envs(environment::kept(variables, |name| flags.keeps(name)))
        .envs(set?);
    Ok(match stay {
        None => Prepared::Become(command),
        Some(stay) => Prepared::Beside(command, Box::new(stay)),
    })
}

/// Does work that a signal ends, where signals are caught at all; else it ends this process by itself.
fn unless_interrupted<T: Send + 'static>(
    signals: Option<&Signals>,
    context: &Context,
    work: impl FnOnce(&Context) -> T + Send + 'static,
) -> Result<Outcome<T>, Failure> {
    match signals {
        None => Ok(Outcome::Done(work(context))),
        Some(signals) => wait_for(signals, context, work),
    }
}

/// All that is set for the command.
fn environment_of(
    context: &Context,
    cache: &Cache,
    flags: &WrapperFlags,
    live: &LiveToken,
    identity: Option<Result<Identity, Failure>>,
    folder: Option<&Folder>,
) -> Result<Vec<(String, OsString)>, Failure> {
    let token = &live.token;
    let mut set: Vec<(String, OsString)> = vec![];
    let mut add = |name: &str, value: OsString| set.push((name.to_owned(), value));
    add(ACTING_AS, flags.bot().into());
    add(nested::ACTING_IN, nested::of_repository(&context.environment)?.into());
    if flags.keep_credentials {
        // Inside, the keychain is not asked.
        for (name, kept) in credentials::from_keychain(&context.environment)? {
            add(name, kept.expose_secret().into());
        }
    }
    for path in flags.chain()?.fetch.selection(&context.environment)?.paths() {
        add(nested::ACTING_AT, path.to_string().into());
    }
    let source = if let Some(folder) = folder {
        folder.put(live)?;
        add("GH_CONFIG_DIR", folder.path().into());
        Source::File(folder.document())
    } else {
        Source::Variable(environment::variable_of(token).to_owned())
    };
    if folder.is_none() {
        add(nested::ACTING_WITH, nested::hash(token.token.expose()).into());
    }
    for (name, value) in environment::of_token(token) {
        // What is in the environment cannot be renewed.
        if folder.is_none() || name == environment::HOST {
            add(name, value.into());
        }
    }
    match identity {
        None => {}
        Some(Ok(identity)) => identity
            .variables()
            .into_iter()
            .for_each(|(name, value)| add(name, value.into())),
        Some(Err(failure)) => context.report.note(&format!(
            "git takes its own identity, since the bot's could not be looked up: {}{}",
            failure.summary,
            failure.cause.map(|cause| format!(": {cause}")).unwrap_or_default()
        )),
    }
    if flags.git {
        let api = GithubApi::at(token.github_api_url.clone());
        for (name, value) in git::variables(context, cache, &api, source, folder.map(Folder::path))? {
            add(&name, value);
        }
    }
    Ok(set)
}
