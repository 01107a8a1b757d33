//! The step as a library call: one client and one session serve any number of fetches.

#![allow(clippy::expect_used, reason = "a test stops where it meets what it does not expect")]

use infisical_fetch::FetchFlags;
use jiff::Timestamp;
use plumbing::documents::InfisicalSession;
use plumbing::{BaseUrl, BearerToken, Code, Context, Environment, Report, Stop};
use servers::http::Client;
use tests::sandbox::Sandbox;

fn context(sandbox: &Sandbox) -> Context {
    Context {
        environment: Environment::from_iter(sandbox.environment()),
        clock: Timestamp::now,
        report: Report::default(),
        stop: Stop::default(),
    }
}

fn session(sandbox: &Sandbox, access_token: &str) -> InfisicalSession {
    InfisicalSession {
        host: BaseUrl::parse(&sandbox.infisical().base_url()).expect("a base"),
        access_token: BearerToken::parse(access_token).expect("a token"),
        token_type: "Bearer".to_owned(),
        expires_at: None,
    }
}

#[test]
fn each_bot_has_its_own_outcome() -> Result<(), plumbing::Failure> {
    let sandbox = Sandbox::start_with_pooled_keys();
    sandbox.infisical().change(|settings| {
        settings.folder("/MooseQuest/raxx-ops-bot").remove("APP_ID");
    });
    let context = context(&sandbox);
    let client = Client::new(&context)?;
    let bots = ["raxx-ops-bot", "raxx-dev-bot"].map(str::to_owned).to_vec();
    let flags = FetchFlags {
        bots,
        ..FetchFlags::default()
    };
    let folders = flags.resolve(&context.environment)?;
    let session = session(&sandbox, &sandbox.infisical().open_session());
    let fetched = infisical_fetch::fetch(&client, &session, &folders)?;
    let outcomes: Vec<_> = fetched
        .iter()
        .map(|bot| {
            let outcome = bot.outcome.as_ref();
            (
                bot.bot().as_str().to_owned(),
                outcome
                    .map(|secrets| secrets.app_id.as_str())
                    .map_err(|failure| failure.code),
            )
        })
        .collect();
    assert_eq!(
        outcomes,
        [
            ("raxx-ops-bot".to_owned(), Err(Code::BotSecretsMissingKeys)),
            ("raxx-dev-bot".to_owned(), Ok("3501352"))
        ]
    );
    Ok(())
}

#[test]
fn a_token_of_no_session_fails_the_fetch_as_a_whole() -> Result<(), plumbing::Failure> {
    let sandbox = Sandbox::start_with_pooled_keys();
    let context = context(&sandbox);
    let flags = FetchFlags {
        all_bots: true,
        ..FetchFlags::default()
    };
    let folders = flags.resolve(&context.environment)?;
    let failure = infisical_fetch::fetch(&Client::new(&context)?, &session(&sandbox, "abc"), &folders)
        .err()
        .expect("no session");
    assert_eq!(
        (failure.code, failure.http_status),
        (Code::InfisicalFetchHttp, Some(403))
    );
    Ok(())
}
