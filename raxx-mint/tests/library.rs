//! The chain as a library call: the steps' verbs one after the other, and what `mint` adds to them.

use jiff::{SignedDuration, Timestamp};
use plumbing::{Code, Environment, Report};
use raxx_mint::Options;
use secrecy::ExposeSecret;
use servers::http::Client;
use tests::sandbox::Sandbox;

fn quiet() -> Report {
    Report {
        quiet: true,
        ..Report::default()
    }
}

fn of_dev_bot() -> Options {
    let fetch = infisical_fetch::Options {
        bots: vec!["raxx-dev-bot".to_owned()],
        ..Default::default()
    };
    Options {
        fetch,
        ..Options::default()
    }
}

#[test]
fn the_four_verbs_make_a_token_that_can_be_revoked() -> Result<(), plumbing::Failure> {
    let sandbox = Sandbox::start_with_pooled_keys();
    let environment = Environment::from_iter(sandbox.environment());
    let options = of_dev_bot();
    let client = Client::new(&environment, quiet())?;
    let now = Timestamp::now();

    let session = infisical_login::login(&client, &options.login.resolve(&environment, &quiet())?, now)?;
    let fetched = infisical_fetch::fetch(&client, &session, &options.fetch.resolve(&environment)?)?;
    let secrets = fetched.into_iter().next().expect("one bot").outcome?;
    let jwt = gh_app_jwt::sign(&secrets, now)?;
    let token = gh_install_token::exchange(&client, &jwt, &options.exchange.resolve(&environment)?, now)?;

    assert!(sandbox.github().is_live(token.token.expose_secret()));
    gh_install_token::revoke(&client, &token)?;
    assert!(!sandbox.github().is_live(token.token.expose_secret()));
    Ok(())
}

#[test]
fn a_clock_that_is_wrong_at_the_step_tells_its_error() -> Result<(), plumbing::Failure> {
    let sandbox = Sandbox::start_with_pooled_keys();
    sandbox
        .github()
        .change(|settings| settings.clock_offset = SignedDuration::from_mins(30));
    let environment = Environment::from_iter(sandbox.environment());
    let client = Client::new(&environment, quiet())?;
    let bot = sandbox.bot("raxx-dev-bot");
    let secrets = plumbing::documents::BotSecrets {
        path: None,
        app_id: bot.app_id.to_string(),
        installation_id: bot.installation_id.to_string(),
        private_key_pem: bot.key.pkcs1_pem().into(),
    };
    let now = Timestamp::now();
    let target = gh_install_token::Options::default().resolve(&environment)?;
    let failure =
        gh_install_token::exchange(&client, &gh_app_jwt::sign(&secrets, now)?, &target, now).expect_err("too late");
    assert_eq!(failure.code, Code::GithubClock);
    let error = failure.clock_offset.expect("GitHub's date") - SignedDuration::from_mins(30);
    // A date has whole seconds.
    assert!(error.abs() <= SignedDuration::from_secs(2), "{error:?}");
    Ok(())
}

#[test]
fn a_mint_is_repaired_by_the_clock_that_is_passed_in() -> Result<(), plumbing::Failure> {
    let sandbox = Sandbox::start_with_pooled_keys();
    let environment = Environment::from_iter(sandbox.environment());
    let an_hour_fast = || Timestamp::now() + SignedDuration::from_hours(1);
    let minted = raxx_mint::mint(&environment, &of_dev_bot(), an_hour_fast, quiet())?;
    let token = minted.into_iter().next().expect("one bot").outcome?;
    assert!(sandbox.github().is_live(token.token.expose_secret()));
    assert_eq!(token.bot.as_deref(), Some("raxx-dev-bot"));
    Ok(())
}
