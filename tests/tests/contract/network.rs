//! What stands between a program and a fake: TLS, a proxy, a line that breaks; and what a journal and a script do.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tests::faults::{Fault, Line};
use tests::infisical::{FakeInfisical, Settings};
use tests::proxy::ConnectProxy;
use tests::script::Canned;
use tests::tls::{Authority, Front};

use crate::client::{Response, request, send};

const HOST: &str = "app.infisical.com";

fn infisical() -> FakeInfisical {
    FakeInfisical::start(Settings::default())
}

/// `GET /api/status` over TLS on a connection that is already open, trusting `authority` only.
fn status_over_tls(connection: TcpStream, authority: &Authority, path: &str) -> std::io::Result<Response> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(authority.root_pem().as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let session = ClientConnection::new(Arc::new(config), ServerName::try_from(HOST).unwrap()).unwrap();
    let mut stream = StreamOwned::new(session, connection);
    stream.write_all(&request(HOST, "GET", path, &[], None))?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(Response::parse(&answer))
}

#[test]
fn tls_with_the_right_root_and_with_a_wrong_one() {
    let infisical = infisical();
    let authority = Authority::new();
    let front = Front::start(&authority, &[HOST], infisical.address());
    let answer = status_over_tls(TcpStream::connect(front.address()).unwrap(), &authority, "/api/status").unwrap();
    assert_eq!(
        (answer.status, answer.header("access-control-allow-origin")),
        (200, "http://app.infisical.com")
    );
    assert!(
        status_over_tls(
            TcpStream::connect(front.address()).unwrap(),
            &Authority::new(),
            "/api/status"
        )
        .is_err()
    );
    assert_eq!((front.connections(), front.handshakes()), (2, 1));
}

#[test]
fn tls_carries_more_than_one_record_both_ways() {
    let infisical = infisical();
    let authority = Authority::new();
    let front = Front::start(&authority, &[HOST], infisical.address());
    infisical.answer_next("/long", 1, Canned::new(200).body(vec![b'x'; 300_000]));
    let path = format!("/long/{}", "y".repeat(100_000));
    let answer = status_over_tls(TcpStream::connect(front.address()).unwrap(), &authority, &path).unwrap();
    assert_eq!((answer.status, answer.body.len()), (200, 300_000));
    assert_eq!(infisical.journal().entries()[0].path.len(), path.len());
}

#[test]
fn the_proxy_leads_to_what_it_knows() {
    let infisical = infisical();
    let authority = Authority::new();
    let front = Front::start(&authority, &[HOST], infisical.address());
    let proxy = ConnectProxy::start([("app.infisical.com:443", front.address())]);
    let connect = |target: &str| {
        let address: SocketAddr = proxy.url().strip_prefix("http://").unwrap().parse().unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n").unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        (stream, Response::parse(&head).status)
    };
    let (tunnel, status) = connect("app.infisical.com:443");
    assert_eq!(status, 200);
    assert_eq!(status_over_tls(tunnel, &authority, "/api/status").unwrap().status, 200);
    assert_eq!(connect("example.com:443").1, 403);
    assert_eq!(proxy.asked(), ["app.infisical.com:443", "example.com:443"]);
}

#[test]
fn a_line_that_is_cut_ends_without_an_answer() {
    let infisical = infisical();
    let line = Line::before(infisical.address());
    line.fail_next("GET /api/status", 1, Fault::Hangup);
    let mut stream = TcpStream::connect(line.to_string().strip_prefix("http://").unwrap()).unwrap();
    stream
        .write_all(&request("line", "GET", "/api/status", &[], None))
        .unwrap();
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => assert!(answer.is_empty()),
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    assert!(infisical.journal().entries().is_empty());
    assert_eq!(send(&line.to_string(), "GET", "/api/status", &[], None).status, 200);
}

#[test]
fn a_script_runs_out_and_the_journal_has_it_all() {
    let infisical = infisical();
    infisical.answer_next("GET /api", 2, Canned::new(429).header("Retry-After", "1"));
    infisical.answer_next("POST", 1, Canned::html(502, "<html>Bad gateway</html>"));
    let get = || {
        send(
            &infisical.base_url(),
            "GET",
            "/api/status?a=b",
            &[("X-Test", "1")],
            None,
        )
    };
    let statuses = [get().status, get().status, get().status];
    assert_eq!(statuses, [429, 429, 200]);
    assert_eq!(
        send(&infisical.base_url(), "POST", "/api", &[], Some("text")).status,
        502
    );
    let journal = infisical.journal();
    let last_get = "GET /api/status -> 200";
    assert_eq!(journal.lines()[2..], [last_get, "POST /api -> 502"]);
    let entry = &journal.to("GET /api/status")[0];
    assert_eq!(
        (entry.query.as_str(), entry.header("x-test"), entry.sequence),
        ("a=b", Some("1"), 0)
    );
    assert_eq!(journal.to("POST")[0].body, b"text");
    assert_eq!(journal.connections(), 4);
}

#[test]
fn a_connection_kept_alive_is_one_connection() {
    let infisical = infisical();
    let mut stream = TcpStream::connect(infisical.address()).unwrap();
    for _ in 0..2 {
        stream
            .write_all(b"GET /api/status HTTP/1.1\r\nHost: x\r\n\r\n")
            .unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"}") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
    }
    assert_eq!(
        (infisical.journal().entries().len(), infisical.journal().connections()),
        (2, 1)
    );
}
