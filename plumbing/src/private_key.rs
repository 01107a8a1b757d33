//! A GitHub App's private key: its armour repaired, its kind recognised, its structure checked.
//!
//! GitHub hands out PKCS#1 (`BEGIN RSA PRIVATE KEY`). On their way through a web form keys get `\n` escapes, CRLF,
//! quotes, spaces for newlines, invisible letters, or a layer of base64, lose a first or last line, or come with a certificate in
//! front; all of these are undone. What is no RSA private key is refused by the name of what it is. No message holds a part of the
//! key.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::{digest, rsa, signature::KeyPair};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::BASE64_STANDARD;
use base64::{Engine, alphabet};
use pkcs1::RsaPrivateKeyRef;
use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::{Code, Failure};

/// RS256 with fewer bits is refused by the JWT's own rules (RFC 7518, section 3.3).
const FEWEST_BITS: usize = 2048;

/// `rsaEncryption` (RFC 8017, appendix A.1).
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

const WANTED: &str = "store the RSA private key that GitHub let you download for the App under that name, whole: \
from `-----BEGIN RSA PRIVATE KEY-----` to `-----END RSA PRIVATE KEY-----`";

/// An RSA private key of at least 2048 bits.
pub struct PrivateKey {
    der: Zeroizing<Vec<u8>>,
    bits: usize,
    form: &'static str,
}

impl PrivateKey {
    /// Reads the key from the text that stands in Infisical.
    ///
    /// # Errors
    /// One of the `private_key_…` codes, by what the text is instead.
    pub fn parse(text: &SecretString) -> Result<Self, Failure> {
        let blocks = Armour::find(text.expose_secret())?;
        let mut keys: Vec<_> = blocks.iter().map(Self::of).collect();
        let is_another = |key: &Self, first: &Self| key.der != first.der;
        let mut usable = keys.iter().filter_map(|key| key.as_ref().ok());
        let first = usable.next();
        if first.is_some_and(|first| usable.any(|key| is_another(key, first))) {
            return Err(
                Failure::new(Code::PrivateKeyMalformed, "PRIVATE_KEY_PEM holds several keys")
                    .cause("which of them is the App's cannot be known from here")
                    .fix(WANTED),
            );
        }
        let at = |is_meant: &dyn Fn(usize, &Armour) -> bool| {
            let mut all = blocks.iter().enumerate();
            all.find(|(at, block)| is_meant(*at, block)).map(|(at, _)| at)
        };
        let label = |block: &Armour| block.label.clone().unwrap_or_default();
        // What could have been the key says more than what stands beside it.
        let best = at(&|at, _| keys.get(at).is_some_and(Result::is_ok))
            .or_else(|| at(&|_, block| LABELS.contains(&label(block).as_str())))
            .or_else(|| at(&|_, block| label(block).contains("PRIVATE KEY")));
        keys.swap_remove(best.unwrap_or_default())
    }

    /// The key between two lines of a PEM.
    fn of(armour: &Armour) -> Result<Self, Failure> {
        let body = armour.body()?;
        // Tools put either form under either label, so that the structure decides.
        let (form, der) = match RsaPrivateKeyRef::try_from(body.as_slice()) {
            Ok(_) => ("PKCS#1", body),
            Err(_) if armour.label.is_none() && PrivateKeyInfoRef::try_from(body.as_slice()).is_err() => {
                return Err(without_armour(", and what stands there is no private key without one"));
            }
            Err(_) => ("PKCS#8", unwrap_pkcs8(&body)?),
        };
        let key =
            RsaPrivateKeyRef::try_from(der.as_slice()).map_err(|_| damaged("its inner structure does not add up"))?;
        let modulus = key.modulus.as_bytes();
        let bits = modulus.len() * 8 - modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
        if bits < FEWEST_BITS {
            return Err(Failure::new(
                Code::PrivateKeyTooShort,
                format!("PRIVATE_KEY_PEM holds an RSA key of only {bits} bits"),
            )
            .cause(format!(
                "RS256 needs an RSA key of at least {FEWEST_BITS} bits (RFC 7518)"
            ))
            .fix("make a new private key on the App's settings page on GitHub, and store that"));
        }
        Ok(Self { der, bits, form })
    }

    /// The key as RFC 8017 `RSAPrivateKey` in DER. Secret.
    pub fn pkcs1_der(&self) -> &[u8] {
        &self.der
    }

    /// How it is wrapped: `PKCS#1` (RFC 8017), as GitHub hands it out, or `PKCS#8` (RFC 5958).
    pub const fn form(&self) -> &'static str {
        self.form
    }

    /// What a person may see of it: `RSA 2048, SHA256:…`, the fingerprint as GitHub shows it on the App's page (base64
    /// of SHA-256 over the public key's DER).
    ///
    /// # Errors
    /// [`Code::PrivateKeyMalformed`] where its numbers do not form a key.
    pub fn description(&self) -> Result<String, Failure> {
        let key = rsa::KeyPair::from_der(&self.der).map_err(|_| Self::unusable())?;
        let public: PublicKeyX509Der<'_> = key.public_key().as_der().map_err(|_| Self::unusable())?;
        let digest = digest::digest(&digest::SHA256, public.as_ref());
        Ok(format!("RSA {}, SHA256:{}", self.bits, BASE64_STANDARD.encode(digest)))
    }

    /// The failure for a key that reads well and cannot sign.
    pub fn unusable() -> Failure {
        damaged("its numbers do not form an RSA key")
    }
}

/// A PEM's parts (RFC 7468), found in whatever was made of it.
struct Armour {
    /// None where there is a body alone.
    label: Option<String>,
    /// The base64 text without white space.
    body: Zeroizing<String>,
    ended: bool,
    encrypted: bool,
}

/// As people lose it, the padding at the end may be missing.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

const LABELS: [&str; 2] = ["RSA PRIVATE KEY", "PRIVATE KEY"];

impl Armour {
    /// All that a text holds: at least one.
    fn find(text: &str) -> Result<Vec<Self>, Failure> {
        let text = unescaped(text);
        let blocks = Self::all(&text);
        if !blocks.is_empty() {
            return Ok(blocks);
        }
        let packed = Zeroizing::new(text.split_whitespace().collect::<String>());
        let inner = BASE64.decode(packed.as_bytes()).ok().map(Zeroizing::new);
        // Base64 of the whole PEM, as `base64 -w0 < key.pem` makes it for a secret of one line.
        let text_inside = inner.as_deref().and_then(|inner| std::str::from_utf8(inner).ok());
        let blocks = text_inside
            .map(|inside| Self::all(&unescaped(inside)))
            .unwrap_or_default();
        if !blocks.is_empty() {
            return Ok(blocks);
        }
        // The lines in between alone.
        if inner.is_some_and(|inner| announced_length(&inner).is_some()) {
            return Ok(vec![Self::of(None, &packed, true)]);
        }
        Err(without_armour(""))
    }

    /// What stands between lines that begin and lines that end something, whole or not. A body has no dash of its own, but for the
    /// headers of an encrypted one, so that whatever stands between dashes is a word of a line, or a body.
    fn all(text: &str) -> Vec<Self> {
        let mut all = vec![];
        let mut open: Option<String> = None;
        let mut body = Zeroizing::new(String::new());
        for part in text.split('-').map(str::trim).filter(|part| !part.is_empty()) {
            let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
            let first = part.split_whitespace().next().unwrap_or_default();
            match first {
                "BEGIN" => {
                    if let Some(label) = open.take() {
                        all.push(Self::of(Some(label), &body, false));
                    }
                    open = Some(words(part.trim_start_matches("BEGIN")));
                    body = Zeroizing::default();
                }
                "END" => {
                    let ended = words(part.trim_start_matches("END"));
                    // Without a first line the last one tells what it was.
                    if open.is_some() || !body.trim().is_empty() {
                        all.push(Self::of(Some(open.take().unwrap_or(ended)), &body, true));
                    }
                    body = Zeroizing::default();
                }
                _ => body.push_str(&Zeroizing::new(format!("{part}-"))),
            }
        }
        if let Some(label) = open {
            all.push(Self::of(Some(label), &body, false));
        }
        all
    }

    fn of(label: Option<String>, body: &str, ended: bool) -> Self {
        // A last line without its dashes.
        let (body, ended) = match body.split_once("END ") {
            Some((body, _)) => (body, true),
            None => (body, ended),
        };
        let is_encrypted = body.contains("Proc-Type:");
        Self {
            label,
            // RFC 1421 headers, which only an encrypted key has.
            encrypted: is_encrypted,
            body: Zeroizing::new(body.trim_end_matches('-').split_whitespace().collect::<String>()),
            ended,
        }
    }

    fn body(&self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        if self.encrypted {
            return Err(refused("ENCRYPTED PRIVATE KEY"));
        }
        // What it is matters more than whether it is whole.
        let label = self.label.as_deref().unwrap_or("PRIVATE KEY");
        if !LABELS.contains(&label) {
            return Err(refused(label));
        }
        let endless = || truncated(&format!("there is no `-----END {label}-----` line"));
        if self.body.is_empty() {
            return Err(if self.ended {
                truncated("there is nothing between its first and its last line")
            } else {
                endless()
            });
        }
        let der = BASE64.decode(self.body.as_bytes()).map(Zeroizing::new);
        let der = der.map_err(|error| match error {
            base64::DecodeError::InvalidByte(..) => damaged("its body holds characters that are not base64"),
            _ if !self.ended => endless(),
            _ => incomplete("its body is not a whole number of base64 groups"),
        })?;
        match announced_length(&der) {
            Some(length) if length > der.len() && !self.ended => Err(endless()),
            Some(length) if length > der.len() => Err(incomplete(&format!(
                "it announces {length} bytes and has {}: a line is missing, or a part of one",
                der.len()
            ))),
            Some(length) if length < der.len() => Err(damaged(&format!(
                "it announces {length} bytes and has {}: a line stands twice, or something else is in it",
                der.len()
            ))),
            _ => Ok(der),
        }
    }
}

/// The whole length that a DER SEQUENCE announces in its first bytes (X.690, 8.1.3), header included.
fn announced_length(der: &[u8]) -> Option<usize> {
    match der {
        [0x30, 0x82, high, low, ..] => Some(usize::from(u16::from_be_bytes([*high, *low])) + 4),
        _ => None,
    }
}

/// Undoes what forms, shells, JSON and word processors do to newlines, dashes, spaces and ends. A PEM holds no backslash and no
/// letter beyond ASCII of its own.
fn unescaped(text: &str) -> Zeroizing<String> {
    let mut text = text.trim_start_matches('\u{feff}').trim();
    for quote in ['"', '\'', '`'] {
        text = text.trim_matches(quote).trim();
    }
    let mut unescaped = Zeroizing::new(String::with_capacity(text.len()));
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                while characters.next_if_eq(&'\\').is_some() {}
                match characters.next_if(|next| matches!(next, 'n' | 'r' | 't' | 'u')) {
                    Some('u') => {
                        // JSON's own way to write a letter (RFC 8259, section 7).
                        let code: String = std::iter::from_fn(|| characters.next_if(char::is_ascii_hexdigit))
                            .take(4)
                            .collect();
                        let letter = u32::from_str_radix(&code, 16).ok().and_then(char::from_u32);
                        unescaped.extend(letter.map(|letter| if letter.is_control() { '\n' } else { letter }));
                    }
                    Some(_) => unescaped.push('\n'),
                    None => {}
                }
            }
            // A soft hyphen, and letters without a width, where a page has broken the line.
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {}
            // Hyphens and dashes; an em dash stands for two.
            '\u{2010}'..='\u{2013}' | '\u{2212}' => unescaped.push('-'),
            '\u{2014}' => unescaped.push_str("--"),
            space if space.is_whitespace() && !space.is_ascii() => unescaped.push(' '),
            own => unescaped.push(own),
        }
    }
    unescaped
}

fn unwrap_pkcs8(der: &[u8]) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let key = PrivateKeyInfoRef::try_from(der).map_err(|_| damaged("its inner structure does not add up"))?;
    match key.algorithm.oid {
        RSA_ENCRYPTION => Ok(Zeroizing::new(key.private_key.as_bytes().to_vec())),
        oid => Err(not_rsa(algorithm(oid))),
    }
}

/// The name of the algorithms that a person may have picked by mistake.
fn algorithm(oid: ObjectIdentifier) -> &'static str {
    const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
    const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
    const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
    match oid {
        EC => "an elliptic-curve (EC) key",
        ED25519 => "an Ed25519 key",
        RSA_PSS => "an RSA-PSS key",
        _ => "a key of another algorithm",
    }
}

/// The failure for a PEM whose label says that it is something else.
fn refused(label: &str) -> Failure {
    match label {
        "OPENSSH PRIVATE KEY" => Failure::new(Code::PrivateKeyOpenssh, "PRIVATE_KEY_PEM is in OpenSSH's format")
            .cause("`ssh-keygen` writes this format; a GitHub App's key comes from its settings page and is PKCS#1"),
        "ENCRYPTED PRIVATE KEY" => Failure::new(Code::PrivateKeyEncrypted, "PRIVATE_KEY_PEM holds an encrypted key")
            .cause("it is locked with a passphrase, and there is nobody to ask for it"),
        "EC PRIVATE KEY" | "EC PARAMETERS" => not_rsa("an elliptic-curve (EC) key"),
        "DSA PRIVATE KEY" => not_rsa("a DSA key"),
        "PUBLIC KEY" | "RSA PUBLIC KEY" => public("a public key"),
        "CERTIFICATE" => public("a certificate"),
        _ => Failure::new(Code::PrivateKeyMalformed, "PRIVATE_KEY_PEM holds a PEM of another kind")
            .cause("its first line names neither `RSA PRIVATE KEY` nor `PRIVATE KEY`"),
    }
    .fix(WANTED)
}

fn not_rsa(what: &str) -> Failure {
    Failure::new(Code::PrivateKeyNotRsa, format!("PRIVATE_KEY_PEM holds {what}"))
        .cause("GitHub accepts RS256 only, which needs an RSA key")
        .fix(WANTED)
}

fn public(what: &str) -> Failure {
    Failure::new(Code::PrivateKeyPublic, format!("PRIVATE_KEY_PEM holds {what}"))
        .cause("only the private half can sign")
        .fix(WANTED)
}

fn truncated(cause: &str) -> Failure {
    Failure::new(Code::PrivateKeyTruncated, "PRIVATE_KEY_PEM is cut off")
        .cause(cause)
        .fix(WANTED)
}

fn without_armour(more: &str) -> Failure {
    Failure::new(Code::PrivateKeyMalformed, "PRIVATE_KEY_PEM is not PEM")
        .cause(format!("there is no `-----BEGIN …-----` line in it{more}"))
        .fix(WANTED)
}

/// One that has its end, and not all that is before it.
fn incomplete(cause: &str) -> Failure {
    Failure::new(Code::PrivateKeyTruncated, "PRIVATE_KEY_PEM is not whole")
        .cause(cause)
        .fix(WANTED)
}

fn damaged(cause: &str) -> Failure {
    Failure::new(Code::PrivateKeyMalformed, "PRIVATE_KEY_PEM is damaged")
        .cause(cause)
        .fix(WANTED)
}
