//! What both requests to Infisical share: its host, the headers of what stands in front of it, and how it says no.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use ureq::http::{HeaderName, HeaderValue, Uri};

use crate::http::{Method, Request, Response};
use plumbing::Environment;
use plumbing::{BaseUrl, Code, Failure, Report};

/// Infisical Cloud (US), as in Infisical's own programs.
const DEFAULT_HOST: &str = "https://app.infisical.com";
/// The variables of the host; the second is the one that Infisical's own CLI reads.
pub const HOST: [&str; 2] = ["INFISICAL_HOST", "INFISICAL_API_URL"];
/// The variable of the Cloudflare Access service token's id.
pub const ACCESS_ID: &str = "CF_ACCESS_CLIENT_ID";
/// The variable of the Cloudflare Access service token's secret.
pub const ACCESS_SECRET: &str = "CF_ACCESS_CLIENT_SECRET";
/// Headers for what stands in front, as Infisical's own CLI takes them: `Name=value` pairs between white space
/// (<https://infisical.com/docs/cli/faq>).
pub const CUSTOM_HEADERS: &str = "INFISICAL_CUSTOM_HEADERS";

/// The service token's headers (<https://developers.cloudflare.com/cloudflare-one/access-controls/service-credentials/service-tokens/>).
const ACCESS_HEADERS: [&str; 2] = ["CF-Access-Client-Id", "CF-Access-Client-Secret"];

/// The headers that open the way through what stands in front of Infisical, such as Cloudflare Access.
#[derive(Clone, Debug, Default)]
pub struct AccessHeaders(Vec<(String, SecretString)>);

impl AccessHeaders {
    /// Those that the environment gives: the Cloudflare Access service token, and custom ones.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] for custom headers that are none, and what [`Environment::secret`] may find.
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
    pub fn configured(host: Option<&str>, environment: &Environment, report: &Report) -> Result<Self, Failure> {
        let host = match host {
            Some(host) => Some(host.to_owned()),
            None => environment.text(&HOST)?,
        };
        let headers = AccessHeaders::from_environment(environment)?;
        note_half_a_service_token(environment, report)?;
        Self::at(host.as_deref().unwrap_or(DEFAULT_HOST), headers)
    }

    /// The server at `host`.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] for a host that cannot be used.
    pub fn at(host: &str, headers: AccessHeaders) -> Result<Self, Failure> {
        let base = BaseUrl::parse(host).map_err(|cause| {
            Failure::new(Code::ConfigInvalid, "INFISICAL_HOST cannot be used")
                .cause(cause)
                .fix("set it to Infisical's base URL, for example https://app.infisical.com")
        })?;
        // Infisical's own CLI wants `/api` at the end, people copy it with or without.
        let path = base.path().strip_suffix("/api").unwrap_or(base.path()).to_owned();
        Ok(Self {
            host: base.with_path(&path),
            headers,
        })
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

    /// What is wrong when it is not Infisical itself that says no, or not because of what was asked: the cause and the
    /// fix. Nothing where the answer is Infisical's own, about this very request.
    pub fn obstacle(&self, response: &Response) -> Option<(String, String)> {
        // A proxy, not Infisical, answers in HTML.
        let told = response.remark("the server", message(response).as_deref());
        let host = &self.host;
        Some(match response.status {
            300..=399 => self.redirected(response),
            403 if response.is_html() && self.has_service_token() && response.header("cf-ray").is_some() => (
                format!("Cloudflare Access does not let this service token through{told}"),
                format!(
                    "in Cloudflare, under Access → Applications → Policies of {}, attach the Service Auth policy \
                     that includes the service token; check that the token has not expired",
                    host.host()
                ),
            ),
            403 if response.is_html() => (
                format!("what stands in front of Infisical refuses the request{told}"),
                format!("if that is Cloudflare Access, set {ACCESS_ID} and {ACCESS_SECRET}; else look at its log"),
            ),
            429 => (
                format!("too many requests from this address{told}"),
                match response.retry_after() {
                    Some(delay) => format!("try again in {} s", delay.as_secs()),
                    None => "try again in a minute".to_owned(),
                },
            ),
            // An old server answers so to a session token that is none; the caller knows better.
            500 if told.contains("jwt malformed") => return None,
            500..=599 => (
                format!("Infisical, or a proxy in front of it, is in trouble{told}"),
                format!("try again in a while; is {host} up?"),
            ),
            _ if response.is_html() => (
                format!("{host} does not answer like Infisical{told}"),
                "set INFISICAL_HOST to Infisical's base URL, for example https://app.infisical.com".to_owned(),
            ),
            _ => return None,
        })
    }

    fn redirected(&self, response: &Response) -> (String, String) {
        let location = response.header("location").unwrap_or_default();
        let target = location.parse::<Uri>().ok();
        let target_host = target.as_ref().and_then(Uri::host).unwrap_or_default();
        let is_access = target_host.ends_with(".cloudflareaccess.com") || location.contains("/cdn-cgi/access/");
        match (is_access, self.has_service_token()) {
            (true, false) => (
                format!(
                    "Cloudflare Access is in front of {} and asks for a log-in: no service token is configured",
                    self.host.host()
                ),
                format!("set {ACCESS_ID} and {ACCESS_SECRET} to a service token of its Service Auth policy"),
            ),
            (true, true) => (
                format!(
                    "Cloudflare Access is in front of {} and does not know this service token",
                    self.host.host()
                ),
                format!(
                    "check {ACCESS_ID} (it ends in `.access`) and {ACCESS_SECRET}, and that the application has a \
                     policy with the action Service Auth"
                ),
            ),
            (false, _) => (
                format!("the server points elsewhere: {}", response.shown(location)),
                "credentials do not follow a redirect; set INFISICAL_HOST to where Infisical really is".to_owned(),
            ),
        }
    }

    /// Whether a Cloudflare Access service token is sent along.
    pub fn has_service_token(&self) -> bool {
        let [id, _] = ACCESS_HEADERS;
        self.headers.0.iter().any(|(name, _)| name.eq_ignore_ascii_case(id))
    }
}

/// Infisical's name for the request: in the body of its refusals, or in a header of what stands in front.
pub fn request_id(response: &Response) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Body {
        req_id: String,
    }
    response
        .json::<Body>()
        .map(|body| response.shown(&body.req_id))
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

/// The same in brackets, fit to be shown behind a cause.
pub fn remark(response: &Response) -> String {
    response.remark("Infisical", message(response).as_deref())
}

/// The two halves of the Cloudflare Access service token. One alone would be refused anyway, so it is not sent.
fn service_token(environment: &Environment) -> Result<(Option<SecretString>, Option<SecretString>), Failure> {
    Ok((environment.secret(&[ACCESS_ID])?, environment.secret(&[ACCESS_SECRET])?))
}

fn note_half_a_service_token(environment: &Environment, report: &Report) -> Result<(), Failure> {
    let (set, unset) = match service_token(environment)? {
        (Some(_), None) => (ACCESS_ID, ACCESS_SECRET),
        (None, Some(_)) => (ACCESS_SECRET, ACCESS_ID),
        _ => return Ok(()),
    };
    report.note(&format!("{set} is set and {unset} is not: both are ignored"));
    Ok(())
}

fn custom_headers(environment: &Environment) -> Result<Vec<(String, SecretString)>, Failure> {
    let Some(pairs) = environment.secret(&[CUSTOM_HEADERS])? else {
        return Ok(vec![]);
    };
    let pairs = pairs.expose_secret().split_whitespace().map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let is_header = name.parse::<HeaderName>().is_ok() && HeaderValue::from_str(value).is_ok();
        is_header.then(|| (name.to_owned(), SecretString::from(value)))
    });
    pairs.collect::<Option<_>>().ok_or_else(|| {
        Failure::new(Code::ConfigInvalid, format!("{CUSTOM_HEADERS} cannot be used"))
            .cause("a part of it is not a header name, `=`, and a value")
            .fix(format!("write it as `{CUSTOM_HEADERS}='Name=value Other-Name=value'`"))
    })
}
