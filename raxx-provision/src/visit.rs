//! Visits to the one page of this machine: whoever connects has a thread and little time, and keeps nobody else waiting.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// So long a visitor may take to say what is wanted, and to take the answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The largest head of a request, in bytes: browsers send a host's cookies to each of its ports.
const LARGEST_HEAD: usize = 64 * 1024;
/// The most headers of a request.
const MOST_HEADERS: usize = 128;

/// The loopback's port, open.
pub(crate) struct Door {
    listener: TcpListener,
    sender: Sender<Visit>,
    visits: Receiver<Visit>,
}

/// A request, read up to the end of its head.
pub(crate) struct Visit {
    /// Path and query.
    pub(crate) target: String,
    /// What it calls this server: the `Host` headers.
    pub(crate) hosts: Vec<String>,
    line: TcpStream,
}

impl Door {
    /// Listens on that port, or on any that is free for 0.
    ///
    /// # Errors
    /// Where the port cannot be had.
    pub(crate) fn open(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        listener.set_nonblocking(true)?;
        let (sender, visits) = mpsc::channel();
        Ok(Self {
            listener,
            sender,
            visits,
        })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// Those of the system.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The next visit, if one comes within that time.
    pub(crate) fn visit(&self, within: Duration) -> Option<Visit> {
        while let Ok((line, _)) = self.listener.accept() {
            let sender = self.sender.clone();
            // Where there can be no more threads, the visitor has to come again.
            let _ = thread::Builder::new().spawn(move || {
                if let Some(visit) = read(line) {
                    // Where nobody waits any more, the line ends with it.
                    let _ = sender.send(visit);
                }
            });
        }
        self.visits.recv_timeout(within).ok()
    }
}

/// None for what is no request for a page.
fn read(mut line: TcpStream) -> Option<Visit> {
    let started = Instant::now();
    line.set_nonblocking(false).ok()?;
    line.set_read_timeout(Some(PATIENCE)).ok()?;
    line.set_write_timeout(Some(PATIENCE)).ok()?;
    let mut head = vec![];
    while head.len() < LARGEST_HEAD && started.elapsed() < PATIENCE {
        let mut some = [0; 4096];
        let length = line.read(&mut some).ok().filter(|length| *length > 0)?;
        head.extend(some.iter().take(length));
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        if request.parse(&head).ok()?.is_partial() {
            continue;
        }
        let target = request.path.filter(|_| request.method == Some("GET"))?.to_owned();
        let hosts = request
            .headers
            .iter()
            .filter(|header| header.name.eq_ignore_ascii_case("host"));
        let hosts = hosts
            .map(|header| String::from_utf8_lossy(header.value).into_owned())
            .collect();
        return Some(Visit { target, hosts, line });
    }
    None
}

impl Visit {
    /// Leads the browser to another path of this server.
    pub(crate) fn lead_to(self, path: &str) {
        self.answer(&format!("303 See Other\r\nLocation: {path}"), "");
    }

    /// Answers with a page, and hangs up.
    pub(crate) fn answer(mut self, status: &str, words: &str) {
        let page = format!("<!doctype html><meta charset=\"utf-8\"><title>raxx-provision</title>{words}");
        // No form-action in the policy: it would stop a login that GitHub leads through another host.
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\
             Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\nReferrer-Policy: no-referrer\r\n\
             Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n",
            page.len()
        );
        // It fits into the system's own buffer, so that nobody who does not read holds this up; and a browser that is gone has seen enough.
        let _ = self.line.write_all(format!("{head}{page}").as_bytes());
        let _ = self.line.shutdown(Shutdown::Write);
    }
}
