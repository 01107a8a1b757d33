//! The chain as a library call: the steps' verbs one after the other, and what `mint` adds to them.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where it meets what it does not expect"
)]

use gh_app_jwt::JwtId;
use gh_install_token::{Remedy, Revoked};
use jiff::{SignedDuration, Timestamp};
use plumbing::{BotName, Code, Context, Environment, Failure, Report, Stop};
use raxx_mint::MintFlags;
use servers::http::Client;
use tests::sandbox::Sandbox;
use token_cache::Cache;

fn context(sandbox: &Sandbox, clock: fn() -> Timestamp) -> Context {
    Context {
        environment: Environment::from_iter(sandbox.environment()),
        clock,
        report: Report {
            quiet: true,
            ..Report::default()
        },
        stop: Stop::default(),
    }
}

fn of_dev_bot() -> MintFlags {
    let fetch = infisical_fetch::FetchFlags {
        bots: vec!["raxx-dev-bot".to_owned()],
        ..Default::default()
    };
    MintFlags {
        fetch,
        ..MintFlags::default()
    }
}

#[test]
fn the_four_verbs_make_a_token_that_can_be_revoked() -> Result<(), Failure> {
    let sandbox = Sandbox::start_with_pooled_keys();
    let context = context(&sandbox, Timestamp::now);
    let flags = of_dev_bot();
    let client = Client::new(&context)?;

    let session = infisical_login::login(&client, &flags.login.resolve(&context)?, &context)?;
    let folders = flags.fetch.resolve(&context.environment)?;
    let fetched = infisical_fetch::fetch(&client, &session, &folders)?;
    let secrets = fetched.into_iter().next().expect("one bot").outcome?;
    let jwt = gh_app_jwt::sign(&secrets, context.now(), &JwtId::random()?)?;
    let target = flags.exchange.resolve(&context.environment)?;
    let live = gh_install_token::exchange(&client, &jwt, &target, &context)?;

    assert!(sandbox.github().is_live(live.token.token.expose()));
    assert_eq!(gh_install_token::revoke(&client, &live.token)?, Revoked::Now);
    assert!(!sandbox.github().is_live(live.token.token.expose()));
    assert_eq!(gh_install_token::revoke(&client, &live.token)?, Revoked::Already);
    Ok(())
}

#[test]
fn a_clock_that_is_wrong_at_the_step_tells_its_error() -> Result<(), Failure> {
    let sandbox = Sandbox::start_with_pooled_keys();
    sandbox
        .github()
        .change(|settings| settings.clock_offset = SignedDuration::from_mins(30));
    let context = context(&sandbox, Timestamp::now);
    let bot = sandbox.bot("raxx-dev-bot");
    let secrets = plumbing::documents::BotSecrets {
        path: None,
        app_id: bot.app_id.to_string(),
        installation_id: bot.installation_id.to_string(),
        private_key_pem: bot.key.pkcs1_pem().into(),
    };
    let jwt = gh_app_jwt::sign(&secrets, context.now(), &JwtId::random()?)?;
    let target = of_dev_bot().exchange.resolve(&context.environment)?;
    let refused = gh_install_token::exchange(&Client::new(&context)?, &jwt, &target, &context);
    let refused = refused.expect_err("too late");
    assert_eq!(refused.failure.code, Code::GithubClock);
    let Some(Remedy::Clock(offset)) = refused.remedy else {
        panic!("{:?}", refused.remedy)
    };
    // A date has whole seconds.
    let error = offset - SignedDuration::from_mins(30);
    assert!(error.abs() <= SignedDuration::from_secs(2), "{error:?}");
    Ok(())
}

#[test]
fn a_mint_is_repaired_by_the_clock_that_is_passed_in_and_its_life_is_told_by_it() -> Result<(), Failure> {
    let sandbox = Sandbox::start_with_pooled_keys();
    let context = context(&sandbox, || Timestamp::now() + SignedDuration::from_hours(5));
    let live = raxx_mint::mint_one(&context, &Cache::new(&context)?, &of_dev_bot())?;
    assert!(sandbox.github().is_live(live.token.token.expose()));
    assert_eq!(live.token.bot.as_ref().map(BotName::as_str), Some("raxx-dev-bot"));
    let left = live.life.left(context.now()).as_secs();
    assert!((3_590..=3_600).contains(&left), "{left} s");
    Ok(())
}
