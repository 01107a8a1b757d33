//! What GitHub tells everybody about the account that is to own the App, and about the App's name.

use plumbing::{Code, Context, Failure, text};
use serde::Deserialize;
use servers::github::GithubApi;
use servers::http::{Client, Method, Response};

use crate::app::Wanted;

/// Looks at both; what a person should know, in lines.
///
/// # Errors
/// Where that is no GitHub, or the account is of the other kind. What GitHub does not tell everybody is no failure: on an
/// Enterprise Server that may be all of it, and there is a limit for those who ask without a login.
pub(crate) fn look(context: &Context, api: &GithubApi, wanted: &Wanted) -> Result<Vec<String>, Failure> {
    #[derive(Deserialize)]
    struct Account {
        r#type: String,
    }
    #[derive(Deserialize)]
    struct App {
        owner: Owner,
    }
    #[derive(Deserialize)]
    struct Owner {
        login: String,
    }
    let mut lines = vec![];
    let owner = ask(context, api, &format!("/users/{}", wanted.owner))?;
    let account = owner.is_success().then(|| owner.json::<Account>()).flatten();
    match account.map(|account| account.r#type).as_deref() {
        Some("Organization") if wanted.is_personal => {
            return Err(
                Failure::new(Code::Usage, format!("{} is an organization", wanted.owner))
                    .fix(format!("write --org {}", wanted.owner)),
            );
        }
        Some("User") if !wanted.is_personal => {
            return Err(
                Failure::new(Code::Usage, format!("{} is a person's account", wanted.owner))
                    .cause("an App of an organization is asked for")
                    .fix(format!(
                        "name the organization; an App of your own is --personal {}",
                        wanted.owner
                    )),
            );
        }
        None if owner.status != 404 => lines.push(format!(
            "  GitHub does not tell without a login whose account {} is (HTTP {}): not checked.",
            wanted.owner, owner.status
        )),
        None => lines.push(format!(
            "  GitHub shows no account {} to everybody: is it spelled so?",
            wanted.owner
        )),
        _ => {}
    }
    let namesake = ask(context, api, &format!("/apps/{}", wanted.name))?;
    if namesake.is_success()
        && let Some(App { owner }) = namesake.json()
    {
        lines.push(format!(
            "  An App of that name is there already, {}'s: on GitHub's page give this one another, which its commits will bear.",
            text::quote(&owner.login)
        ));
    }
    Ok(lines)
}

/// A question that needs no login.
fn ask(context: &Context, api: &GithubApi, path: &str) -> Result<Response, Failure> {
    let response = Client::new(context)?
        .send(&api.request(Method::Get, path))
        .map_err(|error| error.into_failure(Code::GithubConnection, "GitHub API", &api.base))?;
    if response.is_html() || matches!(response.status, 300..=399) {
        return Err(Failure::new(
            Code::GithubAnswer,
            format!("{} does not answer like GitHub's API", api.base),
        )
        .fix("set GITHUB_API_URL to GitHub's REST base; of an Enterprise Server it ends in /api/v3"));
    }
    Ok(response)
}
