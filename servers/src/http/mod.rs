//! The one HTTP client: every byte that goes over the network goes through here.
//!
//! No redirects, TLS 1.2 or later, plain `http://` to loopback only, bodies up to 4 MiB, and times that end: 5 s to
//! connect, 15 s for a request, 45 s for a whole chain.

mod early;
mod error;
mod names;
mod one_write;
mod proxy;
mod proxy_error;
mod race;
mod request;
mod response;
mod retry;
mod roots;
mod sight;
mod tls;
mod tls_error;

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use plumbing::{BaseUrl, Context, Failure, Report, Stop};
use secrecy::ExposeSecret;
use ureq::{Agent, Body, RequestBuilder, http};
use zeroize::Zeroizing;

pub use error::HttpError;
pub use proxy_error::ProxyError;
pub use request::{Method, Request};
pub use response::Response;
pub use sight::{Part, Sight};
pub use tls_error::TlsError;

use self::early::Connections;
use self::proxy::Route;
use self::roots::Roots;
use self::tls::Tls;

/// A server that takes longer than this to accept a connection, TLS included, is as good as away.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A whole request, its answer read to the end.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
/// All requests of one client together: a person waits for the chain, not for a request.
const CHAIN_TIMEOUT: Duration = Duration::from_secs(45);
/// The largest answer that makes sense is a token scoped to 500 repositories, each described in several kB.
const LARGEST_BODY: u64 = 4 * 1024 * 1024;
/// As many exchanges as run side by side; their connections are kept for the next ones.
const IDLE_CONNECTIONS: usize = 8;

/// The variables that decide how a server is reached, and whether it is trusted.
pub const WAY: [&str; 7] = [
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "SSL_CERT_FILE",
];

/// The HTTP client of one run of the chain.
pub struct Client {
    agent: Agent,
    route: Route,
    connections: Connections,
    tls: Tls,
    /// Set by the first request: what a person or another process takes until then is not the chain's time.
    deadline: OnceLock<Instant>,
    clock: fn() -> Timestamp,
    report: Report,
    stop: Stop,
}

impl Client {
    /// A client that trusts and reaches what the environment says: `SSL_CERT_FILE`, `HTTPS_PROXY`, `NO_PROXY`.
    ///
    /// # Errors
    /// [`plumbing::Code::ConfigFile`] for roots and [`plumbing::Code::ConfigInvalid`] for a proxy that cannot be used.
    pub fn new(context: &Context) -> Result<Self, Failure> {
        let route = Route::from_environment(&context.environment)?;
        let tls = Tls::new(Roots::from_environment(&context.environment)?, route.proxy_authority());
        let config = Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            // A redirect would carry credentials to wherever it points; ureq then hands a 3xx over as an answer.
            .max_redirects(0)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(REQUEST_TIMEOUT))
            .max_idle_connections_per_host(IDLE_CONNECTIONS)
            .user_agent(concat!("raxx-mint/", env!("CARGO_PKG_VERSION")))
            .build();
        let connections = Connections::new(tls.clone());
        Ok(Self {
            route,
            agent: Agent::with_parts(config, connections.clone(), connections.names.clone()),
            connections,
            tls,
            deadline: OnceLock::new(),
            clock: context.clock,
            report: context.report,
            stop: context.stop.clone(),
        })
    }

    /// When the 45 s of the chain are over; they begin with its first request.
    fn deadline(&self) -> Instant {
        *self.deadline.get_or_init(|| Instant::now() + CHAIN_TIMEOUT)
    }

    /// Where this run's messages go.
    pub const fn report(&self) -> &Report {
        &self.report
    }

    /// Opens a connection that a later request to the same server will find ready, while others are under way.
    ///
    /// No request is sent on it until there is one, and where it fails, that one connects as usual.
    pub fn connect_early(&self, base: &BaseUrl) {
        self.connections.open_early(self.agent.config(), &self.route, base);
    }

    /// Looks at the way to a server, part by part, and sends no request.
    pub fn look(&self, base: &BaseUrl) -> Sight {
        sight::look(
            self.agent.config(),
            &self.route,
            &self.tls,
            &self.connections.names,
            base,
        )
    }

    /// Sends a request and reads its answer, whatever its status; tries again where that can help.
    ///
    /// # Errors
    /// Where there is no answer: the server cannot be reached, does not answer in time or at too great a length.
    pub fn send(&self, request: &Request<'_>) -> Result<Response, HttpError> {
        retry::until_settled(self.deadline(), &self.report, &self.stop, request.base, || {
            self.send_once(request)
        })
    }

    /// The same, and does not try again: for what must know whether an earlier try may have done its work.
    ///
    /// # Errors
    /// Those of [`Client::send`].
    pub fn send_once(&self, request: &Request<'_>) -> Result<Response, HttpError> {
        let started = Instant::now();
        let waiting = self
            .report
            .waiting(|| format!("waiting for {}", request.base.authority()));
        let outcome = self.once(request);
        drop(waiting);
        self.tell(request, &outcome, started.elapsed());
        outcome
    }

    fn once(&self, request: &Request<'_>) -> Result<Response, HttpError> {
        let left = self.deadline().saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(HttpError::OutOfTime(CHAIN_TIMEOUT));
        }
        let url = request.url();
        let answer = match request.method {
            Method::Get => self.prepare(self.agent.get(url), request, left).call(),
            Method::Delete => match &request.body {
                // Infisical's own way to say what is to go.
                Some(body) => self
                    .prepare(self.agent.delete(url).force_send_body(), request, left)
                    .content_type("application/json")
                    .send(body.as_slice()),
                None => self.prepare(self.agent.delete(url), request, left).call(),
            },
            Method::Post | Method::Patch => {
                let begun = if request.method == Method::Post {
                    self.agent.post(url)
                } else {
                    self.agent.patch(url)
                };
                let prepared = self.prepare(begun, request, left);
                match &request.body {
                    Some(body) => prepared.content_type("application/json").send(body.as_slice()),
                    None => prepared.send_empty(),
                }
            }
        };
        let answer = answer.map_err(|error| HttpError::by_way_of(self.route.named_for(request.base), error));
        read(answer?, request, (self.clock)())
    }

    fn prepare<B>(&self, mut builder: RequestBuilder<B>, request: &Request<'_>, left: Duration) -> RequestBuilder<B> {
        for (name, value) in &request.query {
            builder = builder.query(name, value);
        }
        for (name, value) in &request.headers {
            builder = builder.header(*name, value.expose_secret());
        }
        builder = self.route.take(builder, request.base);
        if left < REQUEST_TIMEOUT {
            builder = builder.config().timeout_global(Some(left)).build();
        }
        builder
    }

    fn tell(&self, request: &Request<'_>, outcome: &Result<Response, HttpError>, took: Duration) {
        if self.report.verbose {
            let told = match outcome {
                Ok(response) => match &response.request_id {
                    Some(id) => format!("{} (request id {id})", response.status),
                    None => response.status.to_string(),
                },
                Err(error) => error.to_string(),
            };
            self.report
                .step(&format!("{} {}: {told}", request.method, request.shown_url()), took);
        }
    }
}

/// Once there is a status it is the answer: where the body breaks off after a refusal, it is still that refusal, and after
/// a success the request has done its work and is not sent again.
fn read(answer: http::Response<Body>, request: &Request<'_>, now: Timestamp) -> Result<Response, HttpError> {
    let (parts, mut body) = answer.into_parts();
    let body = match body.with_config().limit(LARGEST_BODY).read_to_vec() {
        Ok(body) => body,
        Err(_) if !parts.status.is_success() => vec![],
        Err(error) => {
            return Err(match HttpError::from(error) {
                HttpError::Connection(why) => HttpError::BrokeOff(parts.status.as_u16(), why),
                error => error,
            });
        }
    };
    let secrets = request.secrets().to_vec();
    Ok(Response::new(&parts, Zeroizing::new(body), secrets, now))
}
