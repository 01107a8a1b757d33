//! Whether work on another thread is wanted any more.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Shared by who works and who may lose the wish for it: a signal ends this process at once, but not between a request that
/// makes something and the answer that says what.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<(Mutex<State>, Condvar)>);

#[derive(Debug, Default)]
struct State {
    is_stopped: bool,
    has_begun: bool,
}

impl Stop {
    /// Whether something may be made that somebody has to take away again; from then on the work is waited for.
    pub fn may_begin(&self) -> bool {
        let mut state = self.state();
        state.has_begun |= !state.is_stopped;
        !state.is_stopped
    }

    /// Stops what has not begun; whether the work has to be waited for, since it had begun.
    pub fn stop(&self) -> bool {
        let mut state = self.state();
        state.is_stopped = true;
        self.0.1.notify_all();
        state.has_begun
    }

    /// Waits between two tries; whether the work is still wanted then.
    pub fn pause(&self, length: Duration) -> bool {
        let waited = self
            .0
            .1
            .wait_timeout_while(self.state(), length, |state| !state.is_stopped);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        !state.is_stopped
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Stop;
    use std::time::Duration;

    #[test]
    fn what_has_begun_is_waited_for_and_what_has_not_is_never_begun() {
        let stop = Stop::default();
        assert!(stop.may_begin() && stop.stop());
        let stop = Stop::default();
        assert!(!stop.clone().stop() && !stop.may_begin());
        assert!(!stop.pause(Duration::MAX) && Stop::default().pause(Duration::ZERO));
    }
}
