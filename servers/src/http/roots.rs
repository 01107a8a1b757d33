//! The certificate authorities that are trusted.

use std::sync::Arc;

use plumbing::{Code, Environment, Failure, text};
use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use webpki_roots::TLS_SERVER_ROOTS;

const VARIABLE: &str = "SSL_CERT_FILE";
/// In bytes; all of Mozilla's take some 300 KiB.
const LARGEST: u64 = 16 * 1024 * 1024;

/// The built-in roots (Mozilla's), and beside them those of `SSL_CERT_FILE`.
#[derive(Clone)]
pub(super) struct Roots {
    extra: Arc<[CertificateDer<'static>]>,
}

impl Roots {
    /// Those that the environment asks for.
    ///
    /// # Errors
    /// [`Code::ConfigFile`] for a file that holds no certificates.
    pub(super) fn from_environment(environment: &Environment) -> Result<Self, Failure> {
        let Some(path) = environment.text(&[VARIABLE])? else {
            return Ok(Self { extra: [].into() });
        };
        let unusable = || {
            Failure::new(
                Code::ConfigFile,
                format!("the file that {VARIABLE} names cannot be used: {}", text::quote(&path)),
            )
            .fix("name a file of PEM certificates (`-----BEGIN CERTIFICATE-----`), or unset the variable")
        };
        let pem = environment.file(&path, LARGEST).map_err(|why| unusable().cause(why))?;
        let extra: Vec<_> = CertificateDer::pem_slice_iter(&pem)
            .collect::<Result<_, _>>()
            .map_err(|_| unusable().cause("it holds a PEM block that is damaged"))?;
        if extra.is_empty() {
            return Err(unusable().cause("it holds no certificate"));
        }
        Ok(Self { extra: extra.into() })
    }

    /// How many are trusted beside the built-in ones.
    pub(super) fn extra(&self) -> usize {
        self.extra.len()
    }

    /// All of them. The built-in ones are of a form that needs no parsing.
    pub(super) fn store(&self) -> RootCertStore {
        let mut store: RootCertStore = TLS_SERVER_ROOTS.iter().cloned().collect();
        store.add_parsable_certificates(self.extra.iter().cloned());
        store
    }
}
