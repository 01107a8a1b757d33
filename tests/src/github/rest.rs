//! The endpoints that use what was minted, or tell about it.

use serde_json::{Value, json};

use super::answers::{API_VERSION_2026, Answer, RATE_LIMIT, Refusal};
use super::tokens::Token;
use super::{State, claims, objects};
use crate::server::Request;

/// `DELETE /installation/token`.
pub(super) fn revoke(state: &mut State, request: &Request) -> Result<Answer, Refusal> {
    token(state, request)?;
    state.tokens.revoke(presented(request).unwrap_or_default());
    Ok(Answer {
        status: 204,
        body: None,
    })
}

/// `GET /app`: with an App's JWT, never with a token.
pub(super) fn app(state: &State, request: &Request) -> Result<Answer, Refusal> {
    let app = claims::app(&state.settings, request)?;
    Ok(Answer::new(200, objects::app(&state.settings, app)))
}

/// `GET /app/installations/{installation_id}`: with an App's JWT, suspended or not.
pub(super) fn installation(state: &State, request: &Request, id: &str) -> Result<Answer, Refusal> {
    let app = claims::app(&state.settings, request)?;
    let mut installations = state.settings.installations.iter();
    let installation = installations.find(|it| it.id.to_string() == id && it.app_id == app.id);
    let page = "/reference/apps#get-an-installation-for-the-authenticated-app";
    let installation = installation.ok_or(Refusal::NOT_FOUND.of(page))?;
    Ok(Answer::new(
        200,
        objects::installation(&state.settings, app, installation),
    ))
}

/// `DELETE /app/installations/{installation_id}`: its tokens end with it.
pub(super) fn uninstall(state: &mut State, request: &Request, id: &str) -> Result<Answer, Refusal> {
    let app = claims::app(&state.settings, request)?.id;
    let installations = &mut state.settings.installations;
    let place = installations
        .iter()
        .position(|it| it.id.to_string() == id && it.app_id == app);
    let page = "/apps/apps#delete-an-installation-for-the-authenticated-app";
    let gone = installations.remove(place.ok_or(Refusal::NOT_FOUND.of(page))?);
    state.tokens.end_those_of(gone.app_id, &gone.account);
    Ok(Answer {
        status: 204,
        body: None,
    })
}

/// `GET /users/{username}`: an organization too.
pub(super) fn account(state: &State, login: &str) -> Result<Answer, Refusal> {
    let settings = &state.settings;
    let is_person = login.eq_ignore_ascii_case(&settings.website.person);
    let mut accounts = settings.installations.iter().map(|installation| &installation.account);
    if !is_person && !accounts.any(|account| account.eq_ignore_ascii_case(login)) {
        return Err(Refusal::NOT_FOUND.of("/rest"));
    }
    Ok(Answer::new(200, objects::account(settings, login)))
}

/// `GET /apps/{app_slug}`: of a private one nobody is told.
pub(super) fn public_app(state: &State, slug: &str) -> Result<Answer, Refusal> {
    let settings = &state.settings;
    let app = settings.apps.iter().find(|app| app.slug == slug && app.is_public);
    let app = app.ok_or(Refusal::NOT_FOUND.of("/apps/apps#get-an-app"))?;
    Ok(Answer::new(200, objects::app(settings, app)))
}

/// `GET /installation/repositories`.
pub(super) fn repositories(state: &State, request: &Request) -> Result<Answer, Refusal> {
    let token = token(state, request)?;
    let number = |name: &str, default: usize| {
        request
            .parameter(name)
            .and_then(|text| text.parse().ok())
            .filter(|number| *number > 0)
            .unwrap_or(default)
    };
    let size = number("per_page", 30).min(100);
    let start = (number("page", 1) - 1).saturating_mul(size);
    let page: Vec<_> = token.repositories.iter().skip(start).take(size).cloned().collect();
    let body = json!({
        "total_count": token.repositories.len(),
        "repositories": objects::repositories(&state.settings, &token.account, &page, request),
        "repository_selection": token.repository_selection,
    });
    Ok(Answer::new(200, body))
}

/// `GET /rate_limit`: open to everyone, but a credential must be a good one.
pub(super) fn rate_limit(state: &State, request: &Request) -> Result<Answer, Refusal> {
    if request.header("Authorization").is_some() {
        token(state, request)?;
    }
    let used = state.requests.min(RATE_LIMIT);
    let reset = state.settings.now().as_second() + 3_600;
    let core = json!({"limit": RATE_LIMIT, "remaining": RATE_LIMIT - used, "reset": reset, "used": used});
    let search = json!({"limit": 30, "remaining": 30, "reset": reset, "used": 0});
    let mut body = json!({"resources": {"core": core, "search": search}});
    if request.header("X-GitHub-Api-Version") != Some(API_VERSION_2026) {
        body["rate"] = core;
    }
    Ok(Answer::new(200, body))
}

/// `GET /user`: an installation is nobody (actions/create-github-app-token#258).
pub(super) fn user(state: &State, request: &Request) -> Result<Answer, Refusal> {
    token(state, request)?;
    let page = "/users/users#get-the-authenticated-user";
    Err(Refusal::new(403, "Resource not accessible by integration").of(page))
}

/// `POST /graphql`, for one question: `{viewer{login databaseId}}`, the cheapest way to a bot's name and user id.
pub(super) fn graphql(state: &State, request: &Request) -> Result<Answer, Refusal> {
    let token = token(state, request)?;
    let app = state
        .settings
        .apps
        .iter()
        .find(|app| app.id == token.app_id)
        .ok_or_else(Refusal::bad_credentials)?;
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let query = body["query"].as_str().unwrap_or_default();
    if !query.contains("viewer") {
        let error = json!({"message": "A query attribute must be specified and must be a string."});
        return Ok(Answer::new(200, json!({"errors": [error]})));
    }
    let mut viewer = json!({"login": format!("{}[bot]", app.slug), "databaseId": app.bot_user_id});
    viewer
        .as_object_mut()
        .expect("an object")
        .retain(|field, _| query.contains(field));
    Ok(Answer::new(200, json!({"data": {"viewer": viewer}})))
}

/// What the request's installation token is good for.
fn token<'a>(state: &'a State, request: &Request) -> Result<&'a Token, Refusal> {
    request.header("Authorization").ok_or_else(Refusal::unauthenticated)?;
    let token = presented(request).ok_or_else(Refusal::bad_credentials)?;
    state
        .tokens
        .live(token, state.settings.now())
        .ok_or_else(Refusal::bad_credentials)
}

/// The token of a request, by either scheme that GitHub takes for tokens; `gh` sends `token`. A JWT must be a `Bearer`
/// (<https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api>).
fn presented(request: &Request) -> Option<&str> {
    request.bearer().or_else(|| request.credential("token"))
}
