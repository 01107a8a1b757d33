//! The whole chain in one process: from Infisical credentials in the environment to a GitHub token of a bot.
//!
//! It calls the verbs of the four steps one after the other and has no logic of its own for any of them; it adds what
//! only the chain can do: several bots for one log-in, exchanges side by side, and a second signature where GitHub
//! says that this machine's clock is wrong.

#![forbid(unsafe_code)]

pub mod cli;
pub mod export;
pub mod kept;

use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use clap::Args;
use gh_install_token::Target;
use infisical_fetch::Folders;
use infisical_login::Account;
use jiff::{SignedDuration, Timestamp};
use plumbing::documents::{BotSecrets, InstallationToken};
use plumbing::{Code, Environment, Failure, Report};
use servers::http::Client;

use kept::{Purpose, Store};

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
    /// Whether a token that is still live will do.
    #[command(flatten)]
    pub kept: kept::Options,
}

/// What became of one bot.
pub struct Minted {
    /// The bot's name.
    pub bot: String,
    /// The bot's folder in Infisical.
    pub path: String,
    /// Its token, or why there is none.
    pub outcome: Result<InstallationToken, Failure>,
}

/// A token for every bot that is asked for: one that is kept and live, or a new one. `clock` tells this machine's time.
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
    let purposes: Option<Vec<_>> = folders
        .paths()
        .iter()
        .map(|path| Purpose::of(&account, &folders, path, &target))
        .collect();
    let anew = |folders: &Folders| all_anew(environment, &account, folders, &target, clock, report);
    // Which bots `--all-bots` finds is known only to Infisical.
    let Some(purposes) = purposes.filter(|purposes| !purposes.is_empty()) else {
        return anew(&folders);
    };
    let Some(store) = Store::open(environment, &options.kept, clock, report)? else {
        return anew(&folders);
    };
    match &purposes[..] {
        [purpose] => Ok(vec![Minted::at(
            &purpose.path,
            store.share(purpose, || only(anew(&folders)?)),
        )]),
        several => reuse_or_mint(&store, several, |paths| anew(&folders.only(paths))),
    }
}

/// The token of the one bot that is asked for.
///
/// # Errors
/// Those of [`mint`], and the bot's own.
pub fn mint_one(
    environment: &Environment,
    options: &Options,
    clock: fn() -> Timestamp,
    report: Report,
) -> Result<InstallationToken, Failure> {
    only(mint(environment, options, clock, report)?)
}

fn only(minted: Vec<Minted>) -> Result<InstallationToken, Failure> {
    let first = minted.into_iter().next();
    first
        .ok_or_else(|| Failure::new(Code::Internal, "no bot was asked for"))?
        .outcome
}

/// For several bots what is live is used, and the rest is minted together. Nobody waits for another process here: it
/// would mint other bots too.
fn reuse_or_mint(
    store: &Store,
    purposes: &[Purpose],
    mint: impl FnOnce(Vec<String>) -> Result<Vec<Minted>, Failure>,
) -> Result<Vec<Minted>, Failure> {
    let mut all: Vec<_> = purposes
        .iter()
        .map(|purpose| {
            store
                .live(&purpose.name)
                .map(|token| Minted::at(&purpose.path, Ok(token)))
        })
        .collect();
    let missing = |(_, found): &(&Purpose, &Option<Minted>)| found.is_none();
    let paths: Vec<_> = purposes
        .iter()
        .zip(&all)
        .filter(missing)
        .map(|(purpose, _)| purpose.path.clone())
        .collect();
    if !paths.is_empty() {
        let none_is_live = paths.len() == purposes.len();
        let mut minted = match mint(paths.clone()) {
            Err(failure) if none_is_live => return Err(failure),
            Err(failure) => paths
                .iter()
                .map(|path| Minted::at(path, Err(failure.clone())))
                .collect(),
            Ok(minted) => minted,
        };
        for (purpose, place) in purposes.iter().zip(&mut all).filter(|(_, place)| place.is_none()) {
            let position = minted.iter().position(|one| one.path == purpose.path);
            *place = position.map(|position| minted.swap_remove(position));
            if let Some(Minted { outcome: Ok(token), .. }) = place {
                store.keep(purpose, token);
            }
        }
    }
    Ok(all.into_iter().flatten().collect())
}

fn all_anew(
    environment: &Environment,
    account: &Account,
    folders: &Folders,
    target: &Target,
    clock: fn() -> Timestamp,
    report: Report,
) -> Result<Vec<Minted>, Failure> {
    let client = Client::new(environment, report)?;
    // How many bots `--all-bots` will find is not known yet; one connection is needed in any case.
    let exchanges = folders.paths().len().clamp(1, SIDE_BY_SIDE);
    (0..exchanges).for_each(|_| client.connect_early(&target.api.base));
    let session = infisical_login::login(&client, account, clock())?;
    let bots = infisical_fetch::fetch(&client, &session, folders)?;
    Ok(side_by_side(bots, |bot| {
        let outcome = bot.outcome.and_then(|secrets| one(&client, &secrets, target, clock));
        Minted::at(&bot.path, outcome)
    }))
}

impl Minted {
    fn at(path: &str, outcome: Result<InstallationToken, Failure>) -> Self {
        let bot = bot_at(path);
        Self {
            bot: bot.to_owned(),
            path: path.to_owned(),
            outcome: outcome.map(|token| InstallationToken {
                bot: Some(bot.to_owned()),
                ..token
            }),
        }
    }
}

/// A bot has the name of its folder.
fn bot_at(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
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
