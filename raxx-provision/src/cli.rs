//! The command line, for the program itself, its man page and its completions.

use clap::{ArgAction, ArgGroup, Parser, ValueHint};
use gh_install_token::{Level, permission};
use plumbing::{Context, Failure, Report};

use crate::sitting;

const EXAMPLES: &str = "\
Examples:
  raxx-provision raxx-dev-bot --org MooseQuest --permission contents=write --dry-run
  raxx-provision raxx-dev-bot --org MooseQuest --permission contents=write --permission pull_requests=write
  raxx-provision raxx-dev-bot --org MooseQuest --permission contents=write --dispatcher raxx-agent-dispatcher --keychain
  raxx-provision raxx-dev-bot --resume                   after an owner's approval, or a broken sitting
  raxx-provision raxx-dev-bot --resume --app-id 3501352 < key.pem    an App whose key was lost, with a new one
  raxx-provision raxx-dev-bot --rotate < key.pem         a new key, made on the App's page; delete the file
  raxx-provision raxx-dev-bot --retire                   the end of it: no installation, no secrets
  ssh -L 8228:127.0.0.1:8228 server, and there: raxx-provision raxx-dev-bot --org MooseQuest --port 8228 --no-browser

Who writes: the session in INFISICAL_TOKEN, else that of Infisical's own CLI (`infisical login`), else the machine identity of
the environment, which the dispatcher's read-only one is not fit for.";

/// Make a bot: its GitHub App, its secrets in Infisical, its installation
///
/// Shows what it will do, tries whether it may, and asks before each thing that cannot be undone. The App's private key goes from
/// GitHub's answer into Infisical and touches no disk.
#[derive(Parser)]
#[command(version, after_long_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
#[command(group(ArgGroup::new("owner").required(true).args(["org", "personal", "resume", "rotate", "retire"])))]
pub struct Cli {
    /// Bot name: that of its App, and of its folder under the path prefix
    #[arg(value_name = "BOT", value_hint = ValueHint::Other)]
    pub bot: String,
    /// The organization that is to own the App, and on which it is installed
    #[arg(long, value_name = "LOGIN", help_heading = "The App")]
    pub org: Option<String>,
    /// Your own account, which is to own it in place of an organization
    #[arg(long, value_name = "LOGIN", help_heading = "The App")]
    pub personal: Option<String>,
    /// What the bot may do, such as contents=write (repeatable); metadata=read comes by itself
    #[arg(long = "permission", value_name = "NAME=LEVEL", value_parser = permission, help_heading = "The App")]
    pub permissions: Vec<(String, Level)>,
    /// The App's homepage, which GitHub asks for
    #[arg(
        long,
        value_name = "URL",
        default_value = "https://github.com/MooseQuest/raxx-mint",
        help_heading = "The App"
    )]
    pub homepage: String,
    /// Do what is left to do for a bot whose App and key are there
    #[arg(long, action = ArgAction::SetTrue, conflicts_with = "permissions", help_heading = "A bot that is there")]
    pub resume: bool,
    /// With --resume: the id of an App whose key was lost, and a new one, made on its page, on standard input or pasted unseen
    #[arg(long, value_name = "ID", value_parser = app_id, conflicts_with_all = ["org", "personal", "rotate", "retire"], help_heading = "A bot that is there")]
    pub app_id: Option<String>,
    /// Put a new key in the place of the old one: made on the App's page, read from standard input or pasted unseen
    #[arg(long, action = ArgAction::SetTrue, conflicts_with = "permissions", help_heading = "A bot that is there")]
    pub rotate: bool,
    /// Uninstall its App, which ends its tokens, and delete its secrets
    #[arg(long, action = ArgAction::SetTrue, conflicts_with = "permissions", help_heading = "A bot that is there")]
    pub retire: bool,
    /// Make the machine identity that mints, too: no role, sessions of 600 s, and one privilege to read the bots' folders
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other, conflicts_with_all = ["rotate", "retire"], help_heading = "The dispatcher")]
    pub dispatcher: Option<String>,
    /// Put its client id and secret into the system's keychain, in place of printing them once as variables
    #[arg(long, action = ArgAction::SetTrue, requires = "dispatcher", help_heading = "The dispatcher")]
    pub keychain: bool,
    /// Show what would be done, and do nothing
    #[arg(long, action = ArgAction::SetTrue, help_heading = "The sitting")]
    pub dry_run: bool,
    /// Do not ask before each step
    #[arg(long, action = ArgAction::SetTrue, help_heading = "The sitting")]
    pub yes: bool,
    /// The port on 127.0.0.1 of the page that leads to GitHub and back [default: any that is free]
    #[arg(long, value_name = "PORT", help_heading = "The sitting")]
    pub port: Option<u16>,
    /// Print addresses, and open no browser
    #[arg(long, action = ArgAction::SetTrue, help_heading = "The sitting")]
    pub no_browser: bool,
    /// How long the installation, or a server in trouble, is waited for, in minutes
    #[arg(long, value_name = "MINUTES", value_parser = minutes, default_value_t = 10, help_heading = "The sitting")]
    pub wait: u64,
    /// Print what was done as one JSON document; nothing with --dry-run
    #[arg(long, action = ArgAction::SetTrue, help_heading = "Output")]
    pub json: bool,
    /// Where the bots' folders are.
    #[command(flatten)]
    pub project: infisical_fetch::ProjectFlags,
    /// Which Infisical.
    #[command(flatten)]
    pub login: infisical_login::LoginFlags,
    /// Which GitHub.
    #[command(flatten)]
    pub github: servers::github::GithubFlags,
    /// How messages are written.
    #[command(flatten)]
    pub report: Report,
}

fn minutes(text: &str) -> Result<u64, &'static str> {
    text.parse().map_err(|_| "write a number of minutes, such as 10")
}

/// GitHub's ids of Apps are numbers.
fn app_id(text: &str) -> Result<String, &'static str> {
    match text.parse::<u64>() {
        Ok(id) => Ok(id.to_string()),
        Err(_) => Err("write the number that the App's page shows as App ID"),
    }
}

impl Cli {
    /// Makes the bot, or does what is asked for one that is there.
    ///
    /// # Errors
    /// Where a step does not end well, with what exists so far and how to go on.
    pub fn run(&self, context: &Context) -> Result<(), Failure> {
        sitting::sit(self, context)
    }
}
