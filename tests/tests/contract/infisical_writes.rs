//! What a real server of July 2026 answered to those who write, replayed.
//!
//! Of its recordings 100 to 144 these are the ones of calls that `raxx-provision` makes, and of how they are refused. Left out are
//! logins, organizations, and other calls to the same ends: identities of an organization, batches of changes, the routes of older
//! servers, lists of what was made. So are refusals that depend on a privilege with conditions, which the fake has for reading only.

use serde_json::{Value, json};
use tests::infisical::{FakeInfisical, Identity, IdentityState, Settings};
use tests::keys::BotKey;

use crate::client::send;
use crate::infisical_recorded::{comparable, headers, strip};
use crate::recordings::{Recording, recordings};

const FOLDER: &str = "/MooseQuest/raxx-dev-bot";
/// What is another each time, beside what is so in every answer.
const OWN: [&str; 12] = [
    "parentId",
    "policyId",
    "slug",
    "committerUserId",
    "actorUserId",
    "lastSecretModified",
    "clientId",
    "clientSecret",
    "clientSecretPrefix",
    "identityUAId",
    "name",
    "numUsesLimit",
];
const OTHER: &str = "/MooseQuest/raxx-ops-bot";

/// Who asked, by the recording's name: the operator, who is a project's Admin, unless it says otherwise.
fn who(name: &str) -> Identity {
    let mut who = Identity::operator();
    let role = match name {
        _ if name.starts_with("131") => Some("member"),
        _ if name.contains("no-permission-writer") => Some("member"),
        "127-project-identity-create-writer" => Some("member"),
        "112-secret-create-no-access" => Some("no-access"),
        _ if name.contains("no-permission") => Some("viewer"),
        _ => None,
    };
    if let Some(role) = role {
        who.role = Some(role.to_owned());
    }
    who.is_person = name.starts_with("102-user") || name.starts_with("105") || name.starts_with("128");
    who.is_person &= !name.contains("by-machine-identity");
    if name.contains("not-a-member") || name == "105-user-project-permissions" {
        who.state = IdentityState::NotInProject;
    }
    who
}

/// What was there before, by the recording's name.
fn before(name: &str, settings: &mut Settings) {
    let folder = match name {
        "111-folder-create" | "111-folder-wrong-environment" => return,
        "111-folder-create-nested" | "141-folder-delete-missing" => "/MooseQuest",
        "111-folder-list-after-parent-missing" => "/New/Deep/bot",
        _ if name.starts_with("128") => "/Guarded",
        "131-developer-creates-secret" => "/MooseQuest/raxx-doc-bot",
        _ if name.starts_with("114") || name.starts_with("141") => OTHER,
        _ => FOLDER,
    };
    let folder = settings.folder(folder);
    match name {
        "112-secret-exists" | "113-secret-read-one-missing" | "113-secret-update-missing" => {
            folder.set("APP_ID", "3501352");
        }
        _ if name.starts_with("113") => {
            folder.set("PRIVATE_KEY_PEM", &BotKey::pooled(0).pkcs1_pem());
        }
        "114-batch-create-one-exists" | "141-folder-delete-not-empty" | "141-folder-delete-force" => {
            folder.set("APP_ID", "3501353");
        }
        "140-secret-delete" => {
            folder.set("EMPTY", "");
        }
        "111-folder-list" => {
            settings.folder("/MooseQuest/RAXX-dev-bot");
        }
        "111-folder-list-after-parent-missing" => {
            settings.folder("/MooseQuest");
        }
        _ => {}
    }
    settings.approval_policy = name.starts_with("128");
}

/// The identity that a recording is about, as it was by then.
fn about(recording: &Recording) -> Option<Identity> {
    let sent: Value = serde_json::from_str(recording.body.as_deref().unwrap_or("null")).unwrap_or_default();
    let of_path = recording.target.split("/identities/").nth(1);
    let of_path = of_path.map(|rest| rest.split('/').next().unwrap_or_default().to_owned());
    let id = of_path.or_else(|| sent["identityId"].as_str().map(str::to_owned))?;
    let name = recording.name.as_str();
    (name != "121-universal-auth-unknown-identity").then(|| Identity {
        id,
        name: "raxx-agent-dispatcher".to_owned(),
        has_universal_auth: !name.contains("universal-auth") || name.ends_with("-again"),
        privilege_slugs: if name == "125-privilege-same-slug" {
            vec!["raxx-bots-read".to_owned()]
        } else {
            vec![]
        },
        ..Identity::new()
    })
}

/// The project that a recording is about; of none, there is another.
fn project(recording: &Recording) -> String {
    let whole = format!("{} {}", recording.target, recording.body.as_deref().unwrap_or_default());
    let known = [
        "7c0d6200-2824-465a-af00-47cefb7fd0ae",
        "381a7b98-9d58-4996-8f1d-799da66b0767",
    ];
    let named = known.into_iter().find(|id| whole.contains(id));
    named.map_or_else(|| Settings::default().project_id, str::to_owned)
}

#[test]
fn every_write_is_answered_as_it_was() {
    let recordings = recordings("infisical-2026-writes");
    assert!(recordings.len() >= 70, "only {} recordings", recordings.len());
    for recording in &recordings {
        let name = recording.name.as_str();
        let mut settings = Settings {
            project_id: project(recording),
            ..Settings::default()
        };
        before(name, &mut settings);
        settings.identities.extend(about(recording));
        if name == "127-project-identity-list" {
            settings.identities.push(Identity {
                name: "raxx-agent-dispatcher".to_owned(),
                ..Identity::new()
            });
        }
        let server = FakeInfisical::start(settings);
        let token = server.open_session_of(who(name));
        let filled: Vec<_> = recording
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.replace("<TOKEN>", &token)))
            .collect();
        let mut sent: Vec<_> = filled.iter().map(|(name, value)| (*name, value.as_str())).collect();
        if recording.body.is_some() {
            sent.push(("Content-Type", "application/json"));
        }
        let got = send(
            &server.base_url(),
            &recording.method,
            &recording.target,
            &sent,
            recording.body.as_deref(),
        );
        assert_eq!(got.status, recording.answer.status, "{name}: status");
        assert_eq!(headers(&got), headers(&recording.answer), "{name}: headers");
        assert_eq!(
            written(got.json(), name),
            written(recording.answer.json(), name),
            "{name}: body"
        );
    }
}

/// A body without what is another each time here.
fn written(body: Value, name: &str) -> Value {
    let mut body = comparable(body);
    strip(&mut body, &OWN);
    if let Some(rules) = body["data"]["permissions"].as_array_mut() {
        // The rest is about what no program asks for.
        rules.retain(|rule| ["secrets", "secret-folders", "identity"].contains(&rule[1].as_str().unwrap()));
    }
    if name.starts_with("113") {
        // An answer's own version of a secret that was read has more fields than one that was written.
        body["secret"]["secretValueHidden"] = json!("");
    }
    body
}
