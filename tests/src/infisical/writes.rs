//! What is written: folders and secrets, as recorded in July 2026.

use serde_json::{Value, json};

use super::State;
use super::answers::Refusal;
use super::identities::{self, writer};
use super::secrets::listing;
use super::settings::{Identity, Settings, uuid, without_trailing_slash};
use crate::server::Request;

/// A date in the past for everything that has one.
pub(super) const LONG_AGO: &str = "2024-02-29T12:00:00.000Z";

/// The answer to a request that writes or reads a single thing; none where it is about something else.
pub(super) fn answer(state: &mut State, request: &Request) -> Option<Result<Value, Refusal>> {
    let path = request.path.clone();
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    Some(match (request.method.as_str(), &parts[..]) {
        ("GET", ["api", "v2", "folders"]) => folders(state, request),
        ("POST", ["api", "v2", "folders"]) => make_folder(state, request),
        ("POST", ["api", "v4", "secrets", "batch"]) => make_all(state, request),
        ("GET", ["api", "v4", "secrets", name]) => read(state, request, name),
        ("POST", ["api", "v4", "secrets", name]) => make(state, request, name),
        ("PATCH", ["api", "v4", "secrets", name]) => change(state, request, name),
        ("DELETE", ["api", "v4", "secrets", name]) => remove(state, request, name),
        ("DELETE", ["api", "v2", "folders", name]) => remove_folder(state, request, name),
        _ => return identities::answer(state, request),
    })
}

/// Where something is to be written, and by whom.
struct Place {
    body: Value,
    path: String,
}

/// What was sent; what is not there is null.
pub(super) fn sent(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap_or_default()
}

/// Session, then project; then what is said of the environment, by the call.
fn place(
    state: &State,
    request: &Request,
    path: &str,
    no_environment: fn(&str, &str) -> Refusal,
) -> Result<Place, Refusal> {
    let body = sent(request);
    let said = |name: &str| {
        let of_query = request.parameter(name);
        of_query
            .or_else(|| body[name].as_str().map(str::to_owned))
            .unwrap_or_default()
    };
    let project = said("projectId");
    match state.member(request, &project) {
        Err(Refusal::NoProject(id)) => return Err(Refusal::NotFound(format!("Project with {id} not found"))),
        member => member?,
    };
    let environment = said("environment");
    if environment != state.settings.environment {
        return Err(no_environment(&environment, &project));
    }
    let path = without_trailing_slash(&said(path));
    Ok(Place { body, path })
}

fn of_a_folder(environment: &str, project: &str) -> Refusal {
    Refusal::NotFound(format!(
        "Environment with slug '{environment}' in project with ID '{project}' not found"
    ))
}

fn of_a_secret(environment: &str, project: &str) -> Refusal {
    Refusal::NotFound(format!(
        "Environment with slug '{environment}' not found in project with ID {project}"
    ))
}

/// What the server's validation says of one field.
fn invalid(field: &str, message: &str) -> Refusal {
    Refusal::InvalidBody(json!([{"code": "custom", "message": message, "path": [field]}]))
}

fn is_there(settings: &Settings, path: &str) -> bool {
    let below = format!("{}/", path.trim_end_matches('/'));
    path == "/"
        || settings
            .folders
            .keys()
            .any(|known| known == path || known.starts_with(&below))
}

/// A missing path is an empty list.
fn folders(state: &State, request: &Request) -> Result<Value, Refusal> {
    let Place { path, .. } = place(state, request, "path", of_a_folder)?;
    let below = format!("{}/", path.trim_end_matches('/'));
    let children = state
        .settings
        .folders
        .keys()
        .filter_map(|known| known.strip_prefix(&below));
    let mut names: Vec<_> = children.filter_map(|rest| rest.split('/').next()).collect();
    names.dedup();
    let folders: Vec<_> = names.iter().map(|name| folder(name)).collect();
    Ok(json!({"folders": folders}))
}

fn folder(name: &str) -> Value {
    json!({"id": uuid(), "name": name, "version": 1, "createdAt": LONG_AGO, "updatedAt": LONG_AGO, "envId": uuid(),
           "parentId": uuid(), "isReserved": false, "description": null, "lastSecretModified": null})
}

fn make_folder(state: &mut State, request: &Request) -> Result<Value, Refusal> {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    let asked = sent(request);
    let name = asked["name"].as_str().unwrap_or_default();
    if !name.chars().all(is_word) {
        let message = "Invalid folder name. Only alphanumeric characters, dashes, and underscores are allowed.";
        return Err(invalid("name", message));
    }
    let Place { path, .. } = place(state, request, "path", of_a_folder)?;
    writer(state, request, "create", "secret-folders")?;
    let whole = without_trailing_slash(&format!("{}/{name}", path.trim_end_matches('/')));
    if is_there(&state.settings, &whole) {
        let message = format!("Folder with name '{name}' already exists in path '{path}'");
        return Err(Refusal::BadRequest(message));
    }
    // Missing parents are made too, without a word.
    state.settings.folder(&whole);
    let mut made = folder(name);
    made["path"] = json!(whole);
    Ok(json!({ "folder": made }))
}

/// Only an empty one, unless it is said that what is in it goes too.
fn remove_folder(state: &mut State, request: &Request, name: &str) -> Result<Value, Refusal> {
    let Place { body, path } = place(state, request, "path", of_a_folder)?;
    writer(state, request, "delete", "secret-folders")?;
    let whole = format!("{}/{name}", path.trim_end_matches('/'));
    if !is_there(&state.settings, &whole) {
        return Err(Refusal::NotFound("Target folder not found".to_owned()));
    }
    let below = format!("{whole}/");
    let folders = &mut state.settings.folders;
    let is_empty = folders.get(&whole).is_none_or(|folder| folder.secrets.is_empty())
        && !folders.keys().any(|known| known.starts_with(&below));
    if !is_empty && body["forceDelete"] != json!(true) {
        return Err(Refusal::Named(
            400,
            "deleteFolder",
            format!(
                "Cannot delete folder \"{name}\" because it contains resources. Use forceDelete=true to delete it forcefully."
            ),
        ));
    }
    folders.retain(|known, _| *known != whole && !known.starts_with(&below));
    // The one above stays, without children too.
    folders.entry(path).or_default();
    let mut gone = folder(name);
    gone["lastSecretModified"] = json!(LONG_AGO);
    Ok(json!({ "folder": gone }))
}

/// All or nothing.
fn make_all(state: &mut State, request: &Request) -> Result<Value, Refusal> {
    let Place { body, path } = place(state, request, "secretPath", of_a_secret)?;
    existing(state, &path, "CreateManySecret")?;
    let caller = writer(state, request, "create", "secrets")?;
    if let Some(approval) = approval(&state.settings, caller) {
        return Ok(approval);
    }
    let pairs = body["secrets"].as_array().cloned().unwrap_or_default();
    let pair = |pair: &Value| {
        Some((
            pair["secretKey"].as_str()?.to_owned(),
            pair["secretValue"].as_str()?.to_owned(),
        ))
    };
    let pairs: Vec<_> = pairs.iter().filter_map(pair).collect();
    let folder = state.settings.folder(&path);
    if let Some((name, _)) = pairs
        .iter()
        .find(|(name, _)| folder.secrets.iter().any(|secret| secret.key == *name))
    {
        return Err(Refusal::BadRequest(format!("Secret already exists: {name}")));
    }
    for (name, value) in &pairs {
        folder.set(name, &kept(value));
    }
    for name in state.settings.spoils.clone() {
        if pairs.iter().any(|(written, _)| *written == name) {
            state.settings.folder(&path).set(&name, "999");
        }
    }
    let mut names: Vec<_> = pairs.iter().map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    let made: Vec<_> = names
        .iter()
        .filter_map(|name| written(&state.settings, &path, name))
        .collect();
    Ok(json!({"secrets": made}))
}

fn make(state: &mut State, request: &Request, name: &str) -> Result<Value, Refusal> {
    if name.contains("%3A") || name.contains(':') {
        return Err(invalid(
            "secretName",
            "Secret name cannot contain colon or forward slash.",
        ));
    }
    state.caller(request)?;
    let value = value(&sent(request))?;
    let Place { path, .. } = place(state, request, "secretPath", of_a_secret)?;
    existing(state, &path, "CreateSecret")?;
    let caller = writer(state, request, "create", "secrets")?;
    if let Some(approval) = approval(&state.settings, caller) {
        return Ok(approval);
    }
    let folder = state.settings.folder(&path);
    if folder.secrets.iter().any(|secret| secret.key == name) {
        return Err(Refusal::BadRequest("Secret already exists".to_owned()));
    }
    folder.set(name, &kept(&value));
    Ok(json!({"secret": written(&state.settings, &path, name)}))
}

fn change(state: &mut State, request: &Request, name: &str) -> Result<Value, Refusal> {
    let Place { body, path } = place(state, request, "secretPath", of_a_secret)?;
    let caller = writer(state, request, "edit", "secrets")?;
    if let Some(approval) = approval(&state.settings, caller) {
        return Ok(approval);
    }
    let value = value(&body)?;
    let folder = state.settings.folder(&path);
    if !folder.secrets.iter().any(|secret| secret.key == name) {
        return Err(Refusal::NotFound(format!("Secret with name {name} not found")));
    }
    folder.set(name, &kept(&value));
    Ok(json!({"secret": written(&state.settings, &path, name)}))
}

fn read(state: &State, request: &Request, name: &str) -> Result<Value, Refusal> {
    let Place { path, .. } = place(state, request, "secretPath", of_a_secret)?;
    let secret = shown(&state.settings, &path, name);
    let mut secret = secret.ok_or(Refusal::NotFound(format!("Secret with name '{name}' not found")))?;
    if request.parameter("viewSecretValue").as_deref() == Some("false") {
        secret["secretValue"] = json!("<hidden-by-infisical>");
        secret["secretValueHidden"] = json!(true);
    }
    Ok(json!({"secret": secret}))
}

/// The answer has the value that is gone.
fn remove(state: &mut State, request: &Request, name: &str) -> Result<Value, Refusal> {
    if request.body.is_empty() {
        return Err(Refusal::InvalidBody(
            json!([{"code": "invalid_type", "expected": "object", "received": "null", "path": [],
            "message": "Expected object, received null"}]),
        ));
    }
    let Place { path, .. } = place(state, request, "secretPath", of_a_secret)?;
    let caller = writer(state, request, "delete", "secrets")?;
    if let Some(approval) = approval(&state.settings, caller) {
        return Ok(approval);
    }
    let secret = written(&state.settings, &path, name);
    let mut secret = secret.ok_or(Refusal::NotFound("Secret not found".to_owned()))?;
    let fields = secret.as_object_mut().expect("an object");
    fields.remove("isRotatedSecret");
    fields.remove("rotationId");
    secret["secretValueHidden"] = json!(false);
    state.settings.folder(&path).remove(name);
    Ok(json!({"secret": secret}))
}

fn existing(state: &State, path: &str, error: &'static str) -> Result<(), Refusal> {
    if is_there(&state.settings, path) {
        return Ok(());
    }
    Err(Refusal::NoFolderToWrite {
        path: path.to_owned(),
        environment: state.settings.environment.clone(),
        error,
    })
}

/// Under a policy a person's write becomes a request, with a good status and nothing written; a machine identity's goes through.
fn approval(settings: &Settings, caller: &Identity) -> Option<Value> {
    (settings.approval_policy && caller.is_person).then(|| {
        json!({"approval": {"id": uuid(), "policyId": uuid(), "hasMerged": false, "status": "open", "conflicts": null,
            "slug": "fyVfsvtg5k", "folderId": uuid(), "createdAt": LONG_AGO, "updatedAt": LONG_AGO, "isReplicated": null,
            "committerUserId": uuid(), "statusChangedByUserId": null, "bypassReason": null, "commitMessage": null}})
    })
}

fn value(body: &Value) -> Result<String, Refusal> {
    body["secretValue"].as_str().map(str::to_owned).ok_or_else(|| {
        Refusal::InvalidBody(
            json!([{"code": "invalid_type", "expected": "string", "received": "undefined",
            "path": ["secretValue"], "message": "Required"}]),
        )
    })
}

/// Trimmed at both ends, but for one newline.
fn kept(value: &str) -> String {
    let newline = if value.ends_with('\n') { "\n" } else { "" };
    format!("{}{newline}", value.trim())
}

fn shown(settings: &Settings, path: &str, name: &str) -> Option<Value> {
    let folder = settings.folders.get(path)?;
    let secret = folder.secrets.iter().find(|secret| secret.key == name)?;
    Some(listing(settings, path, secret))
}

/// A secret as the answer to a write has it, which says less.
fn written(settings: &Settings, path: &str, name: &str) -> Option<Value> {
    let mut secret = shown(settings, path, name)?;
    let fields = secret.as_object_mut().expect("an object");
    for left_out in ["secretPath", "secretValueHidden", "secretMetadata", "tags"] {
        fields.remove(left_out);
    }
    Some(secret)
}
