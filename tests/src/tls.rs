//! TLS in front of a fake, with certificates made at run time.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, date_time_ymd,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection};

use crate::relay::listen;

/// A certificate authority of the test's own.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    root_pem: String,
    first_day: Option<Date>,
    last_day: Option<Date>,
    flaw: Option<Flaw>,
}

/// What is wrong with a server's TLS beside its days and names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Its certificate is for a client, not for a server.
    ForClients,
    /// Its certificate is one of an authority.
    Authoritys,
    /// It wants to see a certificate of the client's (mutual TLS).
    WantsClientCertificate,
}

impl Authority {
    /// A new authority with a new key.
    pub fn new() -> Self {
        let mut params = CertificateParams::new([]).expect("no names, none wrong");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "raxx-mint test authority");
        let key = KeyPair::generate().expect("a new key");
        let root_pem = params.self_signed(&key).expect("a root certificate").pem();
        Self {
            issuer: Issuer::new(params, key),
            root_pem,
            first_day: None,
            last_day: None,
            flaw: None,
        }
    }

    /// Whose certificates begin when that day does, UTC.
    #[must_use]
    pub fn from(self, day: Date) -> Self {
        Self {
            first_day: Some(day),
            ..self
        }
    }

    /// Whose servers have that flaw.
    #[must_use]
    pub fn with(self, flaw: Flaw) -> Self {
        Self {
            flaw: Some(flaw),
            ..self
        }
    }

    /// Whose certificates end when that day begins, UTC.
    #[must_use]
    pub fn until(self, day: Date) -> Self {
        Self {
            last_day: Some(day),
            ..self
        }
    }

    /// The root certificate, for a file that `SSL_CERT_FILE` names.
    pub fn root_pem(&self) -> &str {
        &self.root_pem
    }

    fn server_config(&self, names: &[&str]) -> ServerConfig {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate().expect("a new key");
        let mut params = CertificateParams::new(names).expect("host names");
        let part = |number: i8| u8::try_from(number).expect("a month or a day");
        let begin = |day: Date| date_time_ymd(day.year().into(), part(day.month()), part(day.day()));
        if let Some(day) = self.first_day {
            params.not_before = begin(day);
        }
        // As servers have it: rcgen's own is in the year 4096.
        let in_a_year = || {
            Offset::UTC
                .to_datetime(Timestamp::now())
                .date()
                .saturating_add(1.year())
        };
        params.not_after = begin(self.last_day.unwrap_or_else(in_a_year));
        match self.flaw {
            Some(Flaw::ForClients) => params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth],
            Some(Flaw::Authoritys) => params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
            Some(Flaw::WantsClientCertificate) | None => {}
        }
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("TLS 1.2 and 1.3");
        let builder = if self.flaw == Some(Flaw::WantsClientCertificate) {
            let mut roots = RootCertStore::empty();
            let root = CertificateDer::from_pem_slice(self.root_pem.as_bytes()).expect("a root");
            roots.add(root).expect("a root");
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.expect("roots"))
        } else {
            builder.with_no_client_auth()
        };
        builder
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )
            .expect("a key that belongs to its certificate")
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

/// Ends TLS on a loopback port and passes the bytes on to a plain one.
#[derive(Debug)]
pub struct Front {
    address: SocketAddr,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    connections: AtomicUsize,
    handshakes: AtomicUsize,
    records: AtomicUsize,
}

impl Front {
    /// Starts a front for those host names (or addresses) before a plain server.
    pub fn start(authority: &Authority, names: &[&str], plain: SocketAddr) -> Self {
        let config = Arc::new(authority.server_config(names));
        let counts = Arc::new(Counts::default());
        let shared = Arc::clone(&counts);
        let address = listen(move |client| {
            shared.connections.fetch_add(1, Ordering::Relaxed);
            let session = ServerConnection::new(Arc::clone(&config)).expect("a server configuration");
            // A client that does not like the certificate breaks off here: that is its business, and the counts tell.
            let _ = terminate(&client, session, plain, &shared);
            let _ = client.shutdown(Shutdown::Both);
        });
        Self { address, counts }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many clients connected.
    pub fn connections(&self) -> usize {
        self.counts.connections.load(Ordering::Relaxed)
    }

    /// How many TLS handshakes were finished.
    pub fn handshakes(&self) -> usize {
        self.counts.handshakes.load(Ordering::Relaxed)
    }

    /// How many protected TLS records clients sent: one for each write of theirs, and one for the end of a handshake.
    pub fn records(&self) -> usize {
        self.counts.records.load(Ordering::Relaxed)
    }
}

/// One connection. One thread reads the client, one the server; the session is locked only while it turns bytes into
/// other bytes, never while a socket blocks.
fn terminate(client: &TcpStream, mut session: ServerConnection, plain: SocketAddr, counts: &Counts) -> io::Result<()> {
    let mut counted = Counted {
        stream: client,
        counts,
        header: vec![],
        left: 0,
    };
    while session.is_handshaking() {
        session.complete_io(&mut counted)?;
    }
    counts.handshakes.fetch_add(1, Ordering::Relaxed);
    let upstream = TcpStream::connect(plain)?;
    upstream.set_nodelay(true)?;
    let session = Mutex::new(session);
    thread::scope(|scope| {
        scope.spawn(|| encrypt(&upstream, client, &session));
        let decrypted = decrypt(&mut counted, &upstream, &session);
        let _ = upstream.shutdown(Shutdown::Write);
        decrypted
    })
}

/// A client's end that counts what it reads: five bytes of header, then as many as the last two of them say (RFC 8446,
/// section 5.1).
struct Counted<'a> {
    stream: &'a TcpStream,
    counts: &'a Counts,
    header: Vec<u8>,
    left: usize,
}

/// The outer type of every record that is protected.
const APPLICATION_DATA: u8 = 23;

impl Counted<'_> {
    fn see(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let wanted = if self.left > 0 {
                self.left
            } else {
                5 - self.header.len()
            };
            let (seen, rest) = bytes.split_at(wanted.min(bytes.len()));
            bytes = rest;
            if self.left > 0 {
                self.left -= seen.len();
                continue;
            }
            self.header.extend(seen);
            if let [kind, _, _, high, low] = self.header[..] {
                self.left = usize::from(u16::from_be_bytes([high, low]));
                self.header.clear();
                let protected = usize::from(kind == APPLICATION_DATA);
                self.counts.records.fetch_add(protected, Ordering::Relaxed);
            }
        }
    }
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.stream.read(buffer)?;
        self.see(&buffer[..length]);
        Ok(length)
    }
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

fn decrypt(client: &mut Counted<'_>, mut upstream: &TcpStream, session: &Mutex<ServerConnection>) -> io::Result<()> {
    let mut sealed = [0; 16 * 1024];
    // A client may send its request along with the end of the handshake: it is inside already, before the first read.
    let mut length = 0;
    loop {
        let mut rest = &sealed[..length];
        loop {
            let (plain, closed) = opened(&mut session.lock().unwrap(), &mut rest)?;
            upstream.write_all(&plain)?;
            if closed {
                return Ok(());
            }
            if rest.is_empty() {
                break;
            }
        }
        flush(client.stream, session)?;
        length = client.read(&mut sealed)?;
        if length == 0 {
            return Ok(());
        }
    }
}

/// Takes in as many sealed bytes as the session has room for; the plain bytes, and whether the client said goodbye.
fn opened(session: &mut ServerConnection, sealed: &mut &[u8]) -> io::Result<(Vec<u8>, bool)> {
    if !sealed.is_empty() {
        session.read_tls(sealed)?;
    }
    let state = session.process_new_packets().map_err(io::Error::other)?;
    let mut plain = vec![0; state.plaintext_bytes_to_read()];
    session.reader().read_exact(&mut plain)?;
    Ok((plain, state.peer_has_closed()))
}

fn encrypt(mut upstream: &TcpStream, client: &TcpStream, session: &Mutex<ServerConnection>) -> io::Result<()> {
    let mut chunk = [0; 16 * 1024];
    loop {
        let length = upstream.read(&mut chunk)?;
        if length == 0 {
            session.lock().unwrap().send_close_notify();
            flush(client, session)?;
            return client.shutdown(Shutdown::Write);
        }
        session.lock().unwrap().writer().write_all(&chunk[..length])?;
        flush(client, session)?;
    }
}

/// Sends what the session has to say. Records must leave in the order in which they were sealed, so the lock is held
/// across the write; the client always reads, it is what it waits for.
fn flush(mut client: &TcpStream, session: &Mutex<ServerConnection>) -> io::Result<()> {
    let mut session = session.lock().unwrap();
    while session.wants_write() {
        session.write_tls(&mut client)?;
    }
    Ok(())
}
