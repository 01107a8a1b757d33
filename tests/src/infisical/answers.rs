//! How the server says things: the headers of every answer, and the bodies of its refusals, era by era.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde_json::{Value, json};

use super::settings::Era;
use crate::script::Canned;
use crate::server::Request;

/// The headers of every recorded answer that do not depend on the request (helmet's defaults).
const HEADERS: [(&str, &str); 11] = [
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Origin-Agent-Cluster", "?1"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-DNS-Prefetch-Control", "off"),
    ("X-Download-Options", "noopen"),
    ("X-Frame-Options", "SAMEORIGIN"),
    ("X-Permitted-Cross-Domain-Policies", "none"),
    ("X-XSS-Protection", "0"),
    ("vary", "Origin"),
];

/// Why a request is refused.
#[derive(Clone, Debug)]
pub(super) enum Refusal {
    /// Wrong secret, unknown client, or a client id that is no UUID: one and the same to the caller.
    InvalidCredentials,
    /// 401 (old: 403) with that message.
    Unauthorized(&'static str),
    AddressNotAllowed,
    /// Zod's list of what is wrong with the body.
    InvalidBody(Value),
    /// The framework's own refusals, before any handler runs: status, name, message.
    Framework(u16, &'static str, String),
    TokenMissing,
    MalformedToken,
    BadSignature,
    ExpiredSession,
    RevokedSession,
    /// Who is not: `user` or `identity`; and of which project.
    NotInProject(&'static str, String),
    /// What may not be done, and to what.
    PermissionDenied(&'static str, &'static str),
    /// A secret whose value is another's, which may not be read: what the server says of it.
    ReferenceDenied(String),
    NoProject(String),
    NoFolder {
        path: String,
        environment: String,
    },
    /// The same where something was to be written, which has a name of its own for each call.
    NoFolderToWrite {
        path: String,
        environment: String,
        error: &'static str,
    },
    /// What is beyond the rights of who asks: what failed, and the action on identities that it wants.
    Boundary(&'static str, &'static str),
    /// Status, name and message.
    Named(u16, &'static str, String),
    /// 400 with that message.
    BadRequest(String),
    NotFound(String),
    /// Whatever a new server has no words for.
    Unexpected,
}

impl Refusal {
    pub(super) fn no_route(request: &Request) -> Self {
        Self::Framework(
            404,
            "Not Found",
            format!("Route {}:{} not found", request.method, request.target),
        )
    }

    pub(super) fn answer(&self, era: Era, request: &Request) -> Canned {
        let (status, mut body) = if era == Era::Old {
            self.as_of_2024()
        } else {
            self.as_of_2026()
        };
        // New servers name each request, save where the framework answers before a handler runs.
        if era != Era::Old && !matches!(self, Self::Framework(..)) {
            body["reqId"] = json!(request_id());
        }
        json(request, era, status, &body)
    }

    /// As recorded, where there is a recording.
    fn as_of_2024(&self) -> (u16, Value) {
        match self {
            Self::InvalidCredentials => body(403, "Invalid credentials", "UnauthorizedError"),
            Self::Unauthorized(message) => body(403, message, "UnauthorizedError"),
            Self::InvalidBody(issues) => (
                403,
                json!({"statusCode": 403, "error": "ValidationFailure", "message": issues}),
            ),
            Self::TokenMissing => body(403, "Token missing", "Unauthorized access"),
            Self::MalformedToken => body(500, "jwt malformed", "Internal Server Error"),
            Self::RevokedSession => body(403, "You are not allowed to access this resource", "UnauthorizedError"),
            Self::NoProject(_) => body(400, "Project not found during bot lookup.", "BadRequest"),
            Self::NotInProject(..) => body(
                403,
                "You are not allowed to access this resource",
                "Identity not in project",
            ),
            Self::NotFound(message) => body(400, message, "BadRequest"),
            // It told listing from reading later.
            Self::PermissionDenied(_, "secrets") => Self::PermissionDenied("read", "secrets").as_of_2026(),
            // There is no recording of it; of the same time are the words of the new server for an ended one.
            Self::BadSignature => Self::ExpiredSession.as_of_2026(),
            _ => self.as_of_2026(),
        }
    }

    fn as_of_2026(&self) -> (u16, Value) {
        match self {
            Self::InvalidCredentials => body(401, "Invalid credentials", "UnauthorizedError"),
            Self::Unauthorized(message) => body(401, message, "UnauthorizedError"),
            Self::AddressNotAllowed => body(
                403,
                "You are not allowed to access this resource from the current IP address",
                "ForbiddenError",
            ),
            Self::InvalidBody(issues) => (
                422,
                json!({"statusCode": 422, "error": "ValidationFailure", "message": issues}),
            ),
            Self::Framework(status, name, message) | Self::Named(status, name, message) => body(*status, message, name),
            Self::TokenMissing => body(401, "Token missing", "UnauthorizedError"),
            Self::MalformedToken => body(
                403,
                "The provided access token is malformed. Please use a valid token or generate a new one and try again.",
                "TokenError",
            ),
            Self::BadSignature => body(403, "invalid signature", "TokenError"),
            Self::ExpiredSession => body(403, "Your token has expired. Please re-authenticate.", "TokenError"),
            Self::RevokedSession => body(401, "Failed to authorize: token has been revoked", "UnauthorizedError"),
            Self::NotInProject(who, id) => body(
                403,
                &format!(
                    "You are not a member of this project with ID {id}. Please assign this {who} to the project with the \
                     appropriate permissions, then try again."
                ),
                "ProjectMembershipNotFound",
            ),
            Self::PermissionDenied(action, subject) => {
                let message = format!("You are not allowed to {action} on {subject}");
                let (status, mut refusal) = body(403, &message, "PermissionDenied");
                refusal["details"] = json!([]);
                (status, refusal)
            }
            Self::ReferenceDenied(why) => {
                let message = "Failed to expand one or more secret references";
                let (status, mut refusal) = body(403, message, "ForbiddenError");
                refusal["details"] = json!([why]);
                (status, refusal)
            }
            Self::NoProject(id) => body(
                404,
                &format!(
                    "Project with ID '{id}' not found during bot lookup. Are you sure you are using the correct project ID?"
                ),
                "NotFound",
            ),
            Self::NoFolder { path, environment } => body(
                404,
                &format!(
                    "Folder with path '{path}' in environment '{environment}' was not found. Please ensure the environment \
                     slug and secret path is correct."
                ),
                "SecretPathNotFound",
            ),
            Self::NoFolderToWrite {
                path,
                environment,
                error,
            } => body(
                404,
                &format!("Folder with path '{path}' in environment with slug '{environment}' not found"),
                error,
            ),
            Self::Boundary(what, action) => {
                let message = format!(
                    "Failed to {what}. Permission denied: {action} on identity. Check that the actor's role grants this permission and \
                     that all permission conditions are met."
                );
                let (status, mut refusal) = body(403, &message, "PermissionBoundaryError");
                refusal["details"] = json!({"missingPermissions": [{"action": action, "subject": "identity"}]});
                (status, refusal)
            }
            Self::BadRequest(message) => body(400, message, "BadRequest"),
            Self::NotFound(message) => body(404, message, "NotFound"),
            Self::Unexpected => body(500, "Something went wrong", "InternalServerError"),
        }
    }
}

fn body(status: u16, message: &str, error: &str) -> (u16, Value) {
    (
        status,
        json!({"statusCode": status, "message": message, "error": error}),
    )
}

/// An answer with the headers of every answer.
pub(super) fn json(request: &Request, era: Era, status: u16, body: &Value) -> Canned {
    let body = body.to_string();
    let origin = format!("http://{}", request.header("Host").unwrap_or_default());
    let canned = HEADERS
        .iter()
        .fold(Canned::new(status), |canned, (name, value)| canned.header(name, value));
    let transport_security = match era {
        Era::Old => "max-age=15552000; includeSubDomains",
        Era::New | Era::Future => "max-age=31536000; includeSubDomains",
    };
    canned
        .header("Strict-Transport-Security", transport_security)
        .header("access-control-allow-origin", &origin)
        .header("access-control-allow-credentials", "true")
        .header("content-type", "application/json; charset=utf-8")
        .header(
            "etag",
            &format!(
                "\"{}\"",
                STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, body.as_bytes()))
            ),
        )
        .header("Date", &date(Timestamp::now()))
        .header("Connection", "keep-alive")
        .header("Keep-Alive", "timeout=72")
        .body(body)
}

/// The body of `GET /api/status`.
pub(super) fn status(era: Era) -> Value {
    let mut status = json!({
        "date": Timestamp::now().to_string(),
        "message": "Ok",
        "emailConfigured": false,
        "inviteOnlySignup": era != Era::Old,
        "redisConfigured": true,
        "secretScanningConfigured": false,
    });
    if era != Era::Old {
        status["auditLogStorageDisabled"] = json!(false);
        status["maxIdentityAccessTokenTTL"] = json!(90 * 24 * 60 * 60);
    }
    status
}

fn date(now: Timestamp) -> String {
    rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&now)
        .expect("a date of this era")
}

fn request_id() -> String {
    let letters = std::iter::repeat_with(fastrand::alphanumeric).take(14);
    format!("req-{}", letters.collect::<String>())
}
