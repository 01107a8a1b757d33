//! An identity's membership in the project: its roles, where it may read them
//! (<https://infisical.com/docs/api-reference/endpoints/project-identities-membership/get-by-id>).

use serde_json::{Value, json};

use super::State;
use super::answers::Refusal;
use super::identities::rules;
use super::settings::{Era, uuid};
use crate::server::Request;

/// Old servers have the second route only.
const ROUTES: [(&str, &str); 2] = [
    ("/api/v1/projects/", "/memberships/identities/"),
    ("/api/v2/workspace/", "/identity-memberships/"),
];

const PREDEFINED: [&str; 4] = ["admin", "member", "viewer", "no-access"];

/// Behind the first route: roles and additional privileges added up.
const AUDIT: &str = "/permissions/audit";

/// As in the recordings 82, 87 and 89 of 2026: rules as CASL packs them.
fn audit(role: &str, privileges: &[Value]) -> Value {
    let rules = rules(role);
    let is_custom = !PREDEFINED.contains(&role);
    let mut sources = vec![json!({
        "id": uuid(),
        "type": "role",
        "name": role,
        "slug": if is_custom { "custom" } else { role },
        "isTemporary": false,
        "permissions": rules,
    })];
    sources.extend(privileges.iter().map(|permissions| {
        json!({
            "id": uuid(),
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
    let (project, id) = parts(&request.path, settings.era).ok_or_else(|| Refusal::no_route(request))?;
    let id = id.strip_suffix(AUDIT).unwrap_or(id);
    let asking = state.member(request, project)?;
    // Whose role may not read identities is refused before it is looked whether there is such a one.
    let role = asking
        .role
        .as_ref()
        .ok_or(Refusal::PermissionDenied("read", "identity"))?;
    if asking.id != id {
        return Err(Refusal::NotFound(format!("Identity with ID '{id}' not found")));
    }
    if settings.era != Era::Old && request.path.ends_with(AUDIT) {
        return Ok(audit(role, &asking.privileges));
    }
    let is_custom = !PREDEFINED.contains(&role.as_str());
    let custom = is_custom.then_some(role);
    let mut membership = json!({
        "id": uuid(),
        "createdAt": "2024-02-29T12:00:00.000Z",
        "updatedAt": "2024-02-29T12:00:00.000Z",
        "roles": [{
            "id": uuid(),
            "role": if is_custom { "custom" } else { role },
            "customRoleName": custom,
            "customRoleSlug": custom,
            "isTemporary": asking.role_ends.is_some(),
            "temporaryMode": asking.role_ends.as_ref().map(|_| "relative"),
            "temporaryRange": null,
            "temporaryAccessStartTime": asking.role_ends.as_ref().map(|_| "2024-02-29T12:00:00.000Z"),
            "temporaryAccessEndTime": asking.role_ends,
        }],
        "identity": {"id": id, "name": "raxx-agent-dispatcher", "authMethods": ["universal-auth"]},
    });
    if request.path.starts_with(ROUTES[1].0) {
        membership["identityId"] = json!(id);
        membership["roles"][0]["customRoleId"] = json!(null);
        membership["project"] = json!({"id": project, "name": "bots"});
    } else {
        membership["lastLoginAuthMethod"] = json!(null);
        membership["lastLoginTime"] = json!(null);
        let identity = &mut membership["identity"];
        identity["orgId"] = json!(uuid());
        identity["projectId"] = json!(null);
        identity["metadata"] = json!([]);
    }
    Ok(json!({ "identityMembership": membership }))
}
