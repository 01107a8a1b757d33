#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod attributes;
pub mod cli;
mod flags;
pub mod install;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use git_door::{hazards, helpers, host, settings};
use plumbing::documents::{InstallationToken, LiveToken};
use plumbing::{BearerToken, Code, Context, Environment, Failure, Life, pipe, text};
use servers::github::GithubApi;
use token_cache::Cache;
use zeroize::Zeroizing;

pub use attributes::Attributes;
pub use flags::{HelperFlags, Operation};

/// No installation-token document is larger, in bytes.
const LARGEST_DOCUMENT: u64 = 1024 * 1024;
/// What GitHub's documentation names for a token; it looks at the password only.
const USER: &str = "x-access-token";
/// What a helper says to keep git from asking anybody else.
pub const QUIT: &str = "quit=true\n";

/// Answers one of git's requests.
///
/// # Errors
/// Those of [`raxx_mint::mint`], [`Code::ConfigInvalid`] and [`Code::ConfigMissing`] for what stands in the way of it.
pub fn answer(
    operation: Operation,
    attributes: &Attributes,
    flags: &HelperFlags,
    context: &Context,
) -> Result<Zeroizing<String>, Failure> {
    let nothing = Zeroizing::default();
    match operation {
        Operation::Capability => return Ok(Zeroizing::new("version 0\ncapability authtype\n".to_owned())),
        Operation::Store | Operation::Unknown => return Ok(nothing),
        Operation::Get | Operation::Erase => {}
    }
    if let Some(file) = &flags.token_file {
        return match operation {
            Operation::Get => from_file(file, attributes, context),
            _ => Ok(nothing),
        };
    }
    let api = flags.exchange.github.resolve(&context.environment)?;
    if !is_about(attributes, &api) {
        return Ok(nothing);
    }
    if let Some(name) = &flags.token_env {
        return match operation {
            Operation::Get => from_variable(context, name).map(|token| credential(&token, None, attributes)),
            _ => Ok(nothing),
        };
    }
    let chain = flags.chain(attributes, &context.environment)?;
    let cache = Cache::new(context)?;
    if let Operation::Erase = operation {
        // git has had a 401 with it: the next one has to be new.
        if let Some(refused) = attributes.refused() {
            raxx_mint::forget_refused(context, &cache, &chain, &refused)?;
        }
        return Ok(nothing);
    }
    refuse_bad_company(attributes, api.git_host(), &context.environment)?;
    let live = raxx_mint::mint_one(context, &cache, &chain)?;
    Ok(credential(&live.token.token, Some(live.life), attributes))
}

/// Whether git asks about that GitHub, and over a line that others cannot read.
fn is_about(attributes: &Attributes, api: &GithubApi) -> bool {
    let asked = attributes.get("host").unwrap_or_default();
    attributes.get("protocol") == Some("https") && host::is_same(asked, api.git_host())
}

/// A token, in the newest words that git has said it knows.
fn credential(token: &BearerToken, life: Option<Life>, attributes: &Attributes) -> Zeroizing<String> {
    let mut lines = Zeroizing::new(String::new());
    if attributes.take_whole_credentials() {
        let whole = Zeroizing::new(format!("{USER}:{}", token.expose()));
        let whole = Zeroizing::new(STANDARD.encode(whole.as_bytes()));
        lines.push_str("capability[]=authtype\nauthtype=Basic\nephemeral=1\ncredential=");
        lines.push_str(&whole);
    } else {
        // A token is one word, so that it cannot be another line of the protocol.
        for word in ["username=", USER, "\npassword=", token.expose()] {
            lines.push_str(word);
        }
    }
    lines.push('\n');
    if let Some(life) = life {
        // git holds it against this machine's clock.
        let _ = writeln!(*lines, "password_expiry_utc={}", life.ends_at().as_second());
    }
    lines
}

/// Looks at whom git asks besides, and at what it sends by itself: what was set after we were installed, too. From 2.46 on git asks us
/// before its first request, so that nothing of the operator's has been sent yet.
fn refuse_bad_company(attributes: &Attributes, host: &str, environment: &Environment) -> Result<(), Failure> {
    let settings = match settings::read(&mut Command::new("git")) {
        // git finds itself: then it is not git that asks.
        Err(failure) if failure.code == Code::CommandNotFound => return Ok(()),
        settings => settings?,
    };
    let path = attributes.get("path");
    let asked = helpers::of(&settings, host, path);
    let keeper = asked.that_may_keep(attributes.take_whole_credentials()).next();
    if let Some(other) = keeper {
        let words = "git would hand the bot's token to a helper that may keep it";
        return Err(Failure::new(Code::ConfigConflict, words)
            .cause(format!(
                "{} comes after ours for {host}, and git tells every helper what has served",
                other.shown()
            ))
            .fix(format!(
                "`git-credential-raxx install` puts ours behind it, with --local where it stands in a repository; or take it out: `{}`",
                other.fix()
            )));
    }
    if let Some(hazard) = hazards::sent_with_a_request(&settings, environment, host, path.unwrap_or_default()) {
        let words = format!("git would reach {host} as the operator");
        return Err(Failure::new(Code::ConfigConflict, words)
            .cause(hazard.words(host))
            .fix(format!("{}; or run git through `with-bot-token --git`", hazard.fix)));
    }
    Ok(())
}

/// The token that with-bot-token has put into the command's environment.
fn from_variable(context: &Context, name: &str) -> Result<BearerToken, Failure> {
    let text = context.environment.text(&[name])?.map(Zeroizing::new);
    let text = text.ok_or_else(|| {
        Failure::new(Code::ConfigMissing, format!("{} is not set", text::quote(name)))
            .cause("git was to act with the token in it, which with-bot-token sets for the command that it runs")
            .fix("run git through with-bot-token, or give the helper --bot")
    })?;
    BearerToken::parse(text.as_str()).map_err(|why| {
        Failure::new(
            Code::ConfigInvalid,
            format!("{} holds no token that could be handed to git", text::quote(name)),
        )
        .cause(why)
    })
}

/// The token that with-bot-token keeps live while its command runs.
fn from_file(file: &Path, attributes: &Attributes, context: &Context) -> Result<Zeroizing<String>, Failure> {
    let unusable = || {
        Failure::new(
            Code::ConfigFile,
            format!("the token's file cannot be used: {}", text::quote_path(file)),
        )
        .fix("run git through with-bot-token --renew, which keeps the file while the command runs")
    };
    let document = plumbing::file::read(file, LARGEST_DOCUMENT).map_err(|error| unusable().because(error))?;
    if document.trim_ascii().is_empty() {
        return Err(unusable().cause("it is empty"));
    }
    let live =
        live_token(&document, context).map_err(|failure| unusable().cause(failure.cause.unwrap_or(failure.summary)))?;
    if !is_about(attributes, &GithubApi::at(live.token.github_api_url.clone())) {
        return Ok(Zeroizing::default());
    }
    // git would drop it without a word, and ask the next helper. Where this machine's clock was set back the token has not
    // begun yet, and who keeps the file will soon say anew from when to when it lives.
    if context.now() >= live.life.ends_at() {
        let ended = format!("the token in it ended at {}", live.life.ends_at());
        return Err(unusable().cause(ended));
    }
    Ok(credential(&live.token.token, Some(live.life), attributes))
}

/// As with-bot-token keeps it, or as another program has written it, which says when it ends by GitHub's clock only.
fn live_token(document: &[u8], context: &Context) -> Result<LiveToken, Failure> {
    pipe::parse::<LiveToken>(document).or_else(|_| {
        let token: InstallationToken = pipe::parse(document)?;
        let life = Life::granted(context.now(), token.expires_at, None);
        let life = life.ok_or_else(|| {
            let ended = format!("the token in it ended at {}", token.expires_at);
            Failure::new(Code::ConfigFile, ended)
        })?;
        Ok(LiveToken { token, life })
    })
}
