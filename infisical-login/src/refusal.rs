//! Why Infisical says no to a login, and what to do about it.

use plumbing::{Code, Explanation, Failure};
use servers::http::Response;
use servers::infisical::{Infisical, request_id};
use servers::refusal::{ANY_STATUS, Refusal, Sign};

/// How the summary of every failure of this step begins.
pub(crate) const SUMMARY: &str = "Infisical login failed";

/// A login that did not succeed.
pub(crate) struct Refused {
    pub(crate) failure: Failure,
    /// Whether Infisical itself has judged the proof, so that another try with it would count as another wrong one.
    pub(crate) is_about_the_proof: bool,
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self {
            failure,
            is_about_the_proof: false,
        }
    }
}

/// Of an expired or used-up secret Infisical tells the reason once, and takes it away.
const WRONG_CREDENTIALS: &str = "wrong client ID or client secret, or a secret that was revoked, or found expired or used up before: that \
                                 is told only once";
const CHECK_CREDENTIALS: &str = "check INFISICAL_CLIENT_ID and INFISICAL_CLIENT_SECRET, INFISICAL_HOST (US, EU or your own server), and on the \
                                 identity's Universal Auth page whether the secret is still there; three wrong tries lock the identity";

/// Infisical's own refusals. Old servers answer 403 where new ones answer 401, so the words decide first.
pub const REFUSALS: &[Refusal] = &[
    Refusal {
        statuses: ANY_STATUS,
        sign: Sign::Message("temporarily locked"),
        cause: "too many wrong client secrets: the identity is locked, for every machine that uses it",
        fix: "set INFISICAL_CLIENT_SECRET right, wait until the lock is over (five minutes, unless the identity says otherwise), and try \
              again; or clear the lock on the identity's Universal Auth page",
    },
    Refusal {
        statuses: ANY_STATUS,
        sign: Sign::Message("expired client secret"),
        cause: "the client secret has expired",
        fix: "in Infisical, on the machine identity's page, add a client secret and set INFISICAL_CLIENT_SECRET to it",
    },
    Refusal {
        statuses: ANY_STATUS,
        sign: Sign::Message("usage limit"),
        cause: "the client secret has been used as often as it may be",
        fix: "in Infisical, add a client secret without a limit on its uses and set INFISICAL_CLIENT_SECRET to it",
    },
    Refusal {
        statuses: 401..=401,
        sign: Sign::None,
        cause: WRONG_CREDENTIALS,
        fix: CHECK_CREDENTIALS,
    },
    Refusal {
        statuses: ANY_STATUS,
        sign: Sign::Message("Invalid credentials"),
        cause: WRONG_CREDENTIALS,
        fix: CHECK_CREDENTIALS,
    },
    Refusal {
        statuses: 403..=403,
        sign: Sign::None,
        cause: "the address of this machine is perhaps not one that the identity may log in from",
        fix: "in Infisical, on the identity's Universal Auth page, look at Client Secret Trusted IPs",
    },
    Refusal {
        statuses: 400..=400,
        sign: Sign::None,
        cause: "Infisical finds the credentials malformed",
        fix: "INFISICAL_CLIENT_ID is a UUID from the identity's Universal Auth page, not the identity's name or id",
    },
    Refusal {
        statuses: 422..=422,
        sign: Sign::None,
        cause: "Infisical finds the credentials malformed",
        fix: "INFISICAL_CLIENT_ID is a UUID from the identity's Universal Auth page, not the identity's name or id",
    },
    Refusal {
        statuses: 404..=404,
        sign: Sign::None,
        cause: "this server has no Universal Auth login",
        fix: "set INFISICAL_HOST to Infisical's base URL, for example https://app.infisical.com",
    },
    Refusal {
        statuses: ANY_STATUS,
        sign: Sign::None,
        cause: "Infisical refuses",
        fix: "look at the log of the server that INFISICAL_HOST names",
    },
];

/// The failure for an answer that is not 2xx.
pub(crate) fn explain(infisical: &Infisical, response: &Response) -> Refused {
    let failure = Failure::new(Code::InfisicalLoginHttp, format!("{SUMMARY}: HTTP {}", response.status))
        .answered(response.status, request_id(response));
    if let Some(obstacle) = infisical.obstacle(response) {
        return failure.explained(obstacle).into();
    }
    let explanation = infisical.answer("Infisical", response).explained(REFUSALS, &[]);
    Refused {
        failure: match explanation {
            Some(explanation) => failure.explained(explanation),
            None => failure,
        },
        is_about_the_proof: true,
    }
}

/// The failure for a 2xx that is no session.
pub(crate) fn unreadable(infisical: &Infisical, response: &Response) -> Failure {
    let explanation = infisical.obstacle(response).unwrap_or_else(|| Explanation {
        cause: "the answer to the login is not the JSON that Infisical sends".to_owned(),
        fix: format!("check that {} is Infisical, and its version", infisical.host),
    });
    Failure::new(Code::InfisicalLoginAnswer, format!("{SUMMARY}: unreadable answer"))
        .explained(explanation)
        .answered(response.status, None)
}
