//! A new token before the old one ends.

use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use jiff::{SignedDuration, Timestamp};
use plumbing::documents::{InstallationToken, LiveToken};
use plumbing::{Code, Context, Failure};
use raxx_mint::MintFlags;
use token_cache::Cache;

use super::Folder;
use super::stopwatch::Stopwatch;

/// How many twentieths of a token's life may pass: of an hour, 45 minutes, so that a quarter of an hour is left for tries
/// that fail, and ten minutes for the command.
const TWENTIETHS: u32 = 15;
/// How many twentieths pass at least between two renewals, whatever is done to the clock: of an hour, three minutes.
const TWENTIETHS_AT_LEAST: u32 = 1;
/// The same where a server says that its tokens live for next to no time.
const SHORTEST_BREAK: Duration = Duration::from_secs(1);
/// After so long a token has certainly ended: GitHub gives an hour.
const CERTAINLY_OVER: Duration = Duration::from_secs(2 * 60 * 60);
/// The clock is looked at so often at most: a machine that slept has to renew when it wakes, not an hour after.
const LONGEST_NAP: Duration = Duration::from_secs(10);
const SHORTEST_NAP: Duration = Duration::from_millis(50);
/// Between tries that fail, so many parts of a token's life: of an hour, five minutes, of which three fit into what is left of it.
/// Infisical locks an identity out after a few wrong secrets.
const PARTS_OF_A_DELAY: u32 = 12;

/// Keeps the token in a folder live.
pub(super) struct Renewal<'a> {
    pub(super) context: &'a Context,
    pub(super) chain: &'a MintFlags,
    pub(super) first: &'a LiveToken,
    pub(super) folder: &'a Folder,
}

impl Renewal<'_> {
    /// Renews until the other end of `ended` is dropped; the tokens that it made and that may still be live.
    pub(super) fn run(&self, ended: &Receiver<()>) -> Vec<InstallationToken> {
        let mut made: Vec<(Stopwatch, LiveToken)> = vec![];
        let mut due = self.due(self.first.clone());
        loop {
            let mut delays = ExponentialBuilder::new()
                .with_jitter()
                .with_min_delay(due.nap())
                .with_max_delay(due.longest_delay())
                .without_max_times()
                .build();
            let mut nap = due.nap();
            let mut told = false;
            loop {
                if ended.recv_timeout(nap) != Err(RecvTimeoutError::Timeout) {
                    return made.into_iter().map(|(_, live)| live.token).collect();
                }
                if let Some(live) = due.follow(due.since.elapsed(), self.context.now()) {
                    // Where it cannot be written, git's helper is told of a wrong end until the next renewal.
                    let _ = self.folder.put(live);
                }
                if !due.has_come(due.since.elapsed()) {
                    continue;
                }
                match self.renew(&mut made) {
                    Ok(next) => {
                        due = next;
                        break;
                    }
                    Err(failure) => {
                        if !told {
                            self.context.report.note(&format!(
                                "the token could not be renewed, and will be tried again: {}",
                                failure.summary
                            ));
                        }
                        told = true;
                        nap = delays.next().unwrap_or(due.longest_delay());
                    }
                }
            }
        }
    }

    /// A token that cannot be put in its place is one to be revoked all the same.
    fn renew(&self, made: &mut Vec<(Stopwatch, LiveToken)>) -> Result<Due, Failure> {
        let live = self.mint()?;
        let placed = self.folder.put(&live);
        let due = self.due(live.clone());
        // Not by what was made of its life here, which may be wrong.
        made.retain(|(since, _)| since.elapsed() < CERTAINLY_OVER);
        made.push((Stopwatch::start(), live));
        placed.map(|()| due)
    }

    fn due(&self, live: LiveToken) -> Due {
        Due::of(live, self.context.now())
    }

    /// A defect that shows in one try must not end the renewal. It has told of itself.
    fn mint(&self) -> Result<LiveToken, Failure> {
        let attempt = || raxx_mint::mint_one(self.context, &Cache::new(self.context)?, self.chain);
        panic::catch_unwind(AssertUnwindSafe(attempt))
            .unwrap_or_else(|_| Err(Failure::new(Code::Internal, "an internal error")))
    }
}

/// When a token is to be renewed.
struct Due {
    since: Stopwatch,
    /// This machine's time when the stopwatch was started, had its clock always been as it is now.
    began: Timestamp,
    live: LiveToken,
    /// How far the clock was set ahead in all: perhaps not set, but the machine was halted, and the token aged meanwhile.
    ahead: Duration,
}

impl Due {
    fn of(live: LiveToken, now: Timestamp) -> Self {
        Self {
            since: Stopwatch::start(),
            began: now,
            live,
            ahead: Duration::ZERO,
        }
    }

    /// Follows this machine's clock where it was set: the token, with its life by the clock as it is now.
    fn follow(&mut self, passed: Duration, now: Timestamp) -> Option<&LiveToken> {
        let passed = SignedDuration::try_from(passed).ok()?;
        let set_by = now.duration_since(self.began).saturating_sub(passed);
        if set_by.unsigned_abs() <= self.twentieth() {
            return None;
        }
        self.began = now.saturating_sub(passed).ok()?;
        self.live.life = self.live.life.moved(set_by);
        if set_by.is_positive() {
            self.ahead = self.ahead.saturating_add(set_by.unsigned_abs());
        }
        Some(&self.live)
    }

    /// When the time has passed by the stopwatch, or may have while the machine was halted; but then not at once again.
    fn has_come(&self, passed: Duration) -> bool {
        let late = self.twentieth() * TWENTIETHS;
        let is_late = passed >= late
            || (passed.saturating_add(self.ahead) >= late && passed >= self.twentieth() * TWENTIETHS_AT_LEAST);
        is_late && passed >= SHORTEST_BREAK
    }

    fn twentieth(&self) -> Duration {
        self.live.life.length() / 20
    }

    /// Between one try and the next.
    fn longest_delay(&self) -> Duration {
        (self.live.life.length() / PARTS_OF_A_DELAY).max(SHORTEST_NAP)
    }

    /// How often to look.
    fn nap(&self) -> Duration {
        self.twentieth().clamp(SHORTEST_NAP, LONGEST_NAP)
    }
}

#[cfg(test)]
mod tests {
    use super::Due;
    use jiff::{SignedDuration, Timestamp};
    use plumbing::documents::{InstallationToken, LiveToken};
    use plumbing::{BaseUrl, BearerToken, Life};
    use std::time::Duration;

    const MINUTE: Duration = Duration::from_secs(60);

    fn now() -> Timestamp {
        "2026-11-23T17:04:23Z".parse().expect("a time")
    }

    /// An hour's token that was made now.
    fn due() -> Due {
        let life = Life::granted(now(), now() + SignedDuration::from_hours(1), Some(now())).expect("it lives");
        let token = InstallationToken {
            bot: None,
            token: BearerToken::parse("ghs_1").expect("a token"),
            expires_at: life.ends_at(),
            permissions: None,
            repository_selection: None,
            repositories: None,
            app_id: "1".to_owned(),
            installation_id: "1".to_owned(),
            github_api_url: BaseUrl::parse("api.github.com").expect("a base"),
        };
        Due::of(LiveToken { token, life }, now())
    }

    /// Whether it is due after so many minutes, when this machine's clock shows that so many have passed.
    fn is_due(passed: u32, shown: i64) -> bool {
        let mut due = due();
        due.follow(MINUTE * passed, now() + SignedDuration::from_mins(shown));
        due.has_come(MINUTE * passed)
    }

    #[test]
    fn an_hour_is_renewed_a_quarter_before_its_end() {
        assert_eq!(
            [44, 45, 46].map(|minutes| is_due(minutes, minutes.into())),
            [false, true, true]
        );
    }

    #[test]
    fn a_clock_that_is_set_back_delays_nothing() {
        assert_eq!([44, 45].map(|minutes| is_due(minutes, -600)), [false, true]);
    }

    #[test]
    fn after_a_halt_it_is_soon_and_after_a_clock_is_set_ahead_no_storm() {
        assert_eq!([0, 2, 3].map(|minutes| is_due(minutes, 6_000)), [false, false, true]);
    }

    #[test]
    fn the_end_that_git_is_told_follows_the_clock() {
        for hours in [-5, 5] {
            let mut due = due();
            let shown = now() + SignedDuration::from_hours(hours) + SignedDuration::from_mins(10);
            let live = due.follow(MINUTE * 10, shown).expect("the clock was set");
            assert_eq!(live.life.left(shown), MINUTE * 50);
            let later = shown + SignedDuration::from_mins(1);
            assert!(due.follow(MINUTE * 11, later).is_none(), "once");
        }
    }
}
