//! A fake Infisical: Universal Auth, secrets, sessions; as old servers answer, as new ones do, and as one might that has
//! dropped the old routes.
//!
//! Sources: the recordings in `tests/recordings/infisical` (a self-hosted server of mid-2024) for [`Era::Old`], those in
//! `tests/recordings/infisical-2026` (a server of July 2026) for [`Era::New`].

mod answers;
mod cloudflare;
mod identities;
mod login;
mod membership;
mod projects;
mod secrets;
mod sessions;
mod settings;
mod writes;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

pub use settings::{Cloudflare, Era, Folder, Identity, IdentityState, Reading, Secret, Settings};

use crate::journal::Journal;
use crate::script::{Canned, Hold, Matcher};
use crate::server::{Request, Server, Service};
use answers::Refusal;
use sessions::Sessions;

/// A fake Infisical on a loopback port; dropped, it is gone.
pub struct FakeInfisical {
    server: Server,
    service: Arc<Infisical>,
}

impl FakeInfisical {
    /// Starts a server with a journal of its own.
    pub fn start(settings: Settings) -> Self {
        Self::start_with(settings, Journal::default())
    }

    /// Starts a server that writes to a given journal, so that one journal can tell a whole chain's story.
    pub fn start_with(settings: Settings, journal: Journal) -> Self {
        let state = State {
            settings,
            sessions: Sessions::default(),
        };
        let service = Arc::new(Infisical(Mutex::new(state)));
        Self {
            server: Server::start(&service, journal),
            service,
        }
    }

    /// `http://127.0.0.1:PORT`.
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

    /// Changes what the server knows while it runs: an identity's state, a folder, the era.
    pub fn change(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.service.state().settings);
    }

    /// A copy of what the server knows.
    pub fn settings(&self) -> Settings {
        self.service.state().settings.clone()
    }

    /// The access token of a new session of the first identity, for what starts after the login.
    pub fn open_session(&self) -> String {
        let State { settings, sessions } = &mut *self.service.state();
        sessions.open(&settings.identities[0], settings.session_lifetime)
    }

    /// The access token of a new session of that identity, which becomes one of the server's.
    pub fn open_session_of(&self, identity: Identity) -> String {
        let State { settings, sessions } = &mut *self.service.state();
        let token = sessions.open(&identity, settings.session_lifetime);
        settings.identities.push(identity);
        token
    }

    /// Lets every session that is open now count as expired.
    pub fn expire_sessions(&self) {
        self.service.state().sessions.expire_all();
    }

    /// Revokes every session that is open now.
    pub fn revoke_sessions(&self) {
        self.service.state().sessions.revoke_all();
    }
}

struct State {
    settings: Settings,
    sessions: Sessions,
}

impl State {
    /// Whose session a request uses, if it may be used now.
    fn caller(&self, request: &Request) -> Result<&Identity, Refusal> {
        let client_id = self.sessions.used(request.bearer().ok_or(Refusal::TokenMissing)?)?;
        let mut identities = self.settings.identities.iter();
        let caller = identities.find(|identity| identity.client_id == client_id);
        let caller = caller.ok_or(Refusal::BadSignature)?;
        match caller.state {
            IdentityState::SessionAddressNotAllowed => Err(Refusal::AddressNotAllowed),
            IdentityState::Inactive => Err(Refusal::Unauthorized("Identity organization membership is inactive")),
            IdentityState::SecretRevokedMeanwhile => Err(Refusal::Unauthorized(
                "Failed to authorize: client secret has been revoked",
            )),
            _ => Ok(caller),
        }
    }

    /// The same for a project, which must be there and open to them.
    fn member(&self, request: &Request, project: &str) -> Result<&Identity, Refusal> {
        let caller = self.caller(request)?;
        if project != self.settings.project_id {
            return Err(Refusal::NoProject(project.to_owned()));
        }
        if caller.state == IdentityState::NotInProject {
            return Err(Refusal::NotInProject(
                if caller.is_person { "user" } else { "identity" },
                project.to_owned(),
            ));
        }
        Ok(caller)
    }
}

struct Infisical(Mutex<State>);

impl Infisical {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl Service for Infisical {
    fn name(&self) -> &'static str {
        "infisical"
    }

    fn answer(&self, request: &Request) -> Canned {
        let state = &mut *self.state();
        if let Some(refused) = cloudflare::check(&state.settings.cloudflare, request) {
            return refused;
        }
        let era = state.settings.era;
        let body = route(state, request);
        match body {
            Ok(body) => answers::json(request, era, 200, &body),
            Err(refusal) => refusal.answer(era, request),
        }
    }
}

fn route(state: &mut State, request: &Request) -> Result<serde_json::Value, Refusal> {
    let era = state.settings.era;
    if let (Era::New | Era::Future, Some(answer)) = (era, writes::answer(state, request)) {
        return answer;
    }
    match (request.method.as_str(), request.path.as_str()) {
        ("POST", "/api/v1/auth/universal-auth/login") => login::log_in(state, request),
        ("POST", "/api/v1/auth/token/renew") => login::renew(state, request),
        ("POST", "/api/v1/auth/token/revoke") => login::revoke(state, request),
        ("GET", "/api/status") => Ok(answers::status(era)),
        ("GET", "/api/v3/secrets/raw") if era != Era::Future => secrets::list(state, request, "workspaceId"),
        ("GET", "/api/v4/secrets") if era != Era::Old => secrets::list(state, request, "projectId"),
        ("GET", path) if membership::is_asked_for(path, era) => membership::get(state, request),
        ("GET", path) if projects::is_asked_for(path, era) => projects::get(state, request),
        ("GET", path) if era != Era::Future => match path.strip_prefix("/api/v3/secrets/raw/") {
            Some(key) => secrets::single(state, request, key),
            None => Err(Refusal::no_route(request)),
        },
        _ => Err(Refusal::no_route(request)),
    }
}
