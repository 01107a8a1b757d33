//! Every refusal of `POST /app/installations/{installation_id}/access_tokens` that is known, row by row.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tests::github::FakeGithub;
use tests::keys::BotKey;
use tests::sandbox::Sandbox;

use crate::client::{Response, send};
use crate::schema::Description;

pub(crate) const AGENT: (&str, &str) = ("User-Agent", "contract");

const UNDECODABLE: &str = "A JSON web token could not be decoded";
const EXP_PAST: &str = "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires";
const EXP_FAR: &str = "'Expiration time' claim ('exp') is too far in the future";
const IAT: &str = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";

/// The dev bot, whose App ID and installation id the tests below play with.
pub(crate) struct Dev {
    pub(crate) sandbox: Sandbox,
    pub(crate) app_id: u64,
    pub(crate) installation_id: u64,
    pub(crate) key: BotKey,
}

impl Dev {
    pub(crate) fn new() -> Self {
        let sandbox = Sandbox::start_with_pooled_keys();
        let bot = sandbox.bot("raxx-dev-bot").clone();
        Self {
            sandbox,
            app_id: bot.app_id,
            installation_id: bot.installation_id,
            key: bot.key,
        }
    }

    pub(crate) fn github(&self) -> &FakeGithub {
        self.sandbox.github()
    }

    /// A JWT whose claims are right but for those given, in seconds from now for `iat` and `exp`.
    pub(crate) fn jwt(&self, iat: i64, exp: i64) -> String {
        let now = Timestamp::now().as_second();
        self.key
            .jwt(&json!({"iss": self.app_id.to_string(), "iat": now + iat, "exp": now + exp}))
    }

    pub(crate) fn mint(&self, jwt: &str, body: Option<&str>) -> Response {
        self.mint_at(self.installation_id, jwt, body)
    }

    fn mint_at(&self, installation_id: u64, jwt: &str, body: Option<&str>) -> Response {
        let headers = [AGENT, ("Authorization", &format!("Bearer {jwt}"))];
        self.post(
            &format!("/app/installations/{installation_id}/access_tokens"),
            &headers,
            body,
        )
    }

    fn post(&self, target: &str, headers: &[(&str, &str)], body: Option<&str>) -> Response {
        send(&self.github().base_url(), "POST", target, headers, body)
    }

    fn claims(&self, claims: &Value) -> Response {
        self.mint(&self.key.jwt(claims), None)
    }
}

fn refused(response: &Response, status: u16, message: &str) {
    assert_eq!((response.status, response.message().as_str()), (status, message));
    let body = response.json();
    assert_eq!(body["status"], status.to_string(), "a string");
    assert!(
        body["documentation_url"]
            .as_str()
            .unwrap()
            .starts_with("https://docs.github.com/rest")
    );
    assert!(!response.header("x-github-request-id").is_empty());
    let path = "/app/installations/{installation_id}/access_tokens";
    // The description has no 400 for this call.
    if status != 400 {
        Description::read().hold("POST", path, status, &body);
    }
}

#[test]
fn a_good_jwt_mints() {
    let dev = Dev::new();
    let now = Timestamp::now().as_second();
    let client_id = dev.github().settings().apps[0].client_id.clone();
    for issuer in [json!(dev.app_id), json!(dev.app_id.to_string()), json!(client_id)] {
        assert_eq!(
            dev.claims(&json!({"iss": issuer, "iat": now - 60, "exp": now + 540}))
                .status,
            201
        );
    }
}

#[test]
fn credentials_that_are_no_jwt() {
    let dev = Dev::new();
    refused(&dev.mint("ghp_0123456789", None), 401, "Bad credentials");
    refused(&dev.mint("ghs_0123.456.789", None), 401, UNDECODABLE);
    refused(&dev.mint("a.b.c", None), 401, UNDECODABLE);
    let target = format!("/app/installations/{}/access_tokens", dev.installation_id);
    refused(&dev.post(&target, &[AGENT], None), 401, "Requires authentication");
    let token = [AGENT, ("Authorization", &format!("token {}", dev.jwt(-60, 540)))];
    refused(&dev.post(&target, &token, None), 401, "Bad credentials");
}

#[test]
fn signatures_and_issuers() {
    let dev = Dev::new();
    let now = Timestamp::now().as_second();
    let claims = json!({"iss": dev.app_id.to_string(), "iat": now - 60, "exp": now + 540});
    refused(&dev.mint(&BotKey::pooled(3).jwt(&claims), None), 401, UNDECODABLE);
    let jwt = dev.jwt(-60, 540);
    refused(&dev.mint(jwt.rsplit_once('.').unwrap().0, None), 401, "Bad credentials");
    let stranger = json!({"iss": "101", "iat": now - 60, "exp": now + 540});
    refused(&dev.claims(&stranger), 404, "Integration not found");
    dev.github().change(|settings| settings.app(dev.app_id).key = None);
    refused(&dev.mint(&jwt, None), 401, "Integration must generate a public key");
}

#[test]
fn times() {
    let dev = Dev::new();
    refused(&dev.mint(&dev.jwt(-60, 605), None), 401, EXP_FAR);
    assert_eq!(
        dev.mint(&dev.jwt(-60, 600), None).status,
        201,
        "exactly ten minutes are still allowed"
    );
    refused(&dev.mint(&dev.jwt(-700, -1), None), 401, EXP_PAST);
    refused(&dev.mint(&dev.jwt(30, 540), None), 401, IAT);
    let now = Timestamp::now().as_second();
    let exp_as_text = json!({"iss": dev.app_id, "iat": now - 60, "exp": (now + 540).to_string()});
    refused(&dev.claims(&exp_as_text), 401, EXP_PAST);
    #[expect(clippy::cast_precision_loss, reason = "the fraction is the point")]
    let iat_as_float = json!({"iss": dev.app_id, "iat": now as f64 - 60.5, "exp": now + 540});
    refused(&dev.claims(&iat_as_float), 401, IAT);
    refused(&dev.claims(&json!({"iss": dev.app_id, "exp": now + 540})), 401, IAT);
}

#[test]
fn the_servers_clock_judges_and_tells() {
    let dev = Dev::new();
    // (server's clock minus ours, what our JWT then is to it)
    for (offset, message) in [(600, EXP_PAST), (-90, EXP_FAR)] {
        dev.github()
            .change(|settings| settings.clock_offset = SignedDuration::from_secs(offset));
        let response = dev.mint(&dev.jwt(-60, 540), None);
        refused(&response, 401, message);
        let date = jiff::fmt::rfc2822::parse(response.header("date")).unwrap().timestamp();
        let told = date.as_second() - Timestamp::now().as_second();
        assert!((offset - 5..=offset + 5).contains(&told), "told {told}, is {offset}");
        assert_eq!(dev.mint(&dev.jwt(offset - 60, offset + 540), None).status, 201);
    }
}

#[test]
fn installations() {
    let dev = Dev::new();
    let jwt = dev.jwt(-60, 540);
    refused(&dev.mint_at(999, &jwt, None), 404, "Not Found");
    let anothers = dev.sandbox.bot("raxx-ops-bot").installation_id;
    refused(&dev.mint_at(anothers, &jwt, None), 404, "Not Found");
    dev.github()
        .change(|settings| settings.installation(dev.installation_id).suspended = true);
    refused(&dev.mint(&jwt, None), 403, "This installation has been suspended");
}

#[test]
fn permissions_and_repositories() {
    let dev = Dev::new();
    let jwt = dev.jwt(-60, 540);
    let unknown = "The permissions requested are not granted to this installation.";
    refused(
        &dev.mint(&jwt, Some(r#"{"permissions":{"pull-requests":"read"}}"#)),
        422,
        unknown,
    );
    refused(
        &dev.mint(&jwt, Some(r#"{"permissions":{"secrets":"read"}}"#)),
        422,
        unknown,
    );
    let too_high = "The level of access for permissions requested are not granted to this installation.";
    refused(
        &dev.mint(&jwt, Some(r#"{"permissions":{"issues":"write"}}"#)),
        422,
        too_high,
    );
    let absent =
        "There is at least one repository that does not exist or is not accessible to the parent installation.";
    refused(
        &dev.mint(&jwt, Some(r#"{"repositories":["raxx","nope"]}"#)),
        422,
        absent,
    );
    refused(
        &dev.mint(&jwt, Some(r#"{"repositories":["MooseQuest/raxx"]}"#)),
        422,
        absent,
    );
    refused(&dev.mint(&jwt, Some(r#"{"repository_ids":[1]}"#)), 422, absent);
    refused(&dev.mint(&jwt, Some("{")), 400, "Problems parsing JSON");
}

#[test]
fn headers_that_github_wants() {
    let dev = Dev::new();
    let target = format!("/app/installations/{}/access_tokens", dev.installation_id);
    let authorization = format!("Bearer {}", dev.jwt(-60, 540));
    let authorization = ("Authorization", authorization.as_str());
    let without_agent = dev.post(&target, &[authorization], None);
    assert_eq!(without_agent.status, 403);
    assert!(String::from_utf8_lossy(&without_agent.body).contains("User-Agent header"));
    let version = |version| {
        dev.post(
            &target,
            &[AGENT, authorization, ("X-GitHub-Api-Version", version)],
            None,
        )
    };
    assert_eq!(version("2022-11-28").status, 201);
    assert_eq!(version("2026-03-10").status, 201);
    assert_eq!(version("2021-01-01").status, 400);
}
