//! The command line, for the program itself, its man page and its completions.

use std::io::{self, IsTerminal};

use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand};
use plumbing::pipe::{self, Output};
use plumbing::{Code, Context, Environment, Failure, Report, keychain, terminal};
use secrecy::{ExposeSecret, SecretString};

use crate::store;

const EXAMPLES: &str = "\
Examples:
  raxx-keychain set INFISICAL_CLIENT_ID
  raxx-keychain set INFISICAL_CLIENT_SECRET
  op read op://Private/raxx/client-secret | raxx-keychain set INFISICAL_CLIENT_SECRET
  raxx-keychain forget

The programs that log in ask it where the user's configuration file says `keychain = true`; `raxx-mint init` writes that.";

/// Keep the dispatcher's credentials in the system's keychain
///
/// Anything that runs as you can query your keychain once it is unlocked, just as it can read your files. Commands run by
/// with-bot-token do not query it; that is a convention, not a security boundary.
#[derive(Parser)]
#[command(version, after_long_help = EXAMPLES, disable_help_subcommand = true)]
pub struct Cli {
    /// What is wanted.
    #[command(subcommand)]
    pub verb: Verb,
    /// How messages are written.
    #[command(flatten)]
    pub report: Report,
}

/// What is wanted.
#[derive(Subcommand)]
pub enum Verb {
    /// Print all stored credentials as one JSON document
    #[command(after_long_help = "Examples:\n  raxx-keychain get\n  raxx-keychain get | jq keys")]
    Get {
        /// How documents are written.
        #[command(flatten)]
        output: Output,
    },
    /// Keep a credential: asked for at a terminal without being shown, else read from standard input
    #[command(after_long_help = "Examples:\n  raxx-keychain set INFISICAL_CLIENT_SECRET")]
    Set {
        /// Which, by the name of its variable
        #[arg(value_parser = PossibleValuesParser::new(keychain::NAMES))]
        name: String,
    },
    /// Forget a credential, or all of them
    #[command(after_long_help = "Examples:\n  raxx-keychain forget\n  raxx-keychain forget CF_ACCESS_CLIENT_SECRET")]
    Forget {
        /// Which, by the name of its variable; without it, all
        #[arg(value_parser = PossibleValuesParser::new(keychain::NAMES))]
        name: Option<String>,
    },
}

impl Cli {
    /// Does what is wanted.
    ///
    /// # Errors
    /// [`Code::Keychain`] where there is no keychain, or it does not do it; [`Code::ConfigInvalid`] for what can be no credential.
    pub fn run(&self, context: &Context) -> Result<(), Failure> {
        if context.environment.is_in_a_bots_command() {
            return Err(
                Failure::new(Code::Keychain, "inside a bot's command the keychain is not asked")
                    .cause("with-bot-token runs this command, which was not to have the dispatcher's credentials")
                    .fix("run it outside, or give with-bot-token --keep-credentials, which hands them on as variables"),
            );
        }
        match &self.verb {
            Verb::Get { output } => {
                let kept = store::get()?;
                if kept.is_empty() {
                    context.report.note("nothing is kept; see `raxx-keychain set --help`");
                }
                pipe::write(&kept, *output, &self.report)
            }
            Verb::Set { name } => store::set(name, &read(name)?),
            Verb::Forget { name } => {
                let names = name
                    .as_deref()
                    .map_or_else(|| keychain::NAMES.to_vec(), |name| vec![name]);
                let mut forgotten = vec![];
                for one in names {
                    if store::forget(one)? {
                        forgotten.push(one);
                    }
                }
                if forgotten.is_empty() {
                    let what = name.as_deref().unwrap_or("nothing");
                    let words = name
                        .as_ref()
                        .map_or("nothing is kept".to_owned(), |_| format!("{what} is not kept"));
                    return Err(
                        Failure::new(Code::NothingKept, words).fix("`raxx-keychain get` shows the names of what is")
                    );
                }
                context.report.note(&format!("forgot {}", forgotten.join(", ")));
                Ok(())
            }
        }
    }
}

/// What is typed or piped in, if it can be a credential at all.
fn read(name: &str) -> Result<SecretString, Failure> {
    let failed = |error: io::Error| Failure::new(Code::Usage, format!("{name} cannot be read")).because(error);
    let value: SecretString = if io::stdin().is_terminal() {
        terminal::ask_for_secret(name)?
    } else {
        io::read_to_string(io::stdin().lock()).map_err(failed)?.into()
    };
    // Judged as the variable would be, before anything sends it.
    let judged = Environment::from_iter([(name, value.expose_secret())]).credential(&[name])?;
    judged.ok_or_else(|| {
        Failure::new(Code::Usage, format!("no {name} was given")).fix("type it, or pipe it in; nothing was changed")
    })
}
