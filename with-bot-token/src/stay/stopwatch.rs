//! Time that nobody can set.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Linux's `CLOCK_MONOTONIC` stands still while the machine sleeps, and so does what std makes of it; tokens do not.
/// Elsewhere it goes on (clock_gettime(3) of macOS).
#[cfg(target_os = "linux")]
const CLOCK: ClockId = ClockId::Boottime;
#[cfg(not(target_os = "linux"))]
const CLOCK: ClockId = ClockId::Monotonic;

/// Measures time that has passed, the machine's sleep included, whatever is done to its clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopwatch {
    started: Duration,
}

impl Stopwatch {
    pub(super) fn start() -> Self {
        Self { started: now() }
    }

    pub(super) fn elapsed(self) -> Duration {
        now().saturating_sub(self.started)
    }
}

fn now() -> Duration {
    clock_gettime(CLOCK).try_into().unwrap_or_default()
}
