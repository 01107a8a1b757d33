//! Why Infisical does not hand out secrets, and what to do about it.

use plumbing::{Code, Failure, FolderPath, text};
use servers::http::Response;
use servers::infisical::{Infisical, request_id};
use servers::refusal::{ANY_STATUS, Refusal, Sign};

use crate::flags::BotFolders;

/// How the summary of every failure of this step begins.
pub(crate) fn summary(path: &FolderPath) -> String {
    format!("Infisical fetch failed at {path}")
}

const NO_TOKEN: &str = "the session's token is not one of Infisical's";
const SESSION_OVER: &str = "the session has ended or was revoked";
/// Filled in by who has opened the session.
const LOG_IN_AGAIN: &str = "{again}";
const NO_PROJECT: &str = "there is no project with the id {project}; its name or slug will not do";
const CHECK_PROJECT: &str = "set INFISICAL_PROJECT_ID to the Project ID on the project's settings page; raxx-doctor names those that the \
                             identity may see";
const NO_FOLDER: &str = "the folder does not exist in the environment {env}";
const CHECK_FOLDER: &str =
    "{perhaps}check the path, INFISICAL_ENV (the environment's slug, not its name) and INFISICAL_PROJECT_ID";
const NOT_IN_PROJECT: &str = "the machine identity is no member of the project {project}";
const JOIN_PROJECT: &str =
    "in Infisical, add the identity under the project's Access Control, with read on the bot paths";
const NO_GRANT: &str = "the machine identity is not granted access to that path";
const GRANT: &str =
    "in Infisical, give the identity's role, or a privilege of its own, Describe Secret and Read Value on {path}";
const MALFORMED: &str = "Infisical finds the request malformed";
const CHECK_ALL: &str = "check the path, INFISICAL_ENV and INFISICAL_PROJECT_ID";
/// Of a secret whose value is another's.
const REFERENCE: &str = "secret references";
/// fastify's own words, of which Infisical is made, for a route that it does not have.
const NO_ROUTE: &str = "Route GET:";

/// Infisical's own refusals. 403 is both "who are you" and "not you"; the words tell which. `{path}` is the folder,
/// `{project}` the project's id, `{env}` the environment's slug, `{url}` Infisical's, `{again}` how a session is had again,
/// `{perhaps}` a word about names that are near.
pub const REFUSALS: &[Refusal] = &[
    Refusal {
        statuses: 401..=403,
        sign: Sign::Message("malformed"),
        cause: NO_TOKEN,
        fix: LOG_IN_AGAIN,
    },
    Refusal {
        statuses: 401..=403,
        sign: Sign::Message("invalid signature"),
        cause: "the session's token is of another Infisical server, or of this one before it changed its key",
        fix: "check INFISICAL_HOST; {again}",
    },
    Refusal {
        statuses: 401..=403,
        sign: Sign::Message("client secret has been revoked"),
        cause: "the client secret that opened the session has been revoked since",
        fix: "in Infisical, on the machine identity's page, add a client secret and set INFISICAL_CLIENT_SECRET to it",
    },
    Refusal {
        statuses: 401..=403,
        sign: Sign::Message("membership is inactive"),
        cause: "the machine identity was deactivated in its organization",
        fix: "an admin of the organization can activate it, under Access Control in Infisical",
    },
    Refusal {
        statuses: 401..=403,
        sign: Sign::Message("usage limit"),
        cause: "the session has been used as often as it may be",
        fix: "{again}; on the identity's Universal Auth page, Access Token Max Number of Uses is the limit (0 for none)",
    },
    Refusal {
        statuses: 401..=403,
        sign: Sign::Message("current IP address"),
        cause: "the session may not be used from the address of this machine",
        fix: "in Infisical, on the identity's Universal Auth page, look at Access Token Trusted IPs",
    },
    Refusal {
        statuses: 401..=403,
        sign: Sign::ErrorName("TokenError"),
        cause: SESSION_OVER,
        fix: LOG_IN_AGAIN,
    },
    Refusal {
        statuses: 401..=403,
        sign: Sign::ErrorName("UnauthorizedError"),
        cause: SESSION_OVER,
        fix: LOG_IN_AGAIN,
    },
    Refusal {
        statuses: 404..=404,
        sign: Sign::Message("Service token with ID"),
        cause: "the token is a service token (st.…) that {url} does not know",
        fix: "use a machine identity: set INFISICAL_CLIENT_ID and INFISICAL_CLIENT_SECRET, and unset INFISICAL_TOKEN",
    },
    Refusal {
        statuses: 401..=403,
        sign: Sign::ErrorName("Identity not in project"),
        cause: NOT_IN_PROJECT,
        fix: JOIN_PROJECT,
    },
    Refusal {
        statuses: 401..=403,
        sign: Sign::ErrorName("ProjectMembershipNotFound"),
        cause: NOT_IN_PROJECT,
        fix: JOIN_PROJECT,
    },
    Refusal {
        statuses: 403..=403,
        sign: Sign::Message("readValue on secrets"),
        cause: "the machine identity may list the secrets at {path}, but not read their values",
        fix: "in Infisical, give the identity's role, or a privilege of its own, Read Value on secrets at {path}",
    },
    Refusal {
        statuses: 403..=403,
        sign: Sign::Message(REFERENCE),
        cause: "a secret refers to another one that the identity may not read",
        fix: "in Infisical, let the identity read that one too, or put the value itself in the reference's place",
    },
    Refusal {
        statuses: 401..=401,
        sign: Sign::None,
        cause: NO_GRANT,
        fix: GRANT,
    },
    Refusal {
        statuses: 403..=403,
        sign: Sign::None,
        cause: NO_GRANT,
        fix: GRANT,
    },
    Refusal {
        statuses: 404..=404,
        sign: Sign::Message(NO_ROUTE),
        cause: "{url} has none of the routes that list secrets",
        fix: "check INFISICAL_HOST, and that the server is not older than 2024",
    },
    Refusal {
        statuses: 400..=400,
        sign: Sign::Message("project is of type"),
        cause: "the project {project} is of another type and holds no secrets",
        fix: "set INFISICAL_PROJECT_ID to the project of the type Secrets Management that has the bots' folders",
    },
    Refusal {
        statuses: 404..=404,
        sign: Sign::ErrorName("SecretPathNotFound"),
        cause: NO_FOLDER,
        fix: CHECK_FOLDER,
    },
    Refusal {
        statuses: 400..=404,
        sign: Sign::Message("bot lookup"),
        cause: NO_PROJECT,
        fix: CHECK_PROJECT,
    },
    Refusal {
        statuses: 404..=404,
        sign: Sign::None,
        cause: NO_FOLDER,
        fix: CHECK_FOLDER,
    },
    Refusal {
        statuses: 400..=400,
        sign: Sign::None,
        cause: MALFORMED,
        fix: CHECK_ALL,
    },
    Refusal {
        statuses: 422..=422,
        sign: Sign::None,
        cause: MALFORMED,
        fix: CHECK_ALL,
    },
    Refusal {
        statuses: ANY_STATUS,
        sign: Sign::None,
        cause: "Infisical refuses",
        fix: "look at the log of {url}",
    },
];

/// What an old server answers to a token that no session has. It looks like a server in trouble, so it goes before
/// whatever may stand in the way.
pub const OLD_SERVERS: &[Refusal] = &[Refusal {
    statuses: 500..=500,
    sign: Sign::Message("jwt malformed"),
    cause: NO_TOKEN,
    fix: LOG_IN_AGAIN,
}];

/// The failure for an answer that is not 2xx.
pub(crate) fn explain(infisical: &Infisical, folders: &BotFolders, path: &FolderPath, response: &Response) -> Failure {
    let failure = Failure::new(
        Code::InfisicalFetchHttp,
        format!("{}: HTTP {}", summary(path), response.status),
    )
    .answered(response.status, request_id(response));
    let (project, env) = (text::quote(&folders.project_id), text::quote(&folders.env_slug));
    let facts = [
        ("path", path.to_string()),
        ("project", project),
        ("env", env),
        ("url", infisical.host.to_string()),
        ("again", again(folders).to_owned()),
        ("perhaps", folders.perhaps(path)),
    ];
    let facts = facts.each_ref().map(|(name, value)| (*name, value.as_str()));
    let answer = infisical.answer("Infisical", response);
    let explanation = answer
        .explained(OLD_SERVERS, &facts)
        .or_else(|| infisical.obstacle(response))
        .or_else(|| answer.explained(REFUSALS, &facts));
    match explanation {
        Some(explanation) => failure.explained(explanation),
        None => failure,
    }
}

/// How a session is had again.
fn again(folders: &BotFolders) -> &'static str {
    if folders.session_is_given {
        "set INFISICAL_TOKEN to a live session's token, or unset it and set INFISICAL_CLIENT_ID and INFISICAL_CLIENT_SECRET"
    } else {
        "log in again: run infisical-login, or the whole command"
    }
}

/// Whether the server does not know the route at all, rather than a folder or project.
pub(crate) fn has_no_such_route(response: &Response) -> bool {
    response.status == 404 && servers::infisical::message(response).is_some_and(|message| message.contains(NO_ROUTE))
}

/// Whether what a secret refers to may not be read.
pub(crate) fn is_about_a_reference(response: &Response) -> bool {
    response.status == 403 && servers::infisical::message(response).is_some_and(|message| message.contains(REFERENCE))
}

/// Whether the server says that the folder does not exist.
pub(crate) fn has_no_such_folder(response: &Response) -> bool {
    response.status == 404
        && !has_no_such_route(response)
        && servers::infisical::message(response).is_some_and(|message| message.starts_with("Folder with path"))
}

/// The failure for a 2xx that is no list of secrets.
pub(crate) fn unreadable(infisical: &Infisical, path: &FolderPath, response: &Response) -> Failure {
    Failure::new(
        Code::InfisicalFetchAnswer,
        format!("{}: unreadable answer", summary(path)),
    )
    .cause("the answer is not the list of secrets that Infisical sends")
    .fix(format!("check that {} is Infisical, and its version", infisical.host))
    .answered(response.status, None)
}
