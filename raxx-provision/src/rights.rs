//! What whoever writes may do, as Infisical adds it up: asked before anything is made.

use plumbing::{Code, Failure, FolderPath};
use serde::Deserialize;
use servers::http::Method;
use servers::infisical::claims;
use servers::infisical::rules::{self, Rule};

use crate::vault::Vault;

/// An identity's rights.
#[derive(Deserialize)]
struct Audit {
    sources: Vec<Source>,
}

#[derive(Deserialize)]
struct Source {
    permissions: Vec<Rule>,
}

/// A person's rights.
#[derive(Deserialize)]
struct Own {
    data: Permissions,
}

#[derive(Deserialize)]
struct Permissions {
    permissions: Vec<Rule>,
}

/// Compares what will be done with what may be; what came of it, in a line.
///
/// # Errors
/// [`Code::InfisicalWriteHttp`] where something that will be done may not be.
pub(crate) fn look(
    vault: &Vault<'_>,
    who: &str,
    path: &FolderPath,
    makes_a_folder: bool,
    makes_a_dispatcher: bool,
) -> Result<&'static str, Failure> {
    const UNTOLD: &str = "Whether all of that may be done Infisical does not tell beforehand: a trial secret will.";
    let Some(rules) = rules(vault) else {
        return Ok(UNTOLD);
    };
    let parent = path.parent().unwrap_or_else(|| FolderPath::parse("/"));
    let mut wanted = vec![("create", "secrets", path.as_str())];
    if makes_a_folder {
        wanted.push(("create", "secret-folders", parent.as_str()));
    }
    if makes_a_dispatcher {
        // What a project's Developer may not is the last two (recordings 131).
        wanted
            .extend(["create", "create-token", "assign-additional-privileges"].map(|action| (action, "identity", "")));
    }
    let mut is_sure = true;
    for (action, subject, place) in wanted {
        let place = [("environment", vault.env_slug), ("secretPath", place)];
        match rules::allow(&rules, action, subject, &place) {
            Some(true) => {}
            None => is_sure = false,
            Some(false) => {
                let role = if subject == "identity" {
                    "Admin"
                } else {
                    "Developer or Admin"
                };
                return Err(Failure::new(
                    Code::InfisicalWriteHttp,
                    format!("whoever writes may not {}", in_words(action, subject)),
                )
                .cause(format!(
                    "that is {who}, whose roles and privileges in the project do not hold `{action}` on `{subject}` there"
                ))
                .fix(format!(
                    "log in to Infisical as somebody who may (project role {role}), or have them give you that role; the dispatcher's \
                     identity is read-only and stays so"
                )));
            }
        }
    }
    Ok(if is_sure {
        "In Infisical all of that may be done, by the roles and privileges in the project."
    } else {
        UNTOLD
    })
}

fn in_words(action: &str, subject: &str) -> &'static str {
    match (action, subject) {
        (_, "secrets") => "write secrets there",
        (_, "secret-folders") => "make the folder",
        ("create-token", _) => "make an identity's client secret",
        ("assign-additional-privileges", _) => "give an identity its privilege",
        _ => "make an identity",
    }
}

/// None where Infisical does not tell: older ones do not, and some rights do not hold the right to see them.
fn rules(vault: &Vault<'_>) -> Option<Vec<Rule>> {
    let claims = claims(&vault.session.borrow().access_token)?;
    let project = vault.project_id;
    let what = "tell the rights";
    // Both become a part of a URL's path.
    let is_id = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if !is_id(project) {
        return None;
    }
    if let Some(id) = claims.identity_id.filter(|id| is_id(id)) {
        let route = format!("/api/v1/projects/{project}/memberships/identities/{id}/permissions/audit");
        let audit: Audit = vault.call(Method::Get, &route, None, what).ok()?;
        return Some(
            audit
                .sources
                .into_iter()
                .flat_map(|source| source.permissions)
                .collect(),
        );
    }
    claims.user_id?;
    let own: Own = vault
        .call(
            Method::Get,
            &format!("/api/v1/projects/{project}/permissions"),
            None,
            what,
        )
        .ok()?;
    Some(own.data.permissions)
}
