//! Every request that a fake was sent, in order of arrival, with the status it got.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::script::Matcher;

/// One request and the status of its answer.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Which fake was asked: `infisical` or `github`.
    pub server: &'static str,
    /// Rises by one with every request of the journal.
    pub sequence: usize,
    /// `GET`, `POST`, …
    pub method: String,
    /// The path as it was sent, without the query.
    pub path: String,
    /// The query as it was sent, without the question mark; empty when there was none.
    pub query: String,
    /// Names as they were sent, values whole: a test may want to see a credential here.
    pub headers: Vec<(String, String)>,
    /// The body, whole.
    pub body: Vec<u8>,
    /// The status of the answer.
    pub status: u16,
    /// The client's end of the connection: two requests with the same one shared a connection.
    pub peer: SocketAddr,
}

impl Entry {
    /// The value of the first header of that name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON; `null` when it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// A shared record of requests; a clone is another handle on the same record, so one journal can serve both fakes.
#[derive(Clone, Debug, Default)]
pub struct Journal(Arc<Mutex<Vec<Entry>>>);

impl Journal {
    /// Everything so far. An entry is written before its answer is sent: whoever has the answer finds it here.
    pub fn entries(&self) -> Vec<Entry> {
        self.lock().clone()
    }

    /// The requests that match, e.g. `to("POST /app/installations")`, `to("")` for all.
    pub fn to(&self, matcher: impl Into<Matcher>) -> Vec<Entry> {
        let matcher = matcher.into();
        self.lock()
            .iter()
            .filter(|entry| matcher.matches(&entry.method, &entry.path))
            .cloned()
            .collect()
    }

    /// `METHOD PATH -> STATUS` for each request: a conversation at a glance, without ids and tokens in queries.
    pub fn lines(&self) -> Vec<String> {
        let line = |entry: &Entry| format!("{} {} -> {}", entry.method, entry.path, entry.status);
        self.lock().iter().map(line).collect()
    }

    /// How many connections the requests came over.
    pub fn connections(&self) -> usize {
        let mut peers: Vec<_> = self.lock().iter().map(|entry| (entry.server, entry.peer)).collect();
        peers.sort_unstable();
        peers.dedup();
        peers.len()
    }

    /// Forgets everything so far.
    pub fn clear(&self) {
        self.lock().clear();
    }

    pub(crate) fn write(&self, mut entry: Entry) {
        let mut entries = self.lock();
        entry.sequence = entries.last().map_or(0, |last| last.sequence + 1);
        entries.push(entry);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap()
    }
}
