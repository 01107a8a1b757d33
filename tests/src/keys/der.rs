//! As much of DER as it takes to write the keys that must be refused.

pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;

/// RFC 5480: prime256v1.
pub(super) const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// RFC 8018: PBES2, PBKDF2, HMAC with SHA-256 (with its NULL), AES-256-CBC.
pub(super) const PBES2: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
pub(super) const PBKDF2: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];
pub(super) const HMAC_SHA256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09, 0x05, 0x00];
pub(super) const AES_256_CBC: &[u8] = &[0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a];

/// Tag, length, content.
pub(super) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len().to_be_bytes();
    let significant: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let length = match content.len() {
        short @ 0..128 => vec![u8::try_from(short).expect("under 128")],
        _ => [
            &[0x80 | u8::try_from(significant.len()).expect("at most 8")],
            &significant[..],
        ]
        .concat(),
    };
    [&[tag][..], &length, &content].concat()
}

/// A non-negative INTEGER from its big-endian bytes.
pub(super) fn integer(bytes: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) {
        &[0]
    } else {
        &[]
    };
    element(INTEGER, &[sign, bytes])
}

/// The key inside a PKCS#8 wrapping: the content of the third element, after the version and the algorithm.
pub(super) fn pkcs8_content(pkcs8: &[u8]) -> &[u8] {
    let (_, outer, _) = read(pkcs8);
    let (_, _, after_version) = read(outer);
    let (_, _, after_algorithm) = read(after_version);
    let (tag, key, _) = read(after_algorithm);
    assert_eq!(tag, OCTET_STRING, "PKCS#8 holds its key in an OCTET STRING");
    key
}

/// Tag and content of the first element, and what follows it.
fn read(der: &[u8]) -> (u8, &[u8], &[u8]) {
    let (length, start) = match usize::from(der[1]) {
        short @ 0..128 => (short, 2),
        long => {
            let bytes = long & 0x7f;
            (
                der[2..2 + bytes]
                    .iter()
                    .fold(0, |length, byte| length << 8 | usize::from(*byte)),
                2 + bytes,
            )
        }
    };
    (der[0], &der[start..start + length], &der[start + length..])
}
