//! Every recording of a real server of mid-2024, replayed.

use serde_json::Value;
use tests::infisical::{Era, FakeInfisical, Identity, IdentityState, Settings};
use tests::keys::BotKey;

use crate::client::{Response, send};
use crate::recordings::{Recording, recordings, stripped_headers};

/// The ids in the recordings.
const PROJECT: &str = "cd3accb1-c2fc-49ef-a00c-43c68ce1c215";
const CLIENT: &str = "c35e6a19-b0de-4da9-ac1a-706994e59e64";

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
    let recordings = recordings("infisical");
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
    send(
        &server.base_url(),
        &recording.method,
        &recording.target,
        &headers,
        body.as_deref(),
    )
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
    let recorded = recordings("infisical")
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
