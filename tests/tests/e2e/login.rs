//! Step 1, and every way in which Infisical or what stands in front of it refuses a login.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tests::infisical::{Cloudflare, Era, IdentityState};
use tests::sandbox::Sandbox;
use tests::script::Canned;

use crate::chain::{Told, program};

fn login(sandbox: &Sandbox) -> Told {
    program("infisical-login").against(sandbox).run()
}

fn in_state(state: IdentityState, era: Era) -> Told {
    let sandbox = Sandbox::start_with_pooled_keys();
    sandbox.infisical().change(|settings| {
        settings.era = era;
        settings.identities[0].state = state;
    });
    login(&sandbox).failure(10)
}

fn behind_cloudflare() -> Sandbox {
    let sandbox = Sandbox::start_with_pooled_keys();
    sandbox.infisical().change(|settings| {
        settings.cloudflare = Cloudflare::Required {
            client_id: "abc.access".to_owned(),
            client_secret: "0123456789".to_owned(),
        };
    });
    sandbox
}

fn refused_once(status: u16, answer: Canned) -> Told {
    let sandbox = Sandbox::start_with_pooled_keys();
    sandbox.infisical().answer_next("/login", 1, answer);
    let told = login(&sandbox).failure(10);
    assert!(
        told.stderr
            .starts_with(&format!("error: Infisical login failed: HTTP {status}\n")),
        "{told}"
    );
    told
}

#[test]
fn a_session_is_written_with_the_time_it_ends() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let before = Timestamp::now();
    let session = login(&sandbox).document();
    let ends: Timestamp = session["expires_at"].as_str().unwrap().parse().unwrap();
    let lifetime = ends.duration_since(before);
    // The session's ten minutes, give or take the second that it took.
    assert!(
        (lifetime - SignedDuration::from_secs(600)).abs() < SignedDuration::from_secs(5),
        "{lifetime:?}"
    );
    assert_eq!(session["host"], json!(sandbox.infisical().base_url()));
    assert_eq!(
        (&session["kind"], &session["token_type"]),
        (&json!("infisical-session"), &json!("Bearer"))
    );
}

#[test]
fn the_request_is_what_infisical_documents() {
    let sandbox = Sandbox::start_with_pooled_keys();
    login(&sandbox).success();
    let requests = sandbox.journal().to("");
    let [request] = &requests[..] else {
        panic!("one request: {requests:?}")
    };
    let identity = sandbox.identity();
    assert_eq!(
        request.json(),
        json!({ "clientId": identity.client_id, "clientSecret": identity.client_secret })
    );
    assert!(request.header("user-agent").unwrap().starts_with("raxx-mint/"));
}

#[test]
fn wrong_credentials() {
    for era in [Era::New, Era::Old] {
        let sandbox = Sandbox::start_with_pooled_keys();
        sandbox.infisical().change(|settings| settings.era = era);
        let told = program("infisical-login")
            .against(&sandbox)
            .env("INFISICAL_CLIENT_SECRET", "wrong")
            .run()
            .failure(10);
        insta::assert_snapshot!(format!("wrong_credentials_{era:?}"), told);
        assert_eq!(
            sandbox.journal().to("/login").len(),
            1,
            "a wrong secret is tried once: more lock the identity out"
        );
    }
}

#[test]
fn an_identity_that_may_not_log_in() {
    insta::assert_snapshot!("locked", in_state(IdentityState::Locked, Era::New));
    insta::assert_snapshot!("secret_expired", in_state(IdentityState::SecretExpired, Era::New));
    insta::assert_snapshot!("secret_used_up", in_state(IdentityState::SecretUsedUp, Era::New));
    insta::assert_snapshot!(
        "address_not_allowed",
        in_state(IdentityState::AddressNotAllowed, Era::New)
    );
}

#[test]
fn cloudflare_access_without_a_service_token() {
    insta::assert_snapshot!(login(&behind_cloudflare()).failure(10));
}

#[test]
fn cloudflare_access_with_a_token_that_is_not_on_the_policy() {
    let told = program("infisical-login")
        .against(&behind_cloudflare())
        .env("CF_ACCESS_CLIENT_ID", "other.access")
        .env("CF_ACCESS_CLIENT_SECRET", "9876543210")
        .run();
    insta::assert_snapshot!(told.failure(10));
}

#[test]
fn cloudflare_access_with_half_a_service_token() {
    let sandbox = behind_cloudflare();
    let told = program("infisical-login")
        .against(&sandbox)
        .env("CF_ACCESS_CLIENT_ID", "abc.access")
        .run();
    insta::assert_snapshot!(told.failure(10));
    let requests = sandbox.journal().entries();
    assert!(
        !requests.is_empty()
            && requests
                .iter()
                .all(|request| request.header("CF-Access-Client-Id").is_none())
    );
}

#[test]
fn cloudflare_access_with_its_service_token() {
    let sandbox = behind_cloudflare();
    let token = [
        ("CF_ACCESS_CLIENT_ID", "abc.access"),
        ("CF_ACCESS_CLIENT_SECRET", "0123456789"),
    ];
    let run = token.iter().fold(
        program("raxx-mint --bot raxx-dev-bot").against(&sandbox),
        |run, (name, value)| run.env(name, value),
    );
    run.run().success();
    let with_headers = |server| {
        let requests = sandbox.journal().entries();
        let of_server: Vec<_> = requests
            .into_iter()
            .filter(|request| request.server == server)
            .collect();
        assert!(!of_server.is_empty());
        of_server
            .iter()
            .filter(|request| request.header("CF-Access-Client-Secret").is_some())
            .count()
    };
    assert_eq!(
        (with_headers("infisical"), with_headers("github")),
        (2, 0),
        "to Infisical on every request, to GitHub never"
    );
}

#[test]
fn other_servers_in_infisicals_place() {
    let moved = Canned::new(301).header("Location", "https://vault.example.com/");
    insta::assert_snapshot!("moved", refused_once(301, moved));
    insta::assert_snapshot!(
        "not_infisical",
        refused_once(404, Canned::html(404, "<html><title>404 Not Found</title></html>"))
    );
    insta::assert_snapshot!("html_403", refused_once(403, Canned::html(403, "<title>Sorry</title>")));
    insta::assert_snapshot!(
        "not_acceptable",
        refused_once(418, Canned::new(418).body("I'm a teapot\u{1b}[2J"))
    );
}

#[test]
fn a_body_that_infisical_finds_invalid() {
    let fields = json!({ "reqId": "req-42", "statusCode": 422, "error": "ValidationFailure",
        "message": [{ "code": "invalid_type", "path": ["clientId"], "message": "Required" }] });
    insta::assert_snapshot!(refused_once(422, Canned::new(422).json(&fields)));
}

#[test]
fn an_answer_that_is_no_session() {
    for (name, body) in [("html", "<html>"), ("json", r#"{"accessToken":17}"#), ("empty", "")] {
        let sandbox = Sandbox::start_with_pooled_keys();
        sandbox
            .infisical()
            .answer_next("/login", 1, Canned::new(200).body(body));
        insta::assert_snapshot!(format!("no_session_{name}"), login(&sandbox).failure(10));
    }
}
