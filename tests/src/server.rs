//! The HTTP server under both fakes: it reads a request, asks the script, then the fake, and writes the answer byte for
//! byte, so that header names come out in the case in which the real server wrote them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::journal::{Entry, Journal};
use crate::script::{Canned, Script};

/// A request, read whole.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query as they were sent.
    pub(crate) target: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) peer: SocketAddr,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The credential of the `Bearer` scheme; `None` when the header is missing or of another scheme.
    pub(crate) fn bearer(&self) -> Option<&str> {
        self.credential("Bearer")
    }

    /// The credential of a scheme, whose case does not matter (RFC 9110, section 11.1): octokit sends `bearer`.
    pub(crate) fn credential(&self, scheme: &str) -> Option<&str> {
        let (named, credential) = self.header("Authorization")?.split_once(' ')?;
        named.eq_ignore_ascii_case(scheme).then_some(credential)
    }

    /// A query parameter, percent-decoded.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        value_of(&self.query, name)
    }

    /// A field of a form, as a browser sends it.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        value_of(str::from_utf8(&self.body).ok()?, name)
    }
}

/// A value of `name=value&…`, percent-decoded.
fn value_of(pairs: &str, name: &str) -> Option<String> {
    let mut pairs = pairs.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(key, _)| *key == name)
        .map(|(_, value)| percent_decoded(value))
}

/// What a fake does with a request that no script takes.
pub(crate) trait Service: Send + Sync + 'static {
    /// `infisical` or `github`, for the journal.
    fn name(&self) -> &'static str;
    fn answer(&self, request: &Request) -> Canned;
}

/// A running server; dropped, it stops listening.
pub(crate) struct Server {
    listener: Arc<tiny_http::Server>,
    _nudging: Sender<()>,
    workers: Vec<JoinHandle<()>>,
    pub(crate) script: Arc<Script>,
    pub(crate) journal: Journal,
    pub(crate) address: SocketAddr,
}

/// Requests answered side by side: one for each of the sandbox's bots, and one to spare.
const WORKERS: usize = 4;
/// How long a connection may be left waiting.
const NUDGE_EVERY: Duration = Duration::from_millis(50);

impl Server {
    pub(crate) fn start(service: &Arc<impl Service>, journal: Journal) -> Self {
        let listener = Arc::new(tiny_http::Server::http("127.0.0.1:0").expect("a free port on the loopback"));
        let address = listener.server_addr().to_ip().expect("an IP listener");
        let script = Arc::new(Script::default());
        let workers = (0..WORKERS).map(|_| {
            let (listener, service) = (Arc::clone(&listener), Arc::clone(service));
            let (script, journal) = (Arc::clone(&script), journal.clone());
            thread::spawn(move || {
                // `recv` fails when the server is dropped: that is how the thread ends.
                while let Ok(request) = listener.recv() {
                    serve(request, &*service, &script, &journal);
                }
            })
        });
        let workers = workers.collect();
        Self {
            listener,
            _nudging: nudge(address),
            workers,
            script,
            journal,
            address,
        }
    }
}

/// Opens a connection and closes it, again and again, until the sender is dropped.
///
/// tiny_http counts a thread as idle until it has woken up, so of two connections that come together one may be given to
/// a thread that is not there, and wait until some other connection ends: one that does so at once sets it free.
fn nudge(address: SocketAddr) -> Sender<()> {
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || {
        while ended.recv_timeout(NUDGE_EVERY) == Err(RecvTimeoutError::Timeout) {
            drop(TcpStream::connect(address));
        }
    });
    sender
}

impl Drop for Server {
    fn drop(&mut self) {
        for _ in &self.workers {
            self.listener.unblock();
        }
        for worker in self.workers.drain(..) {
            // A worker that panicked has already said so.
            let _ = worker.join();
        }
    }
}

fn serve(mut incoming: tiny_http::Request, service: &dyn Service, script: &Script, journal: &Journal) {
    let Some(request) = read(&mut incoming) else { return };
    let canned = script.take(&request.method, &request.path, || service.answer(&request));
    journal.write(Entry {
        server: service.name(),
        sequence: 0,
        method: request.method.clone(),
        path: request.path.clone(),
        query: request.query,
        headers: request.headers,
        body: request.body,
        status: canned.status,
        peer: request.peer,
    });
    script.wait(&request.method, &request.path);
    let mut writer = incoming.into_writer();
    // The client may have hung up: its affair, and nobody is left to tell.
    let _ = writer.write_all(&bytes(&canned)).and_then(|()| writer.flush());
}

fn read(incoming: &mut tiny_http::Request) -> Option<Request> {
    let mut body = Vec::new();
    incoming.as_reader().read_to_end(&mut body).ok()?;
    let target = incoming.url().to_owned();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let header = |header: &tiny_http::Header| (header.field.as_str().to_string(), header.value.as_str().to_owned());
    Some(Request {
        method: incoming.method().to_string(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: incoming.headers().iter().map(header).collect(),
        body,
        peer: *incoming.remote_addr()?,
        target,
    })
}

fn bytes(canned: &Canned) -> Vec<u8> {
    let reason = tiny_http::StatusCode(canned.status).default_reason_phrase();
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", canned.status);
    for (name, value) in &canned.headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    // RFC 9110, 8.6: a 204 has no Content-Length.
    if canned.status != 204 {
        let _ = write!(head, "content-length: {}\r\n", canned.body.len());
    }
    head.push_str("\r\n");
    [head.as_bytes(), &canned.body].concat()
}

fn percent_decoded(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).and_then(|hex| str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        rest = after;
        decoded.push(match (first, byte) {
            (b'%', Some(byte)) => {
                rest = &after[2..];
                byte
            }
            (b'+', _) => b' ',
            _ => *first,
        });
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
