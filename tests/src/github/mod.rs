//! A fake GitHub: the endpoints around App installation tokens, as strict as the real one.
//!
//! Sources: GitHub's OpenAPI description for the shapes; public threads for the messages, since the description gives
//! none; GitHub's documentation for the rules of a JWT. Each is named where it is used.

mod answers;
mod claims;
mod git;
mod mint;
mod objects;
mod rest;
mod settings;
mod tokens;
mod website;

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

pub use settings::{App, Installation, OnInstall, Repository, Settings, TokenShape, Website};

use crate::journal::Journal;
use crate::script::{Canned, Hold, Matcher};
use crate::server::{Request, Server, Service};
use answers::{Answer, Refusal};
use git::{Repositories, Wanted};
use tokens::Tokens;

/// A fake GitHub on a loopback port; dropped, it is gone. The REST API stands at `/` and, as on an Enterprise Server,
/// at `/api/v3`; GraphQL at `/graphql` and `/api/graphql`; the repositories at `/OWNER/NAME.git`.
pub struct FakeGithub {
    server: Server,
    service: Arc<Github>,
}

impl FakeGithub {
    /// Starts a server with a journal of its own.
    pub fn start(settings: Settings) -> Self {
        Self::start_with(settings, Journal::default())
    }

    /// Starts a server that writes to a given journal.
    pub fn start_with(settings: Settings, journal: Journal) -> Self {
        let state = State {
            settings,
            tokens: Tokens::default(),
            requests: 0,
            seen_jwts: HashSet::new(),
            codes: HashMap::new(),
            requested: vec![],
        };
        let service = Arc::new(Github {
            state: Mutex::new(state),
            repositories: Repositories::default(),
        });
        Self {
            server: Server::start(&service, journal),
            service,
        }
    }

    /// `http://127.0.0.1:PORT`, for `GITHUB_API_URL`; add `/api/v3` for an Enterprise Server's.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Where it listens, for a [`crate::tls::Front`] or a [`crate::faults::Line`].
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// What it was asked.
    pub fn journal(&self) -> &Journal {
        &self.server.journal
    }

    /// Gives the next `count` requests that match a canned answer instead of its own.
    pub fn answer_next(&self, matcher: impl Into<Matcher>, count: usize, canned: Canned) {
        self.server.script.add(matcher.into(), count, canned);
    }

    /// Has the next request that matches served, and its answer lost on the way.
    pub fn lose_next(&self, matcher: impl Into<Matcher>) {
        self.server.script.lose(matcher.into());
    }

    /// Keeps the answer to the next request that matches until the hold is dropped.
    pub fn hold_next(&self, matcher: impl Into<Matcher>) -> Hold {
        self.server.script.hold(matcher.into())
    }

    /// Changes what the server knows while it runs: a suspension, a key, the clock.
    pub fn change(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.service.state().settings);
    }

    /// A copy of what the server knows.
    pub fn settings(&self) -> Settings {
        self.service.state().settings.clone()
    }

    /// The bare repository behind `https://HOST/OWNER/NAME.git`, to put something in or see what arrived.
    pub fn repository(&self, owner: &str, name: &str) -> PathBuf {
        self.service.repositories.path(owner, name)
    }

    /// How many tokens are live.
    pub fn live_tokens(&self) -> usize {
        let state = self.service.state();
        state.tokens.count_live(state.settings.now())
    }

    /// Ends a token's life, as its owner might from elsewhere.
    pub fn revoke(&self, token: &str) {
        self.service.state().tokens.revoke(token);
    }

    /// Whether a request with that token would be served now: minted here, not revoked, not expired.
    pub fn is_live(&self, token: &str) -> bool {
        let state = self.service.state();
        state.tokens.live(token, state.settings.now()).is_some()
    }
}

struct State {
    settings: Settings,
    tokens: Tokens,
    /// Counted against the rate limit.
    requests: u32,
    /// Those that exchanges were asked for with.
    seen_jwts: HashSet<String>,
    /// Apps that were confirmed on the website, by the code that the browser was sent back with.
    codes: HashMap<String, website::Pending>,
    /// Apps whose installation an owner was asked for.
    requested: Vec<u64>,
}

struct Github {
    state: Mutex<State>,
    repositories: Repositories,
}

impl Github {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl Service for Github {
    fn name(&self) -> &'static str {
        "github"
    }

    fn answer(&self, request: &Request) -> Canned {
        if let Some(wanted) = Wanted::of(request) {
            let admitted = wanted.admit(&self.state(), request);
            // Not under the lock: git takes its time.
            return match admitted {
                Ok(user) => self.repositories.serve(&wanted, request, &user),
                Err(refusal) => refusal,
            };
        }
        let state = &mut *self.state();
        if let Some(page) = website::page(state, request) {
            return page;
        }
        state.requests += 1;
        if request.header("User-Agent").is_none_or(str::is_empty) {
            return answers::no_user_agent();
        }
        let answer = answers::check_api_version(request).and_then(|()| route(state, request));
        answers::canned(answer.unwrap_or_else(Answer::from), state)
    }
}

fn route(state: &mut State, request: &Request) -> Result<Answer, Refusal> {
    let path = request.path.strip_prefix("/api/v3").unwrap_or(&request.path);
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match (request.method.as_str(), &parts[..]) {
        ("POST", ["app", "installations", id, "access_tokens"]) => mint::mint(state, request, id),
        ("DELETE", ["installation", "token"]) => rest::revoke(state, request),
        ("POST", ["app-manifests", code, "conversions"]) => website::convert(state, code),
        ("GET", ["app"]) => rest::app(state, request),
        ("GET", ["app", "installations"]) => website::installations(state, request),
        ("GET", ["app", "installation-requests"]) => website::requests(state, request),
        ("GET", ["app", "installations", id]) => rest::installation(state, request, id),
        ("DELETE", ["app", "installations", id]) => rest::uninstall(state, request, id),
        ("GET", ["users", login]) => rest::account(state, login),
        ("GET", ["apps", slug]) => rest::public_app(state, slug),
        ("GET", ["installation", "repositories"]) => rest::repositories(state, request),
        ("GET", ["rate_limit"]) => rest::rate_limit(state, request),
        ("GET", ["user"]) => rest::user(state, request),
        ("POST", ["graphql"] | ["api", "graphql"]) => rest::graphql(state, request),
        _ => Err(Refusal::NOT_FOUND),
    }
}
