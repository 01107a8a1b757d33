//! Faults on the way to a server: made in front of a fake, so that it knows nothing of them.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::relay::{listen, pump};

/// A call that the programs make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// The log-in to Infisical.
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

/// A line to a server on which calls can fail.
#[derive(Clone, Debug)]
pub struct Line {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    plans: Vec<Plan>,
    met: usize,
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
        *self.state.lock().unwrap() = State { plans, met: 0 };
    }

    /// How many calls have failed.
    pub fn met(&self) -> usize {
        self.state.lock().unwrap().met
    }
}

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
        let _ = upstream.shutdown(Shutdown::Both);
        forwarded
    });
    let _ = client.shutdown(Shutdown::Both);
    outcome
}

/// A program sends a request in one write, so that what is read at once is one request.
fn forward(
    mut client: &TcpStream,
    mut upstream: &TcpStream,
    state: &Mutex<State>,
    answering: &Mutex<Option<Fault>>,
) -> io::Result<()> {
    let mut chunk = [0; 16 * 1024];
    loop {
        let length = client.read(&mut chunk)?;
        let Some(request) = chunk.get(..length).filter(|request| !request.is_empty()) else {
            return Ok(());
        };
        let fault = {
            let mut state = state.lock().unwrap();
            let plan = state
                .plans
                .iter_mut()
                .find(|plan| plan.count > 0 && plan.call.is(request));
            let fault = plan.map(|plan| {
                plan.count -= 1;
                plan.fault.clone()
            });
            state.met += usize::from(fault.is_some());
            fault
        };
        match fault {
            Some(Fault::Hangup) => return Ok(()),
            // Until the client goes.
            Some(Fault::Silence) => return io::copy(&mut client, &mut io::sink()).map(drop),
            Some(Fault::Answer(bytes)) => return client.write_all(&bytes),
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

fn answer(upstream: &TcpStream, mut client: &TcpStream, fault: &Mutex<Option<Fault>>) -> io::Result<()> {
    let mut chunk = [0; 16 * 1024];
    loop {
        let length = (&mut &*upstream).read(&mut chunk)?;
        let Some(part) = chunk.get(..length).filter(|part| !part.is_empty()) else {
            return pump(upstream, client);
        };
        let head = part
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .map_or(length, |at| at + 4);
        let fault = fault.lock().unwrap().take();
        match fault {
            Some(Fault::CutHead) => client.write_all(part.get(..20).unwrap_or(part))?,
            Some(Fault::CutBody) => client.write_all(part.get(..head).unwrap_or(part))?,
            Some(Fault::Drip) => {
                for byte in part {
                    client.write_all(&[*byte])?;
                    thread::sleep(Duration::from_secs(1));
                }
                continue;
            }
            _ => {
                client.write_all(part)?;
                continue;
            }
        }
        return client.shutdown(Shutdown::Both);
    }
}
