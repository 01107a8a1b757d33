//! The answers' shapes, against GitHub's OpenAPI description; and what a token is good for.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tests::github::TokenShape;

use crate::client::{Response, send};
use crate::github_messages::{AGENT, Dev};
use crate::schema::Description;

const MINT: &str = "/app/installations/{installation_id}/access_tokens";

fn minted(dev: &Dev, body: Option<&str>) -> Value {
    let response = dev.mint(&dev.jwt(-60, 540), body);
    let body = response.json();
    assert_eq!(response.status, 201, "{body}");
    Description::read().hold("POST", MINT, 201, &body);
    body
}

fn ask(dev: &Dev, method: &str, target: &str, credential: &str, body: Option<&str>) -> Response {
    let headers = [AGENT, ("Authorization", &format!("Bearer {credential}"))];
    send(&dev.github().base_url(), method, target, &headers, body)
}

#[test]
fn an_installation_suspended_or_not() {
    let dev = Dev::new();
    for suspended in [false, true] {
        dev.github()
            .change(|settings| settings.installation(101).suspended = suspended);
        let response = ask(&dev, "GET", "/app/installations/101", &dev.jwt(-60, 540), None);
        let body = response.json();
        assert_eq!(response.status, 200, "{body}");
        Description::read().hold("GET", "/app/installations/{installation_id}", 200, &body);
        assert_eq!(body["suspended_at"].is_null(), !suspended);
    }
    assert_eq!(
        ask(&dev, "GET", "/app/installations/102", &dev.jwt(-60, 540), None).status,
        404
    );
}

#[test]
fn a_whole_token() {
    let dev = Dev::new();
    let body = minted(&dev, None);
    assert_eq!(body["repository_selection"], "all");
    assert_eq!(body["permissions"]["contents"], "write");
    assert!(
        body.get("repositories").is_none(),
        "only a scoped token lists its repositories"
    );
    let expires_at: Timestamp = body["expires_at"].as_str().unwrap().parse().unwrap();
    let left = expires_at.duration_since(Timestamp::now());
    assert!((3_590..=3_600).contains(&left.as_secs()), "{left}");
}

#[test]
fn a_scoped_token() {
    let dev = Dev::new();
    let body = minted(
        &dev,
        Some(r#"{"repositories":["raxx"],"permissions":{"contents":"read"}}"#),
    );
    assert_eq!(body["repository_selection"], "selected");
    assert_eq!(body["permissions"], json!({"contents": "read"}));
    let repositories = body["repositories"].as_array().unwrap();
    assert_eq!(
        (repositories.len(), &repositories[0]["full_name"]),
        (1, &json!("MooseQuest/raxx"))
    );
    let id = &repositories[0]["id"];
    let by_id = minted(&dev, Some(&json!({"repository_ids": [id]}).to_string()));
    assert_eq!(by_id["repositories"][0]["name"], "raxx");
}

#[test]
fn both_shapes_of_a_token() {
    let dev = Dev::new();
    let classic = minted(&dev, None)["token"].as_str().unwrap().to_owned();
    assert_eq!(classic.len(), 40);
    dev.github()
        .change(|settings| settings.token_shape = TokenShape::Stateless);
    let stateless = minted(&dev, None)["token"].as_str().unwrap().to_owned();
    assert!((510..=530).contains(&stateless.len()), "{}", stateless.len());
    assert!(stateless.starts_with(&format!("ghs_{}_", dev.app_id)));
    assert_eq!(stateless.matches('.').count(), 2);
    assert!(stateless.contains('-'));
    for token in [&classic, &stateless] {
        assert_eq!(ask(&dev, "GET", "/installation/repositories", token, None).status, 200);
    }
}

#[test]
fn what_a_token_is_good_for() {
    let dev = Dev::new();
    let description = Description::read();
    let token = minted(&dev, None)["token"].as_str().unwrap().to_owned();
    for (path, status) in [
        ("/installation/repositories", 200),
        ("/rate_limit", 200),
        ("/user", 403),
    ] {
        for base in ["", "/api/v3"] {
            let response = ask(&dev, "GET", &format!("{base}{path}"), &token, None);
            assert_eq!(response.status, status, "{base}{path}");
            description.hold("GET", path, status, &response.json());
        }
    }
    for path in ["/graphql", "/api/graphql"] {
        let answer = ask(
            &dev,
            "POST",
            path,
            &token,
            Some(r#"{"query":"{viewer{login databaseId}}"}"#),
        )
        .json();
        assert_eq!(answer["data"]["viewer"]["login"], "raxx-dev-bot[bot]");
        assert!(answer["data"]["viewer"]["databaseId"].is_u64());
    }
    let app = ask(&dev, "GET", "/app", &token, None);
    assert_eq!(
        (app.status, app.message().as_str()),
        (401, "A JSON web token could not be decoded")
    );
}

#[test]
fn an_app_shows_itself_to_its_jwt() {
    let dev = Dev::new();
    let response = ask(&dev, "GET", "/app", &dev.jwt(-60, 540), None);
    assert_eq!(
        (response.status, &response.json()["slug"]),
        (200, &json!("raxx-dev-bot"))
    );
    Description::read().hold("GET", "/app", 200, &response.json());
}

#[test]
fn a_token_ends() {
    let dev = Dev::new();
    let revoked = minted(&dev, None)["token"].as_str().unwrap().to_owned();
    assert!(dev.github().is_live(&revoked));
    let gone = ask(&dev, "DELETE", "/installation/token", &revoked, None);
    assert_eq!((gone.status, gone.body.len()), (204, 0));
    assert!(!dev.github().is_live(&revoked));
    let again = ask(&dev, "DELETE", "/installation/token", &revoked, None);
    assert_eq!((again.status, again.message().as_str()), (401, "Bad credentials"));
    let expired = minted(&dev, None)["token"].as_str().unwrap().to_owned();
    dev.github()
        .change(|settings| settings.clock_offset = SignedDuration::from_mins(61));
    let response = ask(&dev, "GET", "/installation/repositories", &expired, None);
    assert_eq!((response.status, response.message().as_str()), (401, "Bad credentials"));
    Description::read().hold("GET", "/installation/repositories", 401, &response.json());
}

#[test]
fn the_version_of_2026_leaves_fields_out() {
    let dev = Dev::new();
    let token = minted(&dev, None)["token"].as_str().unwrap().to_owned();
    let headers = [
        AGENT,
        ("Authorization", &format!("Bearer {token}")),
        ("X-GitHub-Api-Version", "2026-03-10"),
    ];
    let get = |target| send(&dev.github().base_url(), "GET", target, &headers, None).json();
    assert!(get("/rate_limit").get("rate").is_none());
    assert!(
        get("/installation/repositories")["repositories"][0]
            .get("has_downloads")
            .is_none()
    );
}
