//! The part of raxx-mint that depends on the crypto library: a TLS client and an RS256 signer, and nothing else.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use crypto_choice::{install_jwt_signer, measure, thread_cpu, tls_provider};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rustls::{ClientConfig, RootCertStore};

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["start"] => start(),
        ["sign", runs, key_der] => sign(runs.parse()?, key_der),
        ["get", url] => get(url),
        _ => bail!("usage: program start | sign RUNS KEY.der | get URL"),
    }
}

/// What every mint does before its first byte leaves: the provider, the roots, the configuration.
fn start() -> Result<()> {
    let roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let config = ClientConfig::builder_with_provider(Arc::new(tls_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    std::hint::black_box(config);
    Ok(())
}

/// Parses the PKCS#1 key and signs each time, as a program that signs once does.
fn sign(runs: usize, key_der: &str) -> Result<()> {
    install_jwt_signer();
    let der = std::fs::read(key_der).with_context(|| format!("reading {key_der}"))?;
    let claims = serde_json::json!({"iat": 1_800_000_000, "exp": 1_800_000_600, "iss": "3501352"});
    let header = Header::new(Algorithm::RS256);
    let times = measure(runs, || {
        let before = thread_cpu();
        let jwt = encode(&header, &claims, &EncodingKey::from_rsa_der(&der))?;
        std::hint::black_box(jwt);
        anyhow::Ok(thread_cpu().saturating_sub(before))
    })?;
    println!("{times}");
    Ok(())
}

/// Never measured: it links the HTTP client, so that the binary's size is a real program's.
fn get(url: &str) -> Result<()> {
    let tls = ureq::tls::TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(tls_provider()))
        .build();
    let agent = ureq::Agent::new_with_config(ureq::Agent::config_builder().tls_config(tls).build());
    println!("{}", agent.get(url).call()?.status());
    Ok(())
}
