//! Private keys as bots have them, and as they should not.

mod der;
pub mod refused;

use std::sync::{Arc, OnceLock};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// A GitHub App's RSA key of 2048 bits; a clone is the same key.
#[derive(Clone, Debug)]
pub struct BotKey(Arc<Encoded>);

#[derive(Debug)]
struct Encoded {
    pkcs8: Vec<u8>,
    spki: Vec<u8>,
}

impl BotKey {
    /// A new key: some tens of milliseconds, now and then a good part of a second.
    pub fn generate() -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("a new RSA key");
        let pkcs8: Pkcs8V1Der<'_> = pair.as_der().expect("its PKCS#8 form");
        let spki: PublicKeyX509Der<'_> = pair.public_key().as_der().expect("its public form");
        Self(Arc::new(Encoded {
            pkcs8: pkcs8.as_ref().to_vec(),
            spki: spki.as_ref().to_vec(),
        }))
    }

    /// One of a few keys made once a process, for tests that need a key but not a key of their own.
    ///
    /// The same `slot` (0 to 3) is the same key.
    pub fn pooled(slot: usize) -> Self {
        static POOL: [OnceLock<BotKey>; 4] = [const { OnceLock::new() }; 4];
        POOL[slot].get_or_init(Self::generate).clone()
    }

    /// As GitHub hands it out: PKCS#1, `BEGIN RSA PRIVATE KEY`, lines of 64 characters, a newline at the end.
    pub fn pkcs1_pem(&self) -> String {
        pem("RSA PRIVATE KEY", der::pkcs8_content(&self.0.pkcs8))
    }

    /// The same key in PKCS#8, `BEGIN PRIVATE KEY`.
    pub fn pkcs8_pem(&self) -> String {
        pem("PRIVATE KEY", &self.0.pkcs8)
    }

    /// The public half, `BEGIN PUBLIC KEY`.
    pub fn public_pem(&self) -> String {
        pem("PUBLIC KEY", &self.0.spki)
    }

    /// What GitHub shows beside the key, without its `SHA256:`: base64 of SHA-256 over the public key's DER.
    pub fn fingerprint(&self) -> String {
        STANDARD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &self.0.spki))
    }

    /// A JWT with those claims, RS256: any claims, also such as no honest program would sign.
    pub fn jwt(&self, claims: &serde_json::Value) -> String {
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!(
            "{}.{}",
            part(&serde_json::json!({"alg": "RS256", "typ": "JWT"})),
            part(claims)
        );
        let pair = KeyPair::from_pkcs8(&self.0.pkcs8).expect("a key made here");
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            message.as_bytes(),
            &mut signature,
        )
        .expect("a signature");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Whether `signature` is this key's RS256 signature of `message`.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.0.spki)
            .verify(message, signature)
            .is_ok()
    }
}

/// PEM armour as OpenSSL writes it: 64 characters a line.
fn pem(label: &str, der: &[u8]) -> String {
    format!(
        "-----BEGIN {label}-----\n{}-----END {label}-----\n",
        base64_lines(der, 64)
    )
}

fn base64_lines(bytes: &[u8], width: usize) -> String {
    let text = STANDARD.encode(bytes);
    let lines = text
        .as_bytes()
        .chunks(width)
        .map(|line| String::from_utf8_lossy(line) + "\n");
    lines.collect()
}
