//! Every recording of a real server of July 2026, replayed.

use serde_json::{Value, json};
use tests::infisical::{Era, FakeInfisical, Folder, Identity, IdentityState, Reading, Settings};
use tests::keys::BotKey;

use crate::client::{Response, send};
use crate::recordings::{Recording, recordings, stripped_headers};

/// The project's id in the recordings.
const PROJECT: &str = "381a7b98-9d58-4996-8f1d-799da66b0767";
const JSON: (&str, &str) = ("Content-Type", "application/json");

/// Recordings that the fake does not answer, by the end of their names, and why.
const LEFT_OUT: [(&str, &str); 11] = [
    (
        "-identity-memberships",
        "of the organisation, which no program asks about",
    ),
    ("-identity-own", "of the organisation, which no program asks about"),
    (
        "81-identities-details",
        "of the organisation, which no program asks about",
    ),
    ("-privileges", "permissions/audit tells the same, and the roles as well"),
    ("-role-by-slug", "permissions/audit tells what a role grants"),
    ("-project-permissions", "for people only; infisical_writes has theirs"),
    (
        "88-privilege_ro-other-membership",
        "no program asks about another identity",
    ),
    (
        "85-change-a-secret-that-does-not-exist",
        "infisical_writes has the same",
    ),
    ("86-change-a-secret-without-permission", "infisical_writes has the same"),
    ("86-create-a-secret-that-exists", "infisical_writes has the same"),
    (
        "56-v3-bad-signature",
        "the token was made by hand; a_session_of_another_server replays it",
    ),
];

/// A server as it was when it was recorded, and the identity that was used.
fn recorded_server(recording: &Recording) -> (FakeInfisical, Identity) {
    let name = recording.name.as_str();
    let of_path = recording
        .target
        .split('/')
        .find(|part| part.len() == 36 && *part != PROJECT);
    let sent: Value = recording
        .body
        .as_deref()
        .map_or(Value::Null, |body| serde_json::from_str(body).unwrap_or_default());
    let mut identity = Identity::new();
    if name != "31-login-unknown-id" {
        identity.client_id = sent["clientId"].as_str().map_or(identity.client_id, str::to_owned);
    }
    identity.id = of_path.map_or(identity.id, |id| id.trim_end_matches("/permissions/audit").to_owned());
    identity.role = match name {
        _ if name.contains("viewer") => Some("viewer"),
        "80-privilege_ro-self-membership" | "87-privilege_ro-permissions-audit" => Some("no-access"),
        "88-self-membership" | "89-self-permissions-audit" => Some("bot-reader-self"),
        _ => None,
    }
    .map(str::to_owned);
    identity.privileges = privileges(name, &identity.id);
    identity.state = state(name);
    identity.reading = reading(name);
    identity.session_uses = (name == "72-v3-token-uses-up").then_some(0);
    identity.wrong_secrets = if name == "38-login-locked" { 3 } else { 0 };
    let mut settings = Settings {
        era: Era::New,
        project_id: PROJECT.to_owned(),
        identities: vec![identity.clone()],
        ..Settings::default()
    };
    if name == "99-v3-project-of-type-cert-manager" {
        settings.project_id = "4920979d-5fc8-49f2-be8f-4a0e4b81a4f3".into();
        settings.project_type = "cert-manager".into();
    }
    fill(&mut settings);
    if name == "69-v3-ref-far-not-readable-recursive" {
        settings.folders.remove("/MooseQuest/More/import-far");
    }
    (FakeInfisical::start(settings), identity)
}

fn privileges(name: &str, id: &str) -> Vec<Value> {
    let below = json!({"secretPath": {"$glob": "/MooseQuest/**"}, "environment": {"$eq": "prod"}});
    match name {
        "87-viewer_plus-permissions-audit" => vec![json!([["create,edit,delete", "secrets", below]])],
        "87-privilege_ro-permissions-audit" => vec![
            json!([["describeSecret,readValue", "secrets", below]]),
            json!([["read", "identity", {"identityId": {"$eq": id}}]]),
            json!([["edit", "secrets", below]]),
        ],
        _ => vec![],
    }
}

fn state(name: &str) -> IdentityState {
    match name {
        "60-v3-not-a-member" | "60-v4-not-a-member" | "80-outsider-membership" => IdentityState::NotInProject,
        "70-v3-token-ip-not-allowed" => IdentityState::SessionAddressNotAllowed,
        "71-login-ip-not-allowed" => IdentityState::AddressNotAllowed,
        "74-login-client-secret-expired" => IdentityState::SecretExpired,
        "76-login-usage-limit" => IdentityState::SecretUsedUp,
        // Whatever made it so, the secret was taken away.
        "75-login-client-secret-expired-second-try"
        | "77-login-usage-limit-second-try"
        | "79-login-client-secret-revoked" => IdentityState::SecretRevoked,
        "78-v3-client-secret-revoked-meanwhile" => IdentityState::SecretRevokedMeanwhile,
        "78-v3-identity-inactive" => IdentityState::Inactive,
        _ => IdentityState::Active,
    }
}

fn reading(name: &str) -> Reading {
    let below = |folder: &str| Reading::Below(vec![folder.to_owned()]);
    match &name[..2] {
        "61" => Reading::Nothing,
        "62" | "64" | "65" | "66" => Reading::Names,
        "63" | "67" => below("/MooseQuest/raxx-dev-bot"),
        _ if name.contains("not-readable") => below("/MooseQuest"),
        _ => Reading::Values,
    }
}

fn fill(settings: &mut Settings) {
    let pem = BotKey::pooled(0).pkcs1_pem();
    let pem = pem.trim_end();
    let bots = [
        ("/MooseQuest/raxx-dev-bot", "3501352", "101", format!("{pem}\n")),
        ("/MooseQuest/raxx-ops-bot", "3501353", "102", pem.replace('\n', "\\n")),
        (
            "/MooseQuest/raxx-pm-bot",
            "3501354",
            "103",
            pem.replace('\n', "\r\n") + "\n",
        ),
        ("/Odd/ref-broken", "${NOWHERE}", "101", format!("{pem}\n")),
        (
            "/MooseQuest/More/ref-far",
            "3501352",
            "101",
            "${prod.Odd.shared.PEM}".to_owned(),
        ),
    ];
    for (path, app_id, installation_id, pem) in bots {
        let folder = settings.folder(path);
        folder
            .set("APP_ID", app_id)
            .set("INSTALLATION_ID", installation_id)
            .set("PRIVATE_KEY_PEM", &pem);
    }
    settings.folder("/Odd/shared").set("PEM", pem);
    settings.folder("/Odd/src").set("APP_ID", "1");
    settings
        .folder("/MooseQuest/More/import-far")
        .set("INSTALLATION_ID", "101")
        .imports = vec!["/Odd/src".to_owned()];
    let all = Folder {
        imports: vec!["/MooseQuest/raxx-dev-bot".to_owned()],
        ..Folder::default()
    };
    settings.folders.insert("/Odd/imported-all".to_owned(), all);
}

#[test]
fn every_recording_is_answered_as_it_was() {
    let recordings = recordings("infisical-2026");
    assert!(recordings.len() >= 100, "only {} recordings", recordings.len());
    for (end, why) in LEFT_OUT {
        assert!(
            recordings.iter().any(|it| it.name.ends_with(end)),
            "{end} is not there to be left out: {why}"
        );
    }
    let is_left_out = |recording: &Recording| LEFT_OUT.iter().any(|(end, _)| recording.name.ends_with(end));
    for recording in recordings.iter().filter(|recording| !is_left_out(recording)) {
        let (server, identity) = recorded_server(recording);
        let got = replay(&server, &identity, recording);
        let name = &recording.name;
        assert_eq!(got.status, recording.answer.status, "{name}: status");
        assert_eq!(headers(&got), headers(&recording.answer), "{name}: headers");
        assert_eq!(
            comparable(got.json()),
            comparable(recording.answer.json()),
            "{name}: body"
        );
    }
}

fn replay(server: &FakeInfisical, identity: &Identity, recording: &Recording) -> Response {
    let token = server.open_session();
    match recording.name.as_str() {
        "73-v3-expired-token" => server.expire_sessions(),
        "78-v3-revoked-token" => server.revoke_sessions(),
        _ => {}
    }
    let is_malformed = recording.name == "55-v3-malformed-token";
    let filled = |text: &str| {
        let text = text.replace("<TOKEN>", if is_malformed { "garbage" } else { &token });
        text.replace("<access-token>", &token)
            .replace("<client-secret>", &identity.client_secret)
    };
    let headers: Vec<_> = recording
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), filled(value)))
        .collect();
    let mut headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    if recording.body.is_some() {
        headers.push(JSON);
    }
    let body = recording.body.as_deref().map(filled);
    send(
        &server.base_url(),
        &recording.method,
        &recording.target,
        &headers,
        body.as_deref(),
    )
}

/// Without those that say whether the connection stays.
pub(crate) fn headers(response: &Response) -> Vec<(String, String)> {
    let mut headers = stripped_headers(response);
    headers.retain(|(name, _)| !["connection", "keep-alive"].contains(&name.to_ascii_lowercase().as_str()));
    headers
}

/// A body without what is another each time, in an order of its own.
pub(crate) fn comparable(mut body: Value) -> Value {
    strip(&mut body, &OWN);
    for source in body["sources"].as_array_mut().into_iter().flatten() {
        // The rest of a viewer's rules is about what no program asks for; and whoever adds a privilege names it.
        let rules = source["permissions"].as_array_mut().unwrap();
        rules.retain(|rule| ["secrets", "secret-folders", "identity"].contains(&rule[1].as_str().unwrap()));
        if source["type"] == "additional_privilege" {
            source["name"] = json!("");
        }
    }
    if let Some(secrets) = body["secrets"].as_array_mut() {
        secrets.sort_by_key(|secret| format!("{} {}", secret["secretPath"], secret["secretKey"]));
    }
    for import in body["imports"].as_array_mut().into_iter().flatten() {
        import["secrets"]
            .as_array_mut()
            .unwrap()
            .sort_by_key(|secret| secret["secretKey"].to_string());
    }
    if body["identityMembership"].is_object() {
        body["identityMembership"]["identity"]["name"] = json!("");
    }
    body
}

/// Ids, times, versions and tokens.
const OWN: [&str; 12] = [
    "id",
    "_id",
    "reqId",
    "folderId",
    "orgId",
    "envId",
    "createdAt",
    "updatedAt",
    "date",
    "version",
    "accessToken",
    "skipMultilineEncoding",
];

/// Without fields of these names, and without the lines of a key.
pub(crate) fn strip(value: &mut Value, own: &[&str]) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if own.contains(&name.as_str()) && !field.is_null() {
                    *field = json!("");
                }
                strip(field, own);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| strip(item, own)),
        Value::String(text) if text.contains("BEGIN RSA PRIVATE KEY") => {
            // The recordings keep the ends of a PEM's lines, not the lines.
            let newline = ["\\n", "\r\n", "\n"]
                .into_iter()
                .find(|newline| text.contains(newline))
                .unwrap();
            let end = text.rsplit("-----").next().unwrap();
            *text = format!("begin{newline}end{end}");
        }
        _ => {}
    }
}

#[test]
fn a_session_of_another_server() {
    let recordings = recordings("infisical-2026");
    let recording = recordings.iter().find(|it| it.name == "56-v3-bad-signature").unwrap();
    let (server, _) = recorded_server(recording);
    let (other, _) = recorded_server(recording);
    let token = format!("Bearer {}", other.open_session());
    let got = send(
        &server.base_url(),
        "GET",
        &recording.target,
        &[("Authorization", &token)],
        None,
    );
    assert_eq!(got.status, recording.answer.status);
    assert_eq!(comparable(got.json()), comparable(recording.answer.json()));
}
