//! Why there is no TLS with a server, in words that tell a person what to do.

use jiff::Timestamp;
use plumbing::text;
use rustls::{AlertDescription, CertificateError, Error, PeerIncompatible};
use rustls_pki_types::UnixTime;

/// Why there is no TLS with a server: `cause` for a person, and `fix`, in which `{host}` stands for the server's name.
#[derive(Debug)]
pub struct TlsError {
    cause: String,
    fix: &'static str,
}

const RENEW: &str = "have whoever runs {host} renew it; if it is this machine's clock that is wrong, set it";
const TRUST: &str = "if the server's certificate comes from your own authority, name its root (PEM) in SSL_CERT_FILE; if a proxy opens \
                     TLS, that proxy's root; if it is neither, somebody may be in between";
const WEAK_OR_ANOTHER: &str = "if your authority was made anew, name its new root in SSL_CERT_FILE; else have whoever runs {host} use keys \
                               of 2048 bits or more";
const OTHER_NAME: &str =
    "check the spelling of the host; else have whoever runs {host} put that name into the certificate";
const NEW_CERTIFICATE: &str =
    "have whoever runs {host} make a certificate for a server (TLS web server authentication, X.509 v3)";
const UPDATE: &str =
    "have whoever runs {host} allow TLS 1.2 or 1.3 with today's ciphers; older ones are not safe for credentials";
const CLIENT_CERTIFICATE: &str = "these programs have none; let them in by another way, such as a service token of Cloudflare Access or \
                                  their address";
const NOT_TLS: &str =
    "check the port of {host}: https:// is wanted there, and http:// is taken for this machine itself only";
const UNKNOWN: &str = "check that {host} is the right address, and the log of that server";

impl TlsError {
    /// A failure that has no more to it than its words.
    pub(super) fn said(cause: &str) -> Self {
        Self {
            cause: cause.to_owned(),
            fix: UNKNOWN,
        }
    }

    pub(super) fn of(error: &Error) -> Self {
        match error {
            Error::InvalidCertificate(why) => of_certificate(why),
            Error::PeerIncompatible(
                PeerIncompatible::ServerDoesNotSupportTls12Or13
                | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
                | PeerIncompatible::NoCipherSuitesInCommon
                | PeerIncompatible::NoKxGroupsInCommon
                | PeerIncompatible::NoSignatureSchemesInCommon
                | PeerIncompatible::ExtendedMasterSecretExtensionRequired,
            )
            | Error::AlertReceived(
                AlertDescription::ProtocolVersion
                | AlertDescription::InsufficientSecurity
                | AlertDescription::InappropriateFallback,
            ) => tls("the server speaks no TLS that is safe: 1.2 or later is wanted", UPDATE),
            Error::AlertReceived(AlertDescription::HandshakeFailure) => tls(
                "the server breaks TLS off (handshake failure): it has no TLS version or cipher in common, or wants a client \
                 certificate",
                UPDATE,
            ),
            Error::AlertReceived(AlertDescription::CertificateRequired) => {
                tls("the server wants a client certificate (mutual TLS)", CLIENT_CERTIFICATE)
            }
            Error::AlertReceived(AlertDescription::UnrecognisedName) => {
                tls("the server knows no host of that name (unrecognized name)", UNKNOWN)
            }
            Error::InvalidMessage(_) => tls("what answers there speaks no TLS", NOT_TLS),
            Error::AlertReceived(alert) => tls(
                &format!("the server breaks TLS off ({})", words(&format!("{alert:?}"))),
                UNKNOWN,
            ),
            other => tls(&format!("TLS failed: {}", text::quote(&other.to_string())), UNKNOWN),
        }
    }

    /// What to do about it, for the server of that name.
    pub fn fix(&self, host: &str) -> String {
        self.fix.replace("{host}", host)
    }

    /// Whether it is only that nobody who is trusted here vouches for the certificate.
    pub fn is_about_trust(&self) -> bool {
        self.fix == TRUST
    }
}

impl std::fmt::Display for TlsError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.cause)
    }
}

fn tls(cause: &str, fix: &'static str) -> TlsError {
    TlsError {
        cause: cause.to_owned(),
        fix,
    }
}

fn of_certificate(error: &CertificateError) -> TlsError {
    use CertificateError as Why;
    let certificate = |what: &str, fix| tls(&format!("the server's certificate {what}"), fix);
    match error {
        Why::ExpiredContext { time, not_after } => certificate(
            &format!("ended on {}; this machine's clock says {}", day(*not_after), day(*time)),
            RENEW,
        ),
        Why::Expired => certificate("has ended", RENEW),
        Why::NotValidYetContext { time, not_before } => certificate(
            &format!(
                "is good from {} on; this machine's clock says {}",
                day(*not_before),
                day(*time)
            ),
            RENEW,
        ),
        Why::NotValidYet => certificate("is not good yet", RENEW),
        Why::NotValidForNameContext { expected, presented } => {
            let expected = text::quote(&expected.to_str());
            if presented.is_empty() {
                let what = format!("names no host in its subjectAltName, so not {expected} either");
                return certificate(&what, OTHER_NAME);
            }
            let names: Vec<_> = presented.iter().map(|name| text::quote(&bare(name))).collect();
            certificate(&format!("is for {}, not for {expected}", names.join(", ")), OTHER_NAME)
        }
        Why::NotValidForName => certificate("is for another host", OTHER_NAME),
        Why::UnknownIssuer => certificate("is from an authority that is not trusted here", TRUST),
        Why::BadSignature => certificate(
            "is not signed as it says: a key of it or above it is weaker than RSA 2048, or another authority of that name is trusted here",
            WEAK_OR_ANOTHER,
        ),
        Why::Revoked => certificate("was revoked", RENEW),
        Why::InvalidPurpose | Why::InvalidPurposeContext { .. } => {
            certificate("is not one for a server", NEW_CERTIFICATE)
        }
        Why::BadEncoding | Why::UnhandledCriticalExtension => certificate("cannot be read", NEW_CERTIFICATE),
        Why::UnsupportedSignatureAlgorithmContext { .. }
        | Why::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => certificate(
            "is signed by a way that is not safe any more, such as SHA-1",
            NEW_CERTIFICATE,
        ),
        // webpki's own words for the rest are names of a Rust enum.
        other => {
            let said = format!("{other:?}");
            if said.contains("CaUsedAsEndEntity") {
                return certificate(
                    "is an authority's own, as `openssl req -x509` makes them, and not a server's",
                    NEW_CERTIFICATE,
                );
            }
            if said.contains("UnsupportedCertVersion") {
                return certificate("is of an old form (X.509 v1)", NEW_CERTIFICATE);
            }
            certificate(&format!("cannot be used ({})", words(&said)), NEW_CERTIFICATE)
        }
    }
}

/// As people write a date, in UTC.
fn day(time: UnixTime) -> String {
    let second = i64::try_from(time.as_secs()).ok();
    let timestamp = second.and_then(|second| Timestamp::from_second(second).ok());
    timestamp.map_or_else(|| "a day beyond all time".to_owned(), text::minute)
}

/// rustls spells `DnsName("a.example")`.
fn bare(name: &str) -> String {
    let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    inner.unwrap_or(name).trim_matches('"').to_owned()
}

/// The innermost name of a Rust enum, as words: `Other(OtherError(PathLenConstraintViolated))`.
fn words(debug: &str) -> String {
    let innermost = debug.rsplit('(').next().unwrap_or(debug).trim_end_matches(')');
    let mut words = String::new();
    for letter in innermost.chars().filter(char::is_ascii_alphanumeric) {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}
