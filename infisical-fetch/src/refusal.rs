//! Why Infisical does not hand out secrets, and what to do about it.

use plumbing::{Code, Failure};
use serde::Deserialize;
use servers::http::Response;
use servers::infisical::{remark, request_id};

use crate::listing::{Source, has_no_such_route};

/// How the summary of every failure of this step begins.
pub(crate) fn summary(path: &str) -> String {
    format!("Infisical fetch failed at {path}")
}

/// The failure for an answer that is not 2xx.
pub(crate) fn explain(source: &Source<'_>, path: &str, response: &Response) -> Failure {
    let (cause, fix) = source
        .infisical
        .obstacle(response)
        .unwrap_or_else(|| own_words(source, path, response));
    Failure::new(
        Code::InfisicalFetchHttp,
        format!("{}: HTTP {}", summary(path), response.status),
    )
    .cause(cause)
    .fix(fix)
    .answered(response.status, request_id(response))
}

fn own_words(source: &Source<'_>, path: &str, response: &Response) -> (String, String) {
    let told = remark(response);
    let folders = source.folders;
    let (cause, fix) = match response.status {
        401 | 403 if told.contains("malformed") => malformed_token(),
        401 | 403 => forbidden(source, path, response),
        500 => (
            "the session's token is not one of Infisical's".to_owned(),
            LOG_IN_AGAIN.to_owned(),
        ),
        _ if has_no_such_route(response) => (
            format!("{} has none of the routes that list secrets", source.infisical.host),
            "check INFISICAL_HOST, and that the server is not older than 2024".to_owned(),
        ),
        400 | 404 if told.contains("roject") => (
            format!(
                "there is no project {}, or this identity does not see it",
                folders.project_id
            ),
            "set INFISICAL_PROJECT_ID to the Project ID on the project's settings page".to_owned(),
        ),
        404 => (
            format!("the folder does not exist in the environment {}", folders.environment),
            "check the path, INFISICAL_ENV (the environment's slug, not its name) and INFISICAL_PROJECT_ID".to_owned(),
        ),
        400 | 422 => (
            "Infisical finds the request malformed".to_owned(),
            "check the path, INFISICAL_ENV and INFISICAL_PROJECT_ID".to_owned(),
        ),
        _ => (
            "Infisical refuses".to_owned(),
            format!("look at the log of {}", source.infisical.host),
        ),
    };
    (format!("{cause}{told}"), fix)
}

const LOG_IN_AGAIN: &str = "run infisical-login again; a session lasts some ten minutes";

fn malformed_token() -> (String, String) {
    (
        "the session's token is not one of Infisical's".to_owned(),
        LOG_IN_AGAIN.to_owned(),
    )
}

/// 403 is both "who are you" and "not you"; the body's `error` tells which.
fn forbidden(source: &Source<'_>, path: &str, response: &Response) -> (String, String) {
    #[derive(Deserialize)]
    struct Body {
        #[serde(default)]
        error: String,
    }
    let error = response.json::<Body>().map(|body| body.error).unwrap_or_default();
    match error.as_str() {
        "TokenError" | "UnauthorizedError" => (
            "the session has ended or was revoked".to_owned(),
            LOG_IN_AGAIN.to_owned(),
        ),
        "Identity not in project" => (
            format!(
                "the machine identity is no member of the project {}",
                source.folders.project_id
            ),
            "in Infisical, add the identity under the project's Access Control, with read on the bot paths".to_owned(),
        ),
        _ => (
            "the machine identity is not granted access to that path".to_owned(),
            format!("in Infisical, add read permission on {path} to the identity's role in the project"),
        ),
    }
}

/// The failure for a 2xx that is no list of secrets.
pub(crate) fn unreadable(source: &Source<'_>, path: &str, response: &Response) -> Failure {
    Failure::new(
        Code::InfisicalFetchAnswer,
        format!("{}: unreadable answer", summary(path)),
    )
    .cause("the answer is not the list of secrets that Infisical sends")
    .fix(format!(
        "check that {} is Infisical, and its version",
        source.infisical.host
    ))
    .answered(response.status, None)
}
