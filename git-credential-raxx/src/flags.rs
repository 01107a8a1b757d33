//! What is asked for on the command line, most of it by a line in git's configuration.

use std::path::PathBuf;

use clap::{ArgAction, Args};
use plumbing::{Code, Environment, Failure, text};

use crate::attributes::Attributes;

/// git's word for what it wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A credential.
    Get,
    /// Keep a credential that has served.
    Store,
    /// Forget a credential that was refused.
    Erase,
    /// Which extensions of the protocol are understood.
    Capability,
    /// A word of a later git, which helpers ignore.
    Unknown,
}

impl From<&str> for Operation {
    fn from(word: &str) -> Self {
        match word {
            "get" => Self::Get,
            "store" => Self::Store,
            "erase" => Self::Erase,
            "capability" => Self::Capability,
            _ => Self::Unknown,
        }
    }
}

/// Which bot git acts as, and with which token.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct HelperFlags {
    /// Those of the fetch: which bot.
    #[command(flatten)]
    pub fetch: infisical_fetch::FetchFlags,
    /// Answer with the token in this variable instead, as with-bot-token sets it for a command
    #[arg(long, value_name = "NAME", group = "folders", help_heading = "Which bots")]
    #[arg(conflicts_with_all = ["bots", "paths", "all_bots"])]
    pub token_env: Option<String>,
    /// Answer with the installation-token document in this file instead, as with-bot-token --renew keeps it
    #[arg(long, value_name = "FILE", group = "folders", help_heading = "Which bots")]
    #[arg(conflicts_with_all = ["bots", "paths", "all_bots", "token_env"])]
    pub token_file: Option<PathBuf>,
    /// Mint a token for the repository that git asks about only; needs credential.useHttpPath = true
    #[arg(long, action = ArgAction::SetTrue, help_heading = "Scope of the token")]
    pub scope_to_repo: bool,
    /// Those of the exchange: what the token may reach.
    #[command(flatten)]
    pub exchange: gh_install_token::ExchangeFlags,
    /// Those of the login.
    #[command(flatten)]
    pub login: infisical_login::LoginFlags,
    /// Whether a token that is still live will do.
    #[command(flatten)]
    pub reuse: raxx_mint::ReuseFlags,
}

impl HelperFlags {
    /// The chain's flags for what git asks about.
    pub(crate) fn chain(
        &self,
        attributes: &Attributes,
        environment: &Environment,
    ) -> Result<raxx_mint::MintFlags, Failure> {
        if !self.fetch.selection(environment)?.is_one() {
            return Err(Failure::new(Code::Usage, "git can act as one bot only").fix("give one --bot or one --path"));
        }
        let mut exchange = self.exchange.clone();
        if self.scope_to_repo {
            let asked = repository(attributes)?;
            self.refuse_wider(&asked, environment)?;
            exchange.scope.repositories.push(asked);
        }
        Ok(raxx_mint::MintFlags {
            fetch: self.fetch.clone(),
            exchange,
            login: self.login.clone(),
            reuse: self.reuse.clone(),
        })
    }

    /// The repository comes from a remote's URL, which whoever made the repository has written: it narrows, and reaches nothing that
    /// the configuration files keep from the bot.
    fn refuse_wider(&self, asked: &str, environment: &Environment) -> Result<(), Failure> {
        let selection = self.fetch.selection(environment)?;
        let usual = self.exchange.resolve(environment)?.scope_of(selection.paths().first());
        let is_bounded = !(usual.repositories.is_empty() && usual.repository_ids.is_empty());
        if !is_bounded || usual.repositories.iter().any(|name| name.eq_ignore_ascii_case(asked)) {
            return Ok(());
        }
        let asked = text::quote(asked);
        Err(Failure::new(
            Code::ConfigConflict,
            format!("git asks about {asked}, which the bot is kept from"),
        )
        .cause("its usual scope, in a configuration file or by --repo, names other repositories")
        .fix("add it there, or act as a bot that may reach it"))
    }
}

/// The bare name in `OWNER/NAME.git`.
fn repository(attributes: &Attributes) -> Result<String, Failure> {
    let path = attributes.get("path").unwrap_or_default().trim_matches('/');
    let name = path
        .split('/')
        .nth(1)
        .map(|name| name.strip_suffix(".git").unwrap_or(name));
    name.filter(|name| !name.is_empty()).map(str::to_owned).ok_or_else(|| {
        Failure::new(Code::ConfigInvalid, "git did not say which repository it asks about")
            .cause("--scope-to-repo needs the path of the remote, which git leaves out by itself")
            .fix("git config credential.https://github.com.useHttpPath true")
    })
}
