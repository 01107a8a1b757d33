//! What is asked for on the command line.

use std::ffi::{OsStr, OsString};
use std::process::Command;

use clap::{ArgAction, Args};
use plumbing::{BotName, Code, Environment, Failure, text};

use crate::environment::{is_dispatchers, is_the_bots};

/// The flags, the bot and its command.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct WrapperFlags {
    /// The bot, by its name or its folder's whole path, then the command and its arguments
    // One list, since only so clap leaves all that follows the bot's name alone.
    #[arg(value_names = ["BOT", "COMMAND"], required = true, trailing_var_arg = true)]
    pub line: Vec<OsString>,
    /// The bot by a flag, so that what follows is the command alone
    #[arg(long = "bot", value_name = "NAME", help_heading = "Which bot")]
    pub named: Option<String>,
    /// Where the bots' folders are.
    #[command(flatten)]
    pub project: infisical_fetch::ProjectFlags,
    /// Those of the exchange: what the token may reach.
    #[command(flatten)]
    pub exchange: gh_install_token::ExchangeFlags,
    /// Those of the login.
    #[command(flatten)]
    pub login: infisical_login::LoginFlags,
    /// Whether a token that is still live will do.
    #[command(flatten)]
    pub reuse: raxx_mint::ReuseFlags,
    /// Set GIT_AUTHOR_* and GIT_COMMITTER_* to the bot's name and address
    #[arg(long, action = ArgAction::SetTrue, help_heading = "The command's environment")]
    pub git_identity: bool,
    /// Let git act as the bot too, over HTTPS, and send its ssh remotes on that host that way
    #[arg(long, action = ArgAction::SetTrue, help_heading = "The command's environment")]
    pub git: bool,
    /// Wait for the command, then revoke the token
    #[arg(long, action = ArgAction::SetTrue, help_heading = "Long-running commands")]
    pub revoke: bool,
    /// Stay, and keep a live token in a GH_CONFIG_DIR of the command's own, not in its environment; implies --revoke
    #[arg(long, action = ArgAction::SetTrue, help_heading = "Long-running commands")]
    pub renew: bool,
    /// Keep this variable in the command's environment: one of the dispatcher's, or one that holds a GitHub token (repeatable)
    #[arg(long, value_name = "NAME", value_parser = not_the_bots, help_heading = "The command's environment")]
    pub keep: Vec<String>,
    /// Keep all of the dispatcher's: INFISICAL_* and CF_ACCESS_*
    #[arg(long, action = ArgAction::SetTrue, help_heading = "The command's environment")]
    pub keep_credentials: bool,
    /// Fail where no credentials are set, never run as the operator [env: RAXX_REQUIRE_BOT=1]
    #[arg(long, action = ArgAction::SetTrue, help_heading = "Which bot")]
    pub require_bot: bool,
}

impl WrapperFlags {
    /// The chain's flags for this bot.
    pub(crate) fn chain(&self) -> Result<raxx_mint::MintFlags, Failure> {
        let bot = self.bot();
        let mut fetch = infisical_fetch::FetchFlags {
            project: self.project.clone(),
            ..infisical_fetch::FetchFlags::default()
        };
        if bot.starts_with('/') {
            fetch.paths.push(bot.to_owned());
        } else if BotName::parse(bot).is_ok() {
            fetch.bots.push(bot.to_owned());
        } else {
            let summary = format!("a bot is a name or an absolute path, not “{}”", text::quote(bot));
            return Err(Failure::new(Code::Usage, summary).fix("write raxx-dev-bot or /MooseQuest/raxx-dev-bot"));
        }
        Ok(raxx_mint::MintFlags {
            fetch,
            exchange: gh_install_token::ExchangeFlags {
                // A command that runs for hours should not meet a token before GitHub does.
                verify: self.exchange.verify || self.renew,
                ..self.exchange.clone()
            },
            login: self.login.clone(),
            // What is revoked at the end must be nobody else's.
            reuse: raxx_mint::ReuseFlags {
                fresh: self.reuse.fresh || self.revoke || self.renew,
                ..self.reuse.clone()
            },
        })
    }

    /// The bot, as it was asked for.
    pub(crate) fn bot(&self) -> &str {
        let first = || self.line.first().and_then(|bot| bot.to_str()).unwrap_or_default();
        self.named.as_deref().unwrap_or_else(first)
    }

    /// Whether a token will not do that somebody else was given.
    pub(crate) fn wants_a_token_of_its_own(&self) -> bool {
        let is_scoped = self.exchange.scope.are_given();
        let is_long = self.reuse.min_ttl > raxx_mint::ReuseFlags::default().min_ttl;
        // Another project or environment may have another bot of that name.
        let is_elsewhere = self.project.project_id.is_some() || self.project.env_slug.is_some();
        self.revoke || self.renew || self.reuse.fresh || is_scoped || is_long || is_elsewhere
    }

    /// The command with its arguments.
    pub(crate) fn command(&self) -> Result<Command, Failure> {
        let line = self.line.get(usize::from(self.named.is_none())..).unwrap_or_default();
        let line = line.strip_prefix(&[OsString::from("--")]).unwrap_or(line);
        let (program, arguments) = line.split_first().ok_or_else(|| {
            Failure::new(Code::Usage, "no command is given")
                .fix("write it behind the bot's name: with-bot-token raxx-dev-bot gh …")
        })?;
        let mut command = Command::new(program);
        command.args(arguments);
        Ok(command)
    }

    /// Whether running as the operator is forbidden, by the flag or by the environment.
    pub(crate) fn bot_is_required(&self, environment: &Environment) -> Result<bool, Failure> {
        Ok(environment.bot_is_required()? || self.require_bot)
    }

    /// Whether a variable that is taken out otherwise stays in the command's environment.
    pub(crate) fn keeps(&self, name: &OsStr) -> bool {
        (self.keep_credentials && is_dispatchers(name)) || self.keep.iter().any(|kept| name == kept.as_str())
    }
}

/// What gh reads is where the bot's own token stands.
fn not_the_bots(name: &str) -> Result<String, String> {
    if is_the_bots(OsStr::new(name)) {
        return Err("the bot's own token stands in the variables that gh reads".to_owned());
    }
    Ok(name.to_owned())
}
