//! A look at the way to a server, part by part: its name, the connection, TLS. No request is sent.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use plumbing::BaseUrl;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs;
use rustls::{ALL_VERSIONS, ClientConfig, DigitallySignedStruct, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::Resolver;
use ureq::unversioned::transport::{ConnectProxyConnector, ConnectionDetails, Connector, NextTimeout, Transport, time};
use ureq::{Agent, Error, Timeout};

use super::names::Names;
use super::proxy::Route;
use super::race::Race;
use super::tls::{Tls, failed, shake_hands};
use super::{CONNECT_TIMEOUT, HttpError};

/// What was found on the way to a server. Where a part fails, there are no later ones.
#[derive(Debug)]
pub struct Sight {
    /// The proxy that leads there, as host and port; the name and the connection are then the proxy's.
    pub proxy: Option<String>,
    /// The addresses that the name leads to.
    pub name: Part<Vec<SocketAddr>>,
    /// Whether something accepts connections there.
    pub connection: Option<Part<()>>,
    /// The protocol that TLS agreed on, such as `TLSv1.3`; nothing for plain `http://`.
    pub tls: Option<Part<String>>,
    /// The server's own certificate in DER (RFC 5280), whether it is trusted or not.
    pub certificate: Option<Vec<u8>>,
    /// How many roots are trusted beside the built-in ones.
    pub extra_roots: usize,
}

/// A part of the way, and how long it took.
#[derive(Debug)]
pub struct Part<T> {
    /// Its outcome.
    pub outcome: Result<T, HttpError>,
    /// Time on this machine's monotonic clock.
    pub took: Duration,
}

/// Looks along the way to `base` with the settings of a client.
pub(super) fn look(config: &Config, route: &Route, tls: &Tls, names: &Names, base: &BaseUrl) -> Sight {
    let mut sight = Sight {
        proxy: None,
        name: Part {
            outcome: Err(HttpError::Answer("it is not a URL".to_owned())),
            took: Duration::ZERO,
        },
        connection: None,
        tls: None,
        certificate: None,
        extra_roots: tls.roots().extra(),
    };
    let Ok(uri) = base.to_string().parse::<Uri>() else {
        return sight;
    };
    let proxy = route.proxy_for(base);
    sight.proxy = proxy.map(|proxy| format!("{}:{}", proxy.host(), proxy.port()));
    let started = Instant::now();
    let looked_up = names.resolve(proxy.map_or(&uri, ureq::Proxy::uri), config, resolve_timeout());
    sight.name = Part {
        outcome: looked_up
            .map(|addresses| addresses.iter().copied().collect())
            .map_err(HttpError::from),
        took: started.elapsed(),
    };
    if sight.name.outcome.is_err() {
        return sight;
    }
    let seen = Arc::new(Mutex::new(Seen::default()));
    let looking = Looking {
        target: uri.clone(),
        started: Instant::now(),
        seen: Arc::clone(&seen),
        tls: tls.clone(),
    };
    let connector = ().chain(ConnectProxyConnector::default()).chain(Race(names.clone())).chain(looking);
    let agent = Agent::with_parts(config.clone(), connector, names.clone());
    let started = Instant::now();
    // Ends in an error in any case: the connector gives the connection to nobody.
    let error = route
        .take(agent.get(uri), base)
        .call()
        .err()
        .map(|error| HttpError::by_way_of(route.named_for(base), error));
    let failed = || error.unwrap_or_else(|| HttpError::Connection("no connection could be made".to_owned()));
    let seen = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
    sight.certificate = seen.certificate;
    let Some(connected) = seen.connected else {
        sight.connection = Some(Part {
            outcome: Err(failed()),
            took: started.elapsed(),
        });
        return sight;
    };
    sight.connection = Some(Part {
        outcome: Ok(()),
        took: connected,
    });
    if base.is_tls() {
        sight.tls = Some(Part {
            outcome: seen.protocol.ok_or_else(failed),
            took: started.elapsed().saturating_sub(connected),
        });
    }
    sight
}

fn resolve_timeout() -> NextTimeout {
    NextTimeout {
        after: time::Duration::from_secs(CONNECT_TIMEOUT.as_secs()),
        reason: Timeout::Resolve,
        per_read: None,
        per_write: None,
    }
}

#[derive(Debug, Default)]
struct Seen {
    connected: Option<Duration>,
    protocol: Option<String>,
    certificate: Option<Vec<u8>>,
}

/// Does the TLS handshake itself, so that what the server shows can be kept.
struct Looking {
    target: Uri,
    started: Instant,
    seen: Arc<Mutex<Seen>>,
    /// The client's; as it is for a proxy, which is not what is looked at.
    tls: Tls,
}

impl fmt::Debug for Looking {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.target.fmt(formatter)
    }
}

impl<In: Transport> Connector<In> for Looking {
    type Out = Box<dyn Transport>;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        let Some(transport) = chained else {
            return Ok(None);
        };
        if details.uri.authority() != self.target.authority() {
            return self.tls.connect(details, Some(transport));
        }
        self.seen().connected = Some(self.started.elapsed());
        if details.needs_tls() {
            let (connection, _) = shake_hands(self.config()?, details, transport)?;
            let version = connection.protocol_version();
            self.seen().protocol = version.and_then(|version| version.as_str()).map(readable);
        }
        Err(Error::ConnectionFailed)
    }
}

impl Looking {
    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The client's own configuration, but that what the server shows is kept.
    fn config(&self) -> Result<Arc<ClientConfig>, Error> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let roots = Arc::new(self.tls.roots().store());
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider))
            .build()
            .map_err(|_| Error::Tls("the roots cannot be used"))?;
        let watching = Watching {
            verifier,
            seen: Arc::clone(&self.seen),
        };
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(ALL_VERSIONS)
            .map_err(failed)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(watching))
            .with_no_client_auth();
        Ok(Arc::new(config))
    }
}

/// rustls spells it `TLSv1_3`.
fn readable(version: &str) -> String {
    version.replace('_', ".")
}

/// Judges as the usual verifier does, and keeps what it was shown.
#[derive(Debug)]
struct Watching {
    verifier: Arc<WebPkiServerVerifier>,
    seen: Arc<Mutex<Seen>>,
}

impl ServerCertVerifier for Watching {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).certificate = Some(end_entity.to_vec());
        self.verifier
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}
