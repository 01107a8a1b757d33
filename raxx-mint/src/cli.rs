//! The command line, and what the program does for it.

use std::path::PathBuf;

use clap::{ArgAction, Parser, Subcommand};
use infisical_fetch::{BareNames, FetchFlags};
use plumbing::documents::InstallationToken;
use plumbing::pipe::Output;
use plumbing::{BotName, Code, Context, Failure, Failures, FolderPath, Report, pipe, program, text};
use token_cache::{Cache, Unusable};

use crate::consent;
use crate::docs::{self, Document};
use crate::export::{self, Format};
use crate::flags::MintFlags;
use crate::init;
use crate::inventory::{self, KeptToken, Which};

const EXAMPLES: &str = "\
Examples:
  raxx-mint raxx-dev-bot                                    the token alone
  raxx-mint raxx-dev-bot --repo hello --permission contents=read --json
  raxx-mint --all-bots                                      a JSON line for each bot
  eval \"$(raxx-mint raxx-dev-bot --export || echo false)\" || exit    the token for this shell
  raxx-mint raxx-dev-bot --export=fish | source; or exit              for fish
  raxx-mint raxx-dev-bot --export=nu | from json | load-env           for nushell
  raxx-mint docs agents                                     how a coding agent acts as a bot

Where the mint fails, --export prints what makes eval fail, and a token that GitHub refuses, so that a script without
`|| exit` does not go on as the operator either.

A shell that traces (`set -x`) prints what eval runs, and what it sources from a file descriptor, so the token too.
There hand it to one command only, or let the shell read it, which no trace shows (bash, zsh):
  with-bot-token raxx-dev-bot gh api /installation/repositories
  IFS= read -r GH_TOKEN < <(raxx-mint --bot raxx-dev-bot) && export GH_TOKEN";

const ABOUT_CONSENT: &str = "\
A repository's .raxx.toml says where credentials are sent, so it counts only once you have allowed what is in it, and again
when that has changed. It can make things only tighter than your own file: it narrows scopes, and asks for a bot.

Examples:
  raxx-mint allow
  raxx-mint deny ~/src/theirs";

const EXAMPLES_OF_INIT: &str = "\
Press Enter to accept the value in brackets. Nothing secret is written to a file.

Examples:
  raxx-mint init
  raxx-mint init --keychain";

const EXAMPLES_OF_BOTS: &str = "\
The configured ones are those of RAXX_BOTS, else of the configuration files. Completions ask it.

Examples:
  raxx-mint bots
  raxx-mint bots | xargs -n 1 raxx-doctor";

const EXAMPLES_OF_DOCS: &str = "\
Examples:
  raxx-mint docs                 which there are
  raxx-mint docs agents
  raxx-mint docs runbook | less";

/// Mint a short-lived GitHub token for a bot, from credentials kept in Infisical
///
/// Logs in to Infisical, fetches the bot's secrets, signs a JWT and exchanges it for an installation token, which lasts
/// an hour. Needs INFISICAL_CLIENT_ID and INFISICAL_CLIENT_SECRET in the environment or the system's keychain, and the
/// project in INFISICAL_PROJECT_ID or a configuration file (raxx-mint init).
#[derive(Parser)]
#[command(version, after_long_help = EXAMPLES, subcommand_negates_reqs = true, args_conflicts_with_subcommands = true)]
#[command(disable_help_subcommand = true, subcommand_help_heading = "For people and agents")]
pub struct Cli {
    /// Which bots.
    #[command(flatten)]
    pub names: BareNames,
    /// What is asked for.
    #[command(flatten)]
    pub flags: MintFlags,
    /// Print the whole installation-token document instead of the token alone
    #[arg(long, action = ArgAction::SetTrue, conflicts_with = "export", help_heading = "Output")]
    pub json: bool,
    /// Print the variables that gh reads, for `eval`
    #[arg(long, value_enum, value_name = "FORMAT", num_args = 0..=1, require_equals = true, help_heading = "Output")]
    #[arg(default_missing_value = "sh")]
    pub export: Option<Format>,
    /// Show which tokens are kept for reuse, for which bot and scope, and for how long
    #[arg(long, action = ArgAction::SetTrue, group = "folders", help_heading = "Reuse of a live token")]
    #[arg(conflicts_with_all = ["named", "bots", "paths", "all_bots", "export", "forget"])]
    pub list: bool,
    /// Revoke the tokens that are kept and forget them: all, or those of the bots that are named
    #[arg(long, action = ArgAction::SetTrue, group = "folders", help_heading = "Reuse of a live token")]
    #[arg(conflicts_with_all = ["all_bots", "export", "json"])]
    pub forget: bool,
    /// How documents are written.
    #[command(flatten)]
    pub output: Output,
    /// How messages are written.
    #[command(flatten)]
    pub report: Report,
    /// What is wanted in place of a token.
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// What is wanted in place of a token.
#[derive(Subcommand)]
pub enum Verb {
    /// Print a document of this version, without a network: README, runbook, how an agent acts as a bot
    #[command(after_long_help = EXAMPLES_OF_DOCS)]
    Docs {
        /// Which one; without it, the list of them
        document: Option<Document>,
    },
    /// Print the names of the bots that are configured, else of those whose tokens are kept; no server is asked
    #[command(after_long_help = EXAMPLES_OF_BOTS)]
    Bots,
    /// Ask for the configuration at a terminal, try each answer, and write your file
    #[command(after_long_help = EXAMPLES_OF_INIT)]
    Init {
        /// Keep the machine identity's credentials in the system's keychain
        #[arg(long, action = ArgAction::SetTrue)]
        keychain: bool,
    },
    /// Trust a repository's configuration file in its current content
    #[command(after_long_help = ABOUT_CONSENT)]
    Allow {
        /// The file, or the folder that it is in; without it, the nearest .raxx.toml upwards
        file: Option<PathBuf>,
    },
    /// Ignore a repository's configuration file from now on
    #[command(after_long_help = ABOUT_CONSENT)]
    Deny {
        /// The file, or the folder that it is in; without it, the nearest .raxx.toml upwards
        file: Option<PathBuf>,
    },
}

impl Cli {
    /// Mints and prints, or tells of the tokens that are kept, or forgets them; or does what a verb says.
    ///
    /// # Errors
    /// Those of what was asked for, one for each bot.
    pub fn run(&self, context: &Context) -> Result<(), Failures> {
        match &self.verb {
            None => self.mint(context),
            Some(Verb::Docs { document }) => Ok(pipe::print_while_read(
                &document.map_or_else(docs::list, |document| document.text().to_owned()),
            )?),
            Some(Verb::Bots) => Ok(bots(context)?),
            Some(Verb::Init { keychain }) => Ok(init::init(context, *keychain)?),
            Some(Verb::Allow { file }) => Ok(consent::allow(context, file.as_deref())?),
            Some(Verb::Deny { file }) => Ok(consent::deny(context, file.as_deref())?),
        }
    }

    fn mint(&self, context: &Context) -> Result<(), Failures> {
        let cache = Cache::new(context)?;
        if self.list {
            return Ok(self.list(context, &cache)?);
        }
        let mut flags = self.flags.clone();
        self.names.put_into(&mut flags.fetch);
        if self.forget {
            return self.forget(context, &cache, &flags.fetch);
        }
        let is_one = flags.fetch.selection(&context.environment)?.is_one();
        if self.export.is_some() && !is_one {
            return Err(Failure::new(Code::Usage, "--export is for one bot")
                .cause("the variables of several bots would overwrite one another")
                .fix("name one bot, or leave --export out and read the JSON lines")
                .into());
        }
        let minted = crate::mint(context, &cache, &flags)?;
        program::each(minted, |minted| {
            let printed = minted.outcome.and_then(|live| self.print(&live.token, is_one, context));
            printed.map_err(|failure| failure.of_bot((!is_one).then_some(minted.bot)))
        })
    }

    fn list(&self, context: &Context, cache: &Cache) -> Result<(), Failure> {
        let all = inventory::list(context, cache);
        // That a directory cannot be trusted is told of by whoever looks into it.
        if all.is_empty() && !matches!(cache.examine(), Err(Unusable::Unsafe(_))) {
            let why = inventory::why_nothing_is_kept(cache);
            self.report.note(&format!("there is nothing to list: {why}"));
        }
        for kept in all {
            let line = if self.json {
                kept.to_json()?
            } else {
                kept.to_text(context.now())
            };
            pipe::print_while_read(&line)?;
        }
        Ok(())
    }

    fn forget(&self, context: &Context, cache: &Cache, fetch: &FetchFlags) -> Result<(), Failures> {
        let mut which: Vec<_> = fetch
            .paths
            .iter()
            .map(|path| Which::At(FolderPath::parse(path)))
            .collect();
        for bot in &fetch.bots {
            let name = BotName::parse(bot).map_err(|_| {
                Failure::new(Code::Usage, format!("--bot takes a name, not “{}”", text::quote(bot)))
                    .fix("name the bot, or give its folder's whole path with --path")
            })?;
            which.push(match &fetch.project.path_prefix {
                Some(prefix) => Which::At(FolderPath::parse(prefix).join(&name)),
                None => Which::Named(name),
            });
        }
        let forgotten = inventory::forget(context, cache, &which)?;
        program::each(forgotten, |one| {
            let KeptToken { bot, scope, .. } = one.kept;
            one.outcome.map_err(|failure| failure.of_bot(Some(bot.clone())))?;
            let scope = if scope.is_empty() {
                String::new()
            } else {
                format!(" ({})", scope.join(", "))
            };
            self.report.note(&format!("revoked the token of {bot}{scope}"));
            Ok(())
        })
    }

    fn print(&self, token: &InstallationToken, is_one: bool, context: &Context) -> Result<(), Failure> {
        match self.export {
            Some(format) => {
                if format == Format::GithubEnv && context.environment.given("GITHUB_ACTIONS").is_some() {
                    // Standard output is the GITHUB_ENV file; the runner reads commands from standard error too.
                    self.report.command(&export::mask(token));
                }
                pipe::print(&export::render(&export::variables(token), format))
            }
            None if self.json || !is_one => pipe::write(token, self.output, &self.report),
            None => pipe::print(&format!("{}\n", token.token.expose())),
        }
    }
}

fn bots(context: &Context) -> Result<(), Failure> {
    let mut names = context.environment.bots()?;
    if names.is_empty() {
        let kept = inventory::list(context, &Cache::new(context)?);
        names = kept.into_iter().map(|kept| kept.bot.as_str().to_owned()).collect();
    }
    names.sort();
    names.dedup();
    if names.is_empty() {
        context.report.note("no bot is configured, and no token is kept");
    }
    names
        .into_iter()
        .try_for_each(|name| pipe::print_while_read(&format!("{}\n", text::quote(&name))))
}
