//! What exists so far, for whoever ends the sitting: a failure, or a signal.

use std::sync::{Arc, Mutex, PoisonError};

use plumbing::Failure;

/// What exists, in words; nothing so far is an empty text.
#[derive(Default)]
pub(crate) struct Interruption(Arc<Mutex<Exists>>);

#[derive(Clone, Default)]
struct Exists {
    words: String,
    /// Whether a key is in memory only.
    is_at_stake: bool,
}

impl Interruption {
    /// Says what exists where a signal ends the program, and leaves the terminal as it was.
    ///
    /// # Errors
    /// Where signals cannot be caught.
    #[cfg(unix)]
    pub(crate) fn watched() -> Result<Self, Failure> {
        use plumbing::{Code, program, terminal};
        use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

        let own = Self::default();
        let exists = Self(Arc::clone(&own.0));
        let before = terminal::Settings::now();
        // What whoever started this has it ignore, as nohup does, stays ignored.
        let signals = [SIGHUP, SIGINT, SIGQUIT, SIGTERM]
            .into_iter()
            .filter(|signal| !program::ignores(*signal));
        let mut signals = signal_hook::iterator::Signals::new(signals)
            .map_err(|error| Failure::new(Code::Internal, "signals cannot be caught").because(error))?;
        std::thread::spawn(move || {
            for signal in &mut signals {
                // A question may be open whose answer is not shown.
                if let Some(before) = &before {
                    before.restore();
                }
                let said = exists.said();
                terminal::tell(&format!(
                    "Interrupted: {}.",
                    said.as_deref().unwrap_or("nothing was made")
                ));
                // As the signal would have ended it.
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        });
        Ok(own)
    }

    /// There Ctrl-C ends the program without a word.
    #[cfg(not(unix))]
    pub(crate) fn watched() -> Result<Self, Failure> {
        Ok(Self::default())
    }

    /// From now on this is what exists, and nothing is lost with this process.
    pub(crate) fn say(&self, words: String) {
        self.set(words, false);
    }

    /// The same, and a key is in this process's memory only.
    pub(crate) fn say_at_stake(&self, words: String) {
        self.set(words, true);
    }

    fn set(&self, words: String, is_at_stake: bool) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Exists { words, is_at_stake };
    }

    fn now(&self) -> Exists {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What exists; none where nothing was made.
    pub(crate) fn said(&self) -> Option<String> {
        Some(self.now().words).filter(|words| !words.is_empty())
    }

    /// Whether a key is in memory only.
    pub(crate) fn is_at_stake(&self) -> bool {
        self.now().is_at_stake
    }

    /// A failure that ends the sitting, with what exists.
    pub(crate) fn told(&self, mut failure: Failure) -> Failure {
        let Exists { words, is_at_stake } = self.now();
        if is_at_stake {
            // The first line is all that is shown with --quiet.
            failure.summary += "; the new App's key may be lost";
        }
        if !words.is_empty() {
            let fix = failure.fix.take();
            failure.fix = Some(match fix {
                Some(fix) if fix.ends_with('?') => format!("{fix} Meanwhile {words}"),
                Some(fix) => format!("{fix}; meanwhile {words}"),
                None => words,
            });
        }
        failure
    }
}
