//! What both requests to Infisical share: its host, the headers of what stands in front of it, and how it says no.

pub mod rules;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::{HeaderName, HeaderValue};
use jiff::Timestamp;
use plumbing::{BaseUrl, BearerToken, Code, Context, Environment, Explanation, Failure};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::http::{Method, Request, Response};
use crate::refusal::{ANY_STATUS, Answer, FOREIGN, FRONT_DOORS, Refusal, Sign, log_in_host};

/// Infisical Cloud, in the United States, as in Infisical's own programs.
pub const DEFAULT_HOST: &str = "https://app.infisical.com";
/// Those of them with what is below.
const DEEP: [(&str, &str); 6] = [
    ("organization", "projects"),
    ("organization", "access-management"),
    ("organization", "settings"),
    ("projects", "secret-management"),
    ("projects", "cert-management"),
    ("projects", "kms"),
];
/// The variables of the client id: our name first, then the one that Infisical's own CLI reads.
pub const CLIENT_ID: [&str; 2] = ["INFISICAL_CLIENT_ID", "INFISICAL_UNIVERSAL_AUTH_CLIENT_ID"];
/// The variables of the client secret, likewise.
pub const CLIENT_SECRET: [&str; 2] = ["INFISICAL_CLIENT_SECRET", "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET"];
/// The variable of an access token, as Infisical's own CLI takes it: it stands for id and secret.
pub const TOKEN: [&str; 1] = ["INFISICAL_TOKEN"];
/// How the paths of its web interface begin (`frontend/src/routes.ts` of Infisical's source).
const PAGES: [&str; 13] = [
    "login",
    "signup",
    "admin",
    "dashboard",
    "org",
    "organization",
    "organizations",
    "project",
    "projects",
    "secret-manager",
    "personal-settings",
    "integrations",
    "select-organization",
];
/// The variables of the host; Infisical's own CLI reads the second, and the third before it had that
/// (<https://infisical.com/docs/cli/usage>).
pub const HOST: [&str; 3] = ["INFISICAL_HOST", "INFISICAL_DOMAIN", "INFISICAL_API_URL"];
/// The variable of the Cloudflare Access service token's id.
pub const ACCESS_ID: &str = "CF_ACCESS_CLIENT_ID";
/// The variable of the Cloudflare Access service token's secret.
pub const ACCESS_SECRET: &str = "CF_ACCESS_CLIENT_SECRET";
/// Headers for what stands in front, as Infisical's own CLI takes them: `Name=value` pairs between white space, the value in quotes
/// where it has some
/// (<https://infisical.com/docs/cli/faq>).
pub const CUSTOM_HEADERS: &str = "INFISICAL_CUSTOM_HEADERS";

/// The variables of what opens the way to Infisical.
pub const WAY: [&str; 6] = [
    ACCESS_ID,
    "CF_ACCESS_CLIENT_ID_FILE",
    ACCESS_SECRET,
    "CF_ACCESS_CLIENT_SECRET_FILE",
    CUSTOM_HEADERS,
    "INFISICAL_CUSTOM_HEADERS_FILE",
];

/// The service token's headers (<https://developers.cloudflare.com/cloudflare-one/access-controls/service-credentials/service-tokens/>).
const ACCESS_HEADERS: [&str; 2] = ["CF-Access-Client-Id", "CF-Access-Client-Secret"];

/// The headers that open the way through what stands in front of Infisical, such as Cloudflare Access.
#[derive(Clone, Debug, Default)]
pub struct AccessHeaders(Vec<(String, SecretString)>);

impl AccessHeaders {
    /// Those that the environment gives: the Cloudflare Access service token, and custom ones.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] for custom headers that cannot be read, and what [`Environment::secret`] may find.
    pub fn from_environment(environment: &Environment) -> Result<Self, Failure> {
        let mut headers = custom_headers(environment)?;
        if let (Some(id), Some(secret)) = service_token(environment)? {
            headers.retain(|(name, _)| !ACCESS_HEADERS.iter().any(|access| name.eq_ignore_ascii_case(access)));
            headers.extend(ACCESS_HEADERS.map(str::to_owned).into_iter().zip([id, secret]));
        }
        Ok(Self(headers))
    }
}

/// An Infisical server and the headers that open the way to it.
pub struct Infisical {
    /// Its base URL, without `/api`.
    pub host: BaseUrl,
    headers: AccessHeaders,
}

impl Infisical {
    /// The server that a flag or the environment names, or Infisical Cloud.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] for a host or a header that cannot be used.
    pub fn configured(host: Option<&str>, context: &Context) -> Result<Self, Failure> {
        let host = match host {
            Some(host) => Some(host.to_owned()),
            None => context.environment.text(&HOST)?,
        };
        let base = BaseUrl::parse(host.as_deref().unwrap_or(DEFAULT_HOST)).map_err(|cause| {
            Failure::new(Code::ConfigInvalid, "INFISICAL_HOST cannot be used")
                .cause(cause)
                .fix("set it to Infisical's base URL, for example https://app.infisical.com")
        })?;
        if is_a_page(&base) {
            let root = base.with_path("");
            return Err(Failure::new(Code::ConfigInvalid, "INFISICAL_HOST cannot be used")
                .cause("it is a page of Infisical's web interface, not the base of its API")
                .fix(format!("set it to {root}")));
        }
        let headers = AccessHeaders::from_environment(&context.environment)?;
        note_half_a_service_token(context)?;
        Ok(Self::at(base, headers))
    }

    /// The server at `host`.
    pub fn at(host: BaseUrl, headers: AccessHeaders) -> Self {
        // Infisical's own CLI wants `/api` at the end, people copy it with or without.
        let path = host.path().strip_suffix("/api").unwrap_or(host.path()).to_owned();
        Self {
            host: host.with_path(&path),
            headers,
        }
    }

    /// The failure for an answer to the question how it is that is none of Infisical's.
    pub fn refused_status(&self, response: &Response) -> Failure {
        let explanation = self.obstacle(response).unwrap_or_else(|| Explanation {
            cause: format!("{} does not answer like Infisical", self.host),
            fix: "set INFISICAL_HOST to Infisical's base URL, for example https://app.infisical.com".to_owned(),
        });
        let summary = format!("{} answers with HTTP {}", self.host, response.status);
        Failure::new(Code::InfisicalLoginHttp, summary)
            .explained(explanation)
            .answered(response.status, request_id(response))
    }

    /// A request to this server, the headers in front included.
    pub fn request(&self, method: Method, path: &str) -> Request<'_> {
        let request = Request::new(method, &self.host, path);
        self.headers.0.iter().fold(request, |request, (name, value)| {
            request.secret_header(name, value.clone())
        })
    }

    /// The same server, asked without the headers that open the way to it.
    #[must_use]
    pub fn without_headers(&self) -> Self {
        Self {
            host: self.host.clone(),
            headers: AccessHeaders::default(),
        }
    }

    /// What is wrong when it is not Infisical itself that says no, or not because of what was asked. None where the answer
    /// is Infisical's own, about this very request.
    pub fn obstacle(&self, response: &Response) -> Option<Explanation> {
        let location = response.shown(response.header("location").unwrap_or_default());
        let delay = match response.retry_after() {
            Some(delay) => format!("{} s", delay.as_secs()),
            None => "a minute".to_owned(),
        };
        let facts = [
            ("host", self.host.host()),
            ("url", &self.host.to_string()),
            ("location", &location),
            ("log_in", &log_in_host(response)),
            ("delay", &delay),
        ];
        // A proxy, not Infisical, answers in HTML.
        let answer = self.answer("the server", response);
        if answer.is_of_access() {
            return answer.explained(OBSTACLES, &facts);
        }
        answer
            .explained(FRONT_DOORS, &facts)
            .or_else(|| answer.explained(OBSTACLES, &facts))
    }

    /// An answer as the tables of refusals look at it.
    pub fn answer<'a>(&self, who: &str, response: &'a Response) -> Answer<'a> {
        let message = message(response);
        Answer {
            response,
            remark: response.remark(
                who,
                message
                    .as_deref()
                    .map(|message| with_details(message, response))
                    .as_deref(),
            ),
            message,
            error_name: response.json::<ErrorName>().map(|body| body.error),
            service_token: self.has_service_token(),
            enterprise_server: false,
        }
    }

    /// Whether a Cloudflare Access service token is sent along.
    pub fn has_service_token(&self) -> bool {
        let [id, _] = ACCESS_HEADERS;
        self.headers.0.iter().any(|(name, _)| name.eq_ignore_ascii_case(id))
    }
}

/// Whether a session's token is what the environment gives, and no login opens one.
pub fn session_is_given(environment: &Environment) -> bool {
    let is_set = |names: &[&str]| environment.secret(names).is_ok_and(|value| value.is_some());
    is_set(&TOKEN) && !is_set(&CLIENT_ID) && !is_set(&CLIENT_SECRET)
}

/// Whether a base is an address out of a browser. A proxy may put a server of one's own below any path, so that there only what
/// looks like nothing else counts.
fn is_a_page(base: &BaseUrl) -> bool {
    let parts: Vec<_> = base.path().split('/').skip(1).take(2).collect();
    let first = parts.first().copied().unwrap_or_default();
    let is_clouds = base.host() == "infisical.com" || base.host().ends_with(".infisical.com");
    is_clouds && PAGES.contains(&first) || matches!(parts[..], [first, second] if DEEP.contains(&(first, second)))
}

/// What a session's token says of itself: a JWT of Infisical's own, read and not verified.
#[derive(Deserialize)]
pub struct Claims {
    /// The identity's id, which is another than its client id.
    #[serde(rename = "identityId")]
    pub identity_id: Option<String>,
    /// The person's id, where it is a person's session.
    #[serde(rename = "userId")]
    pub user_id: Option<String>,
    /// In seconds since 1970, perhaps with a fraction (RFC 7519, "NumericDate").
    exp: Option<serde_json::Number>,
}

impl Claims {
    /// When the session ends, to the second; none for one without an end.
    pub fn ends_at(&self) -> Option<Timestamp> {
        let written = self.exp.as_ref()?.to_string();
        let seconds = written.split('.').next()?.parse().ok()?;
        Timestamp::from_second(seconds).ok()
    }
}

/// The claims of a session's token; nothing where it is another kind of token.
pub fn claims(token: &BearerToken) -> Option<Claims> {
    let claims = token.expose().split('.').nth(1)?;
    let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?;
    serde_json::from_slice(&claims).ok()
}

#[derive(Deserialize)]
struct ErrorName {
    error: String,
}

/// What any request to Infisical may meet on its way. `{host}` and `{url}` are Infisical's, `{location}` is where a redirect
/// leads, `{delay}` how long the server asks to be left alone.
pub const OBSTACLES: &[Refusal] = &[
    Refusal {
        statuses: 300..=399,
        sign: Sign::AccessWithoutToken,
        cause: "Cloudflare Access is in front of {host} and asks for a login: no service token is configured",
        fix: "set CF_ACCESS_CLIENT_ID and CF_ACCESS_CLIENT_SECRET to a service token of its Service Auth policy",
    },
    Refusal {
        statuses: 300..=399,
        sign: Sign::AccessWithToken,
        cause: "Cloudflare Access is in front of {host} and does not know this service token",
        fix: "check CF_ACCESS_CLIENT_ID (it ends in `.access`) and CF_ACCESS_CLIENT_SECRET, and that the application \
              has a policy with the action Service Auth",
    },
    Refusal {
        statuses: 300..=399,
        sign: Sign::Redirect,
        cause: "the server points elsewhere: {location}",
        fix: "credentials do not follow a redirect; set INFISICAL_HOST to where Infisical really is",
    },
    Refusal {
        statuses: 403..=403,
        sign: Sign::AccessPage,
        cause: "Cloudflare Access does not let this service token through",
        fix: "in Cloudflare, under Access → Applications → Policies of {host}, attach the Service Auth policy that \
              includes the service token; check that the token has not expired",
    },
    Refusal {
        statuses: 403..=403,
        sign: Sign::Page,
        cause: "what stands in front of Infisical refuses the request",
        fix: "if that is Cloudflare Access, set CF_ACCESS_CLIENT_ID and CF_ACCESS_CLIENT_SECRET; else look at its log",
    },
    Refusal {
        statuses: 429..=429,
        sign: Sign::Message("acquire lock"),
        cause: "the same identity logs in many times at once, and Infisical lets one login through at a time",
        fix: "try again in {delay}",
    },
    Refusal {
        statuses: 429..=429,
        sign: Sign::None,
        cause: "too many requests from this address",
        fix: "try again in {delay}",
    },
    Refusal {
        statuses: 500..=599,
        sign: Sign::None,
        cause: "Infisical, or a proxy in front of it, is in trouble",
        fix: "try again in a while; is {url} up?",
    },
    Refusal {
        statuses: ANY_STATUS,
        sign: Sign::Page,
        cause: "{url} does not answer like Infisical",
        fix: "set INFISICAL_HOST to Infisical's base URL, for example https://app.infisical.com",
    },
    FOREIGN,
];

/// Infisical's name for the request: in the body of its refusals, or in a header of what stands in front.
pub fn request_id(response: &Response) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Body {
        req_id: String,
    }
    response
        .json::<Body>()
        .map(|body| response.shown_id(&body.req_id))
        .or_else(|| response.request_id.clone())
}

/// What Infisical says is wrong. Its `message` is a text, or a list of what is wrong with each field.
pub fn message(response: &Response) -> Option<String> {
    #[derive(Deserialize)]
    struct Body {
        message: Message,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Message {
        Text(String),
        Fields(Vec<Field>),
    }
    #[derive(Deserialize)]
    struct Field {
        message: String,
        #[serde(default)]
        path: Vec<serde_json::Value>,
    }
    match response.json::<Body>()?.message {
        Message::Text(text) => Some(text),
        Message::Fields(fields) => {
            let told = fields.iter().map(|field| {
                let path: Vec<_> = field.path.iter().filter_map(serde_json::Value::as_str).collect();
                format!("{}: {}", path.join("."), field.message)
            });
            Some(told.collect::<Vec<_>>().join("; "))
        }
    }
}

/// A message with what Infisical tells of each reference that may not be read. Other details are rules, no texts.
fn with_details(message: &str, response: &Response) -> String {
    #[derive(Deserialize)]
    struct Body {
        details: Vec<String>,
    }
    match response.json::<Body>() {
        Some(Body { details }) if !details.is_empty() => format!("{message}: {}", details.join(" ")),
        _ => message.to_owned(),
    }
}

/// The two halves of the Cloudflare Access service token. One alone would be refused anyway, so it is not sent.
fn service_token(environment: &Environment) -> Result<(Option<SecretString>, Option<SecretString>), Failure> {
    let halves = (environment.secret(&[ACCESS_ID])?, environment.secret(&[ACCESS_SECRET])?);
    if let (Some(_), Some(_)) = halves {
        return Ok((
            environment.credential(&[ACCESS_ID])?,
            environment.credential(&[ACCESS_SECRET])?,
        ));
    }
    // What is not sent need not be fit for it.
    Ok(halves)
}

fn note_half_a_service_token(context: &Context) -> Result<(), Failure> {
    let (set, unset) = match service_token(&context.environment)? {
        (Some(_), None) => (ACCESS_ID, ACCESS_SECRET),
        (None, Some(_)) => (ACCESS_SECRET, ACCESS_ID),
        _ => return Ok(()),
    };
    context
        .report
        .note(&format!("{set} is set and {unset} is not: both are ignored"));
    Ok(())
}

fn custom_headers(environment: &Environment) -> Result<Vec<(String, SecretString)>, Failure> {
    let Some(pairs) = environment.secret(&[CUSTOM_HEADERS])? else {
        return Ok(vec![]);
    };
    let invalid = |cause: &str| {
        Failure::new(Code::ConfigInvalid, format!("{CUSTOM_HEADERS} cannot be used"))
            .cause(cause)
            .fix(format!(
                "write it as `{CUSTOM_HEADERS}='Name=value Other-Name=\"value of two words\"'`"
            ))
    };
    let mut headers = vec![];
    let mut rest = pairs.expose_secret().trim_start();
    while !rest.is_empty() {
        let (name, value, behind) = first_pair(rest)
            .filter(|(name, value, _)| name.parse::<HeaderName>().is_ok() && HeaderValue::from_str(value).is_ok())
            .ok_or_else(|| invalid("a part of it is not a header name, `=`, and a value"))?;
        // Beside the session's own it would leave the server to choose.
        if name.eq_ignore_ascii_case("authorization") {
            return Err(invalid(
                "Authorization is the session's own header and cannot be another",
            ));
        }
        headers.push((name.to_owned(), SecretString::from(value)));
        rest = behind.trim_start();
    }
    Ok(headers)
}

/// The first `Name=value`, whose value may stand in quotes, and what is behind it.
fn first_pair(pairs: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = pairs.split_once('=')?;
    let quoted = ['"', '\''].into_iter().find(|quote| rest.starts_with(*quote));
    let Some(quote) = quoted else {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (value, behind) = rest.split_at(end);
        return Some((name, value, behind));
    };
    let (value, behind) = rest.strip_prefix(quote)?.split_once(quote)?;
    (behind.is_empty() || behind.starts_with(char::is_whitespace)).then_some((name, value, behind))
}
