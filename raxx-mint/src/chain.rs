//! The four steps, one after the other.

use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use gh_app_jwt::JwtId;
use gh_install_token::{LARGEST_CLOCK_ERROR, Refused, Remedy, Target};
use infisical_fetch::BotFolders;
use infisical_login::Account;
use jiff::SignedDuration;
use plumbing::documents::{BotSecrets, LiveToken};
use plumbing::{Context, Failure};
use servers::http::Client;

use crate::minted::Minted;

/// As many exchanges run side by side; GitHub asks not to be met by many at once
/// (<https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api>).
const SIDE_BY_SIDE: usize = 8;

/// Who logs in, and what for.
pub(crate) struct Chain<'a> {
    pub(crate) context: &'a Context,
    pub(crate) account: &'a Account,
    pub(crate) target: &'a Target,
}

impl Chain<'_> {
    /// Logs in, fetches, and exchanges for each bot.
    ///
    /// # Errors
    /// Those of the login and the fetch, where they fail for all bots.
    pub(crate) fn run(&self, folders: &BotFolders) -> Result<Vec<Minted>, Failure> {
        let client = Client::new(self.context)?;
        // How many bots `--all-bots` will find is not known yet; one connection is needed in any case.
        let exchanges = folders.selection.paths().len().clamp(1, SIDE_BY_SIDE);
        (0..exchanges).for_each(|_| client.connect_early(&self.target.api.base));
        let session = infisical_login::login(&client, self.account, self.context)?;
        let bots = infisical_fetch::fetch(&client, &session, folders)?;
        Ok(side_by_side(bots, |bot| {
            let outcome = bot.outcome.and_then(|secrets| self.token(&client, &secrets));
            Minted::at(&bot.path, outcome)
        }))
    }

    /// Signs and exchanges, and once more where another JWT can help.
    fn token(&self, client: &Client, secrets: &BotSecrets) -> Result<LiveToken, Failure> {
        let report = &self.context.report;
        let outcome = match self.attempt(client, secrets, SignedDuration::ZERO) {
            Err(Refused {
                failure,
                remedy: Some(Remedy::Clock(offset)),
            }) if offset.abs() <= LARGEST_CLOCK_ERROR => {
                let (cause, fix) = (failure.cause.unwrap_or_default(), failure.fix.unwrap_or_default());
                report.note(&format!(
                    "{cause}; signing once more by GitHub's clock. To fix it: {fix}"
                ));
                self.attempt(client, secrets, offset)
            }
            Err(Refused {
                remedy: Some(Remedy::AnotherJwt),
                ..
            }) => self.attempt(client, secrets, SignedDuration::ZERO),
            outcome => outcome,
        };
        Ok(outcome?)
    }

    fn attempt(&self, client: &Client, secrets: &BotSecrets, offset: SignedDuration) -> Result<LiveToken, Refused> {
        let started = Instant::now();
        let now = self.context.now();
        // An offset of a day at most leads out of no time that a clock can show.
        let now = now.saturating_add(offset).unwrap_or(now);
        let jwt = gh_app_jwt::sign(secrets, now, &JwtId::random()?)?;
        let signed = format!("signed a JWT for App {}", jwt.app_id);
        self.context.report.step(&signed, started.elapsed());
        gh_install_token::exchange(client, &jwt, self.target, self.context)
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
        // This thread works too, by itself where there are no others to be had.
        let others = (1..workers).filter_map(|_| thread::Builder::new().spawn_scoped(scope, drain).ok());
        let others: Vec<_> = others.collect();
        let mut results = drain();
        for other in others {
            results.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        results
    });
    results.sort_unstable_by_key(|(position, _)| *position);
    results.into_iter().map(|(_, result)| result).collect()
}
