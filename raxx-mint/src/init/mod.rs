//! Asks for the configuration at a terminal, tries each answer as it is given, and writes the user's file.

mod answers;
mod file;
mod tried;

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use plumbing::terminal::Quiet;
use plumbing::{Code, Configuration, Context, Failure, configuration, keychain, terminal, text};

use self::answers::Answers;

/// Asks for what is missing, and writes the user's file. `keep`: the credentials go into the system's keychain.
///
/// # Errors
/// [`Code::Usage`] without a terminal, or where it ends before all is answered; [`Code::ConfigFile`] where the file cannot be written;
/// [`Code::Keychain`] where there is none.
pub(crate) fn init(context: &Context, keep: bool) -> Result<(), Failure> {
    // What would fail at the end fails here, before anything is answered.
    let path = place(context)?;
    let user = Configuration::of_user_alone(&context.environment)?;
    file::try_to_write(&path)?;
    let is_kept = user.user.as_ref().is_some_and(|user| user.settings.keychain);
    let keep = keep || is_kept;
    let mut base = context.clone();
    // A repository's file would be asked here and nowhere else.
    base.environment = context.environment.with_configuration(user.clone());
    if keep && let Err(failure) = keychain::ask() {
        if !is_kept {
            return Err(failure);
        }
        context.report.trouble(&failure);
        terminal::tell(
            "It is left alone: the credentials are asked for, and `keychain = true` is taken out of the file.",
        );
        base.environment = context.environment.with_configuration(without_keychain(user));
        return sit(context, base, &path, false);
    }
    sit(context, base, &path, keep)
}

fn sit(context: &Context, base: Context, path: &std::path::Path, keep: bool) -> Result<(), Failure> {
    let _quiet = Quiet::begin();
    let mut answers = Answers::new(base);
    answers.host()?;
    let session = answers.credentials(keep)?;
    let bots = answers.bots(&session)?;
    answers.github(&bots)?;
    answers.requires_a_bot()?;
    // First, so that the file does not speak of what is not there.
    if keep {
        answers.keep()?;
    }
    let before = file::write(path, &answers.content(&bots, keep)?)?;
    terminal::tell(&format!("Wrote {}.", text::quote_path(path)));
    if let Some(before) = before {
        terminal::tell(&format!("What stood there is in {}.", text::quote_path(&before)));
    }
    answers.tell_what_is_left(context, keep)?;
    let first = bots.names().into_iter().next().unwrap_or_default();
    terminal::tell(&format!("Try it: raxx-doctor {first}"));
    Ok(())
}

fn without_keychain(mut configuration: Configuration) -> Configuration {
    if let Some(user) = &mut configuration.user {
        user.settings.keychain = false;
    }
    configuration
}

/// Where the file goes, if there is somebody to ask at all.
fn place(context: &Context) -> Result<PathBuf, Failure> {
    let path = configuration::path_of_users(&context.environment)?.ok_or_else(|| {
        Failure::new(Code::ConfigMissing, "there is no place for a configuration file")
            .cause("there is no home directory")
            .fix("set HOME, or RAXX_CONFIG to the file's path")
    })?;
    if io::stdin().is_terminal() && io::stderr().is_terminal() {
        return Ok(path);
    }
    Err(
        Failure::new(Code::Usage, "raxx-mint init asks at a terminal, and there is none").fix(format!(
            "write {} by hand, as `raxx-mint docs pipeline` shows under Configuration files",
            text::quote_path(&path)
        )),
    )
}
