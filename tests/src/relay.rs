//! A line between a client and a server that can be cut: for connections that end without an answer.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// Copies bytes both ways between its own loopback port and a server's, until told to cut.
///
/// tiny_http cannot hang up on a client that wants to keep its connection, and a broken network is not a thing that a
/// server answers anyway: so the fault is made here, in front of a fake.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    cuts: Arc<Cuts>,
}

/// What is still to be cut: how the requests start, and how many of them.
#[derive(Debug, Default)]
struct Cuts {
    requests: Mutex<Vec<(String, usize)>>,
    bodies: Mutex<Vec<(String, usize)>>,
}

impl Relay {
    /// Starts a relay in front of a loopback server.
    pub fn before(server: SocketAddr) -> Self {
        let cuts = Arc::new(Cuts::default());
        let shared = Arc::clone(&cuts);
        let address = listen(move |client| {
            if let Ok(upstream) = TcpStream::connect(server) {
                let _ = relay(&client, &upstream, &shared);
            }
        });
        Self { address, cuts }
    }

    /// Hangs up, without a byte of answer, on the next `count` requests that start with `start` (`"GET /api/v3"`, or
    /// `""` for any).
    pub fn cut_next(&self, start: &str, count: usize) {
        self.cuts.requests.lock().unwrap().push((start.to_owned(), count));
    }

    /// Hangs up after the head of the answer, before a byte of its body, on the next `count` requests that start so.
    pub fn cut_body_of_next(&self, start: &str, count: usize) {
        self.cuts.bodies.lock().unwrap().push((start.to_owned(), count));
    }

    /// `http://127.0.0.1:PORT`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// Accepts connections on a fresh loopback port for as long as the process lives, each on a thread of its own.
pub(crate) fn listen(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port on the loopback");
    let address = listener.local_addr().expect("a bound port");
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            // Small messages both ways: waiting to fill a segment would only add 40 ms to each.
            let _ = client.set_nodelay(true);
            thread::spawn(move || serve(client));
        }
    });
    address
}

/// Copies until the source ends, then passes the end on: the other direction may still be talking.
pub(crate) fn pump(mut from: &TcpStream, mut to: &TcpStream) -> io::Result<()> {
    let copied = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
    copied.map(drop)
}

fn relay(client: &TcpStream, upstream: &TcpStream, cuts: &Cuts) -> io::Result<()> {
    upstream.set_nodelay(true)?;
    let behead = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| answer(upstream, client, &behead));
        let forwarded = forward(client, upstream, cuts, &behead);
        let _ = upstream.shutdown(Shutdown::Write);
        forwarded
    })
}

fn forward(mut client: &TcpStream, mut upstream: &TcpStream, cuts: &Cuts, behead: &AtomicBool) -> io::Result<()> {
    let mut chunk = [0; 16 * 1024];
    loop {
        let length = client.read(&mut chunk)?;
        if length == 0 {
            return Ok(());
        }
        if is_cut(&chunk[..length], &cuts.requests) {
            let _ = upstream.shutdown(Shutdown::Both);
            return client.shutdown(Shutdown::Both);
        }
        if is_cut(&chunk[..length], &cuts.bodies) {
            behead.store(true, Ordering::SeqCst);
        }
        upstream.write_all(&chunk[..length])?;
    }
}

fn answer(mut upstream: &TcpStream, mut client: &TcpStream, behead: &AtomicBool) -> io::Result<()> {
    let mut head = vec![];
    let mut chunk = [0; 16 * 1024];
    loop {
        let length = upstream.read(&mut chunk)?;
        if length == 0 {
            return client.shutdown(Shutdown::Write);
        }
        if !behead.load(Ordering::SeqCst) {
            client.write_all(&chunk[..length])?;
            continue;
        }
        head.extend_from_slice(&chunk[..length]);
        if let Some(end) = head.windows(4).position(|four| four == b"\r\n\r\n") {
            client.write_all(&head[..end + 4])?;
            let _ = upstream.shutdown(Shutdown::Both);
            return client.shutdown(Shutdown::Both);
        }
    }
}

fn is_cut(chunk: &[u8], cuts: &Mutex<Vec<(String, usize)>>) -> bool {
    let mut cuts = cuts.lock().unwrap();
    let cut = cuts
        .iter_mut()
        .find(|(start, left)| *left > 0 && chunk.starts_with(start.as_bytes()));
    cut.map(|(_, left)| *left -= 1).is_some()
}
