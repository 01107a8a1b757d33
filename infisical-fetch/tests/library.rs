//! The step as a library call: one client and one session serve any number of fetches.

use infisical_fetch::Options;
use plumbing::documents::InfisicalSession;
use plumbing::{Code, Environment, Report};
use servers::http::Client;
use tests::sandbox::Sandbox;

fn session(sandbox: &Sandbox, access_token: &str) -> InfisicalSession {
    InfisicalSession {
        host: sandbox.infisical().base_url(),
        access_token: access_token.into(),
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
    let environment = Environment::from_iter(sandbox.environment());
    let client = Client::new(
        &environment,
        Report {
            quiet: true,
            ..Report::default()
        },
    )?;
    let bots = ["raxx-ops-bot", "raxx-dev-bot"].map(str::to_owned).to_vec();
    let folders = Options {
        bots,
        ..Options::default()
    }
    .resolve(&environment)?;
    let fetched = infisical_fetch::fetch(
        &client,
        &session(&sandbox, &sandbox.infisical().open_session()),
        &folders,
    )?;
    let outcomes: Vec<_> = fetched
        .iter()
        .map(|bot| {
            (
                bot.bot(),
                bot.outcome
                    .as_ref()
                    .map(|secrets| secrets.app_id.as_str())
                    .map_err(|failure| failure.code),
            )
        })
        .collect();
    assert_eq!(
        outcomes,
        [
            ("raxx-ops-bot", Err(Code::BotSecretsMissingKeys)),
            ("raxx-dev-bot", Ok("3501352"))
        ]
    );
    Ok(())
}

#[test]
fn a_token_of_no_session_fails_the_fetch_as_a_whole() -> Result<(), plumbing::Failure> {
    let sandbox = Sandbox::start_with_pooled_keys();
    let environment = Environment::from_iter(sandbox.environment());
    let client = Client::new(&environment, Report::default())?;
    let folders = Options {
        all_bots: true,
        ..Options::default()
    }
    .resolve(&environment)?;
    let failure = infisical_fetch::fetch(&client, &session(&sandbox, "abc"), &folders)
        .err()
        .expect("no session");
    assert_eq!(
        (failure.code, failure.http_status),
        (Code::InfisicalFetchHttp, Some(403))
    );
    Ok(())
}
