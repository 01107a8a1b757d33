//! TLS to servers and proxies. Its configuration is made once, for all connections of a client.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::crypto::aws_lc_rs;
use rustls::{ALL_VERSIONS, ClientConfig, ClientConnection, StreamOwned};
use rustls_pki_types::ServerName;
use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport, TransportAdapter, time,
};

use super::HttpError;
use super::proxy_error::TLS_WITH_PROXY;
use super::roots::Roots;

/// Nothing at all would mean no limit.
const SHORTEST: Duration = Duration::from_millis(1);

/// Adds TLS to connections whose URL is `https://`.
///
/// ureq has one of its own, which reads the roots again in each thread that connects first, and which takes a tunnel
/// through an `https://` proxy for TLS to the server behind it.
#[derive(Clone)]
pub(super) struct Tls {
    roots: Roots,
    config: Arc<Mutex<Option<Arc<ClientConfig>>>>,
    /// Host and port of the proxy: what is wrong with its TLS is not the server's.
    proxy: Option<Arc<str>>,
}

impl Tls {
    pub(super) fn new(roots: Roots, proxy: Option<String>) -> Self {
        Self {
            roots,
            config: Arc::default(),
            proxy: proxy.map(Arc::from),
        }
    }

    pub(super) const fn roots(&self) -> &Roots {
        &self.roots
    }

    fn config(&self) -> Result<Arc<ClientConfig>, Error> {
        // Held while it is made: a second thread that connects waits for it rather than making another.
        let mut config = self.config.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = &*config {
            return Ok(Arc::clone(config));
        }
        let made = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(ALL_VERSIONS)
            .map_err(failed)?
            .with_root_certificates(self.roots.store())
            .with_no_client_auth();
        Ok(Arc::clone(config.insert(Arc::new(made))))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Tls")
    }
}

impl<In: Transport> Connector<In> for Tls {
    type Out = Box<dyn Transport>;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        let Some(transport) = chained else {
            return Ok(None);
        };
        if !details.needs_tls() {
            return Ok(Some(transport.boxed()));
        }
        let shaken = shake_hands(self.config()?, details, transport);
        let is_proxy = self
            .proxy
            .as_deref()
            .is_some_and(|proxy| details.uri.authority().is_some_and(|own| own == proxy));
        let (connection, wire) = shaken.map_err(|error| if is_proxy { of_proxy(error) } else { error })?;
        Ok(Some(Box::new(TlsTransport {
            stream: StreamOwned::new(connection, wire),
            buffers: LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size()),
        })))
    }
}

/// The TLS handshake, to its end.
pub(super) fn shake_hands(
    config: Arc<ClientConfig>,
    details: &ConnectionDetails<'_>,
    transport: impl Transport,
) -> Result<(ClientConnection, TransportAdapter), Error> {
    let mut connection = ClientConnection::new(config, server_name(details)?).map_err(failed)?;
    let mut wire = TransportAdapter::new(transport.boxed(), details.current_time.clone());
    wire.set_timeout(remaining(details));
    connection.complete_io(&mut wire)?;
    Ok((connection, wire))
}

/// What is left of the time to connect in, of which TCP has taken its part.
fn remaining(details: &ConnectionDetails<'_>) -> NextTimeout {
    let mut timeout = details.timeout;
    if let (time::Instant::Exact(began), time::Instant::Exact(now)) = (details.now, (details.current_time)()) {
        let passed = now.saturating_duration_since(began);
        timeout.after = timeout.after.saturating_sub(passed).max(SHORTEST).into();
    }
    timeout
}

/// As rustls's own I/O does it, so that one place reads what went wrong.
pub(super) fn failed(error: rustls::Error) -> Error {
    Error::Io(io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Marks an error about TLS as the proxy's.
fn of_proxy(error: Error) -> Error {
    match HttpError::from(error) {
        HttpError::Tls(why) => Error::ConnectProxyFailed(
            format!("{TLS_WITH_PROXY}{why}")
                .replace("the server's", "its")
                .replace("the server", "it"),
        ),
        other => Error::ConnectProxyFailed(format!("{TLS_WITH_PROXY}{other}")),
    }
}

fn server_name(details: &ConnectionDetails<'_>) -> Result<ServerName<'static>, Error> {
    let host = details.uri.host().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    ServerName::try_from(bare).map_err(|_| Error::Tls("the host's name is none that a certificate could have"))
}

/// A connection over TLS.
struct TlsTransport {
    stream: StreamOwned<ClientConnection, TransportAdapter>,
    buffers: LazyBuffers,
}

impl Transport for TlsTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.stream.get_mut().set_timeout(timeout);
        let output = self.buffers.output().get(..amount).unwrap_or_default();
        Ok(self.stream.write_all(output)?)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.get_mut().set_timeout(timeout);
        let amount = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.get_mut().get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

impl fmt::Debug for TlsTransport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TlsTransport")
    }
}
