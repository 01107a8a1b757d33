//! The whole chain in one process: from Infisical credentials in the environment to a GitHub token of a bot.
//!
//! It calls the verbs of the four steps one after the other and has no logic of its own for any of them; it adds what
//! only the chain can do: several bots for one log-in, exchanges side by side, and a second signature where GitHub
//! says that this machine's clock is wrong.

#![forbid(unsafe_code)]

pub mod export;

use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use clap::Args;
use gh_install_token::Target;
use jiff::{SignedDuration, Timestamp};
use plumbing::documents::{BotSecrets, InstallationToken};
use plumbing::http::Client;
use plumbing::{Environment, Failure, Report};

/// As many exchanges run side by side; GitHub asks not to be met by many at once
/// (<https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api>).
const SIDE_BY_SIDE: usize = 8;

/// A clock further off than this is not repaired: the JWT would be good for a time that nobody expects.
const LARGEST_CLOCK_ERROR: SignedDuration = SignedDuration::from_hours(24);

/// The flags of the steps that have any.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct Options {
    /// Those of the fetch: which bots.
    #[command(flatten)]
    pub fetch: infisical_fetch::Options,
    /// Those of the exchange: what the tokens may reach.
    #[command(flatten)]
    pub exchange: gh_install_token::Options,
    /// Those of the log-in.
    #[command(flatten)]
    pub login: infisical_login::Options,
}

/// What became of one bot.
pub struct Minted {
    /// The bot's name.
    pub bot: String,
    /// Its token, or why there is none.
    pub outcome: Result<InstallationToken, Failure>,
}

/// Mints a token for every bot that is asked for. `clock` tells this machine's time.
///
/// # Errors
/// Those of the steps, where a step fails for all bots. What fails for one bot only stands in its [`Minted`].
pub fn mint(
    environment: &Environment,
    options: &Options,
    clock: fn() -> Timestamp,
    report: Report,
) -> Result<Vec<Minted>, Failure> {
    // Before the log-in: what is missing on this machine must not cost a request.
    let account = options.login.resolve(environment, &report)?;
    let folders = options.fetch.resolve(environment)?;
    let target = options.exchange.resolve(environment)?;
    let client = Client::new(environment, report)?;
    // How many bots `--all-bots` will find is not known yet; one connection is needed in any case.
    let exchanges = folders.paths().len().clamp(1, SIDE_BY_SIDE);
    (0..exchanges).for_each(|_| client.connect_early(&target.api.base));
    let session = infisical_login::login(&client, &account, clock())?;
    let bots = infisical_fetch::fetch(&client, &session, &folders)?;
    Ok(side_by_side(bots, |bot| {
        let name = bot.bot().to_owned();
        let outcome = bot.outcome.and_then(|secrets| one(&client, &secrets, &target, clock));
        let outcome = outcome.map(|token| InstallationToken {
            bot: Some(name.clone()),
            ..token
        });
        Minted { bot: name, outcome }
    }))
}

/// Signs and exchanges, and once more by GitHub's clock where GitHub says that ours is wrong.
fn one(
    client: &Client,
    secrets: &BotSecrets,
    target: &Target,
    clock: fn() -> Timestamp,
) -> Result<InstallationToken, Failure> {
    let attempt = |offset: SignedDuration| {
        let started = Instant::now();
        let now = clock();
        // An offset of a day at most leads out of no time that a clock can show.
        let jwt = gh_app_jwt::sign(secrets, now.saturating_add(offset).unwrap_or(now))?;
        client
            .report()
            .step(&format!("signed a JWT for App {}", jwt.app_id), started.elapsed());
        gh_install_token::exchange(client, &jwt, target, now)
    };
    match attempt(SignedDuration::ZERO) {
        Err(Failure {
            clock_offset: Some(offset),
            cause,
            fix,
            ..
        }) if offset.abs() <= LARGEST_CLOCK_ERROR => {
            let (cause, fix) = (cause.unwrap_or_default(), fix.unwrap_or_default());
            client.report().note(&format!(
                "{cause}; signing once more by GitHub's clock. To mend it: {fix}"
            ));
            attempt(offset)
        }
        outcome => outcome,
    }
}

/// Calls `work` for each item, eight at a time, and hands the results out in the order of the items.
fn side_by_side<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    if items.len() == 1 {
        return items.into_iter().map(work).collect();
    }
    let workers = items.len().min(SIDE_BY_SIDE);
    let queue = Mutex::new(items.into_iter().enumerate());
    let next = || queue.lock().ok().and_then(|mut queue| queue.next());
    let drain = || {
        std::iter::from_fn(next)
            .map(|(position, item)| (position, work(item)))
            .collect::<Vec<_>>()
    };
    let mut results: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(drain)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    results.sort_unstable_by_key(|(position, _)| *position);
    results.into_iter().map(|(_, result)| result).collect()
}
