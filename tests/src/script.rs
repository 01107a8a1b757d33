//! Answers that a test puts in a fake's mouth: a proxy's 502, a rate limit, a body that is no JSON.

use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, Sender};

/// Which requests are meant: a method, a piece of the path that starts with a slash, or both: `"POST"`, `"/secrets"`,
/// `"POST /app/installations"`; `""` for every request.
#[derive(Clone, Debug)]
pub struct Matcher {
    method: Option<String>,
    piece_of_path: String,
}

impl From<&str> for Matcher {
    fn from(text: &str) -> Self {
        let (method, path) = match text.split_once(' ') {
            Some((method, path)) => (Some(method.to_owned()), path),
            None if text.is_empty() || text.starts_with('/') => (None, text),
            None => (Some(text.to_owned()), ""),
        };
        Self {
            method,
            piece_of_path: path.to_owned(),
        }
    }
}

impl Matcher {
    pub(crate) fn matches(&self, method: &str, path: &str) -> bool {
        self.method.as_deref().is_none_or(|wanted| wanted == method) && path.contains(&self.piece_of_path)
    }
}

/// An answer sent exactly as it stands; only `Content-Length` is added.
#[derive(Clone, Debug)]
pub struct Canned {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Canned {
    /// That status, no headers, an empty body.
    pub fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// One more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The body as it is.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// A JSON body with its content type.
    #[must_use]
    pub fn json(self, body: &serde_json::Value) -> Self {
        self.header("Content-Type", "application/json; charset=utf-8")
            .body(body.to_string())
    }

    /// An HTML page, as a proxy in front of a server would send.
    pub fn html(status: u16, page: &str) -> Self {
        Self::new(status)
            .header("Content-Type", "text/html; charset=utf-8")
            .body(page)
    }
}

/// The canned answers still to be given, in the order in which they were asked for.
#[derive(Debug, Default)]
pub(crate) struct Script {
    lines: Mutex<Vec<Line>>,
    held: Mutex<Vec<(Matcher, Receiver<()>)>>,
}

/// Keeps one answer back for as long as it lives: what a client does meanwhile can be looked at.
#[derive(Debug)]
#[must_use]
pub struct Hold {
    _sender: Sender<()>,
}

#[derive(Debug)]
struct Line {
    matcher: Matcher,
    left: usize,
    canned: Canned,
    /// Whether the server does what it is asked first.
    is_done_first: bool,
}

impl Script {
    /// Holds the answer to the next request that matches; it is written to the journal all the same.
    pub(crate) fn hold(&self, matcher: Matcher) -> Hold {
        let (sender, receiver) = mpsc::channel();
        self.held.lock().unwrap().push((matcher, receiver));
        Hold { _sender: sender }
    }

    /// Returns when nobody holds the answer to this request.
    pub(crate) fn wait(&self, method: &str, path: &str) {
        let held = {
            let mut held = self.held.lock().unwrap();
            let position = held.iter().position(|(matcher, _)| matcher.matches(method, path));
            position.map(|position| held.remove(position))
        };
        if let Some((_, released)) = held {
            // Nothing is ever sent: it ends with the hold.
            let _ = released.recv();
        }
    }

    pub(crate) fn add(&self, matcher: Matcher, count: usize, canned: Canned) {
        self.lines.lock().unwrap().push(Line {
            matcher,
            left: count,
            canned,
            is_done_first: false,
        });
    }

    /// The next request that matches is served, and its answer is lost: a proxy says that there was none.
    pub(crate) fn lose(&self, matcher: Matcher) {
        self.lines.lock().unwrap().push(Line {
            matcher,
            left: 1,
            canned: Canned::html(504, "<h1>504 Gateway Time-out</h1>"),
            is_done_first: true,
        });
    }

    /// What is answered in the server's place; `answer` is its own.
    pub(crate) fn take(&self, method: &str, path: &str, answer: impl FnOnce() -> Canned) -> Canned {
        let line = {
            let mut lines = self.lines.lock().unwrap();
            let line = lines
                .iter_mut()
                .find(|line| line.left > 0 && line.matcher.matches(method, path));
            line.map(|line| {
                line.left -= 1;
                (line.canned.clone(), line.is_done_first)
            })
        };
        match line {
            None => answer(),
            Some((canned, is_done_first)) => {
                if is_done_first {
                    answer();
                }
                canned
            }
        }
    }
}
