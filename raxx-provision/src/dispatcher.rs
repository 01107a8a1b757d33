//! The dispatcher's machine identity: it reads the bots' folders, and nothing else.

use plumbing::{Code, Failure, FolderPath, text};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use servers::http::Method;

use crate::vault::Vault;

/// How long a session of it lives, in seconds: a mint takes less than one.
const SESSION_LIVES: u64 = 600;
/// How long its client secret lives, in seconds: a year.
const SECRET_LIVES: u64 = 365 * 24 * 60 * 60;
/// The slug of its privilege.
const PRIVILEGE: &str = "raxx-bots-read";

/// What it logs in with.
pub(crate) struct Credentials {
    pub(crate) client_id: SecretString,
    pub(crate) client_secret: SecretString,
}

#[derive(Deserialize)]
struct Listed {
    identities: Vec<Identity>,
}

#[derive(Deserialize)]
struct Created {
    identity: Identity,
}

#[derive(Deserialize)]
struct Identity {
    id: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attached {
    identity_universal_auth: UniversalAuth,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UniversalAuth {
    client_id: SecretString,
    #[serde(rename = "accessTokenTTL")]
    access_token_ttl: u64,
    #[serde(rename = "accessTokenMaxTTL")]
    access_token_max_ttl: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Secret {
    client_secret: SecretString,
}

#[derive(Deserialize)]
struct Granted {
    privilege: Privilege,
}

#[derive(Deserialize)]
struct Privilege {
    permissions: Vec<Permission>,
}

#[derive(Deserialize)]
struct Permission {
    subject: String,
    action: Vec<String>,
    #[serde(default)]
    conditions: Value,
    #[serde(default)]
    inverted: bool,
}

fn identities(project: &str) -> String {
    format!("/api/v1/projects/{project}/identities")
}

/// Names are not unique: a second one of that name would be another identity.
///
/// # Errors
/// [`Code::BotExists`] where there is one of that name; those of the question.
pub(crate) fn refuse_one_that_is_there(vault: &Vault<'_>, name: &str) -> Result<(), Failure> {
    let route = identities(vault.project_id);
    let listed: Listed = vault.call(Method::Get, &route, None, "list the project's identities")?;
    if listed.identities.iter().any(|identity| identity.name == name) {
        return Err(Failure::new(
            Code::BotExists,
            format!("the identity {} is there already", text::quote(name)),
        )
        .cause("a second one of that name would be another identity")
        .fix(
            "leave --dispatcher out, and make a client secret on its Universal Auth page if it was lost; where a sitting broke off behind \
             it, delete it in the project's access control, and try again",
        ));
    }
    Ok(())
}

/// Makes the identity in the project, with no role and one privilege. Its secret is the last thing that is made, so that nobody has it
/// where the privilege is not what was asked for.
///
/// # Errors
/// Those of the writes, and [`Code::InfisicalWriteHttp`] where what was made is not what was asked for.
pub(crate) fn make(vault: &Vault<'_>, name: &str, folders: &FolderPath) -> Result<Credentials, Failure> {
    let route = identities(vault.project_id);
    let body = json!({"name": name, "roles": [{"role": "no-access"}]});
    let Created { identity } = vault.call(Method::Post, &route, Some(&body), "make the identity")?;
    arm(vault, &identity.id, folders)
}

/// Gives an identity its way to log in, its privilege, and a client secret.
fn arm(vault: &Vault<'_>, id: &str, folders: &FolderPath) -> Result<Credentials, Failure> {
    let route = format!("/api/v1/auth/universal-auth/identities/{id}");
    let body = json!({"accessTokenTTL": SESSION_LIVES, "accessTokenMaxTTL": SESSION_LIVES});
    let attached: Attached = vault.call(Method::Post, &route, Some(&body), "give the identity Universal Auth")?;
    let auth = &attached.identity_universal_auth;
    if auth.access_token_ttl != SESSION_LIVES || auth.access_token_max_ttl != SESSION_LIVES {
        return Err(not_as_asked(&format!(
            "its sessions would live for {} s, not for {SESSION_LIVES}",
            auth.access_token_max_ttl
        )));
    }
    grant(vault, id, folders)?;
    let body = json!({"description": "raxx-provision", "ttl": SECRET_LIVES, "numUsesLimit": 0});
    let route = format!("{route}/client-secrets");
    let secret: Secret = vault.call(Method::Post, &route, Some(&body), "make the client secret")?;
    Ok(Credentials {
        client_id: attached.identity_universal_auth.client_id,
        client_secret: secret.client_secret,
    })
}

/// The folders that it reads, as Infisical writes it.
pub(crate) fn below(folders: &FolderPath) -> String {
    format!("{}/**", folders.as_str().trim_end_matches('/'))
}

/// What it may: see and read the secrets of the bots' folders, and look at itself.
fn grant(vault: &Vault<'_>, id: &str, folders: &FolderPath) -> Result<(), Failure> {
    let of_secrets = json!({"environment": {"$eq": vault.env_slug}, "secretPath": {"$glob": below(folders)}});
    let of_itself = json!({"identityId": {"$eq": id}});
    let asked = [
        ("secrets", vec!["describeSecret", "readValue"], of_secrets),
        ("identity", vec!["read"], of_itself),
    ];
    let permissions: Vec<_> = asked
        .iter()
        .map(|(subject, actions, conditions)| json!({"subject": subject, "action": actions, "conditions": conditions}))
        .collect();
    let body = json!({
        "identityId": id,
        "projectId": vault.project_id,
        "slug": PRIVILEGE,
        "type": {"isTemporary": false},
        "permissions": permissions,
    });
    let route = "/api/v2/identity-project-additional-privilege";
    let granted: Granted = vault.call(Method::Post, route, Some(&body), "give the identity its privilege")?;
    // A condition that the server does not know it drops without a word, and then everything may be read.
    let is_asked = |one: &Permission| {
        asked.iter().any(|(subject, actions, conditions)| {
            let same_actions =
                one.action.len() == actions.len() && one.action.iter().all(|action| actions.contains(&action.as_str()));
            one.subject == *subject && same_actions && one.conditions == *conditions && !one.inverted
        })
    };
    let permissions = &granted.privilege.permissions;
    let has = |(subject, ..): &(&str, Vec<&str>, Value)| {
        permissions.iter().filter(|one| one.subject == *subject).count() == 1
    };
    if permissions.len() == asked.len() && asked.iter().all(has) && permissions.iter().all(is_asked) {
        return Ok(());
    }
    Err(not_as_asked(
        "Infisical has left out a condition or put in something else, so that it may do more than read the bots' folders",
    ))
}

fn not_as_asked(cause: &str) -> Failure {
    Failure::new(
        Code::InfisicalWriteHttp,
        "the identity is not the one that was asked for",
    )
    .cause(cause)
    .fix("the server may be another than these programs know; make it by hand (runbook, chapter 4)")
}
