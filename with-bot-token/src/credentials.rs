//! Whether this machine has credentials: all, none, or some of them.

use std::path::Path;

use infisical_fetch::PROJECT_ID;
use infisical_login::{CLIENT_ID, CLIENT_SECRET, TOKEN};
use plumbing::configuration::Why;
use plumbing::environment::REQUIRE_BOT;
use plumbing::{Code, Environment, Failure, keychain, text};
use secrecy::SecretString;
use servers::infisical::{ACCESS_ID, ACCESS_SECRET};

use crate::WrapperFlags;

/// Whether all that a mint needs is set, or nothing of it. A project that stands in a configuration file only is there for who has
/// credentials, and says nothing of whether this command was to have some.
///
/// # Errors
/// [`Code::ConfigMissing`] where some is set and some is not, with all that is missing; and what
/// [`Environment::credential`] may find.
pub(crate) fn are_set(environment: &Environment, flags: &WrapperFlags) -> Result<bool, Failure> {
    let id = environment.credential(&CLIENT_ID)?.is_some();
    let secret = environment.credential(&CLIENT_SECRET)?.is_some();
    // A session's token stands for both, not for one of them: that is the login's rule.
    let session = !id && !secret && environment.credential(&TOKEN)?.is_some();
    let is_given = environment.variable(&[PROJECT_ID])?.is_some() || flags.project.project_id.is_some();
    let project = is_given || (id || secret || session) && environment.text(&[PROJECT_ID])?.is_some();
    let [id_name, _] = CLIENT_ID;
    let [secret_name, _] = CLIENT_SECRET;
    let needed = [
        (id_name, id || session),
        (secret_name, secret || session),
        (PROJECT_ID, project),
    ];
    let missing: Vec<_> = needed.iter().filter(|(_, set)| !set).map(|(name, _)| *name).collect();
    match missing.len() {
        0 => Ok(true),
        all if all == needed.len() => Ok(false),
        1 if missing.iter().all(|name| keychain::NAMES.contains(name)) => Err(environment.missing_credential(&missing)),
        _ => Err(some_missing(&missing)),
    }
}

/// Those of the dispatcher's credentials that the keychain holds and no variable says, under any name or by a file: beside one that
/// does, each would be a contradiction to who reads both.
///
/// # Errors
/// Those of [`Environment::kept`].
pub(crate) fn from_keychain(environment: &Environment) -> Result<Vec<(&'static str, SecretString)>, Failure> {
    let mut kept = vec![];
    for names in [&CLIENT_ID[..], &CLIENT_SECRET[..], &[ACCESS_ID], &[ACCESS_SECRET]] {
        let mut is_said = false;
        for name in names {
            is_said |= environment.variable(&[name, &format!("{name}_FILE")])?.is_some();
        }
        let name = names.first().copied().unwrap_or_default();
        if let Some(value) = environment.kept(name)?.filter(|_| !is_said) {
            kept.push((name, value));
        }
    }
    Ok(kept)
}

fn some_missing(missing: &[&str]) -> Failure {
    let names = missing.join(" and ");
    let verb = if missing.len() == 1 { "is" } else { "are" };
    Failure::new(Code::ConfigMissing, format!("{names} {verb} not set"))
        .cause("other credentials are, so the command was meant to run as the bot; it was not run")
        .fix(format!(
            "export {names}; if your shell sets them in a file, reload that (`direnv reload`, or a new shell)"
        ))
}

/// Refuses to run the command as the operator where a bot is required, or may be: by a repository's file that was not allowed.
///
/// # Errors
/// [`Code::ConfigMissing`] where it is; [`Code::ConfigNotAllowed`] where it may be; what the configuration files may fail with.
pub(crate) fn refuse_the_operator(environment: &Environment, flags: &WrapperFlags) -> Result<(), Failure> {
    if flags.bot_is_required(environment)? {
        let file = if flags.require_bot {
            None
        } else {
            environment.file_of(&[REQUIRE_BOT])?
        };
        return Err(required(file));
    }
    if environment.uses_keychain()? {
        return Err(nothing_kept());
    }
    // The variable has the first word: who says 0 there knows.
    let is_decided = environment.variable(&[REQUIRE_BOT])?.is_some();
    let left_out = environment.configuration()?.left_out.as_ref();
    let Some(unknown) = left_out.filter(|left_out| left_out.why != Why::Denied && !is_decided) else {
        return Ok(());
    };
    let words = "INFISICAL_* env vars not set, and a bot may be required";
    Err(Failure::new(Code::ConfigNotAllowed, words)
        .cause(format!(
            "the command would have run as the operator, which a repository's file may forbid: {}",
            unknown.words()
        ))
        .fix("read it, then `raxx-mint allow`; or `raxx-mint deny` to go on without it"))
}

/// The failure where the keychain was to have the credentials.
fn nothing_kept() -> Failure {
    Failure::new(
        Code::ConfigMissing,
        "INFISICAL_* env vars not set, and the keychain holds none",
    )
    .cause("your configuration file says `keychain = true`, so the command was meant to run as the bot; it was not run")
    .fix(
        "`raxx-keychain set INFISICAL_CLIENT_ID`, and INFISICAL_CLIENT_SECRET likewise; or `raxx-mint init --keychain`",
    )
}

/// The failure where nothing is set and a bot is required, by a file perhaps.
fn required(file: Option<&Path>) -> Failure {
    let [id, _] = CLIENT_ID;
    let [secret, _] = CLIENT_SECRET;
    let by = file.map_or_else(
        || "--require-bot or RAXX_REQUIRE_BOT=1".to_owned(),
        |file| format!("require-bot in {}", text::quote_path(file)),
    );
    Failure::new(
        Code::ConfigMissing,
        "INFISICAL_* env vars not set, and a bot is required",
    )
    .cause(format!(
        "the command would have run as the operator, which {by} forbids"
    ))
    .fix(format!(
        "export {id}, {secret} and {PROJECT_ID}; if your shell sets them in a file, reload that (`direnv reload`, or \
         a new shell)"
    ))
}
