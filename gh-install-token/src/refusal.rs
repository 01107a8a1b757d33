//! Why GitHub says no, and what to do about it.
//!
//! The status decides. GitHub's texts are documented nowhere, so they are quoted, and matched only to make the cause
//! and the fix more precise; only the three about the JWT's times change what the program does.

use jiff::{SignedDuration, Timestamp};
use plumbing::documents::AppJwt;
use plumbing::{Code, Failure};
use servers::github::{GithubApi, Product, remark};
use servers::http::Response;

/// The failure for an exchange that gave no token.
pub(crate) fn explain(api: &GithubApi, jwt: &AppJwt, response: &Response, now: Timestamp) -> Failure {
    let told = remark(response);
    if response.status == 401 && is_about_time(&told) {
        return clock(response, &told, now);
    }
    let (cause, fix) = match response.status {
        401 => unauthorized(&told, jwt, api),
        403 => forbidden(&told, response),
        404 => not_found(&told, jwt, api, response),
        422 => unprocessable(&told),
        _ => general(api, response),
    };
    failure(Code::GithubHttp, response, format!("{cause}{told}"), fix)
}

/// The failure for a token that was not revoked.
pub(crate) fn explain_revocation(api: &GithubApi, response: &Response) -> Failure {
    let (cause, fix) = general(api, response);
    failure(Code::GithubHttp, response, format!("{cause}{}", remark(response)), fix)
}

fn failure(code: Code, response: &Response, cause: String, fix: String) -> Failure {
    Failure::new(code, format!("GitHub API returned {}", response.status))
        .cause(cause)
        .fix(fix)
        .answered(response.status, response.request_id.clone())
}

/// The three messages about `exp` and `iat`, recognised as octokit does (auth-app.js, src/hook.ts).
fn is_about_time(told: &str) -> bool {
    told.contains("'Expiration time' claim ('exp')") || told.contains("'Issued at' claim ('iat')")
}

fn clock(response: &Response, told: &str, now: Timestamp) -> Failure {
    let offset = response.date().map(|date| date.duration_since(now));
    let cause = match offset {
        Some(offset) => format!("this machine's clock is {} GitHub's{told}", apart(offset)),
        None => format!("this machine's clock and GitHub's differ{told}"),
    };
    let fix = "set this machine's clock, for example with `timedatectl set-ntp true`".to_owned();
    let mut failure = failure(Code::GithubClock, response, cause, fix);
    failure.clock_offset = offset;
    failure
}

/// `offset` is how far GitHub's clock is ahead of ours.
fn apart(offset: SignedDuration) -> String {
    let seconds = offset.as_secs().unsigned_abs();
    let amount = match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    };
    format!("{amount} {}", if offset.is_negative() { "ahead of" } else { "behind" })
}

fn unauthorized(told: &str, jwt: &AppJwt, api: &GithubApi) -> (String, String) {
    let app = &jwt.app_id;
    if told.contains("could not be decoded") {
        let client_id = if app.starts_with("Iv") && api.product() == Product::EnterpriseServer {
            "; an older GitHub Enterprise Server takes the numeric App ID only, not a client id"
        } else {
            ""
        };
        return (
            format!("the private key is not one of App {app}'s, or APP_ID is another App's{client_id}"),
            "compare the key's fingerprint (infisical-fetch shows it on a terminal) with those on the App's settings \
             page; generate a new private key there if needed"
                .to_owned(),
        );
    }
    if told.contains("must generate a public key") {
        return (
            format!("App {app} has no private key, or APP_ID is not the App that the key belongs to"),
            "on the App's settings page check the App ID, and generate a private key".to_owned(),
        );
    }
    if told.contains("Requires authentication") {
        return (
            "the Authorization header did not reach GitHub".to_owned(),
            "look for a proxy that strips it (HTTPS_PROXY)".to_owned(),
        );
    }
    (
        "GitHub does not take this for an App's JWT: App revoked, wrong host, or private key damaged".to_owned(),
        format!(
            "check that {} is the App's GitHub, and the App's page; download the key anew if needed",
            api.base
        ),
    )
}

fn forbidden(told: &str, response: &Response) -> (String, String) {
    if told.contains("suspended") {
        return (
            "the owner of the installation has suspended it".to_owned(),
            "on GitHub, under the organization's Settings → GitHub Apps → Configure, unsuspend it".to_owned(),
        );
    }
    if told.contains("rate limit") {
        return rate_limited(response);
    }
    (
        "the App may not do this here".to_owned(),
        "check the organization's IP allow list and the installation's page on GitHub".to_owned(),
    )
}

fn rate_limited(response: &Response) -> (String, String) {
    let fix = match response.retry_after() {
        Some(delay) => format!(
            "try again in {} s, and mint less often: a token lasts an hour",
            delay.as_secs()
        ),
        None => "try again in some minutes, and mint less often: a token lasts an hour".to_owned(),
    };
    ("too many requests".to_owned(), fix)
}

fn not_found(told: &str, jwt: &AppJwt, api: &GithubApi, response: &Response) -> (String, String) {
    let (app, installation) = (&jwt.app_id, &jwt.installation_id);
    if told.contains("Integration not found") {
        return (
            format!("there is no App {app} on {}", api.git_host()),
            "check APP_ID on the App's settings page; it is not the installation id, nor an id from another GitHub"
                .to_owned(),
        );
    }
    if api.product() == Product::EnterpriseServer && response.is_html() {
        return (
            format!("{} is perhaps not a REST base", api.base),
            format!(
                "for GitHub Enterprise Server set GITHUB_API_URL to https://{}/api/v3",
                api.git_host()
            ),
        );
    }
    (
        format!("installation {installation} is not one of App {app}'s: uninstalled, another App's, or a wrong id"),
        "check INSTALLATION_ID: it is the number at the end of the installation's settings URL on GitHub".to_owned(),
    )
}

fn unprocessable(told: &str) -> (String, String) {
    if told.contains("level of access") {
        return (
            "a permission was asked for at a higher level than the installation has".to_owned(),
            "ask for read instead of write, or raise it on the App's page and have the owner accept it".to_owned(),
        );
    }
    if told.contains("ermissions requested") {
        return (
            "a permission was asked for that the installation does not have, or that GitHub does not know".to_owned(),
            "check the names given with --permission against the installation's page on GitHub".to_owned(),
        );
    }
    if told.contains("repositor") {
        return (
            "one of the repositories does not exist, or the installation does not reach it; GitHub does not say which"
                .to_owned(),
            "check the names given with --repo, and which repositories the installation is granted".to_owned(),
        );
    }
    (
        "GitHub finds the request malformed".to_owned(),
        "check --repo, --repository-id and --permission".to_owned(),
    )
}

/// What any request to GitHub may meet.
fn general(api: &GithubApi, response: &Response) -> (String, String) {
    match response.status {
        300..=399 => (
            format!(
                "the server points elsewhere: {}",
                response.shown(response.header("location").unwrap_or_default())
            ),
            "credentials do not follow a redirect; set GITHUB_API_URL to where GitHub really is".to_owned(),
        ),
        400 => (
            "GitHub does not take the request as it is, perhaps because it no longer knows this API version".to_owned(),
            "ask for another one with --github-api-version, such as 2026-03-10".to_owned(),
        ),
        429 => rate_limited(response),
        500..=599 => (
            "GitHub, or a proxy in front of it, is in trouble".to_owned(),
            "try again in a while; https://www.githubstatus.com tells of outages".to_owned(),
        ),
        _ => (
            "GitHub refuses".to_owned(),
            format!("check that {} is GitHub's REST base", api.base),
        ),
    }
}
