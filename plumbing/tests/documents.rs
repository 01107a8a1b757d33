//! A document that is written and read again is the same document; what is read may be looser than what is written.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it meets what it does not expect"
)]

use plumbing::documents::{AppJwt, BotSecrets, Document, InfisicalSession, InstallationToken};
use plumbing::{Code, pipe};
use serde_json::{Value, json};

const SECRET: &str = "planted-s3cret";

fn session() -> Value {
    json!({ "kind": "infisical-session", "host": "https://vault.raxx.app", "access_token": SECRET,
        "token_type": "Bearer", "expires_at": "2026-11-23T17:14:23Z" })
}

fn secrets() -> Value {
    json!({ "kind": "bot-secrets", "path": "/MooseQuest/raxx-dev-bot", "APP_ID": "3501352", "INSTALLATION_ID": "101",
        "PRIVATE_KEY_PEM": SECRET })
}

fn jwt() -> Value {
    json!({ "kind": "app-jwt", "jwt": SECRET, "app_id": "Iv23abc", "installation_id": "101",
        "issued_at": "2026-11-23T17:03:23Z", "expires_at": "2026-11-23T17:13:23Z" })
}

fn token() -> Value {
    json!({ "kind": "installation-token", "bot": "raxx-dev-bot", "token": SECRET, "expires_at": "2026-11-23T18:04:23Z",
        "permissions": { "contents": "write" }, "repository_selection": "selected", "repositories": ["MooseQuest/hello"],
        "app_id": "3501352", "installation_id": "101", "github_api_url": "https://api.github.com" })
}

fn read<D: Document>(document: &Value) -> Result<D, plumbing::Failure> {
    pipe::parse(document.to_string().as_bytes())
}

fn round_trip<D: Document>(document: &Value) {
    let read = read::<D>(document).unwrap_or_else(|failure| panic!("{failure:?}"));
    let line = pipe::line(&read).expect("it can be written");
    assert!(line.ends_with('\n') && line.lines().count() == 1, "one line");
    assert!(
        line.starts_with(&format!("{{\"kind\":\"{}\"", D::KIND)),
        "kind comes first"
    );
    assert_eq!(serde_json::from_str::<Value>(&line).expect("JSON"), *document);
    assert!(
        !pipe::line(&read.masked()).expect("it can be written").contains(SECRET),
        "masked"
    );
}

#[test]
fn what_is_written_and_read_again_is_the_same() {
    round_trip::<InfisicalSession>(&session());
    round_trip::<BotSecrets>(&secrets());
    round_trip::<AppJwt>(&jwt());
    round_trip::<InstallationToken>(&token());
}

#[test]
fn debug_shows_no_secret() {
    let shown = [
        format!("{:?}", read::<InfisicalSession>(&session())),
        format!("{:?}", read::<BotSecrets>(&secrets())),
        format!("{:?}", read::<AppJwt>(&jwt())),
        format!("{:?}", read::<InstallationToken>(&token())),
    ];
    assert!(
        shown.iter().all(|text| text.contains("Ok(") && !text.contains(SECRET)),
        "{shown:?}"
    );
}

#[test]
fn readers_accept_no_kind_and_unknown_fields_and_numbers_for_ids() {
    let document = json!({ "APP_ID": 3_501_352, "INSTALLATION_ID": 101, "PRIVATE_KEY_PEM": "x", "since": 2027 });
    let secrets = read::<BotSecrets>(&document).expect("a loose document");
    assert_eq!(
        (secrets.app_id.as_str(), secrets.installation_id.as_str()),
        ("3501352", "101")
    );
}

#[test]
fn another_kind_is_refused_by_name() {
    let failure = read::<BotSecrets>(&session()).expect_err("another kind");
    assert_eq!(failure.code, Code::DocumentWrongKind);
    assert_eq!(
        failure.summary,
        "expected bot-secrets (from infisical-fetch), got infisical-session"
    );
}

#[test]
fn what_is_no_document_is_told_without_quoting_it() {
    let cases = [
        ("", Code::DocumentEmpty),
        (" \n", Code::DocumentEmpty),
        (r#"{"jwt":"planted-s3cret"#, Code::DocumentIncomplete),
        (r#"{"jwt":"planted-s3cret","#, Code::DocumentIncomplete),
        (r#"{"jwt":"planted-s3cret"}"#, Code::DocumentInvalid),
        (
            r#"{"jwt":"a","app_id":["planted-s3cret"],"installation_id":1}"#,
            Code::DocumentInvalid,
        ),
        (
            r#"{"jwt":"a","app_id":1,"installation_id":1,"issued_at":"planted-s3cret"}"#,
            Code::DocumentInvalid,
        ),
        (
            r#"{"jwt":"a","app_id":1,"installation_id":1}{"jwt":"planted-s3cret"}"#,
            Code::DocumentSeveral,
        ),
        (r#"["planted-s3cret", 1, 2]"#, Code::DocumentInvalid),
        ("\"planted-s3cret\"", Code::DocumentInvalid),
        ("planted-s3cret", Code::DocumentInvalid),
        (
            r#"{"jwt":"planted-s3cret\nno token","app_id":1,"installation_id":1}"#,
            Code::DocumentInvalid,
        ),
        (r#"{"jwt":"","app_id":1,"installation_id":1}"#, Code::DocumentInvalid),
    ];
    for (text, code) in cases {
        let failure = pipe::parse::<AppJwt>(text.as_bytes()).expect_err(text);
        assert_eq!(failure.code, code, "{text}");
        assert!(!format!("{failure:?}").contains(SECRET), "{failure:?}");
    }
}

#[test]
fn a_field_that_holds_no_token_or_url_is_told_for_what_it_is() {
    let mut document = token();
    document["token"] = json!("planted-s3cret ");
    let failure = read::<InstallationToken>(&document).expect_err("no token");
    let cause = failure.cause.expect("a cause");
    assert!(
        cause.starts_with("a field should hold a token, and it holds a space"),
        "{cause}"
    );
    let mut document = token();
    document["github_api_url"] = json!("http://planted-s3cret@github.example.com");
    let failure = read::<InstallationToken>(&document).expect_err("no URL");
    let cause = failure.cause.expect("a cause");
    assert!(
        cause.starts_with("a field should hold a server's URL, and it holds a user name"),
        "{cause}"
    );
}

#[test]
fn a_line_cannot_drive_a_terminal() {
    let mut document = secrets();
    document["path"] = json!("/\u{1b}[2J\u{9b}\u{202e}bot");
    let line = pipe::line(&read::<BotSecrets>(&document).expect("a document")).expect("it can be written");
    assert!(
        line.trim_end().chars().all(|c| c.is_ascii() && !c.is_control()),
        "{line:?}"
    );
    assert_eq!(serde_json::from_str::<Value>(&line).expect("JSON"), document);
}

/// The documents that the READMEs and docs/pipeline.md show are files, read here as a program would.
#[test]
fn the_examples_are_documents_and_stand_in_the_documentation() {
    fn is_read_and_written<D: Document>(example: &str, readme: &str) {
        let document: D = pipe::parse(example.as_bytes()).unwrap_or_else(|failure| panic!("{failure:?}"));
        assert_eq!(*pipe::line(&document).expect("it can be written"), *example);
        for documentation in [readme, include_str!("../../docs/pipeline.md")] {
            assert!(documentation.contains(&format!("```json\n{example}```\n")), "{example}");
        }
    }
    is_read_and_written::<InfisicalSession>(
        include_str!("../examples/infisical-session.json"),
        include_str!("../../infisical-login/README.md"),
    );
    is_read_and_written::<BotSecrets>(
        include_str!("../examples/bot-secrets.json"),
        include_str!("../../infisical-fetch/README.md"),
    );
    is_read_and_written::<AppJwt>(
        include_str!("../examples/app-jwt.json"),
        include_str!("../../gh-app-jwt/README.md"),
    );
    is_read_and_written::<InstallationToken>(
        include_str!("../examples/installation-token.json"),
        include_str!("../../gh-install-token/README.md"),
    );
}
