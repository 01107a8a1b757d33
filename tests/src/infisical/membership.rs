//! An identity's membership in the project: its roles, where it may read them
//! (<https://infisical.com/docs/api-reference/endpoints/project-identities-membership/get-by-id>).

use serde_json::{Value, json};

use super::State;
use super::answers::Refusal;
use super::settings::Era;
use crate::server::Request;

/// Old servers have the second route only.
const ROUTES: [(&str, &str); 2] = [
    ("/api/v1/projects/", "/memberships/identities/"),
    ("/api/v2/workspace/", "/identity-memberships/"),
];

/// Behind the first route: roles and additional privileges added up.
const AUDIT: &str = "/permissions/audit";

/// As in the recordings 82, 87 and 89 of 2026: rules as CASL packs them.
fn audit(role: &str, privileges: &[Value]) -> Value {
    let rules = match role {
        "no-access" => json!([]),
        "admin" | "member" => json!([
            ["describeSecret,readValue,create,edit,delete", "secrets"],
            ["read", "identity"]
        ]),
        _ => json!([
            ["describeSecret,readValue", "secrets"],
            ["read", "secret-folders"],
            ["read", "identity"]
        ]),
    };
    let is_custom = !["admin", "member", "viewer", "no-access"].contains(&role);
    let mut sources = vec![json!({
        "id": "56753dbc-bd41-4e6e-b607-5c5546c7e83e",
        "type": "role",
        "name": role,
        "slug": if is_custom { "custom" } else { role },
        "isTemporary": false,
        "permissions": rules,
    })];
    sources.extend(privileges.iter().map(|permissions| {
        json!({
            "id": "482fe9a1-11d2-4b4a-b09a-5eff3be2ad80",
            "type": "additional_privilege",
            "name": "rw",
            "isTemporary": false,
            "permissions": permissions,
        })
    }));
    json!({ "sources": sources })
}

fn parts(path: &str, era: Era) -> Option<(&str, &str)> {
    let routes = if era == Era::Old { &ROUTES[1..] } else { &ROUTES[..] };
    routes
        .iter()
        .find_map(|(start, middle)| path.strip_prefix(start)?.split_once(middle))
}

pub(super) fn is_asked_for(path: &str, era: Era) -> bool {
    parts(path, era).is_some()
}

pub(super) fn get(state: &State, request: &Request) -> Result<Value, Refusal> {
    let settings = &state.settings;
    let client_id = state
        .sessions
        .check(request.bearer().ok_or(Refusal::TokenMissing)?)?
        .to_owned();
    let (project, id) = parts(&request.path, settings.era).ok_or_else(|| Refusal::no_route(request))?;
    let id = id.strip_suffix(AUDIT).unwrap_or(id);
    if project != settings.project_id {
        return Err(Refusal::NoProject(project.to_owned()));
    }
    let asking = settings.identities.iter().find(|it| it.client_id == client_id);
    // Whose role may not read identities is refused before it is looked whether there is such a one.
    let role = asking
        .and_then(|it| it.role.as_ref())
        .ok_or(Refusal::PermissionDenied)?;
    if asking.is_none_or(|it| it.id != id) {
        return Err(Refusal::NotFound(format!("Identity with ID '{id}' not found")));
    }
    if settings.era == Era::New && request.path.ends_with(AUDIT) {
        return Ok(audit(role, &asking.map(|it| it.privileges.clone()).unwrap_or_default()));
    }
    let is_custom = !["admin", "member", "viewer", "no-access"].contains(&role.as_str());
    Ok(json!({"identityMembership": {
        "id": "5e2f1c0a-0000-4000-8000-000000000000",
        "identityId": id,
        "createdAt": "2024-02-29T12:00:00.000Z",
        "updatedAt": "2024-02-29T12:00:00.000Z",
        "roles": [{
            "id": "6f3a2d1b-0000-4000-8000-000000000000",
            "role": if is_custom { "custom" } else { role },
            "customRoleSlug": is_custom.then_some(role),
            "isTemporary": asking.is_some_and(|it| it.role_ends.is_some()),
            "temporaryAccessEndTime": asking.and_then(|it| it.role_ends.clone()),
        }],
        "identity": {"id": id, "name": "raxx-agent-dispatcher", "authMethods": ["universal-auth"]},
    }}))
}
