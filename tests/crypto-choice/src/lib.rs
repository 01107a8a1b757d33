//! One program built over two crypto libraries, so that they can be measured side by side.
//!
//! Feature `aws-lc`: aws-lc-rs under rustls and under jsonwebtoken. Feature `ring`: ring under rustls, and under
//! jsonwebtoken through a signer of our own. `run.sh` builds both and prints the table of `docs/architecture.md`.

use std::time::Duration;

#[cfg(feature = "aws-lc")]
pub use rustls::crypto::aws_lc_rs::default_provider as tls_provider;
#[cfg(feature = "ring")]
pub use rustls::crypto::ring::default_provider as tls_provider;

#[cfg(feature = "ring")]
mod ring_signer;
#[cfg(feature = "ring")]
pub use ring_signer::install as install_jwt_signer;

#[cfg(any(
    all(feature = "aws-lc", feature = "ring"),
    not(any(feature = "aws-lc", feature = "ring"))
))]
compile_error!("choose one: --features aws-lc or --features ring");

/// jsonwebtoken finds its only built-in provider by itself.
#[cfg(feature = "aws-lc")]
pub fn install_jwt_signer() {}

/// The smallest, the median and the first of the CPU times of `runs` calls of `work` on this thread.
///
/// CPU time rather than wall time: other programs of the machine do not count. The first is kept apart, since a
/// program that mints one token pays for cold caches and lazy tables every time.
pub fn measure<E>(runs: usize, mut work: impl FnMut() -> Result<Duration, E>) -> Result<Summary, E> {
    let first = work()?;
    let mut times = (1..runs.max(2)).map(|_| work()).collect::<Result<Vec<_>, _>>()?;
    times.sort_unstable();
    Ok(Summary {
        first,
        min: times[0],
        median: times[times.len() / 2],
    })
}

/// What [`measure`] found.
pub struct Summary {
    pub first: Duration,
    pub min: Duration,
    pub median: Duration,
}

impl std::fmt::Display for Summary {
    /// Whole microseconds, tab-separated: first, minimum, median.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}\t{}\t{}",
            self.first.as_micros(),
            self.min.as_micros(),
            self.median.as_micros()
        )
    }
}

/// CPU time that this thread has used so far.
pub fn thread_cpu() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(
        now.tv_sec.unsigned_abs(),
        u32::try_from(now.tv_nsec).unwrap_or_default(),
    )
}
