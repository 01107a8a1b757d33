//! Whether this machine has credentials: all, none, or some of them.

use infisical_fetch::PROJECT_ID;
use infisical_login::{CLIENT_ID, CLIENT_SECRET, TOKEN};
use plumbing::{Code, Environment, Failure};

use crate::WrapperFlags;

/// Whether all that a mint needs is set, or nothing of it.
///
/// # Errors
/// [`Code::ConfigMissing`] where some is set and some is not, with all that is missing; and what
/// [`Environment::credential`] may find.
pub(crate) fn are_set(environment: &Environment, flags: &WrapperFlags) -> Result<bool, Failure> {
    let id = environment.credential(&CLIENT_ID)?.is_some();
    let secret = environment.credential(&CLIENT_SECRET)?.is_some();
    // A session's token stands for both, not for one of them: that is the login's rule.
    let session = !id && !secret && environment.credential(&TOKEN)?.is_some();
    let project = environment.text(&[PROJECT_ID])?.is_some() || flags.project.project_id.is_some();
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
        _ => Err(some_missing(&missing)),
    }
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

/// The failure where nothing is set and a bot is required.
pub(crate) fn required() -> Failure {
    let [id, _] = CLIENT_ID;
    let [secret, _] = CLIENT_SECRET;
    Failure::new(
        Code::ConfigMissing,
        "INFISICAL_* env vars not set, and a bot is required",
    )
    .cause("the command would have run as the operator, which --require-bot or RAXX_REQUIRE_BOT=1 forbids")
    .fix(format!(
        "export {id}, {secret} and {PROJECT_ID}; if your shell sets them in a file, reload that (`direnv reload`, or \
         a new shell)"
    ))
}
