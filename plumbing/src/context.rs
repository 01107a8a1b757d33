//! What a call needs of the process that it runs in.

use jiff::Timestamp;

use crate::environment::Environment;
use crate::report::Report;
use crate::stop::Stop;

/// The environment, a clock, and where messages go: what every verb needs of its process, in one value, so that a call is
/// a function of its arguments.
#[derive(Clone)]
pub struct Context {
    /// The variables that the process was started with.
    pub environment: Environment,
    /// Tells this machine's time.
    pub clock: fn() -> Timestamp,
    /// Where messages go, and which.
    pub report: Report,
    /// Whether the work is wanted any more.
    pub stop: Stop,
}

impl Context {
    /// That of this process, with the flags about messages that it was given.
    pub fn of_process(report: Report) -> Self {
        Self {
            environment: Environment::of_process(report),
            clock: Timestamp::now,
            report,
            stop: Stop::default(),
        }
    }

    /// This machine's time.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }
}
