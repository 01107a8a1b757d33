//! git's credential helper protocol in front of [`raxx_mint`]: git over HTTPS acts as a bot.
//!
//! ```text
//! git config credential.https://github.com.helper 'raxx --bot raxx-dev-bot'
//! ```
//!
//! git runs the helper with an operation, and writes what it knows on standard input, a line `key=value` for each
//! attribute (gitcredentials(7), git-credential(1)):
//!
//! ```text
//! protocol=https
//! host=github.com
//! ```
//!
//! To `get` it answers with a user name, the token and its end, and to a host or protocol that is not the bot's with
//! nothing, so that git asks whomever it would have asked. A failure ends with `quit`: git then asks neither the next
//! helper, which may be the operator's, nor the person.

#![forbid(unsafe_code)]

mod attributes;
pub mod cli;
mod options;

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use plumbing::documents::InstallationToken;
use plumbing::{Code, Environment, Failure, Report, pipe};
use secrecy::{ExposeSecret, SecretString};
use servers::github::GithubApi;
use zeroize::Zeroizing;

pub use attributes::Attributes;
pub use options::{Operation, Options};

/// What GitHub's documentation names for a token; it looks at the password only.
const USER: &str = "x-access-token";
/// What a helper says to keep git from asking anybody else.
pub const QUIT: &str = "quit=true\n";

/// Answers one of git's requests. `clock` tells this machine's time.
///
/// # Errors
/// Those of [`raxx_mint::mint`], [`Code::ConfigInvalid`] and [`Code::ConfigMissing`] for what stands in the way of it.
pub fn answer(
    operation: Operation,
    attributes: &Attributes,
    environment: &Environment,
    options: &Options,
    clock: fn() -> Timestamp,
    report: Report,
) -> Result<Zeroizing<String>, Failure> {
    let nothing = Zeroizing::default();
    match operation {
        // The version of the protocol, and none of the capabilities, since none is needed.
        Operation::Capability => return Ok(Zeroizing::new("version 0\n".to_owned())),
        Operation::Store | Operation::Unknown => return Ok(nothing),
        Operation::Get | Operation::Erase => {}
    }
    if let Some(file) = &options.token_file {
        return match operation {
            Operation::Get => from_file(file, attributes, clock()),
            _ => Ok(nothing),
        };
    }
    let api = options.exchange.server.resolve(environment)?;
    if !is_about(attributes, &api) {
        return Ok(nothing);
    }
    if let Some(name) = &options.token_env {
        return match operation {
            Operation::Get => from_variable(environment, name),
            _ => Ok(nothing),
        };
    }
    let chain = options.chain(attributes)?;
    if let Operation::Erase = operation {
        // git has had a 401 with it: the next one has to be new.
        if let Some(refused) = attributes.get("password") {
            raxx_mint::kept::forget_refused(environment, &chain, &SecretString::from(refused), report)?;
        }
        return Ok(nothing);
    }
    credential(&raxx_mint::mint_one(environment, &chain, clock, report)?)
}

/// Whether git asks about that GitHub, and over a line that others cannot read.
fn is_about(attributes: &Attributes, api: &GithubApi) -> bool {
    let host = attributes.get("host").unwrap_or_default();
    attributes.get("protocol") == Some("https") && host.eq_ignore_ascii_case(api.git_host())
}

fn credential(token: &InstallationToken) -> Result<Zeroizing<String>, Failure> {
    let lines = login(token.token.expose_secret())?;
    let end = token.expires_at.as_second();
    Ok(Zeroizing::new(format!("{}password_expiry_utc={end}\n", lines.as_str())))
}

/// The token that with-bot-token has put into the command's environment.
fn from_variable(environment: &Environment, name: &str) -> Result<Zeroizing<String>, Failure> {
    let token = environment.text(&[name])?.map(Zeroizing::new);
    let token = token.ok_or_else(|| {
        Failure::new(Code::ConfigMissing, format!("{name} is not set"))
            .cause("git was to act with the token in it, which with-bot-token sets for the command that it runs")
            .fix("run git through with-bot-token, or give the helper --bot")
    })?;
    login(&token)
}

/// The token that with-bot-token keeps live while its command runs.
fn from_file(file: &Path, attributes: &Attributes, now: Timestamp) -> Result<Zeroizing<String>, Failure> {
    let unusable = |cause: String| {
        Failure::new(
            Code::ConfigFile,
            format!("the token's file cannot be used: {}", file.display()),
        )
        .cause(cause)
        .fix("run git through with-bot-token --renew, which keeps the file while the command runs")
    };
    let content = fs::read(file)
        .map(Zeroizing::new)
        .map_err(|error| unusable(error.to_string()))?;
    let token: InstallationToken = pipe::parse(&content).map_err(|failure| unusable(failure.summary))?;
    let api = GithubApi::at(&token.github_api_url).map_err(unusable)?;
    if !is_about(attributes, &api) {
        return Ok(Zeroizing::default());
    }
    // git would drop it without a word, and ask the next helper.
    if token.expires_at <= now {
        return Err(unusable(format!("the token in it ended at {}", token.expires_at)));
    }
    credential(&token)
}

/// A line break in a token would be a line of the protocol.
fn login(token: &str) -> Result<Zeroizing<String>, Failure> {
    if token.contains(char::is_control) {
        return Err(Failure::new(Code::ConfigInvalid, "the token cannot be handed to git")
            .cause("it holds a control character, which no token of GitHub's does"));
    }
    Ok(Zeroizing::new(format!("username={USER}\npassword={token}\n")))
}
