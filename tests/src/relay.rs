//! Listening on the loopback, and copying from one connection to another.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

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

/// A server that takes what comes first for enough, answers it with these bytes, and hangs up.
pub fn answering(bytes: &[u8]) -> SocketAddr {
    let bytes = bytes.to_vec();
    listen(move |mut client| {
        // A client that has gone wants no answer.
        let _ = client.read(&mut [0; 4096]).and_then(|_| client.write_all(&bytes));
    })
}

/// Copies until the source ends, then passes the end on: the other direction may still be talking.
pub(crate) fn pump(mut from: &TcpStream, mut to: &TcpStream) -> io::Result<()> {
    let copied = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
    copied.map(drop)
}
