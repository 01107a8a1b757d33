//! A wrapper inside a wrapper: there is a bot already, and the credentials to be another are gone.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use infisical_fetch::PATH_PREFIX;
use plumbing::environment::{ACTING_AS, BOTS, REQUIRE_BOT};
use plumbing::{Code, Environment, Failure, operators, text};
use raxx_mint::export::TOKENS;
use token_cache::Name;

use crate::WrapperFlags;
use crate::environment::{HOST, is_the_bots};

/// That bot's whole folder.
pub(crate) const ACTING_AT: &str = "RAXX_ACTING_AT";
/// A hash of the token that it has in its environment, by which another one is known that was set since.
pub(crate) const ACTING_WITH: &str = "RAXX_ACTING_WITH";
/// A hash of what the repository's configuration file said where it was started.
pub(crate) const ACTING_IN: &str = "RAXX_ACTING_IN";
const CONFIG_OF_GH: &str = "GH_CONFIG_DIR";
const IDENTITY: [&str; 4] = [
    "GIT_AUTHOR_NAME",
    "GIT_AUTHOR_EMAIL",
    "GIT_COMMITTER_NAME",
    "GIT_COMMITTER_EMAIL",
];

/// Whether this process runs as the bot that is asked for already; false where it runs as none.
///
/// # Errors
/// [`Code::ConfigMissing`] where it runs as another bot, or more is asked for than this one has: there is nothing to mint with,
/// and no operator to fall back to.
pub(crate) fn is_the_one(environment: &Environment, flags: &WrapperFlags) -> Result<bool, Failure> {
    let Some(acting) = environment.text(&[ACTING_AS])? else {
        return Ok(false);
    };
    let asked = flags.bot();
    let missing = |summary: String| {
        Err(Failure::new(Code::ConfigMissing, summary)
            .cause("with-bot-token took the dispatcher's credentials out of this command's environment")
            .fix("start the outer command with --keep-credentials, or this one from outside of it"))
    };
    // A name alone may be the outer one's folder, whatever prefix that was told; a folder that is named has to be that one.
    let is_named_whole =
        asked.starts_with('/') || flags.project.path_prefix.is_some() || environment.given(PATH_PREFIX).is_some();
    let is_same = match environment.text(&[ACTING_AT])?.filter(|_| is_named_whole) {
        Some(at) => {
            let selection = flags.chain()?.fetch.selection(environment)?;
            selection.paths().iter().all(|path| path.to_string() == at)
        }
        None => is_same(&acting, asked),
    };
    let host = flags.exchange.resolve(environment)?.api.git_host().to_owned();
    let outer_host = environment.text(&[HOST])?.unwrap_or_else(|| "github.com".to_owned());
    if host != outer_host {
        let (asked, acting) = (text::quote(asked), text::quote(&acting));
        return missing(format!(
            "{asked} on {} was asked for inside a command that runs as {acting} on {}",
            text::quote(&host),
            text::quote(&outer_host)
        ));
    }
    if !is_same {
        let (asked, acting) = (text::quote(asked), text::quote(&acting));
        return missing(format!("{asked} was asked for inside a command that runs as {acting}"));
    }
    let has_identity = environment.given(IDENTITY[0]).is_some_and(is_a_bots);
    let lacks = [
        (!has_token(environment), "its token"),
        (flags.wants_a_token_of_its_own(), "a token of its own"),
        (
            is_told_otherwise(environment)?,
            "what the repository's .raxx.toml here asks for",
        ),
        (flags.git && !git_door::is_open(environment), "git (--git)"),
        (flags.git_identity && !has_identity, "the bot's name (--git-identity)"),
    ];
    match lacks.iter().find(|(lacks, _)| *lacks) {
        Some((_, what)) => missing(format!(
            "{} already runs here, but without {what}",
            text::quote(&acting)
        )),
        None => Ok(true),
    }
}

/// Whether another repository's file speaks here than where the outer one was started: it may ask for less, or for another project.
fn is_told_otherwise(environment: &Environment) -> Result<bool, Failure> {
    let Some(repository) = &environment.configuration()?.repository else {
        return Ok(false);
    };
    let asks = |variable: &&str| ![BOTS, REQUIRE_BOT].contains(variable);
    let says_something = repository.settings.values.keys().any(asks) || !repository.settings.bots.is_empty();
    let here = of_repository(environment)?;
    let is_the_outers = environment.given(ACTING_IN).is_some_and(|outer| *outer == *here);
    Ok(says_something && !is_the_outers)
}

/// What tells one repository's file from another by what it says; the same where there is none.
///
/// # Errors
/// Those of the configuration files.
pub(crate) fn of_repository(environment: &Environment) -> Result<String, Failure> {
    let repository = environment.configuration()?.repository.as_ref();
    let says = repository
        .map(|repository| format!("{:?}", repository.settings))
        .unwrap_or_default();
    Ok(Name::of(&["acting in", &says]).to_string())
}

/// Whether its token is still there, in a variable or in the folder of a run: without one gh would take the operator's login. A
/// login shell or direnv may have put the operator's in its place.
fn has_token(environment: &Environment) -> bool {
    let mut tokens = TOKENS
        .as_flattened()
        .iter()
        .filter_map(|name| environment.given(name))
        .peekable();
    if tokens.peek().is_none() {
        // What is in the folder of a run is read anew for each call.
        let folder = environment
            .given(CONFIG_OF_GH)
            .filter(|folder| is_folder_of_a_run(folder));
        return folder.is_some_and(|folder| Path::new(folder).join("hosts.yml").is_file());
    }
    let with = environment.given(ACTING_WITH);
    tokens.all(|token| {
        token
            .to_str()
            .is_some_and(|token| with.is_some_and(|with| *with == *hash(token)))
    })
}

/// What tells one token from another, and from which none can be made.
pub(crate) fn hash(token: &str) -> String {
    Name::of(&["acting with", token]).to_string()
}

/// The variables that hold a token of somebody else's beside the bot's own, set since it began.
pub(crate) fn of_others(variables: &[(OsString, OsString)]) -> impl Iterator<Item = &OsString> {
    let others = variables.iter().filter(|(name, value)| {
        operators::is_token(name, value) && !operators::is_of_settings(name) && !is_the_bots(name)
    });
    others.map(|(name, _)| name)
}

fn is_folder_of_a_run(value: &OsStr) -> bool {
    value.to_string_lossy().contains("/raxx-run-")
}

/// By its name, or by its folder.
fn is_same(one: &str, other: &str) -> bool {
    let name = |bot: &str| bot.trim_end_matches('/').rsplit('/').next().map(str::to_owned);
    let both_folders = one.starts_with('/') && other.starts_with('/');
    if both_folders {
        one.trim_end_matches('/') == other.trim_end_matches('/')
    } else {
        name(one) == name(other)
    }
}

fn is_a_bots(value: &OsStr) -> bool {
    value.to_string_lossy().contains("[bot]")
}

/// Whether a variable is the outer bot's, which must not be the inner one's.
pub(crate) fn is_the_outers(name: &OsString, value: &OsString) -> bool {
    let is = |own: &str| name == own;
    (IDENTITY.into_iter().any(is) && is_a_bots(value))
        || (is(CONFIG_OF_GH) && is_folder_of_a_run(value))
        || is(ACTING_AS)
        || is(ACTING_AT)
        || is(ACTING_WITH)
        || is(ACTING_IN)
}
