//! Projects, which any of their members may look at; on new servers only.

use serde_json::{Value, json};

use super::State;
use super::answers::Refusal;
use super::settings::{Era, IdentityState, uuid};
use crate::server::Request;

const PROJECTS: &str = "/api/v1/projects";

pub(super) fn is_asked_for(path: &str, era: Era) -> bool {
    era != Era::Old
        && path
            .strip_prefix(PROJECTS)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

pub(super) fn get(state: &State, request: &Request) -> Result<Value, Refusal> {
    let caller = state.caller(request)?;
    let is_member = caller.state != IdentityState::NotInProject;
    let settings = &state.settings;
    let slug = &settings.project_slug;
    match request.path[PROJECTS.len()..]
        .trim_start_matches('/')
        .split('/')
        .collect::<Vec<_>>()[..]
    {
        [""] if is_member => Ok(json!({"projects": [project(state)]})),
        [""] => Ok(json!({"projects": []})),
        ["slug", asked] if asked == slug && is_member => Ok(project(state)),
        ["slug", asked] if asked == slug => Err(Refusal::NotInProject("identity", settings.project_id.clone())),
        ["slug", asked] => Err(Refusal::NotFound(format!("Project with slug '{asked}' not found"))),
        [id] => {
            state.member(request, id)?;
            Ok(json!({"project": project(state)}))
        }
        _ => Err(Refusal::no_route(request)),
    }
}

fn project(state: &State) -> Value {
    let settings = &state.settings;
    let mut slugs = vec!["dev", "staging"];
    slugs.retain(|slug| *slug != settings.environment);
    slugs.push(&settings.environment);
    let environments: Vec<_> = slugs
        .iter()
        .map(|slug| {
            let name = match *slug {
                "dev" => "Development",
                "staging" => "Staging",
                "prod" => "Production",
                other => other,
            };
            json!({"name": name, "slug": slug, "id": uuid()})
        })
        .collect();
    json!({
        "id": settings.project_id,
        "_id": settings.project_id,
        "name": "bots",
        "description": null,
        "type": settings.project_type,
        "defaultProduct": null,
        "slug": settings.project_slug,
        "autoCapitalization": false,
        "orgId": uuid(),
        "createdAt": "2024-02-29T12:00:00.000Z",
        "updatedAt": "2024-02-29T12:00:00.000Z",
        "version": 3,
        "upgradeStatus": null,
        "pitVersionLimit": 10,
        "kmsCertificateKeyId": null,
        "auditLogsRetentionDays": null,
        "hasDeleteProtection": false,
        "secretSharing": true,
        "showSnapshotsLegacy": false,
        "secretDetectionIgnoreValues": null,
        "enforceEncryptedSecretManagerSecretMetadata": null,
        "environments": environments,
        "deletedEnvironments": [],
    })
}
