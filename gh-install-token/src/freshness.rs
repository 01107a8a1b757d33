//! Waiting until GitHub knows a token that it has just made.

use std::time::Duration;

use plumbing::Context;
use plumbing::documents::InstallationToken;
use servers::github::GithubApi;
use servers::http::{Client, Response};

use crate::ask_as_bot;

/// Between one probe and the next. What GitHub's servers tell one another takes seconds
/// (<https://github.com/octokit/auth-app.js/issues/589>, <https://github.com/akuity/kargo/issues/6630>).
const WAITS: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(6)];

/// Of all that a token may do this needs no permission, and it is about the repositories that the token reaches.
const PROBE: &str = "/installation/repositories?per_page=1";

/// Asks with the token until GitHub knows it and what it reaches, ten seconds at most; then it is handed out all the same, with a
/// note: it may be known to the next server.
pub(crate) fn wait_until_known(client: &Client, token: &InstallationToken, context: &Context) {
    let api = GithubApi::at(token.github_api_url.clone());
    let mut waits = WAITS.into_iter();
    loop {
        match ask_as_bot(client, &token.token, &api, PROBE) {
            Ok(answer) if is_too_new(&answer) => {}
            // Known, or something goes wrong that is not about the token.
            _ => return,
        }
        let Some(wait) = waits.next() else { break };
        context.report.step("GitHub does not know the new token yet", wait);
        if !context.stop.pause(wait) {
            return;
        }
    }
    let seconds = WAITS.iter().sum::<Duration>().as_secs();
    context.report.note(&format!(
        "GitHub does not know the new token after {seconds} s; it is handed out all the same"
    ));
}

/// 401 where it is not known at all, 403 and 404 where what it reaches is not; a limit of requests is a 403 too.
fn is_too_new(answer: &Response) -> bool {
    let is_limit = answer.retry_after().is_some() || answer.header("x-ratelimit-remaining") == Some("0");
    matches!(answer.status, 401 | 403 | 404) && !is_limit
}
