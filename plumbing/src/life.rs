//! How long a token lives, by this machine's clock.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What GitHub gives an installation token
/// (<https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app>). No answer makes it longer.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);

/// A server's date further than this from the end of the token that it hands out is not its clock's.
const BELIEVABLE: SignedDuration = SignedDuration::from_hours(24);

/// A token's life: from when to when, by the clock of the machine that was given it.
///
/// GitHub tells the end by its own clock, which this machine's need not agree with. Only when the token is handed out do
/// GitHub's `Date`, GitHub's `expires_at` and this machine's clock stand side by side: there the end is translated, once,
/// and everything that reuses, renews or hands out the token asks this. What revokes a token asks nothing of the kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Life {
    /// When it was asked for, by this machine's clock.
    #[serde(rename = "valid_from")]
    from: Timestamp,
    /// When it ends, by this machine's clock.
    #[serde(rename = "valid_until")]
    until: Timestamp,
}

impl Life {
    /// The life of a token that was asked for at `asked_at` (this machine's clock) and ends at `ends_at` (the server's),
    /// in an answer that the server dated `answered_at` (the server's).
    ///
    /// Where the date is missing or makes no sense, the clocks are taken to agree, as they do to some minutes where GitHub has
    /// just accepted a JWT by this machine's. None for a token that has ended already.
    pub fn granted(asked_at: Timestamp, ends_at: Timestamp, answered_at: Option<Timestamp>) -> Option<Self> {
        let by_server = answered_at.map(|date| ends_at.duration_since(date));
        let life = by_server
            .filter(|life| life.abs() <= BELIEVABLE)
            .unwrap_or_else(|| ends_at.duration_since(asked_at));
        if !life.is_positive() {
            return None;
        }
        let life = life.min(LONGEST);
        // Documents have whole seconds; a part of one that is lost makes it begin and end a little early.
        let whole = |time: Timestamp| Timestamp::from_second(time.as_second()).ok();
        Some(Self {
            from: whole(asked_at)?,
            until: whole(asked_at.checked_add(life).ok()?)?,
        })
    }

    /// The same life after this machine's clock was set by so much.
    #[must_use]
    pub fn moved(&self, by: SignedDuration) -> Self {
        let moved = |time: Timestamp| time.saturating_add(by).unwrap_or(time);
        Self {
            from: moved(self.from),
            until: moved(self.until),
        }
    }

    /// When it ends, by this machine's clock.
    pub const fn ends_at(&self) -> Timestamp {
        self.until
    }

    /// How long it was when it began.
    pub fn length(&self) -> Duration {
        self.until.duration_since(self.from).try_into().unwrap_or_default()
    }

    /// How much of it is left at `now`; nothing where it has ended.
    ///
    /// Nothing either where it has not begun yet: this machine's clock was set back since, and by how much is not known.
    pub fn left(&self, now: Timestamp) -> Duration {
        if now < self.from {
            return Duration::ZERO;
        }
        self.until.duration_since(now).try_into().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Life;
    use jiff::{SignedDuration, Timestamp};
    use std::time::Duration;

    const HOUR: SignedDuration = SignedDuration::from_hours(1);

    fn now() -> Timestamp {
        "2026-11-23T17:04:23Z".parse().expect("a time")
    }

    /// The life of a token from a server whose clock is ahead by `offset`, as this machine sees it.
    fn granted(offset: SignedDuration, life: SignedDuration) -> Option<Life> {
        let theirs = now() + offset;
        Life::granted(now(), theirs + life, Some(theirs))
    }

    #[test]
    fn it_is_as_long_here_as_there_whatever_the_clocks_say() {
        for hours in [-30, -1, 0, 1, 30] {
            let life = granted(SignedDuration::from_hours(hours), HOUR).expect("it lives");
            assert_eq!(
                (life.length(), life.ends_at()),
                (Duration::from_secs(3600), now() + HOUR)
            );
        }
    }

    #[test]
    fn without_a_date_the_clocks_are_taken_to_agree() {
        for date in [
            None,
            Some(Timestamp::MIN),
            Some(Timestamp::MAX),
            Some(now() - HOUR * 24 * 365),
        ] {
            let life = Life::granted(now(), now() + HOUR, date).expect("it lives");
            assert_eq!(life.ends_at(), now() + HOUR, "{date:?}");
        }
    }

    #[test]
    fn what_has_ended_is_no_life_and_none_is_longer_than_an_hour() {
        assert_eq!(granted(SignedDuration::ZERO, SignedDuration::ZERO), None);
        assert_eq!(granted(SignedDuration::ZERO, -HOUR), None);
        assert_eq!(Life::granted(now(), Timestamp::MIN, Some(now())), None);
        let eternal = Life::granted(now(), Timestamp::MAX, Some(now())).expect("it lives");
        assert_eq!(eternal.length(), Duration::from_secs(3600));
        assert_eq!(Life::granted(Timestamp::MAX, Timestamp::MAX, None), None);
    }

    #[test]
    fn nothing_is_left_after_its_end_nor_before_its_beginning() {
        let life = granted(SignedDuration::ZERO, HOUR).expect("it lives");
        let left = |at: Timestamp| life.left(at).as_secs();
        assert_eq!(left(now()), 3600);
        assert_eq!(left(now() + SignedDuration::from_mins(59)), 60);
        assert_eq!(left(now() + HOUR), 0);
        assert_eq!(left(Timestamp::MAX), 0);
        assert_eq!(left(now() - SignedDuration::from_secs(1)), 0, "the clock was set back");
    }
}
