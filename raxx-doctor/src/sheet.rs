//! The checks of an examination, and their outcomes.

use std::time::{Duration, Instant};

use plumbing::{Class, Failure};
use serde::{Serialize, Serializer};

/// The outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// As it should be.
    Ok,
    /// It works, and a person should look at it.
    Warning,
    /// It does not work.
    Failed,
    /// It could not be checked, or need not be.
    Skipped,
}

/// One line of the examination. No field holds a secret, nor a part of one.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// What it belongs to, such as `configuration` or `bot raxx-dev-bot`.
    pub group: String,
    /// What was looked at.
    pub name: String,
    /// Its outcome.
    pub mark: Mark,
    /// What was found.
    pub found: String,
    /// Why, under a warning or a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What to do, under a warning or a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// The stable name of what failed; the programs fail with the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// How long it took.
    #[serde(rename = "milliseconds", serialize_with = "milliseconds")]
    pub took: Duration,
    /// Which exit code a failure leads to.
    #[serde(skip)]
    pub class: Option<Class>,
}

// serde hands the field over by reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn milliseconds<S: Serializer>(took: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    // To the microsecond: more is noise.
    serializer.serialize_f64((took.as_secs_f64() * 1e6).round() / 1e3)
}

/// Who watches the examination.
pub trait Audience {
    /// A check begins that may take a while.
    fn begin(&mut self, what: &str);
    /// A check has ended.
    fn tell(&mut self, check: &Check);
}

/// Collects checks and tells each as it ends.
pub(crate) struct Sheet<'a> {
    audience: &'a mut dyn Audience,
    group: String,
    since: Instant,
    pub(crate) checks: Vec<Check>,
}

impl<'a> Sheet<'a> {
    pub(crate) fn new(audience: &'a mut dyn Audience) -> Self {
        Self {
            audience,
            group: String::new(),
            since: Instant::now(),
            checks: vec![],
        }
    }

    /// What follows belongs to this group.
    pub(crate) fn group(&mut self, name: impl Into<String>) {
        self.group = name.into();
        self.since = Instant::now();
    }

    /// The next check begins, and may take a while.
    pub(crate) fn begin(&mut self, what: &str) {
        self.audience.begin(what);
        self.since = Instant::now();
    }

    pub(crate) fn ok(&mut self, name: &str, found: impl Into<String>) {
        self.end(name, Mark::Ok, found.into(), None, None);
    }

    pub(crate) fn warn(
        &mut self,
        name: &str,
        found: impl Into<String>,
        cause: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.end(name, Mark::Warning, found.into(), Some(cause.into()), Some(fix.into()));
    }

    pub(crate) fn skip(&mut self, name: &str, why: impl Into<String>) {
        self.end(name, Mark::Skipped, why.into(), None, None);
    }

    pub(crate) fn fail(&mut self, name: &str, failure: Failure) {
        self.end(name, Mark::Failed, failure.summary, failure.cause, failure.fix);
        if let Some(check) = self.checks.last_mut() {
            check.code = Some(failure.code.name());
            check.class = Some(failure.code.class());
        }
    }

    /// The time of the next check, where it was measured elsewhere.
    pub(crate) fn took(&mut self, took: Duration) -> &mut Self {
        let now = Instant::now();
        self.since = now.checked_sub(took).unwrap_or(now);
        self
    }

    fn end(&mut self, name: &str, mark: Mark, found: String, cause: Option<String>, fix: Option<String>) {
        let check = Check {
            group: self.group.clone(),
            name: name.to_owned(),
            mark,
            found,
            cause,
            fix,
            code: None,
            took: self.since.elapsed(),
            class: None,
        };
        self.audience.tell(&check);
        self.checks.push(check);
        self.since = Instant::now();
    }
}
