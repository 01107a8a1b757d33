//! The step as a library call: the session's end is told by the time that is passed in.

use infisical_login::Options;
use jiff::Timestamp;
use plumbing::{Environment, Report};
use servers::http::Client;
use tests::sandbox::Sandbox;

#[test]
fn a_session_ends_ten_minutes_after_the_time_that_is_passed_in() -> Result<(), plumbing::Failure> {
    let sandbox = Sandbox::start_with_pooled_keys();
    let environment = Environment::from_iter(sandbox.environment());
    let report = Report::default();
    let now: Timestamp = "2026-11-23T17:04:23.987Z".parse().expect("a time");
    let account = Options::default().resolve(&environment, &report)?;
    let session = infisical_login::login(&Client::new(&environment, report)?, &account, now)?;
    assert_eq!(
        session.expires_at.map(|time| time.to_string()).as_deref(),
        Some("2026-11-23T17:14:23Z")
    );
    assert_eq!(session.host, sandbox.infisical().base_url());
    Ok(())
}
