//! An HTTP CONNECT proxy, so that a test can use the real host names and never leave the loopback.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::relay::{listen, pump};

/// A proxy that knows a few targets and refuses every other with 403.
#[derive(Debug)]
pub struct ConnectProxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl ConnectProxy {
    /// Starts a proxy with a table from `host:port`, as a client asks for it, to the address that plays it.
    pub fn start<'a>(table: impl IntoIterator<Item = (&'a str, SocketAddr)>) -> Self {
        let table: BTreeMap<String, SocketAddr> = table.into_iter().map(|(name, to)| (name.to_owned(), to)).collect();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        let address = listen(move |client| {
            // A client that breaks off takes its tunnel with it; there is nobody to tell.
            let _ = tunnel(&client, &table, &log);
        });
        Self { address, asked }
    }

    /// `http://127.0.0.1:PORT`, for `HTTPS_PROXY`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The targets asked for so far, `host:port`, refused ones included.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn tunnel(mut client: &TcpStream, table: &BTreeMap<String, SocketAddr>, log: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut request_line = String::new();
    reader.read_line(&mut request_line)?;
    let mut header = String::new();
    // The head ends with an empty line; a client sends nothing more before it has our answer.
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let target = request_line
        .strip_prefix("CONNECT ")
        .and_then(|rest| rest.split(' ').next())
        .unwrap_or_default();
    log.lock().unwrap().push(target.to_owned());
    // Names of hosts know no case (RFC 4343).
    let Some(&address) = table.get(&target.to_ascii_lowercase()) else {
        return client.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    };
    let upstream = TcpStream::connect(address)?;
    upstream.set_nodelay(true)?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    thread::scope(|scope| {
        scope.spawn(|| pump(&upstream, client));
        pump(client, &upstream)
    })
}
