//! A server of 2026 over several requests, and one that has dropped the old routes.

use serde_json::{Value, json};
use tests::infisical::{Cloudflare, Era, FakeInfisical, Identity, Settings};

use crate::client::{Response, send};

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn server(era: Era) -> FakeInfisical {
    let mut settings = Settings {
        era,
        identities: vec![Identity::new()],
        ..Settings::default()
    };
    settings
        .folder("/MooseQuest/raxx-dev-bot")
        .set("APP_ID", "1")
        .set("KEY", "secret")
        .hide("KEY");
    settings
        .folder("/MooseQuest/raxx-dev-bot")
        .imports
        .push("/shared".to_owned());
    settings.folder("/shared").set("SHARED", "2");
    FakeInfisical::start(settings)
}

fn log_in(server: &FakeInfisical, secret: Option<&str>) -> Response {
    let settings = server.settings();
    let identity = &settings.identities[0];
    let secret = secret.unwrap_or(&identity.client_secret);
    let body = json!({"clientId": identity.client_id, "clientSecret": secret}).to_string();
    send(
        &server.base_url(),
        "POST",
        "/api/v1/auth/universal-auth/login",
        &[JSON],
        Some(&body),
    )
}

fn token(server: &FakeInfisical) -> String {
    log_in(server, None).json()["accessToken"].as_str().unwrap().to_owned()
}

fn list(server: &FakeInfisical, token: &str, path: &str, more: &str) -> Response {
    let project = server.settings().project_id;
    let target = format!("/api/v3/secrets/raw?workspaceId={project}&environment=prod&secretPath={path}{more}");
    send(
        &server.base_url(),
        "GET",
        &target,
        &[("Authorization", &format!("Bearer {token}"))],
        None,
    )
}

fn verdict(response: &Response) -> (u16, Value, Value) {
    let body = response.json();
    assert_eq!(body["statusCode"], response.status);
    (response.status, body["error"].clone(), body["message"].clone())
}

#[test]
fn three_wrong_secrets_lock_the_identity_out() {
    let server = server(Era::New);
    for _ in 0..3 {
        let expected = (401, json!("UnauthorizedError"), json!("Invalid credentials"));
        assert_eq!(verdict(&log_in(&server, Some("wrong"))), expected);
    }
    let locked = "This identity auth method is temporarily locked, please try again later";
    assert_eq!(
        verdict(&log_in(&server, None)),
        (401, json!("UnauthorizedError"), json!(locked))
    );
}

#[test]
fn an_invalid_body_is_refused_with_a_list() {
    let server = server(Era::New);
    let response = send(
        &server.base_url(),
        "POST",
        "/api/v1/auth/universal-auth/login",
        &[JSON],
        Some(r#"{"clientId":7}"#),
    );
    assert_eq!(response.status, 422);
    let issues = &response.json()["message"];
    assert_eq!(issues[0]["message"], "Expected string, received number");
    assert_eq!(issues[1]["path"], json!(["clientSecret"]));
}

#[test]
fn a_session_ends() {
    let server = server(Era::New);
    let first = token(&server);
    server.expire_sessions();
    assert_eq!(list(&server, &first, "/shared", "").status, 403);
    let second = token(&server);
    let body = json!({"accessToken": second}).to_string();
    assert_eq!(
        send(
            &server.base_url(),
            "POST",
            "/api/v1/auth/token/renew",
            &[JSON],
            Some(&body)
        )
        .status,
        200
    );
    assert_eq!(list(&server, &second, "/shared", "").status, 200);
    assert_eq!(
        send(
            &server.base_url(),
            "POST",
            "/api/v1/auth/token/revoke",
            &[JSON],
            Some(&body)
        )
        .status,
        200
    );
    assert_eq!(list(&server, &second, "/shared", "").status, 401);
}

#[test]
fn hidden_values_and_imports() {
    let server = server(Era::New);
    let token = token(&server);
    let body = list(&server, &token, "/MooseQuest/raxx-dev-bot", "&include_imports=true").json();
    let secrets = body["secrets"].as_array().unwrap();
    let hidden = secrets.iter().find(|secret| secret["secretKey"] == "KEY").unwrap();
    assert_eq!(
        (&hidden["secretValueHidden"], &hidden["secretValue"]),
        (&json!(true), &json!("<hidden-by-infisical>"))
    );
    assert_eq!(body["imports"][0]["secrets"][0]["secretKey"], "SHARED");
    let without = list(&server, &token, "/MooseQuest/raxx-dev-bot", "").json();
    assert_eq!(without["imports"], json!([]));
    let everything = list(&server, &token, "/", "&recursive=true").json();
    assert_eq!(everything["secrets"].as_array().unwrap().len(), 3);
}

#[test]
fn a_server_of_the_future_has_v4_only() {
    let server = server(Era::Future);
    let token = token(&server);
    let gone = list(&server, &token, "/shared", "");
    assert_eq!(gone.status, 404);
    assert!(
        gone.message().starts_with("Route GET:/api/v3/secrets/raw?"),
        "{}",
        gone.message()
    );
    let target = format!(
        "/api/v4/secrets?projectId={}&environment=prod&secretPath=%2Fshared%2F",
        server.settings().project_id
    );
    let response = send(
        &server.base_url(),
        "GET",
        &target,
        &[("Authorization", &format!("Bearer {token}"))],
        None,
    );
    assert_eq!(
        (response.status, &response.json()["secrets"][0]["secretKey"]),
        (200, &json!("SHARED"))
    );
}

#[test]
fn cloudflare_access_lets_only_its_service_token_through() {
    let server = server(Era::New);
    let (client_id, client_secret) = ("id.access".to_owned(), "secret".to_owned());
    server.change(|settings| {
        settings.cloudflare = Cloudflare::Required {
            client_id,
            client_secret,
        }
    });
    let status = |headers: &[(&str, &str)]| send(&server.base_url(), "GET", "/api/status", headers, None);
    let redirect = status(&[]);
    assert_eq!(redirect.status, 302);
    assert!(
        redirect
            .header("location")
            .contains(".cloudflareaccess.com/cdn-cgi/access/login/")
    );
    assert_eq!(status(&[("CF-Access-Client-Id", "id.access")]).status, 302);
    let wrong = status(&[
        ("CF-Access-Client-Id", "id.access"),
        ("CF-Access-Client-Secret", "wrong"),
    ]);
    assert_eq!((wrong.status, wrong.header("server")), (403, "cloudflare"));
    assert_eq!(
        status(&[
            ("cf-access-client-id", "id.access"),
            ("cf-access-client-secret", "secret")
        ])
        .status,
        200
    );
}
