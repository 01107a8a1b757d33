//! Keys that people paste in where an App's key belongs, and that must be refused by name.

use aws_lc_rs::encoding::{AsBigEndian, EcPrivateKeyBin};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};

use super::der::{AES_256_CBC, BIT_STRING, HMAC_SHA256, OCTET_STRING, P256, PBES2, PBKDF2, SEQUENCE, element, integer};
use super::{BotKey, base64_lines, pem};

/// PKCS#1 of an RSA key of 1024 bits. The numbers are random, only their sizes are right: aws-lc refuses to make one.
pub fn rsa_1024() -> String {
    let number = |bytes: usize| {
        let mut number = random(bytes);
        // The top bit makes the size, the lowest makes it odd, as a modulus is.
        number[0] |= 0x80;
        number[bytes - 1] |= 1;
        integer(&number)
    };
    let (modulus, public, private) = (number(128), integer(&[1, 0, 1]), number(128));
    let primes_and_exponents: Vec<u8> = (0..5).flat_map(|_| number(64)).collect();
    let key = element(
        SEQUENCE,
        &[&integer(&[0]), &modulus, &public, &private, &primes_and_exponents],
    );
    pem("RSA PRIVATE KEY", &key)
}

/// An EC key on P-256 as OpenSSL writes it (RFC 5915): `BEGIN EC PRIVATE KEY`.
pub fn ec_sec1() -> String {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a new EC key");
    let secret: EcPrivateKeyBin<'_> = pair.private_key().as_be_bytes().expect("its number");
    let public = element(BIT_STRING, &[&[0], pair.public_key().as_ref()]);
    let parts = [
        &integer(&[1])[..],
        &element(OCTET_STRING, &[secret.as_ref()]),
        &element(0xa0, &[P256]),
        &element(0xa1, &[&public]),
    ];
    pem("EC PRIVATE KEY", &element(SEQUENCE, &parts))
}

/// An EC key on P-256 in PKCS#8: `BEGIN PRIVATE KEY`, so that only the algorithm inside tells.
pub fn ec_pkcs8() -> String {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a new EC key");
    let der = pair.to_pkcs8v1().expect("its PKCS#8 form");
    pem("PRIVATE KEY", der.as_ref())
}

/// A public key: `BEGIN PUBLIC KEY`.
pub fn public_key() -> String {
    BotKey::pooled(0).public_pem()
}

/// What `ssh-keygen` writes: its magic and, after it, noise of the length of an RSA key.
pub fn openssh() -> String {
    let content = [b"openssh-key-v1\0", &random(1_800)[..]].concat();
    // ssh-keygen breaks lines at 70 characters.
    let lines = base64_lines(&content, 70);
    format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{lines}-----END OPENSSH PRIVATE KEY-----\n")
}

/// A PKCS#8 key under a passphrase (RFC 8018, PBES2 with AES-256): `BEGIN ENCRYPTED PRIVATE KEY`, noise inside.
pub fn encrypted_pkcs8() -> String {
    let salt = element(OCTET_STRING, &[&random(8)]);
    let derivation = element(
        SEQUENCE,
        &[&salt, &integer(&[0x08, 0x00]), &element(SEQUENCE, &[HMAC_SHA256])],
    );
    let derivation = element(SEQUENCE, &[PBKDF2, &derivation]);
    let cipher = element(SEQUENCE, &[AES_256_CBC, &element(OCTET_STRING, &[&random(16)])]);
    let algorithm = element(SEQUENCE, &[PBES2, &element(SEQUENCE, &[&derivation, &cipher])]);
    pem(
        "ENCRYPTED PRIVATE KEY",
        &element(SEQUENCE, &[&algorithm, &element(OCTET_STRING, &[&random(1_232)])]),
    )
}

/// A PKCS#1 key under a passphrase, in OpenSSL's old way: the label of a plain key, and headers that tell.
pub fn encrypted_pkcs1() -> String {
    let iv = format!("{:032X}", fastrand::u128(..));
    format!(
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,{iv}\n\n{}-----END RSA PRIVATE KEY-----\n",
        base64_lines(&random(1_200), 64)
    )
}

/// A key that lost its second half, its END line with it, on the way through somebody's clipboard.
pub fn truncated() -> String {
    let mut pem = BotKey::pooled(0).pkcs1_pem();
    pem.truncate(pem.len() / 2);
    pem
}

fn random(length: usize) -> Vec<u8> {
    std::iter::repeat_with(|| fastrand::u8(..)).take(length).collect()
}
