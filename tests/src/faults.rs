//! Faults on the way to a server: made in front of a fake, so that it knows nothing of them.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::relay::listen;

/// A call that the programs make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// The login to Infisical.
    Login,
    /// The fetch of a bot's secrets.
    Fetch,
    /// The exchange of a JWT for a token.
    Exchange,
    /// The revocation of a token.
    Revoke,
    /// The question who the token's bot is.
    Viewer,
}

impl Call {
    /// All of them, with the names that a person gives them and how their requests begin and go on.
    const ALL: [(Self, &'static str, &'static str, &'static str); 5] = [
        (Self::Login, "login", "POST ", "/login"),
        (Self::Fetch, "fetch", "GET ", "/secrets"),
        (Self::Exchange, "exchange", "POST ", "/access_tokens"),
        (Self::Revoke, "revoke", "DELETE ", "/installation/token"),
        (Self::Viewer, "viewer", "POST ", "/graphql"),
    ];

    /// Whether it goes to Infisical; else to GitHub.
    pub fn is_infisicals(self) -> bool {
        matches!(self, Self::Login | Self::Fetch)
    }

    fn is(self, head: &[u8]) -> bool {
        let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        let mut calls = Self::ALL.iter().filter(|(call, ..)| *call == self);
        calls.any(|(_, _, method, path)| line.starts_with(method) && line.contains(path))
    }
}

/// What goes wrong. The names are those that `sandbox --fault` takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Hangs up without a byte.
    Hangup,
    /// Says nothing until the client goes.
    Silence,
    /// The answer, a byte a second.
    Drip,
    /// The server answers, and the line breaks after the head of its answer.
    CutBody,
    /// The server answers, and the line breaks within the head of its answer.
    CutHead,
    /// These bytes, and the end.
    Answer(Vec<u8>),
    /// Bytes for ever, after these.
    Endless(Vec<u8>, Vec<u8>),
}

impl Fault {
    /// A status, with a header where one is given, and a body.
    pub fn status(status: u16, header: &str, body: &[u8]) -> Self {
        let head = format!("HTTP/1.1 {status} X\r\n{header}content-length: {}\r\n\r\n", body.len());
        Self::Answer([head.as_bytes(), body].concat())
    }

    /// A status as a server in trouble gives it.
    fn plain(status: u16) -> Self {
        Self::status(status, "", b"{\"message\":\"a fault of the sandbox\"}")
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let json = |body: &[u8]| Self::status(200, "content-type: application/json\r\n", body);
        Ok(
            match name.split_once(':').map_or((name, ""), |(name, rest)| (name, rest)) {
                ("hangup", "") => Self::Hangup,
                ("silence", "") => Self::Silence,
                ("drip", "") => Self::Drip,
                ("cut-head", "") => Self::CutHead,
                ("cut-body", "") => Self::CutBody,
                ("garbage", "") => Self::Answer(b"SSH-2.0-OpenSSH_9.2p1\r\n".to_vec()),
                ("html", "") => Self::status(200, "content-type: text/html\r\n", b"<title>Sign in</title>"),
                ("empty", "") => json(b""),
                ("shape", "") => json(b"[{\"token\": 5, \"accessToken\": null, \"secrets\": {}}]"),
                ("redirect", "") => Self::status(302, "location: https://elsewhere.invalid/\r\n", b""),
                ("huge", "") => Self::Endless(
                    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n".to_vec(),
                    b"                ".repeat(4096),
                ),
                ("endless-head", "") => {
                    Self::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), b"x-more: of the same\r\n".repeat(512))
                }
                ("busy", after) => Self::status(
                    429,
                    &format!("retry-after: {after}\r\n"),
                    b"{\"message\":\"slow down\"}",
                ),
                (status, "") => {
                    let status = status.parse().ok().filter(|status| (100..=599).contains(status));
                    Self::plain(status.ok_or_else(|| format!("there is no fault “{name}”"))?)
                }
                _ => return Err(format!("there is no fault “{name}”")),
            },
        )
    }
}

/// `CALL=FAULT` or `CALL=FAULTxCOUNT`: the next so many calls of that kind fail; all, where no count is given.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which call.
    pub call: Call,
    /// What goes wrong.
    pub fault: Fault,
    /// How often.
    pub count: usize,
}

impl FromStr for Plan {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (call, fault) = text.split_once('=').ok_or("it is CALL=FAULT, such as login=503x2")?;
        let named = Call::ALL.iter().find(|(_, name, ..)| *name == call);
        let (call, ..) = named.ok_or_else(|| {
            let all = Call::ALL.map(|(_, name, ..)| name).join(", ");
            format!("there is no call “{call}”, but {all}")
        })?;
        let counted = fault
            .rsplit_once('x')
            .and_then(|(fault, count)| Some((fault, count.parse().ok()?)));
        let (fault, count) = counted.unwrap_or((fault, usize::MAX));
        Ok(Self {
            call: *call,
            fault: fault.parse()?,
            count,
        })
    }
}

/// A line to a server on which calls can fail: between its own loopback port and the server's bytes are copied both ways.
///
/// tiny_http cannot hang up on a client that wants to keep its connection, and a broken network is not a thing that a server
/// answers anyway: so the fault is made here, in front of a fake.
#[derive(Clone, Debug)]
pub struct Line {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    planned: Vec<Planned>,
    met: usize,
}

#[derive(Debug)]
struct Planned {
    requests: Requests,
    fault: Fault,
    count: usize,
}

/// Which requests are meant.
#[derive(Debug)]
enum Requests {
    Of(Call),
    /// What their bytes start with, which need not be HTTP.
    StartingWith(String),
}

impl Requests {
    fn are(&self, request: &[u8]) -> bool {
        match self {
            Self::Of(call) => call.is(request),
            Self::StartingWith(start) => request.starts_with(start.as_bytes()),
        }
    }
}

impl Line {
    /// In front of a loopback server.
    pub fn before(server: SocketAddr) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let address = listen(move |client| {
            // Whichever end goes first, the other is left alone.
            let _ = serve(&client, server, &shared);
        });
        Self { address, state }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets calls fail from now on, and forgets what was planned and met before.
    pub fn plan(&self, plans: Vec<Plan>) {
        let planned = plans.into_iter().map(|Plan { call, fault, count }| Planned {
            requests: Requests::Of(call),
            fault,
            count,
        });
        *self.state.lock().unwrap() = State {
            planned: planned.collect(),
            met: 0,
        };
    }

    /// Lets the next `count` requests fail that start with `start` (`"GET /api/v3"`, or `""` for any).
    pub fn fail_next(&self, start: &str, count: usize, fault: Fault) {
        self.state.lock().unwrap().planned.push(Planned {
            requests: Requests::StartingWith(start.to_owned()),
            fault,
            count,
        });
    }

    /// How many calls have failed.
    pub fn met(&self) -> usize {
        self.state.lock().unwrap().met
    }
}

/// Its base URL.
impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "http://{}", self.address)
    }
}

fn serve(client: &TcpStream, server: SocketAddr, state: &Mutex<State>) -> io::Result<()> {
    let upstream = TcpStream::connect(server)?;
    upstream.set_nodelay(true)?;
    let answering = Mutex::new(None);
    let outcome = thread::scope(|scope| {
        scope.spawn(|| answer(&upstream, client, &answering));
        let forwarded = forward(client, &upstream, state, &answering);
        // The server may still be talking to a client that has said all; behind a fault nobody is.
        let rest = if matches!(forwarded, Ok(End::OfClient)) {
            Shutdown::Write
        } else {
            Shutdown::Both
        };
        let _ = upstream.shutdown(rest);
        forwarded
    });
    let _ = client.shutdown(Shutdown::Both);
    outcome.map(drop)
}

/// Why no more is forwarded.
enum End {
    OfClient,
    ByFault,
}

/// A program sends a request in one write, so that what is read at once is one request.
fn forward(
    mut client: &TcpStream,
    mut upstream: &TcpStream,
    state: &Mutex<State>,
    answering: &Mutex<Option<Fault>>,
) -> io::Result<End> {
    let mut chunk = [0; 16 * 1024];
    loop {
        let length = client.read(&mut chunk)?;
        let Some(request) = chunk.get(..length).filter(|request| !request.is_empty()) else {
            return Ok(End::OfClient);
        };
        let fault = {
            let mut state = state.lock().unwrap();
            let mut planned = state.planned.iter_mut();
            let planned = planned.find(|planned| planned.count > 0 && planned.requests.are(request));
            let fault = planned.map(|planned| {
                planned.count -= 1;
                planned.fault.clone()
            });
            state.met += usize::from(fault.is_some());
            fault
        };
        match fault {
            Some(Fault::Hangup) => return Ok(End::ByFault),
            Some(Fault::Silence) => {
                // Until the client goes.
                io::copy(&mut client, &mut io::sink())?;
                return Ok(End::ByFault);
            }
            Some(Fault::Answer(bytes)) => {
                client.write_all(&bytes)?;
                return Ok(End::ByFault);
            }
            Some(Fault::Endless(first, more)) => {
                client.write_all(&first)?;
                loop {
                    client.write_all(&more)?;
                }
            }
            fault => {
                *answering.lock().unwrap() = fault;
                upstream.write_all(request)?;
            }
        }
    }
}

fn answer(mut upstream: &TcpStream, mut client: &TcpStream, fault: &Mutex<Option<Fault>>) -> io::Result<()> {
    let mut chunk = [0; 16 * 1024];
    loop {
        let length = upstream.read(&mut chunk)?;
        let mut part = chunk.get(..length).unwrap_or_default().to_vec();
        if part.is_empty() {
            return client.shutdown(Shutdown::Write);
        }
        let fault = fault.lock().unwrap().take();
        let Some(fault) = fault else {
            client.write_all(&part)?;
            continue;
        };
        let head = loop {
            if let Some(at) = part.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            let length = upstream.read(&mut chunk)?;
            if length == 0 {
                break part.len();
            }
            part.extend_from_slice(chunk.get(..length).unwrap_or_default());
        };
        match fault {
            Fault::Drip => {
                for byte in part {
                    client.write_all(&[byte])?;
                    thread::sleep(Duration::from_secs(1));
                }
                continue;
            }
            Fault::CutHead => client.write_all(part.get(..20).unwrap_or(&part))?,
            _ => client.write_all(part.get(..head).unwrap_or(&part))?,
        }
        let _ = upstream.shutdown(Shutdown::Both);
        return client.shutdown(Shutdown::Both);
    }
}
