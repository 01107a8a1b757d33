//! The certificate authorities that are trusted.

use std::fs;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use ureq::tls::{Certificate, RootCerts};
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

use plumbing::Environment;
use plumbing::{Code, Failure};

const VARIABLE: &str = "SSL_CERT_FILE";

/// The built-in roots (Mozilla's), and beside them those of `SSL_CERT_FILE`.
///
/// Without the variable the built-in ones are used in the form that needs no parsing at start.
pub(super) fn from_environment(environment: &Environment) -> Result<RootCerts, Failure> {
    let Some(path) = environment.text(&[VARIABLE])? else {
        return Ok(RootCerts::WebPki);
    };
    let unusable = |cause: String| {
        Failure::new(
            Code::ConfigFile,
            format!("the file that {VARIABLE} names cannot be used: {path}"),
        )
        .cause(cause)
        .fix("name a file of PEM certificates (`-----BEGIN CERTIFICATE-----`), or unset the variable")
    };
    let pem = fs::read(&path).map_err(|error| unusable(error.to_string()))?;
    let extra: Vec<_> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|_| unusable("it holds a PEM block that is damaged".to_owned()))?;
    if extra.is_empty() {
        return Err(unusable("it holds no certificate".to_owned()));
    }
    Ok(TLS_SERVER_ROOT_CERTS
        .iter()
        .chain(&extra)
        .map(|der| Certificate::from_der(der).to_owned())
        .collect::<Vec<_>>()
        .into())
}
