//! Listening on the loopback, and copying from one connection to another.

use std::io;
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

/// Copies until the source ends, then passes the end on: the other direction may still be talking.
pub(crate) fn pump(mut from: &TcpStream, mut to: &TcpStream) -> io::Result<()> {
    let copied = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
    copied.map(drop)
}
