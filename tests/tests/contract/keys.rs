//! The keys, good and bad, as OpenSSL's and GitHub's conventions have them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tests::keys::{BotKey, refused};

fn body(pem: &str) -> Vec<u8> {
    let lines = pem.lines().filter(|line| !line.contains(':') && !line.starts_with('-'));
    STANDARD.decode(lines.collect::<String>()).unwrap()
}

#[test]
fn both_forms_are_the_same_key() {
    let key = BotKey::pooled(0);
    let (pkcs1, pkcs8) = (key.pkcs1_pem(), key.pkcs8_pem());
    assert!(
        pkcs1.starts_with("-----BEGIN RSA PRIVATE KEY-----\n") && pkcs1.ends_with("-----END RSA PRIVATE KEY-----\n")
    );
    assert!(pkcs1.lines().all(|line| line.len() <= 64));
    assert!(body(&pkcs8).ends_with(&body(&pkcs1)), "PKCS#8 wraps PKCS#1");
    assert!(aws_lc_rs::rsa::KeyPair::from_der(&body(&pkcs1)).is_ok());
    assert_eq!(STANDARD.decode(key.fingerprint()).unwrap().len(), 32);
}

#[test]
fn a_slot_of_the_pool_is_one_key() {
    assert_eq!(BotKey::pooled(1).fingerprint(), BotKey::pooled(1).fingerprint());
    assert_ne!(BotKey::pooled(0).fingerprint(), BotKey::pooled(1).fingerprint());
}

#[test]
fn keys_to_be_refused_are_what_they_say() {
    let labelled = [
        (refused::rsa_1024(), "RSA PRIVATE KEY"),
        (refused::ec_sec1(), "EC PRIVATE KEY"),
        (refused::ec_pkcs8(), "PRIVATE KEY"),
        (refused::public_key(), "PUBLIC KEY"),
        (refused::openssh(), "OPENSSH PRIVATE KEY"),
        (refused::encrypted_pkcs8(), "ENCRYPTED PRIVATE KEY"),
        (refused::encrypted_pkcs1(), "RSA PRIVATE KEY"),
    ];
    for (pem, label) in &labelled {
        assert!(pem.starts_with(&format!("-----BEGIN {label}-----\n")), "{label}");
        assert!(pem.ends_with(&format!("\n-----END {label}-----\n")), "{label}");
        assert!(!body(pem).is_empty(), "{label}");
    }
    let modulus_of_1024_bits = body(&refused::rsa_1024());
    assert_eq!(
        modulus_of_1024_bits.len(),
        4 + 3 + 132 + 5 + 132 + 5 * 67,
        "version, n, e, d and five halves"
    );
    let signing = &aws_lc_rs::signature::ECDSA_P256_SHA256_ASN1_SIGNING;
    assert!(aws_lc_rs::signature::EcdsaKeyPair::from_private_key_der(signing, &body(&refused::ec_sec1())).is_ok());
    assert!(aws_lc_rs::signature::EcdsaKeyPair::from_pkcs8(signing, &body(&refused::ec_pkcs8())).is_ok());
    assert!(!refused::truncated().contains("END"));
}
