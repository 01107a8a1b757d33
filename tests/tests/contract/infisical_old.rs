//! Every recording of a real server of mid-2024, replayed.

use std::path::Path;

use serde_json::Value;
use tests::infisical::{Era, FakeInfisical, Identity, IdentityState, Settings};
use tests::keys::BotKey;

use crate::client::{Response, send};

/// The ids in the recordings.
const PROJECT: &str = "cd3accb1-c2fc-49ef-a00c-43c68ce1c215";
const CLIENT: &str = "c35e6a19-b0de-4da9-ac1a-706994e59e64";

struct Recording {
    name: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
    answer: Response,
}

/// `### NAME`, `> URL -H HEADER… -d BODY`, and the answer as it came.
fn recordings() -> Vec<Recording> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings/infisical");
    let mut files: Vec<_> = directory
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
        .iter()
        .map(|file| recording(&std::fs::read_to_string(file).unwrap()))
        .collect()
}

fn recording(text: &str) -> Recording {
    let (name, rest) = text.split_once('\n').unwrap();
    let (request, answer) = rest.split_once('\n').unwrap();
    let (request, body) = request
        .split_once(" -d ")
        .map_or((request, None), |(head, body)| (head, Some(body)));
    let mut parts = request.strip_prefix("> http://infisical.test").unwrap().split(" -H ");
    let (head, body_of_answer) = answer
        .replace('\r', "")
        .split_once("\n\n")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let answer = format!("{}\r\n\r\n{}", head.replace('\n', "\r\n"), body_of_answer.trim_end());
    Recording {
        name: name.trim_start_matches("### ").trim().to_owned(),
        target: parts.next().unwrap().trim().to_owned(),
        headers: parts
            .map(|header| header.trim().split_once(": ").unwrap())
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .collect(),
        body: body.map(|body| body.trim_end().to_owned()),
        answer: Response::parse(answer.as_bytes()),
    }
}

/// A server as it was when it was recorded, and the identity that was used.
fn recorded_server() -> (FakeInfisical, Identity) {
    let identity = Identity {
        client_id: CLIENT.to_owned(),
        ..Identity::new()
    };
    let mut settings = Settings {
        era: Era::Old,
        project_id: PROJECT.to_owned(),
        identities: vec![identity.clone()],
        ..Settings::default()
    };
    let bots = [
        ("dev", "3501352", "101", "\n"),
        ("ops", "3501353", "102", "\\n"),
        ("pm", "3501354", "103", ""),
    ];
    for (bot, app_id, installation_id, newline) in bots {
        let folder = settings.folder(&format!("/MooseQuest/raxx-{bot}-bot"));
        folder.set("APP_ID", app_id).set("INSTALLATION_ID", installation_id);
        if !newline.is_empty() {
            folder.set("PRIVATE_KEY_PEM", &BotKey::pooled(0).pkcs1_pem().replace('\n', newline));
        }
    }
    (FakeInfisical::start(settings), identity)
}

#[test]
fn every_recording_is_answered_as_it_was() {
    let recordings = recordings();
    assert!(recordings.len() >= 23, "only {} recordings", recordings.len());
    for recording in &recordings {
        let (server, identity) = recorded_server();
        let got = replay(&server, &identity, recording);
        let name = &recording.name;
        assert_eq!(got.status, recording.answer.status, "{name}: status");
        assert_eq!(
            stripped_headers(&got),
            stripped_headers(&recording.answer),
            "{name}: headers"
        );
        assert_eq!(
            comparable(&got.json()),
            comparable(&recording.answer.json()),
            "{name}: body"
        );
    }
}

fn replay(server: &FakeInfisical, identity: &Identity, recording: &Recording) -> Response {
    let log_in = format!(
        r#"{{"clientId":"{CLIENT}","clientSecret":"{}"}}"#,
        identity.client_secret
    );
    let json = ("Content-Type", "application/json");
    let session = send(
        &server.base_url(),
        "POST",
        "/api/v1/auth/universal-auth/login",
        &[json],
        Some(&log_in),
    )
    .json();
    let token = session["accessToken"].as_str().unwrap();
    match recording.name.as_str() {
        "21-secrets-no-access" => {
            server.change(|settings| settings.identities[0].state = IdentityState::NotInProject);
        }
        "25-secrets-revoked" => server.revoke_sessions(),
        _ => {}
    }
    let filled = |text: &str| {
        let text = text.replace("<TOKEN>", token).replace("<access-token>", token);
        text.replace("<SECRET>", &identity.client_secret)
    };
    let headers: Vec<(&str, String)> = recording
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), filled(value)))
        .collect();
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let body = recording.body.as_deref().map(filled);
    let method = if body.is_some() { "POST" } else { "GET" };
    send(&server.base_url(), method, &recording.target, &headers, body.as_deref())
}

/// Names and values, without those that depend on the moment, on the length of a secret, or on the address.
fn stripped_headers(response: &Response) -> Vec<(String, String)> {
    let own = |name: &str| matches!(name, "Date" | "etag" | "content-length" | "access-control-allow-origin");
    let mut headers: Vec<_> = response.headers.clone();
    for (name, value) in &mut headers {
        if own(name) {
            value.clear();
        }
    }
    headers.sort();
    headers
}

/// The body without ids, tokens and key material, its list in the order of paths and names.
fn comparable(body: &Value) -> Value {
    let mut body = body.clone();
    if let Some(token) = body.get_mut("accessToken") {
        *token = Value::from("<access-token>");
    }
    if let Some(secret) = body.get_mut("secret") {
        strip_ids(secret);
    }
    if let Some(secrets) = body.get_mut("secrets").and_then(Value::as_array_mut) {
        secrets.iter_mut().for_each(strip_ids);
        secrets.sort_by_key(|secret| format!("{} {}", secret["secretPath"], secret["secretKey"]));
    }
    body
}

fn strip_ids(secret: &mut Value) {
    for name in ["id", "_id"] {
        let id = secret[name].as_str().expect("an id");
        assert_eq!(id.len(), 36, "a UUID");
        secret[name] = Value::from("");
    }
    // The recordings keep the ends of a PEM's lines, not the lines.
    let value = secret["secretValue"].as_str().unwrap();
    if let Some(newline) = ["\\n", "\n"].iter().find(|newline| value.contains(*newline)) {
        let (first, last) = (
            value.split(newline).next().unwrap(),
            value.trim_end_matches(newline).rsplit(newline).next().unwrap(),
        );
        secret["secretValue"] = Value::from(format!("{first}{newline}{last}{newline}"));
    }
}

#[test]
fn an_access_token_is_as_long_as_the_recorded_ones() {
    let recorded = recordings()
        .into_iter()
        .find(|recording| recording.name == "01-login-ok")
        .unwrap();
    let placeholder = "<access-token>".len();
    let length: usize = recorded.answer.header("content-length").parse().unwrap();
    let (server, identity) = recorded_server();
    let got = replay(&server, &identity, &recorded);
    assert_eq!(
        got.json()["accessToken"].as_str().unwrap().len(),
        length + placeholder - recorded.answer.body.len()
    );
}
