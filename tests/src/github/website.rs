//! The pages on which a person makes an App from a manifest and installs it, and the call that hands its key over.
//!
//! Source: GitHub's documentation of the manifest flow
//! (<https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest>) and public threads; the pages
//! themselves are stand-ins, with the forms that matter and nothing else.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::answers::{Answer, Refusal};
use super::settings::{App, Installation, OnInstall};
use super::{State, claims, objects};
use crate::keys::BotKey;
use crate::script::Canned;
use crate::server::Request;

/// How long a code is good, from the start of the flow.
const CODE_LIVES: SignedDuration = SignedDuration::from_hours(1);
/// GitHub's limit, in characters.
const LONGEST_NAME: usize = 34;

/// An App that was confirmed, and whose key was not fetched yet.
#[derive(Debug)]
pub(super) struct Pending {
    name: String,
    owner: String,
    permissions: BTreeMap<String, String>,
    since: Timestamp,
}

/// A page, if it is one of the website's that is asked for.
pub(super) fn page(state: &mut State, request: &Request) -> Option<Canned> {
    let parts: Vec<&str> = request.path.split('/').skip(1).collect();
    Some(match (request.method.as_str(), &parts[..]) {
        ("POST", ["settings", "apps", "new"]) => form(state, request, None),
        ("POST", ["organizations", owner, "settings", "apps", "new"]) => form(state, request, Some(owner)),
        ("POST", ["settings", "apps", "confirm"]) => confirm(state, request),
        ("GET", ["apps" | "github-apps", slug, "installations", "new"]) => install_form(state, slug),
        ("POST", ["apps" | "github-apps", slug, "installations"]) => install(state, slug),
        _ => return None,
    })
}

/// The form as it comes from the program's page: shown to the person, who may change the name.
fn form(state: &State, request: &Request, organization: Option<&str>) -> Canned {
    let website = &state.settings.website;
    let owner = organization.unwrap_or(&website.person);
    if organization.is_some() && website.organization_forbids {
        return Canned::html(404, "<title>Page not found</title><h1>404</h1>");
    }
    let manifest = request.field("manifest").unwrap_or_default();
    let parsed: Value = serde_json::from_str(&manifest).unwrap_or_default();
    if let Some(wrong) = wrong(&parsed) {
        let words = format!("<h1>Invalid GitHub App configuration</h1><p>Error: {wrong}</p>");
        return Canned::html(200, &words);
    }
    let name = parsed["name"].as_str().unwrap_or_default();
    Canned::html(
        200,
        &format!(
            "<title>Create GitHub App</title><form method=post action=/settings/apps/confirm>\
             <input type=hidden name=manifest value=\"{}\"><input type=hidden name=owner value=\"{}\">\
             <input type=hidden name=state value=\"{}\"><input name=name id=name value=\"{}\">\
             <button id=create>Create GitHub App for {}</button></form>",
            escaped(&manifest),
            escaped(owner),
            escaped(&request.parameter("state").unwrap_or_default()),
            escaped(name),
            escaped(owner),
        ),
    )
}

/// What GitHub's page says is wrong with a manifest.
fn wrong(manifest: &Value) -> Option<&'static str> {
    if !manifest.is_object() {
        Some("manifest is not valid JSON")
    } else if !manifest["url"].is_string()
        || manifest
            .get("hook_attributes")
            .is_some_and(|hook| hook["url"].is_null())
    {
        Some("\"url\" wasn't supplied.")
    } else if manifest
        .as_object()
        .is_some_and(|fields| fields.values().any(Value::is_null))
    {
        Some("a field is null")
    } else {
        None
    }
}

/// The click: the browser is sent back with a code.
fn confirm(state: &mut State, request: &Request) -> Canned {
    let field = |name: &str| request.field(name).unwrap_or_default();
    let name = field("name");
    let is_taken = state.settings.apps.iter().any(|app| app.slug == slug(&name));
    if name.is_empty() || name.chars().count() > LONGEST_NAME || is_taken {
        return Canned::html(
            200,
            "<h1>Create GitHub App</h1><p>Name is already taken, or too long</p>",
        );
    }
    let manifest: Value = serde_json::from_str(&field("manifest")).unwrap_or_default();
    let asked = manifest["default_permissions"].as_object().cloned().unwrap_or_default();
    let permissions = asked
        .into_iter()
        .filter_map(|(name, level)| Some((name, level.as_str()?.to_owned())));
    let mut permissions: BTreeMap<String, String> = permissions.collect();
    permissions.insert("metadata".to_owned(), "read".to_owned());
    let code: String = std::iter::repeat_with(|| fastrand::digit(16)).take(40).collect();
    let pending = Pending {
        name,
        owner: state
            .settings
            .website
            .logged_in_as
            .clone()
            .unwrap_or_else(|| field("owner")),
        permissions,
        since: state.settings.now(),
    };
    state.codes.insert(code.clone(), pending);
    let back = manifest["redirect_url"].as_str().unwrap_or_default();
    let state_given = field("state");
    let location = match state_given.as_str() {
        "" => format!("{back}?code={code}"),
        given => format!("{back}?code={code}&state={given}"),
    };
    Canned::new(302).header("Location", &location)
}

/// `POST /app-manifests/{code}/conversions`: the App comes into being, and its key is given, once.
pub(super) fn convert(state: &mut State, code: &str) -> Result<Answer, Refusal> {
    let page = "/apps/apps#create-a-github-app-from-a-manifest";
    let pending = state.codes.remove(code).ok_or(Refusal::NOT_FOUND.of(page))?;
    if state.settings.now().duration_since(pending.since) > CODE_LIVES {
        return Err(Refusal::NOT_FOUND.of(page));
    }
    let highest = state.settings.apps.iter().map(|app| app.id).max().unwrap_or(3_501_351);
    let key = BotKey::generate();
    let mut app = App::new(highest + 1, &slug(&pending.name), key.clone());
    app.owner.clone_from(&pending.owner);
    app.permissions = pending.permissions;
    let mut body = objects::app(&state.settings, &app);
    body["name"] = json!(pending.name);
    let secret = || {
        std::iter::repeat_with(|| fastrand::digit(16))
            .take(40)
            .collect::<String>()
    };
    body["client_secret"] = json!(secret());
    body["webhook_secret"] = json!(secret());
    body["pem"] = json!(key.pkcs1_pem());
    state.settings.apps.push(app);
    Ok(Answer::new(201, body))
}

fn install_form(state: &mut State, slug: &str) -> Canned {
    let missing = || Canned::html(404, "<title>Page not found</title><h1>404</h1>");
    if state.settings.website.install_page_is_missing > 0 {
        state.settings.website.install_page_is_missing -= 1;
        return missing();
    }
    if !state.settings.apps.iter().any(|app| app.slug == slug) {
        return missing();
    }
    Canned::html(
        200,
        &format!(
            "<title>Install {slug}</title><form method=post action=/apps/{slug}/installations>\
             <button id=install>Install</button></form>"
        ),
    )
}

fn install(state: &mut State, slug: &str) -> Canned {
    let Some(app) = state.settings.apps.iter().find(|app| app.slug == slug).cloned() else {
        return Canned::html(404, "<title>Page not found</title><h1>404</h1>");
    };
    let account = match &state.settings.website.on_install {
        OnInstall::Request => {
            state.requested.push(app.id);
            return Canned::html(200, "<h1>Requested</h1><p>An owner has been asked.</p>");
        }
        OnInstall::Install => app.owner.clone(),
        OnInstall::InstallOn(account) => account.clone(),
    };
    let highest = state.settings.installations.iter().map(|it| it.id).max().unwrap_or(100);
    let permissions: Vec<_> = app
        .permissions
        .iter()
        .map(|(name, level)| (name.as_str(), level.as_str()))
        .collect();
    let installation = Installation::new(
        highest + 1,
        app.id,
        &account,
        &crate::sandbox::REPOSITORIES,
        &permissions,
    );
    state.requested.retain(|id| *id != app.id);
    state.settings.installations.push(installation);
    Canned::html(200, "<h1>Installed</h1>")
}

/// `GET /app/installations`.
pub(super) fn installations(state: &State, request: &Request) -> Result<Answer, Refusal> {
    let app = claims::app(&state.settings, request)?;
    let own = state.settings.installations.iter().filter(|it| it.app_id == app.id);
    let own: Vec<_> = own.map(|it| objects::installation(&state.settings, app, it)).collect();
    Ok(Answer::new(200, json!(own)))
}

/// `GET /app/installation-requests`.
pub(super) fn requests(state: &State, request: &Request) -> Result<Answer, Refusal> {
    let app = claims::app(&state.settings, request)?;
    let own: Vec<_> = state.requested.iter().filter(|id| **id == app.id).collect();
    let own = own.iter().map(|_| {
        json!({"id": 1, "node_id": "R_1", "account": {"login": app.owner}, "requester": {"login": state.settings.website.person},
               "created_at": "2026-02-28T12:00:00Z"})
    });
    Ok(Answer::new(200, own.collect()))
}

/// As GitHub makes it of a name: lower case, and dashes for what is neither letter nor digit.
fn slug(name: &str) -> String {
    let letters = name.to_lowercase();
    let words = letters.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
