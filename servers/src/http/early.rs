//! Connections that are opened before there is a request to send on them.
//!
//! A fresh mint needs two servers, one after the other: Infisical for the key, then GitHub for the token. Opening the
//! connection to GitHub while the login is under way saves the two round trips of its TCP and TLS handshakes, some
//! 80 ms of 290 where a server is 40 ms away. ureq cannot be asked for that: a connection is opened by a request, and a
//! request to GitHub needs the JWT that is not signed yet. So the connector of a second agent, which belongs to
//! `ureq::unversioned`, keeps the connection and fails the request that asked for it.

use std::fmt;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use plumbing::{BaseUrl, program};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::transport::{ConnectProxyConnector, ConnectionDetails, Connector, Transport};
use ureq::{Agent, Error};

use super::names::Names;
use super::one_write::OneWrite;
use super::proxy::Route;
use super::race::Race;
use super::tls::Tls;

/// A server hangs up on a connection that says nothing, the impatient ones after five seconds (Node's default); one
/// that has waited for longer is not worth the try.
const STALE: Duration = Duration::from_secs(4);

/// What a thread that opens a connection hands over.
type Opened = (Instant, Box<dyn Transport>);

/// Makes the connections of a client: it takes those that were opened early, and opens what is wanted beyond them.
#[derive(Clone, Debug)]
pub(super) struct Connections {
    open: Open,
    early: Arc<Mutex<Vec<Early>>>,
    /// Shared as well: what was looked up for an early connection need not be looked up for a request.
    pub(super) names: Names,
}

/// A connection that is open or being opened; where that fails, the sender goes and `recv` says so.
struct Early {
    origin: Origin,
    connection: Receiver<Opened>,
}

impl Connections {
    pub(super) fn new(tls: Tls) -> Self {
        let names = Names::default();
        Self {
            open: Open(tls, Race(names.clone())),
            early: Arc::default(),
            names,
        }
    }

    /// Opens a connection to a server on a thread of its own. Nothing is sent on it beyond what TLS and a proxy ask for;
    /// a failure is ignored, since the request then connects as usual.
    pub(super) fn open_early(&self, config: &Config, route: &Route, base: &BaseUrl) {
        let Ok(uri) = base.to_string().parse::<Uri>() else {
            return;
        };
        let (sender, connection) = mpsc::channel();
        let origin = Origin::of(&uri);
        let connector = Opening {
            open: self.open.clone(),
            origin: origin.clone(),
            opened: Mutex::new(Some(sender)),
        };
        let agent = Agent::with_parts(config.clone(), connector, self.names.clone());
        // The request never leaves: the connector fails it as soon as its connection stands.
        let request = route.take(agent.get(uri), base);
        let opening = thread::Builder::new().name(program::OPTIONAL.to_owned());
        let opening = opening.spawn(move || request.call());
        if opening.is_ok() {
            self.early().push(Early { origin, connection });
        }
    }

    fn take(&self, origin: &Origin) -> Option<Box<dyn Transport>> {
        let early = {
            let mut early = self.early();
            let position = early.iter().position(|early| early.origin == *origin)?;
            early.remove(position)
        };
        // Waiting is never slower than starting over: this one has a head start.
        let (since, connection) = early.connection.recv().ok()?;
        (since.elapsed() < STALE).then_some(connection)
    }

    fn early(&self) -> std::sync::MutexGuard<'_, Vec<Early>> {
        self.early.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connector for Connections {
    type Out = OneWrite;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<OneWrite>, Error> {
        let connection = match self.take(&Origin::of(details.uri)) {
            Some(connection) => Some(connection),
            None => self.open.connect(details)?,
        };
        Ok(connection.map(|connection| OneWrite::new(connection, details)))
    }
}

impl fmt::Debug for Early {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.origin.fmt(formatter)
    }
}

/// Opens connections: through a proxy where there is one, over TLS where the URL asks for it.
#[derive(Clone, Debug)]
pub(super) struct Open(Tls, Race);

impl Open {
    fn connect(&self, details: &ConnectionDetails<'_>) -> Result<Option<Box<dyn Transport>>, Error> {
        let chain = ().chain(ConnectProxyConnector::default()).chain(self.1.clone()).chain(self.0.clone());
        chain.connect(details, None)
    }
}

/// Opens one connection for somebody else.
#[derive(Debug)]
struct Opening {
    open: Open,
    origin: Origin,
    /// Taken by the first end of the attempt: others may hold this connector for longer, and who waits must not wait for them.
    opened: Mutex<Option<Sender<Opened>>>,
}

impl Connector for Opening {
    type Out = Box<dyn Transport>;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Self::Out>, Error> {
        let connection = self.open.connect(details);
        // A proxy's connection is made through here too, on the way to the one that is wanted.
        if Origin::of(details.uri) != self.origin {
            return connection;
        }
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let (Some(opened), Some(connection)) = (opened, connection?) {
            // Fails where the client is gone already, and the connection with it.
            let _ = opened.send((Instant::now(), connection));
        }
        Err(Error::ConnectionFailed)
    }
}

/// Where a connection leads: all requests to the same scheme and authority can share it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin(Option<String>, Option<String>);

impl Origin {
    fn of(uri: &Uri) -> Self {
        Self(
            uri.scheme_str().map(str::to_owned),
            uri.authority().map(|authority| authority.as_str().to_ascii_lowercase()),
        )
    }
}
