//! `GET /api/v3/secrets/raw` and `GET /api/v4/secrets`.

use serde_json::{Value, json};

use super::State;
use super::answers::Refusal;
use super::settings::{Era, Folder, IdentityState, Secret, Settings, uuid, without_trailing_slash};
use crate::server::Request;

/// What stands in place of a value that the identity may not read.
const HIDDEN: &str = "<hidden-by-infisical>";

/// The list of a folder. `project` is what the route calls the project's id.
pub(super) fn list(state: &State, request: &Request, project: &str) -> Result<Value, Refusal> {
    let path = check(state, request, project)?;
    let settings = &state.settings;
    let is_set = |names: &[&str]| {
        names
            .iter()
            .any(|name| request.parameter(name).as_deref() == Some("true"))
    };
    let folders = match existing(settings, request, &path) {
        Ok(()) => listed(settings, &path, is_set(&["recursive"]))?,
        // An old server does not tell a folder that is empty from one that is not there.
        Err(_) if settings.era == Era::Old => Vec::new(),
        Err(refusal) => return Err(refusal),
    };
    let mut secrets: Vec<_> = folders
        .iter()
        .flat_map(|(at, folder)| folder.secrets.iter().map(move |secret| (*at, secret)))
        .collect();
    secrets.sort_by_key(|(_, secret)| &secret.id);
    let secrets: Vec<Value> = secrets
        .iter()
        .map(|(at, secret)| listing(settings, at, secret))
        .collect();
    // v3 calls it `include_imports`; clients of v4 that are public send `includeImports`.
    let with_imports = is_set(&["include_imports", "includeImports"]);
    let imports = if with_imports {
        imported(settings, &folders)
    } else {
        Vec::new()
    };
    Ok(json!({"secrets": secrets, "imports": imports}))
}

/// One secret by name.
pub(super) fn single(state: &State, request: &Request, key: &str) -> Result<Value, Refusal> {
    let path = check(state, request, "workspaceId")?;
    let settings = &state.settings;
    existing(settings, request, &path)?;
    let folder = listed(settings, &path, false)?;
    let secret = folder
        .iter()
        .flat_map(|(_, folder)| &folder.secrets)
        .find(|secret| secret.key == key);
    let secret = secret.ok_or(Refusal::NotFound("Secret not found".to_owned()))?;
    let mut value = listing(settings, &path, secret);
    if settings.era == Era::Old {
        value.as_object_mut().expect("an object").remove("secretPath");
    }
    value["tags"] = json!([]);
    Ok(json!({"secret": value}))
}

/// Session and project; then the path, without its trailing slash.
fn check(state: &State, request: &Request, project: &str) -> Result<String, Refusal> {
    let settings = &state.settings;
    let client_id = state.sessions.check(request.bearer().ok_or(Refusal::TokenMissing)?)?;
    let project_id = request.parameter(project).unwrap_or_default();
    if project_id != settings.project_id {
        return Err(Refusal::NoProject(project_id));
    }
    let identity = settings
        .identities
        .iter()
        .find(|identity| identity.client_id == client_id);
    if identity.is_none_or(|identity| identity.state == IdentityState::NotInProject) {
        return Err(Refusal::NotInProject);
    }
    let path = request.parameter("secretPath").unwrap_or_default();
    Ok(without_trailing_slash(&path))
}

fn existing(settings: &Settings, request: &Request, path: &str) -> Result<(), Refusal> {
    let environment = request.parameter("environment").unwrap_or_default();
    if environment == settings.environment && settings.folders.keys().any(|folder| is_within(folder, path)) {
        return Ok(());
    }
    let message = format!("Folder with path '{path}' in environment with slug '{environment}' not found");
    Err(Refusal::NotFound(message))
}

/// The folder, or all those under it, that the identity may read; a refusal when there is none among them.
fn listed<'a>(settings: &'a Settings, path: &str, recursive: bool) -> Result<Vec<(&'a str, &'a Folder)>, Refusal> {
    let is_meant = |folder: &str| folder == path || recursive && is_within(folder, path);
    let (readable, closed): (Vec<_>, Vec<_>) = settings
        .folders
        .iter()
        .map(|(at, folder)| (at.as_str(), folder))
        .filter(|(at, _)| is_meant(at))
        .partition(|(_, folder)| folder.readable);
    if readable.is_empty() && !closed.is_empty() {
        Err(Refusal::PermissionDenied)
    } else {
        Ok(readable)
    }
}

fn is_within(folder: &str, path: &str) -> bool {
    let rest = folder.strip_prefix(path.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn imported(settings: &Settings, folders: &[(&str, &Folder)]) -> Vec<Value> {
    // In the order of the folder's own list: which of two imports wins depends on it.
    let paths = folders.iter().flat_map(|(_, folder)| &folder.imports);
    let sources = paths
        .into_iter()
        .filter_map(|path| Some((path, settings.folders.get(path)?)));
    let import = |(path, folder): (&String, &Folder)| {
        let secrets: Vec<Value> = folder
            .secrets
            .iter()
            .map(|secret| listing(settings, path, secret))
            .collect();
        json!({"secretPath": path, "environment": settings.environment, "folderId": uuid(), "secrets": secrets})
    };
    sources.filter(|(_, folder)| folder.readable).map(import).collect()
}

fn listing(settings: &Settings, path: &str, secret: &Secret) -> Value {
    let mut listing = json!({
        "id": secret.id,
        "_id": secret.id,
        "workspace": settings.project_id,
        "environment": settings.environment,
        "version": 1,
        "type": "shared",
        "secretKey": secret.key,
        "secretValue": secret.value,
        "secretComment": "",
        "secretPath": path,
    });
    if settings.era != Era::Old {
        listing["secretValueHidden"] = json!(secret.hidden);
        listing["secretMetadata"] = json!([]);
        listing["tags"] = json!([]);
        if secret.hidden {
            listing["secretValue"] = json!(HIDDEN);
        }
    }
    listing
}
