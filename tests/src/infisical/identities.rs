//! Identities of the project, what they may do, and how they are made, as recorded in July 2026.

use serde_json::{Value, json};

use super::State;
use super::answers::Refusal;
use super::settings::{Identity, Reading, uuid};
use super::writes::{LONG_AGO, sent};
use crate::server::Request;

/// What a project's Developer may not do with identities (recordings 131).
const ADMINS: [&str; 3] = ["create-token", "assign-role", "assign-additional-privileges"];

/// The answer to a request about identities; none where it is about something else.
pub(super) fn answer(state: &mut State, request: &Request) -> Option<Result<Value, Refusal>> {
    let path = request.path.clone();
    let parts: Vec<&str> = path.trim_start_matches("/api/").split('/').collect();
    Some(match (request.method.as_str(), &parts[..]) {
        ("POST", ["v1", "auth", "checkAuth"]) => check(state, request),
        ("GET", ["v1", "projects", project, "permissions"]) => own_rights(state, request, project),
        ("GET", ["v1", "projects", project, "identities"]) => list(state, request, project),
        ("POST", ["v1", "projects", project, "identities"]) => make(state, request, project),
        ("POST", ["v1", "auth", "universal-auth", "identities", id]) => attach(state, request, id),
        ("POST", ["v1", "auth", "universal-auth", "identities", id, "client-secrets"]) => {
            make_client_secret(state, request, id)
        }
        ("POST", ["v2", "identity-project-additional-privilege"]) => make_privilege(state, request),
        _ => return None,
    })
}

/// Who may do something by their role.
pub(super) fn writer<'a>(
    state: &'a State,
    request: &Request,
    action: &'static str,
    subject: &'static str,
) -> Result<&'a Identity, Refusal> {
    let caller = state.caller(request)?;
    let may = match caller.role.as_deref() {
        Some("admin") => true,
        Some("member") => !ADMINS.contains(&action),
        _ => false,
    };
    if may {
        return Ok(caller);
    }
    Err(Refusal::PermissionDenied(action, subject))
}

/// The rules of a role, as CASL packs them, where they are about what is asked here (recordings 82 to 89, 105).
pub(super) fn rules(role: &str) -> Value {
    match role {
        "no-access" => json!([]),
        "admin" => json!([
            ["read,edit,create,delete", "secret-folders"],
            [
                "create,edit,delete,read,grant-privileges,assign-role,assign-additional-privileges,assume-privileges,get-token,\
                 create-token,delete-token,revoke-auth",
                "identity"
            ],
            ["describeSecret,read,readValue,create,edit,delete", "secrets"],
        ]),
        "member" => json!([
            ["describeSecret,readValue,create,edit,delete", "secrets"],
            ["create,edit,delete,read", "secret-folders"],
            ["read,edit,create,delete", "identity"],
        ]),
        "viewer" => json!([
            ["describeSecret,readValue", "secrets"],
            ["read", "secret-folders"],
            ["read", "identity"]
        ]),
        _ => json!([
            ["describeSecret,readValue", "secrets", {"secretPath": {"$glob": "/MooseQuest/**"}, "environment": {"$eq": "prod"}}],
            ["read", "identity"]
        ]),
    }
}

/// Tells people from machines.
fn check(state: &State, request: &Request) -> Result<Value, Refusal> {
    if state.caller(request)?.is_person {
        return Ok(json!({"message": "Authenticated"}));
    }
    Err(Refusal::Named(
        403,
        "Forbidden access to /api/v1/auth/checkAuth",
        "You are not allowed to access this resource".to_owned(),
    ))
}

/// What a person may do in the project.
fn own_rights(state: &State, request: &Request, project: &str) -> Result<Value, Refusal> {
    let caller = state.member(request, project)?;
    let role = caller.role.as_deref().unwrap_or("no-access");
    let membership = json!({"id": uuid(), "actorGroupId": null, "actorUserId": caller.id, "roles": [{"role": role}]});
    Ok(json!({"data": {"memberships": [membership], "permissions": rules(role)}}))
}

fn list(state: &State, request: &Request, project: &str) -> Result<Value, Refusal> {
    state.member(request, project)?;
    let own = state
        .settings
        .identities
        .iter()
        .filter(|identity| !identity.name.is_empty());
    let own: Vec<_> = own.map(|identity| shown(identity, project)).collect();
    Ok(json!({"identities": own, "totalCount": own.len()}))
}

fn shown(identity: &Identity, project: &str) -> Value {
    json!({"id": identity.id, "name": identity.name, "orgId": uuid(), "projectId": project, "createdAt": LONG_AGO,
           "updatedAt": LONG_AGO, "hasDeleteProtection": false, "metadata": []})
}

fn make(state: &mut State, request: &Request, project: &str) -> Result<Value, Refusal> {
    state.member(request, project)?;
    writer(state, request, "create", "identity")?;
    let body = sent(request);
    let roles: Vec<_> = body["roles"].as_array().into_iter().flatten().collect();
    if roles.iter().any(|role| role["role"] != "no-access")
        && writer(state, request, "assign-role", "identity").is_err()
    {
        return Err(Refusal::Boundary("create identity project membership", "assign-role"));
    }
    let identity = Identity {
        name: body["name"].as_str().unwrap_or_default().to_owned(),
        role: Some("no-access".to_owned()),
        reading: Reading::Nothing,
        ..Identity::new()
    };
    let mut answer = shown(&identity, project);
    answer["authMethods"] = json!([]);
    state.settings.identities.push(identity);
    Ok(json!({ "identity": answer }))
}

fn identity<'a>(state: &'a mut State, id: &str) -> Result<&'a mut Identity, Refusal> {
    let found = state.settings.identities.iter_mut().find(|identity| identity.id == id);
    found.ok_or_else(|| Refusal::NotFound(format!("Failed to find identity with ID {id}")))
}

/// Universal Auth, once.
fn attach(state: &mut State, request: &Request, id: &str) -> Result<Value, Refusal> {
    writer(state, request, "create", "identity")?;
    let body = sent(request);
    let identity = identity(state, id)?;
    if identity.has_universal_auth {
        let message = "Failed to add universal auth to already configured identity";
        return Err(Refusal::BadRequest(message.to_owned()));
    }
    identity.has_universal_auth = true;
    let everywhere = json!([{"type": "ipv4", "prefix": 0, "ipAddress": "0.0.0.0"}, {"type": "ipv6", "prefix": 0, "ipAddress": "::"}]);
    Ok(
        json!({"identityUniversalAuth": {"id": uuid(), "clientId": identity.client_id, "accessTokenTTL": body["accessTokenTTL"],
        "accessTokenMaxTTL": body["accessTokenMaxTTL"], "accessTokenNumUsesLimit": 0, "clientSecretTrustedIps": everywhere,
        "accessTokenTrustedIps": everywhere, "createdAt": LONG_AGO, "updatedAt": LONG_AGO, "identityId": id, "accessTokenPeriod": 0,
        "lockoutEnabled": true, "lockoutThreshold": 3, "lockoutDurationSeconds": 300, "lockoutCounterResetSeconds": 30}}),
    )
}

fn make_client_secret(state: &mut State, request: &Request, id: &str) -> Result<Value, Refusal> {
    writer(state, request, "create-token", "identity")?;
    let body = sent(request);
    let identity = identity(state, id)?;
    if !identity.has_universal_auth {
        return Err(Refusal::BadRequest(
            "The identity does not have universal auth".to_owned(),
        ));
    }
    let secret = &identity.client_secret;
    Ok(
        json!({"clientSecret": secret, "clientSecretData": {"id": uuid(), "createdAt": LONG_AGO, "updatedAt": LONG_AGO,
        "description": body["description"], "clientSecretPrefix": &secret[..4], "clientSecretNumUses": 0,
        "clientSecretNumUsesLimit": body["numUsesLimit"].as_u64().unwrap_or_default(), "clientSecretTTL": body["ttl"],
        "identityUAId": uuid(), "isClientSecretRevoked": false}}),
    )
}

/// A condition that the server does not know is dropped without a word.
fn make_privilege(state: &mut State, request: &Request) -> Result<Value, Refusal> {
    let body = sent(request);
    state.member(request, &state.settings.project_id)?;
    writer(state, request, "edit", "identity")?;
    if writer(state, request, "assign-additional-privileges", "identity").is_err() {
        return Err(Refusal::Boundary(
            "create additional privileges",
            "assign-additional-privileges",
        ));
    }
    let slug = body["slug"].as_str().unwrap_or_default();
    let mut permissions = body["permissions"].as_array().cloned().unwrap_or_default();
    let drops = state.settings.drops_conditions;
    for permission in &mut permissions {
        permission["inverted"] = json!(false);
        if let Some(conditions) = permission["conditions"].as_object_mut() {
            conditions.retain(|key, _| !drops && ["environment", "secretPath", "identityId"].contains(&key.as_str()));
        }
    }
    let identity = identity(state, body["identityId"].as_str().unwrap_or_default())?;
    if identity.privilege_slugs.iter().any(|own| own == slug) {
        return Err(Refusal::BadRequest(format!(
            "Additional privilege with name {slug} exists"
        )));
    }
    identity.privilege_slugs.push(slug.to_owned());
    let below = permissions
        .iter()
        .find_map(|one| one["conditions"]["secretPath"]["$glob"].as_str());
    identity.reading = match below.map(|glob| glob.strip_suffix("/**").unwrap_or(glob)) {
        Some(folder) => Reading::Below(vec![folder.to_owned()]),
        None => Reading::Values,
    };
    identity.privileges.push(permissions.iter().map(packed).collect());
    Ok(
        json!({"privilege": {"id": uuid(), "slug": slug, "isTemporary": false, "temporaryMode": null, "temporaryRange": null,
        "temporaryAccessStartTime": null, "temporaryAccessEndTime": null, "permissions": permissions, "createdAt": LONG_AGO,
        "updatedAt": LONG_AGO}}),
    )
}

/// A rule as CASL packs it.
fn packed(permission: &Value) -> Value {
    let actions: Vec<_> = permission["action"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    json!([actions.join(","), permission["subject"], permission["conditions"]])
}
