//! Full TLS 1.3 handshakes, client and server in this process and in memory: only the client's work is counted.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use crypto_choice::{measure, thread_cpu, tls_provider};
use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ClientConnection, ConnectionCommon, RootCertStore, ServerConfig, ServerConnection};

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [group, runs, folder] = args.as_slice() else {
        bail!("usage: handshake GROUP RUNS FOLDER (of ca.pem, server.pem, server.key)");
    };
    let client = Arc::new(client_config(group, folder)?);
    let server = Arc::new(server_config(folder)?);
    let mut sent = 0;
    let times = measure(runs.parse()?, || {
        let (time, bytes) = handshake(&client, &server)?;
        sent = bytes;
        anyhow::Ok(time)
    })?;
    println!("{times}\t{sent}");
    Ok(())
}

/// A client that offers `group` alone and never resumes: raxx-mint meets each host once in a process.
fn client_config(group: &str, folder: &str) -> Result<ClientConfig> {
    let mut provider = tls_provider();
    provider
        .kx_groups
        .retain(|offered| format!("{:?}", offered.name()) == group);
    if provider.kx_groups.is_empty() {
        bail!("no key exchange {group} in this library");
    }
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    roots.add(CertificateDer::from_pem_file(format!("{folder}/ca.pem"))?)?;
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    Ok(config)
}

fn server_config(folder: &str) -> Result<ServerConfig> {
    let chain = CertificateDer::pem_file_iter(format!("{folder}/server.pem"))?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(format!("{folder}/server.key"))?;
    Ok(ServerConfig::builder_with_provider(Arc::new(tls_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?)
}

/// One handshake: the CPU time of the client's side, and the bytes that both sides sent.
fn handshake(client: &Arc<ClientConfig>, server: &Arc<ServerConfig>) -> Result<(Duration, usize)> {
    let before = thread_cpu();
    let mut client = ClientConnection::new(client.clone(), "localhost".try_into()?)?;
    let mut spent = thread_cpu().saturating_sub(before);
    let mut server = ServerConnection::new(server.clone())?;
    let mut bytes = 0;
    while client.is_handshaking() || server.is_handshaking() {
        let before = thread_cpu();
        let flight = outgoing(&mut client)?;
        spent += thread_cpu().saturating_sub(before);
        deliver(&flight, &mut server)?;
        let answer = outgoing(&mut server)?;
        let before = thread_cpu();
        deliver(&answer, &mut client)?;
        spent += thread_cpu().saturating_sub(before);
        bytes += flight.len() + answer.len();
    }
    Ok((spent, bytes))
}

fn outgoing<D>(side: &mut ConnectionCommon<D>) -> Result<Vec<u8>> {
    let mut flight = Vec::new();
    while side.wants_write() {
        side.write_tls(&mut flight)?;
    }
    Ok(flight)
}

fn deliver<D>(mut flight: &[u8], side: &mut ConnectionCommon<D>) -> Result<()> {
    while !flight.is_empty() {
        side.read_tls(&mut flight)?;
        side.process_new_packets().context("in the handshake")?;
    }
    Ok(())
}
