//! An HTTP client that adds nothing of its own: what a test writes is what goes over the wire.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn message(&self) -> String {
        self.json()["message"].as_str().unwrap().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let header = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        header.map_or("", |(_, value)| value)
    }

    /// Reads a whole answer; only the head and the body, framed by the end of the connection.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let end = bytes
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .expect("a whole head");
        let head = str::from_utf8(&bytes[..end]).unwrap();
        let (status_line, headers) = head.split_once("\r\n").unwrap_or((head, ""));
        let pair = |line: &str| {
            line.split_once(": ")
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .unwrap()
        };
        Self {
            status: status_line.split(' ').nth(1).unwrap().parse().unwrap(),
            headers: headers
                .split("\r\n")
                .filter(|line| !line.is_empty())
                .map(pair)
                .collect(),
            body: bytes[end + 4..].to_vec(),
        }
    }
}

/// Sends a request to `base` (`http://127.0.0.1:PORT`) and reads until the server hangs up.
pub(crate) fn send(base: &str, method: &str, target: &str, headers: &[(&str, &str)], body: Option<&str>) -> Response {
    let address = base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .write_all(&request(address, method, target, headers, body))
        .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    Response::parse(&answer)
}

/// The bytes of a request after which the server is to hang up.
pub(crate) fn request(host: &str, method: &str, target: &str, headers: &[(&str, &str)], body: Option<&str>) -> Vec<u8> {
    let mut text = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers {
        write!(text, "{name}: {value}\r\n").unwrap();
    }
    if let Some(body) = body {
        write!(text, "Content-Length: {}\r\n", body.len()).unwrap();
    }
    write!(text, "\r\n{}", body.unwrap_or_default()).unwrap();
    text.into_bytes()
}
