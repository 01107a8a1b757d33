//! When a request is sent again, and after how long.

use std::time::{Duration, Instant};

use backon::{BackoffBuilder, ExponentialBuilder};
use plumbing::{BaseUrl, Report, Stop};

use super::{HttpError, Response};

/// Two more tries: a server that is away for longer is not helped by a third.
const TRIES_MORE: usize = 2;
/// Before the first of them, give or take the jitter that keeps many agents from coming back together.
const FIRST_DELAY: Duration = Duration::from_millis(200);

/// Repeats `attempt` while its outcome may change: no connection, 429, 502, 503, 504.
///
/// Never for 400, 401, 403, 404: Infisical locks an identity out after repeated wrong secrets. A delay that the server
/// asks for makes ours longer and never shorter; where it would outlast the chain, the answer is handed on as it is.
pub(super) fn until_settled(
    deadline: Instant,
    report: &Report,
    stop: &Stop,
    base: &BaseUrl,
    mut attempt: impl FnMut() -> Result<Response, HttpError>,
) -> Result<Response, HttpError> {
    let mut delays = ExponentialBuilder::new()
        .with_jitter()
        .with_min_delay(FIRST_DELAY)
        .with_max_times(TRIES_MORE)
        .build();
    loop {
        let outcome = attempt();
        let asked = match &outcome {
            Ok(response) if matches!(response.status, 429 | 502 | 503 | 504) => response.retry_after(),
            // What is used up may be given back: another connection of this process's, perhaps.
            Err(HttpError::Connection(_) | HttpError::Exhausted(_)) => None,
            Err(HttpError::Proxy(error)) if error.may_pass() => None,
            _ => return outcome,
        };
        let Some(delay) = delays.next().map(|own| own.max(asked.unwrap_or_default())) else {
            return outcome;
        };
        let is_in_time = Instant::now().checked_add(delay).is_some_and(|again| again < deadline);
        if !is_in_time {
            return outcome;
        }
        report.step("waited to try again", delay);
        let waiting = report.waiting(|| match asked {
            Some(_) => format!(
                "waiting {} s, as {} asks, to try again",
                delay.as_secs(),
                base.authority()
            ),
            None => format!("waiting to ask {} again", base.authority()),
        });
        if !stop.pause(delay) {
            return outcome;
        }
        drop(waiting);
    }
}
