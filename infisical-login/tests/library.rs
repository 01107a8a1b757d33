//! The step as a library call: the session's end is told by the clock that is passed in.

#![allow(clippy::expect_used, reason = "a test stops where it meets what it does not expect")]

use std::time::Duration;

use infisical_login::LoginFlags;
use jiff::Timestamp;
use plumbing::documents::InfisicalSession;
use plumbing::{Context, Environment, Report, Stop};
use servers::http::Client;
use tests::sandbox::Sandbox;

fn log_in(sandbox: &Sandbox) -> Result<InfisicalSession, plumbing::Failure> {
    let context = Context {
        environment: Environment::from_iter(sandbox.environment()),
        clock: || "2026-11-23T17:04:23.987Z".parse::<Timestamp>().expect("a time"),
        report: Report::default(),
        stop: Stop::default(),
    };
    let account = LoginFlags::default().resolve(&context)?;
    infisical_login::login(&Client::new(&context)?, &account, &context)
}

#[test]
fn a_session_ends_ten_minutes_after_the_time_that_is_passed_in() -> Result<(), plumbing::Failure> {
    let sandbox = Sandbox::start_with_pooled_keys();
    let session = log_in(&sandbox)?;
    let ends = session.expires_at.map(|time| time.to_string());
    assert_eq!(ends.as_deref(), Some("2026-11-23T17:14:23Z"));
    assert_eq!(session.host.to_string(), sandbox.infisical().base_url());
    Ok(())
}

#[test]
fn a_session_of_no_seconds_has_no_end() -> Result<(), plumbing::Failure> {
    let sandbox = Sandbox::start_with_pooled_keys();
    sandbox
        .infisical()
        .change(|settings| settings.session_lifetime = Duration::ZERO);
    assert_eq!(log_in(&sandbox)?.expires_at, None);
    Ok(())
}
