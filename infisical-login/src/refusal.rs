//! Why Infisical says no to a log-in, and what to do about it.

use plumbing::{Code, Failure};
use servers::http::Response;
use servers::infisical::{Infisical, remark, request_id};

use crate::SUMMARY;

/// The failure for an answer that is not 2xx.
pub(crate) fn explain(infisical: &Infisical, response: &Response) -> Failure {
    let (cause, fix) = infisical.obstacle(response).unwrap_or_else(|| own_words(response));
    Failure::new(Code::InfisicalLoginHttp, format!("{SUMMARY}: HTTP {}", response.status))
        .cause(cause)
        .fix(fix)
        .answered(response.status, request_id(response))
}

/// Infisical's own refusals. Old servers answer 403 where new ones answer 401, so the text decides first.
fn own_words(response: &Response) -> (String, String) {
    let told = remark(response);
    let (cause, fix) = if told.contains("temporarily locked") {
        (
            "too many wrong client secrets: the identity is locked for some minutes",
            "wait, set INFISICAL_CLIENT_SECRET right, and only then try again: each wrong try prolongs the lock",
        )
    } else if told.contains("expired client secret") {
        (
            "the client secret has expired",
            "in Infisical, on the machine identity's page, add a client secret and set INFISICAL_CLIENT_SECRET to it",
        )
    } else if told.contains("usage limit") {
        (
            "the client secret has been used as often as it may be",
            "in Infisical, add a client secret without a limit on its uses and set INFISICAL_CLIENT_SECRET to it",
        )
    } else if response.status == 401 || told.contains("Invalid credentials") {
        (
            "wrong client ID or client secret, or the identity is not in the right project",
            "check INFISICAL_CLIENT_ID and INFISICAL_CLIENT_SECRET, INFISICAL_HOST (US, EU or your own server), \
             and the identity's project assignments",
        )
    } else {
        match response.status {
            403 => (
                "the address of this machine is perhaps not one that the identity may log in from",
                "in Infisical, on the identity's Universal Auth page, look at Client Secret Trusted IPs",
            ),
            400 | 422 => (
                "Infisical finds the credentials malformed",
                "INFISICAL_CLIENT_ID is a UUID from the identity's Universal Auth page, not the identity's name or id",
            ),
            404 => (
                "this server has no Universal Auth log-in",
                "set INFISICAL_HOST to Infisical's base URL, for example https://app.infisical.com",
            ),
            _ => (
                "Infisical refuses",
                "look at the log of the server that INFISICAL_HOST names",
            ),
        }
    };
    (format!("{cause}{told}"), fix.to_owned())
}

/// The failure for a 2xx that is no session.
pub(crate) fn unreadable(infisical: &Infisical, response: &Response) -> Failure {
    let (cause, fix) = infisical.obstacle(response).unwrap_or_else(|| {
        (
            "the answer to the log-in is not the JSON that Infisical sends".to_owned(),
            format!("check that {} is Infisical, and its version", infisical.host),
        )
    });
    Failure::new(Code::InfisicalLoginAnswer, format!("{SUMMARY}: unreadable answer"))
        .cause(cause)
        .fix(fix)
        .answered(response.status, None)
}
