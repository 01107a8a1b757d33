//! A new token before the old one ends.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use jiff::{SignedDuration, Timestamp};
use plumbing::Failure;
use plumbing::documents::InstallationToken;

use super::{Folder, Stay};

/// How many twentieths of a token's life may pass: of an hour, 45 minutes, so that a quarter of an hour is left for tries
/// that fail, and ten minutes for the command.
const TWENTIETHS: i32 = 15;
/// The clock is looked at so often at most: a machine that slept has to renew when it wakes, not an hour after.
const LONGEST_NAP: Duration = Duration::from_secs(10);
const SHORTEST_NAP: Duration = Duration::from_millis(50);
/// Between tries that fail: Infisical locks an identity out after a few wrong secrets.
const LONGEST_DELAY: Duration = Duration::from_secs(5 * 60);

/// Keeps the token in a folder live.
pub(super) struct Renewal<'a> {
    pub(super) stay: &'a Stay,
    pub(super) folder: &'a Folder,
}

impl Renewal<'_> {
    /// Renews until the other end of `ended` is dropped; the tokens that it made.
    pub(super) fn run(&self, ended: &Receiver<()>) -> Vec<InstallationToken> {
        let mut made = vec![];
        let mut due = Due::of(&self.stay.token, (self.stay.clock)());
        loop {
            let mut delays = ExponentialBuilder::new()
                .with_jitter()
                .with_min_delay(due.nap)
                .with_max_delay(LONGEST_DELAY)
                .without_max_times()
                .build();
            let mut nap = due.nap;
            let mut told = false;
            loop {
                if ended.recv_timeout(nap) != Err(RecvTimeoutError::Timeout) {
                    return made;
                }
                if (self.stay.clock)() < due.at {
                    continue;
                }
                match self.renew(&mut made) {
                    Ok(next) => {
                        due = next;
                        break;
                    }
                    Err(failure) => {
                        if !told {
                            self.stay.report.note(&format!(
                                "the token could not be renewed, and will be tried again: {}",
                                failure.summary
                            ));
                        }
                        told = true;
                        nap = delays.next().unwrap_or(LONGEST_DELAY);
                    }
                }
            }
        }
    }

    /// A token that cannot be put in its place is one to be revoked all the same.
    fn renew(&self, made: &mut Vec<InstallationToken>) -> Result<Due, Failure> {
        let token = raxx_mint::mint_one(
            &self.stay.surroundings,
            &self.stay.chain,
            self.stay.clock,
            self.stay.report,
        )?;
        let due = Due::of(&token, (self.stay.clock)());
        let placed = self.folder.put(&token);
        made.push(token);
        placed.map(|()| due)
    }
}

/// When a token is to be renewed, by this machine's clock, and how often to look.
struct Due {
    at: Timestamp,
    nap: Duration,
}

impl Due {
    fn of(token: &InstallationToken, now: Timestamp) -> Self {
        let twentieth = token.expires_at.duration_since(now).max(SignedDuration::ZERO) / 20;
        let nap = twentieth.unsigned_abs().clamp(SHORTEST_NAP, LONGEST_NAP);
        Self {
            at: now.saturating_add(twentieth * TWENTIETHS).unwrap_or(now),
            nap,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Due;
    use jiff::{SignedDuration, Timestamp};
    use plumbing::documents::InstallationToken;

    #[test]
    fn an_hour_is_renewed_a_quarter_before_its_end_and_seconds_likewise() {
        let now = Timestamp::UNIX_EPOCH;
        let due = |life: SignedDuration| {
            let token = InstallationToken {
                bot: None,
                token: "ghs_".into(),
                expires_at: now + life,
                permissions: None,
                repository_selection: None,
                repositories: None,
                app_id: "1".to_owned(),
                installation_id: "1".to_owned(),
                github_api_url: String::new(),
            };
            Due::of(&token, now).at.duration_since(now)
        };
        assert_eq!(due(SignedDuration::from_hours(1)), SignedDuration::from_mins(45));
        assert_eq!(due(SignedDuration::from_secs(4)), SignedDuration::from_secs(3));
        assert_eq!(due(SignedDuration::from_secs(-4)), SignedDuration::ZERO);
    }
}
