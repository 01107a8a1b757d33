//! What is written into Infisical, and read back.

mod folders;

use std::cell::RefCell;

use plumbing::documents::InfisicalSession;
use plumbing::{Code, Context, Failure, FolderPath, text};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use servers::http::{Client, HttpError, Method, Response};
use servers::infisical::{Infisical, message, request_id};
use zeroize::Zeroizing;

/// The name of a bot's key, as all programs have it.
pub(crate) const PRIVATE_KEY_PEM: &str = "PRIVATE_KEY_PEM";

/// A project's environment, and who writes into it.
pub(crate) struct Vault<'a> {
    pub(crate) context: &'a Context,
    pub(crate) infisical: &'a Infisical,
    /// Another one may take its place, where it ends before the sitting does.
    pub(crate) session: RefCell<InfisicalSession>,
    pub(crate) project_id: &'a str,
    pub(crate) env_slug: &'a str,
}

#[derive(Deserialize)]
struct One {
    secret: Secret,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Secret {
    secret_value: SecretString,
}

/// What a write under an approval policy answers, with a good status: nothing was written.
#[derive(Deserialize)]
struct Held {
    approval: Value,
}

#[derive(Deserialize)]
struct Many {
    secrets: Vec<Named>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    secret_key: String,
}

impl Vault<'_> {
    /// Whether a secret is there; its value is not asked for.
    ///
    /// # Errors
    /// Where Infisical does not tell.
    pub(crate) fn has(&self, path: &FolderPath, name: &str) -> Result<bool, Failure> {
        let request = self.one(Method::Get, path, name).query("viewSecretValue", "false");
        let response = self.ask(request)?;
        match response.status {
            404 if !is_no_route(&response) => Ok(false),
            _ if response.is_success() => Ok(true),
            _ => Err(self.refused("look for secrets", path, &response)),
        }
    }

    /// Writes all of them or none; never over what is there.
    ///
    /// # Errors
    /// Where they are not written; [`Code::InfisicalWritePending`] where somebody has to approve.
    pub(crate) fn put(&self, path: &FolderPath, secrets: &[(&str, SecretString)]) -> Result<(), Failure> {
        let list: Vec<_> = secrets
            .iter()
            .map(|(name, value)| json!({"secretKey": name, "secretValue": value.expose_secret(), "skipMultilineEncoding": true}))
            .collect();
        let body =
            json!({"projectId": self.project_id, "environment": self.env_slug, "secretPath": path, "secrets": list});
        let body = bytes(&body)?;
        // Ids are no secrets, and short: taken out of every message they would leave holes in it.
        let hidden = secrets
            .iter()
            .filter(|(name, _)| *name == PRIVATE_KEY_PEM)
            .map(|(_, value)| value.clone());
        let request = self
            .infisical
            .request(Method::Post, "/api/v4/secrets/batch")
            .body(body, hidden);
        let response = self.ask(request)?;
        self.written(path, "write the secrets", &response)?;
        // A good status alone does not say that anything was written.
        let all = response.json::<Many>().map(|many| many.secrets).unwrap_or_default();
        if secrets
            .iter()
            .all(|(name, _)| all.iter().any(|one| one.secret_key == *name))
        {
            return Ok(());
        }
        Err(unclear(path, &response))
    }

    /// Whether something was written: a good status alone does not say so.
    fn written(&self, path: &FolderPath, what: &str, response: &Response) -> Result<(), Failure> {
        if let Some(Held { approval }) = response.json::<Held>().filter(|held| held.approval.is_object()) {
            let slug = text::quote(approval.get("slug").and_then(Value::as_str).unwrap_or("without a name"));
            return Err(Failure::new(Code::InfisicalWritePending, format!("nothing was written to {path}"))
                .cause(format!("an approval policy holds what people write there: it waits as request {slug}"))
                .fix("let somebody approve it there; or close it, and write as somebody whom the policy does not hold, or as a machine identity"));
        }
        if response.is_success() {
            return Ok(());
        }
        Err(self.refused(what, path, response))
    }

    /// Writes another value over one that is there. The old one stays readable in Infisical's history.
    ///
    /// # Errors
    /// Those of [`Vault::put`].
    pub(crate) fn change(&self, path: &FolderPath, name: &str, value: &SecretString) -> Result<(), Failure> {
        let body = json!({"projectId": self.project_id, "environment": self.env_slug, "secretPath": path,
            "secretValue": value.expose_secret()});
        let route = format!("/api/v4/secrets/{name}");
        let request = self
            .infisical
            .request(Method::Patch, &route)
            .body(bytes(&body)?, [value.clone()]);
        let response = self.ask(request)?;
        self.written(path, &format!("change {name}"), &response)?;
        let one = response.json::<One>();
        one.map(drop).ok_or_else(|| unclear(path, &response))
    }

    /// Takes a secret away; one that is gone is gone.
    ///
    /// # Errors
    /// Where it may not be taken away, or would have to be approved first.
    pub(crate) fn delete(&self, path: &FolderPath, name: &str) -> Result<(), Failure> {
        let body = json!({"projectId": self.project_id, "environment": self.env_slug, "secretPath": path});
        let route = format!("/api/v4/secrets/{name}");
        let request = self.infisical.request(Method::Delete, &route);
        let response = self.ask(request.body(bytes(&body)?, []))?;
        if response.status == 404 && !is_no_route(&response) && message(&response).is_some() {
            return Ok(());
        }
        self.written(path, &format!("delete {name}"), &response)?;
        response.json::<One>().map(drop).ok_or_else(|| unclear(path, &response))
    }

    /// A secret's value.
    ///
    /// # Errors
    /// Where it is not there, or may not be read.
    pub(crate) fn read(&self, path: &FolderPath, name: &str) -> Result<SecretString, Failure> {
        let response = self.ask(self.one(Method::Get, path, name))?;
        let One { secret } = self.read_as(&response, &format!("read {name}"), path)?;
        Ok(secret.secret_value)
    }

    /// Any other call about the project, with its answer.
    ///
    /// # Errors
    /// Where it is refused, or its answer cannot be read.
    pub(crate) fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        route: &str,
        body: Option<&Value>,
        what: &str,
    ) -> Result<T, Failure> {
        let request = self.infisical.request(method, route);
        let request = match body {
            Some(body) => request.body(bytes(body)?, []),
            None => request,
        };
        let response = self.ask(request)?;
        self.read_as(&response, what, &FolderPath::parse("/"))
    }

    fn one(&self, method: Method, path: &FolderPath, name: &str) -> servers::http::Request<'_> {
        self.infisical
            .request(method, &format!("/api/v4/secrets/{name}"))
            .query("projectId", self.project_id)
            .query("environment", self.env_slug)
            .query("secretPath", path.as_str())
    }

    fn ask(&self, request: servers::http::Request<'_>) -> Result<Response, Failure> {
        let request = {
            let session = self.session.borrow();
            request.authorization(&session.token_type, &session.access_token)
        };
        // Each call has the whole time of a chain: a person sits in between.
        Client::new(self.context)?.send(&request).map_err(|error| {
            let is_half = matches!(error, HttpError::BrokeOff(..));
            let failure = error.into_failure(Code::InfisicalWriteConnection, "Infisical", &self.infisical.host);
            if is_half {
                return failure.fix("try again: what is there is compared, and nothing is written over");
            }
            failure
        })
    }

    fn read_as<T: DeserializeOwned>(&self, response: &Response, what: &str, path: &FolderPath) -> Result<T, Failure> {
        if !response.is_success() {
            return Err(self.refused(what, path, response));
        }
        response.json().ok_or_else(|| {
            Failure::new(
                Code::InfisicalWriteHttp,
                format!("Infisical's answer for {path} cannot be read"),
            )
            .fix("is it a server of 2025 or later? Older ones have no /api/v4/secrets")
            .answered(response.status, request_id(response))
        })
    }

    fn refused(&self, what: &str, path: &FolderPath, response: &Response) -> Failure {
        // What is about the whole project has no folder.
        let is_of_project = path.as_str() == "/";
        let summary = if is_of_project {
            format!("Infisical does not {what}: HTTP {}", response.status)
        } else {
            format!("Infisical does not {what} at {path}: HTTP {}", response.status)
        };
        let failure = Failure::new(Code::InfisicalWriteHttp, summary).answered(response.status, request_id(response));
        if let Some(explanation) = self.infisical.obstacle(response) {
            return failure.explained(explanation);
        }
        let said = response.remark("Infisical", message(response).as_deref());
        // An ended session is a 401, or a 403 of that name (Infisical's `TokenError`).
        let is_of_session = self.infisical.answer("Infisical", response).error_name.as_deref() == Some("TokenError");
        if response.status == 401 || is_of_session {
            let mut failure = failure;
            failure.code = Code::InfisicalWriteSession;
            return failure
                .cause(format!(
                    "the session has ended, was revoked, or is another server's{said}"
                ))
                .fix("`infisical login`, or set INFISICAL_TOKEN anew, and try again");
        }
        let (cause, fix) = match response.status {
            403 if is_no_member(response) => (
                "whoever writes is no member of the project, whatever else they are in Infisical",
                "have them added to the project under Access Control, or check INFISICAL_PROJECT_ID",
            ),
            403 if is_of_project => (
                "whoever writes may not do this",
                "in Infisical, let them make identities (project role Admin)",
            ),
            403 => (
                "whoever writes may not do this",
                "in Infisical, let them read, create, edit and delete secrets and folders there (project role Developer or Admin); the \
                 dispatcher's identity is read-only and stays so",
            ),
            404 if is_no_route(response) => (
                "this server has no such call: it is older than 2025, or something else",
                "bring Infisical up to date, or make the bot by hand (runbook, chapters 2 and 3)",
            ),
            404 if is_of_project => (
                "the project, or what is asked about in it, is not there",
                "check INFISICAL_PROJECT_ID, and what is under the project's access control",
            ),
            404 => (
                "the secret, project, environment or folder is not there",
                "check what is stored there, INFISICAL_PROJECT_ID, INFISICAL_ENV (the environment's slug) and INFISICAL_PATH_PREFIX",
            ),
            400 if !is_of_project && message(response).is_some_and(|message| message.contains("already exists")) => (
                "there is a secret of that name already, and nothing is written over",
                "look at the folder in Infisical; `--resume` goes on with an App whose key is there",
            ),
            _ => ("Infisical refuses", "look at its message, and at the server's log"),
        };
        failure.cause(format!("{cause}{said}")).fix(fix)
    }
}

fn unclear(path: &FolderPath, response: &Response) -> Failure {
    Failure::new(
        Code::InfisicalWriteHttp,
        format!("Infisical does not say that all of it was written to {path}"),
    )
    .cause("its answer has a good status, and does not name each secret")
    .fix("look at the folder in Infisical, and at what stands in front of the server")
    .answered(response.status, request_id(response))
}

fn is_no_member(response: &Response) -> bool {
    message(response).is_some_and(|message| message.starts_with("You are not a member of this project"))
}

/// Whether the server does not know the call, rather than what was asked for.
fn is_no_route(response: &Response) -> bool {
    message(response).is_some_and(|message| message.starts_with("Route "))
}

fn bytes(body: &Value) -> Result<Zeroizing<Vec<u8>>, Failure> {
    serde_json::to_vec(body)
        .map(Zeroizing::new)
        .map_err(|_| Failure::new(Code::Internal, "the request cannot be written as JSON"))
}
