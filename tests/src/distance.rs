//! A network between a client and a server of this machine: every byte takes its time.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::relay::listen;

/// Starts a relay before a loopback server, through which a round trip takes `round_trip`, and says where it listens.
///
/// The kernel answers a TCP handshake at once, so its round trip is charged before the first byte is read. Bytes under
/// way do not wait for one another, as on a real line.
pub fn before(server: SocketAddr, round_trip: Duration) -> SocketAddr {
    let one_way = round_trip / 2;
    listen(move |client| {
        thread::sleep(round_trip);
        if let Ok(upstream) = TcpStream::connect(server) {
            let _ = upstream.set_nodelay(true);
            thread::scope(|scope| {
                scope.spawn(|| carry(&upstream, &client, one_way));
                carry(&client, &upstream, one_way);
            });
        }
    })
}

/// Copies until the source ends, each chunk and the end itself late by as much.
fn carry(mut from: &TcpStream, mut to: &TcpStream, late: Duration) {
    let (sender, under_way) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::scope(|scope| {
        scope.spawn(move || {
            for (due, chunk) in under_way {
                thread::sleep(due.saturating_duration_since(Instant::now()));
                if chunk.is_empty() || to.write_all(&chunk).is_err() {
                    break;
                }
            }
            let _ = to.shutdown(Shutdown::Write);
        });
        let mut chunk = vec![0; 16 * 1024];
        loop {
            // A connection that breaks ends as one that is closed.
            let length = from.read(&mut chunk).unwrap_or(0);
            let arrived = sender.send((Instant::now() + late, chunk[..length].to_vec()));
            if length == 0 || arrived.is_err() {
                break;
            }
        }
    });
}
