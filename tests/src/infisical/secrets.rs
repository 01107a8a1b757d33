//! `GET /api/v3/secrets/raw` and `GET /api/v4/secrets`.

use serde_json::{Value, json};

use super::State;
use super::answers::Refusal;
use super::settings::{Era, Folder, Identity, Reading, Secret, Settings, uuid, without_trailing_slash};
use crate::server::Request;

/// What stands in place of a value that the identity may not read.
const HIDDEN: &str = "<hidden-by-infisical>";

/// The list of a folder. `project` is what the route calls the project's id.
pub(super) fn list(state: &State, request: &Request, project: &str) -> Result<Value, Refusal> {
    let (caller, path) = check(state, request, project)?;
    let settings = &state.settings;
    let is_new_route = project == "projectId";
    // What is left out is on for the new route, and off for the old.
    let is_on = |names: &[&str]| {
        let given = names.iter().find_map(|name| request.parameter(name));
        given.map_or(is_new_route, |given| given == "true")
    };
    let recursive = request.parameter("recursive").as_deref() == Some("true");
    let wants_values = request.parameter("viewSecretValue").as_deref() != Some("false");
    let folders = match existing(settings, request, &path) {
        Ok(()) => listed(settings, caller, &path, recursive, wants_values)?,
        // An old server does not tell a folder that is empty from one that is not there.
        Err(_) if settings.era == Era::Old => Vec::new(),
        Err(refusal) => return Err(refusal),
    };
    let mut secrets: Vec<_> = folders
        .iter()
        .flat_map(|(at, folder)| folder.secrets.iter().map(move |secret| (*at, secret)))
        .collect();
    secrets.sort_by_key(|(_, secret)| &secret.id);
    let expands = is_on(&["expandSecretReferences"]);
    let secrets: Vec<Value> = secrets
        .iter()
        .map(|(at, secret)| {
            let mut secret = (*secret).clone();
            secret.hidden |= settings.era != Era::Old && !wants_values;
            if expands {
                secret.value = expanded(settings, caller, at, &secret)?;
            }
            Ok(listing(settings, at, &secret))
        })
        .collect::<Result<_, Refusal>>()?;
    // v3 calls it `include_imports`; clients of v4 that are public send `includeImports`.
    let imports = if is_on(&["include_imports", "includeImports"]) {
        imported(settings, caller, &folders)
    } else {
        Vec::new()
    };
    Ok(json!({"secrets": secrets, "imports": imports}))
}

/// A value with the reference in it followed, if it is one.
fn expanded(settings: &Settings, caller: &Identity, at: &str, secret: &Secret) -> Result<String, Refusal> {
    let reference = secret.value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    let Some(reference) = reference else {
        return Ok(secret.value.clone());
    };
    let words: Vec<_> = reference.split('.').collect();
    let (folder, key) = match words.split_last() {
        Some((key, [])) => (at.to_owned(), *key),
        Some((key, [_environment, folders @ ..])) => (format!("/{}", folders.join("/")), *key),
        None => return Ok(String::new()),
    };
    let found = settings
        .folders
        .get(&folder)
        .and_then(|folder| folder.secrets.iter().find(|secret| secret.key == key));
    // One that leads nowhere is nothing.
    let Some(found) = found else { return Ok(String::new()) };
    if may_read(caller, &folder) {
        return Ok(found.value.clone());
    }
    let environment = &settings.environment;
    Err(Refusal::ReferenceDenied(format!(
        "You do not have permission to read secret '{key}' in environment '{environment}' at path '{folder}', which is referenced by \
         secret '{}' in environment '{environment}' at path '{at}'.",
        secret.key
    )))
}

fn may_read(caller: &Identity, folder: &str) -> bool {
    match &caller.reading {
        Reading::Values => true,
        Reading::Below(folders) => folders.iter().any(|above| is_within(folder, above)),
        Reading::Names | Reading::Nothing => false,
    }
}

/// One secret by name.
pub(super) fn single(state: &State, request: &Request, key: &str) -> Result<Value, Refusal> {
    let (caller, path) = check(state, request, "workspaceId")?;
    let settings = &state.settings;
    existing(settings, request, &path)?;
    let folder = listed(settings, caller, &path, false, true)?;
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
fn check<'a>(state: &'a State, request: &Request, project: &str) -> Result<(&'a Identity, String), Refusal> {
    let settings = &state.settings;
    let id = match (request.parameter(project), request.parameter("workspaceSlug")) {
        (Some(id), _) => id,
        (None, Some(slug)) if project == "workspaceId" && slug == settings.project_slug => settings.project_id.clone(),
        (None, _) => {
            state.caller(request)?;
            return Err(Refusal::BadRequest("Missing project id or environment".to_owned()));
        }
    };
    let caller = state.member(request, &id)?;
    if settings.project_type != "secret-manager" {
        return Err(Refusal::BadRequest(format!(
            "The project is of type {}. Operations of type secret-manager are not allowed.",
            settings.project_type
        )));
    }
    let path = request.parameter("secretPath").unwrap_or_default();
    Ok((caller, without_trailing_slash(&path)))
}

fn existing(settings: &Settings, request: &Request, path: &str) -> Result<(), Refusal> {
    let environment = request.parameter("environment").unwrap_or_default();
    // The root of a project is always there.
    let is_there = path == "/" || settings.folders.keys().any(|folder| is_within(folder, path));
    if environment == settings.environment && is_there {
        return Ok(());
    }
    Err(Refusal::NoFolder {
        path: path.to_owned(),
        environment,
    })
}

/// The folder, or all those under it, that the identity may read.
fn listed<'a>(
    settings: &'a Settings,
    caller: &Identity,
    path: &str,
    recursive: bool,
    wants_values: bool,
) -> Result<Vec<(&'a str, &'a Folder)>, Refusal> {
    let is_meant = |folder: &str| folder == path || recursive && is_within(folder, path);
    let mut folders: Vec<_> = settings
        .folders
        .iter()
        .map(|(at, folder)| (at.as_str(), folder))
        .filter(|(at, _)| is_meant(at))
        .collect();
    match caller.reading {
        Reading::Nothing => return Err(Refusal::PermissionDenied("describeSecret", "secrets")),
        Reading::Names if wants_values && recursive => folders.clear(),
        Reading::Names if wants_values => return Err(Refusal::PermissionDenied("readValue", "secrets")),
        Reading::Values | Reading::Names => {}
        // What is not readable is left out, and nothing is said of it.
        Reading::Below(_) => folders.retain(|(at, _)| may_read(caller, at)),
    }
    Ok(folders)
}

fn is_within(folder: &str, path: &str) -> bool {
    let rest = folder.strip_prefix(path.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn imported(settings: &Settings, caller: &Identity, folders: &[(&str, &Folder)]) -> Vec<Value> {
    // In the order of the folder's own list: which of two imports wins depends on it.
    let paths = folders.iter().flat_map(|(_, folder)| &folder.imports);
    let sources = paths.filter_map(|path| Some((path, settings.folders.get(path)?)));
    let import = |(path, folder): (&String, &Folder)| {
        // One that may not be read stays, and is empty.
        let secrets = folder.secrets.iter().filter(|_| may_read(caller, path));
        let secrets: Vec<Value> = secrets.map(|secret| of_import(settings, path, secret)).collect();
        json!({"secretPath": path, "environment": settings.environment, "folderId": uuid(), "secrets": secrets})
    };
    sources.map(import).collect()
}

/// A secret in a list of imports says less, but on an old server.
fn of_import(settings: &Settings, path: &str, secret: &Secret) -> Value {
    let mut listing = listing(settings, path, secret);
    if settings.era != Era::Old {
        let fields = listing.as_object_mut().expect("an object");
        for left_out in [
            "secretPath",
            "createdAt",
            "updatedAt",
            "secretReminderNote",
            "secretReminderRepeatDays",
            "tags",
        ] {
            fields.remove(left_out);
        }
        listing["workspace"] = json!("");
    }
    listing
}

pub(super) fn listing(settings: &Settings, path: &str, secret: &Secret) -> Value {
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
        let of_2026 = json!({
            "secretReminderNote": null,
            "secretReminderRepeatDays": null,
            "skipMultilineEncoding": false,
            "createdAt": "2024-02-29T12:00:00.000Z",
            "updatedAt": "2024-02-29T12:00:00.000Z",
            "isRotatedSecret": false,
            "rotationId": null,
            "secretValueHidden": secret.hidden,
            "secretMetadata": [],
            "tags": [],
        });
        let fields = listing.as_object_mut().expect("an object");
        fields.extend(of_2026.as_object().expect("an object").clone());
        if secret.hidden {
            listing["secretValue"] = json!(HIDDEN);
        }
    }
    listing
}
