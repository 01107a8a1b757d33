//! A key is read in every shape that forms and shells give it, and what is no RSA private key is refused by name.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it meets what it does not expect"
)]

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use plumbing::{Code, PrivateKey};
use secrecy::SecretString;
use tests::keys::{BotKey, refused};

fn parse(text: &str) -> Result<PrivateKey, plumbing::Failure> {
    PrivateKey::parse(&SecretString::from(text))
}

fn body(pem: &str) -> String {
    let lines = pem.lines().filter(|line| !line.starts_with('-'));
    lines.flat_map(|line| [line, "\n"]).collect()
}

fn with_in_each_line(pem: &str, letter: &str) -> String {
    let lines = pem.lines().map(|line| line.split_at(8));
    lines.flat_map(|(begin, rest)| [begin, letter, rest, "\n"]).collect()
}

#[test]
fn every_mangled_shape_is_the_same_key() {
    let key = BotKey::pooled(0);
    let pem = key.pkcs1_pem();
    let shapes = [
        ("as GitHub hands it out", pem.clone()),
        ("PKCS#8", key.pkcs8_pem()),
        ("no newline at the end", pem.trim_end().to_owned()),
        ("CRLF", pem.replace('\n', "\r\n")),
        ("CR only", pem.replace('\n', "\r")),
        ("escaped newlines", pem.replace('\n', "\\n")),
        ("escaped CRLF", pem.replace('\n', "\\r\\n")),
        ("twice escaped", pem.replace('\n', "\\\\n")),
        ("escaped and broken", pem.replace('\n', "\\n\n")),
        ("one line with spaces", pem.replace('\n', " ")),
        ("one line without any", pem.replace('\n', "")),
        ("double quotes", format!("\"{pem}\"")),
        (
            "quotes in quotes, escaped",
            format!(" '\"{}\"' ", pem.replace('\n', "\\n")),
        ),
        ("indented", pem.replace('\n', "\n    ")),
        (
            "text in front and behind",
            format!("key of the dev bot:\n{pem}\nthanks"),
        ),
        ("byte-order mark", format!("\u{feff}{pem}")),
        ("base64 of it all", BASE64_STANDARD.encode(&pem)),
        (
            "base64 in lines",
            BASE64_STANDARD
                .encode(&pem)
                .as_bytes()
                .chunks(76)
                .map(|line| String::from_utf8_lossy(line) + "\n")
                .collect(),
        ),
        (
            "base64 of PKCS#8 with CRLF",
            BASE64_STANDARD.encode(key.pkcs8_pem().replace('\n', "\r\n")),
        ),
    ];
    hold_alike(&key, &shapes);
}

#[test]
fn whatever_stands_beside_it_or_was_lost_it_is_the_same_key() {
    let key = BotKey::pooled(0);
    let pem = key.pkcs1_pem();
    let shapes = [
        (
            "a certificate in front",
            format!("{}{pem}", pem.replace("RSA PRIVATE KEY", "CERTIFICATE")),
        ),
        ("its public key in front", format!("{}\n{pem}", key.public_pem())),
        ("its public key behind", format!("{pem}{}", key.public_pem())),
        (
            "spaces that do not break",
            pem.replace(' ', "\u{a0}").replace('\n', "\u{a0}\n"),
        ),
        ("soft hyphens", with_in_each_line(&pem, "\u{ad}")),
        ("letters without a width", with_in_each_line(&pem, "\u{200b}")),
        ("byte-order marks within", with_in_each_line(&pem, "\u{feff}")),
        ("dashes of a word processor", pem.replace("-----", "\u{2014}\u{2014}-")),
        ("line separators", pem.replace('\n', "\u{2028}")),
        (
            "without the first line",
            pem.split_once('\n').expect("lines").1.to_owned(),
        ),
        (
            "without the last line",
            pem.split_once("-----END").expect("an end").0.to_owned(),
        ),
        ("its lines in between alone", body(&pem)),
        ("four dashes at an end", pem.replace("KEY-----", "KEY----")),
        ("two spaces in a label", pem.replace("RSA PRIVATE", "RSA  PRIVATE")),
        (
            "a last line without dashes",
            pem.replace("-----END RSA PRIVATE KEY-----", "END RSA PRIVATE KEY"),
        ),
        ("JSON's escapes", pem.replace('\n', "\\u000a").replace('+', "\\u002B")),
        ("tabs", pem.replace('\n', "\\t\n")),
        (
            "base64 without its padding",
            BASE64_STANDARD.encode(&pem).trim_end_matches('=').to_owned(),
        ),
        ("a half in front of the whole", format!("{}\n{pem}", &pem[..400])),
        (
            "an encrypted one in front",
            format!("{}{pem}", refused::encrypted_pkcs1()),
        ),
        ("an EC key in front", format!("{}{pem}", refused::ec_pkcs8())),
        ("a certificate in front, and no first line", {
            let headless = pem.split_once('\n').expect("lines").1;
            format!("{}{headless}", pem.replace("RSA PRIVATE KEY", "CERTIFICATE"))
        }),
        ("the same of PKCS#8", body(&key.pkcs8_pem())),
        (
            "PKCS#8 under the other's label",
            key.pkcs8_pem().replace("PRIVATE KEY", "RSA PRIVATE KEY"),
        ),
        (
            "PKCS#1 under the other's label",
            pem.replace("RSA PRIVATE KEY", "PRIVATE KEY"),
        ),
    ];
    hold_alike(&key, &shapes);
}

fn hold_alike(key: &BotKey, shapes: &[(&str, String)]) {
    let expected = format!("RSA 2048, SHA256:{}", key.fingerprint());
    for (shape, text) in shapes {
        let description = parse(text).and_then(|key| key.description());
        assert_eq!(
            description.map_err(|failure| failure.summary),
            Ok(expected.clone()),
            "{shape}"
        );
    }
}

#[test]
fn what_is_no_rsa_private_key_is_refused_by_name() {
    let pem = BotKey::pooled(0).pkcs1_pem();
    let without_third_line: String = pem
        .lines()
        .enumerate()
        .filter(|(line, _)| *line != 2)
        .map(|(_, line)| line.to_owned() + "\n")
        .collect();
    let third = pem.lines().nth(2).expect("lines").to_owned() + "\n";
    let with_third_line_twice = pem.replace(&third, &third.repeat(2));
    let certificate = pem.replace("RSA PRIVATE KEY", "CERTIFICATE");
    let cases = [
        (
            refused::openssh(),
            Code::PrivateKeyOpenssh,
            "PRIVATE_KEY_PEM is in OpenSSH's format",
        ),
        (
            refused::ec_sec1(),
            Code::PrivateKeyNotRsa,
            "PRIVATE_KEY_PEM holds an elliptic-curve (EC) key",
        ),
        (
            refused::ec_pkcs8(),
            Code::PrivateKeyNotRsa,
            "PRIVATE_KEY_PEM holds an elliptic-curve (EC) key",
        ),
        (
            refused::public_key(),
            Code::PrivateKeyPublic,
            "PRIVATE_KEY_PEM holds a public key",
        ),
        (
            certificate,
            Code::PrivateKeyPublic,
            "PRIVATE_KEY_PEM holds a certificate",
        ),
        (
            refused::encrypted_pkcs8(),
            Code::PrivateKeyEncrypted,
            "PRIVATE_KEY_PEM holds an encrypted key",
        ),
        (
            refused::encrypted_pkcs1(),
            Code::PrivateKeyEncrypted,
            "PRIVATE_KEY_PEM holds an encrypted key",
        ),
        (
            refused::rsa_1024(),
            Code::PrivateKeyTooShort,
            "PRIVATE_KEY_PEM holds an RSA key of only 1024 bits",
        ),
        (
            refused::truncated(),
            Code::PrivateKeyTruncated,
            "PRIVATE_KEY_PEM is cut off",
        ),
        (
            without_third_line,
            Code::PrivateKeyTruncated,
            "PRIVATE_KEY_PEM is not whole",
        ),
        (
            with_third_line_twice,
            Code::PrivateKeyMalformed,
            "PRIVATE_KEY_PEM is damaged",
        ),
        (
            pem.replace("PRIVATE KEY-----\n", "PRIVATE KEY-----\n!"),
            Code::PrivateKeyMalformed,
            "PRIVATE_KEY_PEM is damaged",
        ),
        (
            "hunter2".to_owned(),
            Code::PrivateKeyMalformed,
            "PRIVATE_KEY_PEM is not PEM",
        ),
        (String::new(), Code::PrivateKeyMalformed, "PRIVATE_KEY_PEM is not PEM"),
    ];
    for (text, code, summary) in cases {
        let failure = parse(&text)
            .err()
            .unwrap_or_else(|| panic!("accepted instead of: {summary}"));
        assert_eq!((failure.code, failure.summary.as_str()), (code, summary));
        assert!(failure.cause.is_some() && failure.fix.is_some(), "{summary}");
    }
}

#[test]
fn what_stands_beside_a_key_or_in_its_place_is_told_apart() {
    let pem = BotKey::pooled(0).pkcs1_pem();
    let cases = [
        (
            format!("{pem}{}", BotKey::pooled(1).pkcs1_pem()),
            Code::PrivateKeyMalformed,
            "PRIVATE_KEY_PEM holds several keys",
        ),
        (
            format!(
                "{}{}",
                pem.replace("RSA PRIVATE KEY", "CERTIFICATE"),
                refused::encrypted_pkcs8()
            ),
            Code::PrivateKeyEncrypted,
            "PRIVATE_KEY_PEM holds an encrypted key",
        ),
        (
            body(&refused::public_key()),
            Code::PrivateKeyMalformed,
            "PRIVATE_KEY_PEM is not PEM",
        ),
    ];
    for (text, code, summary) in cases {
        let failure = parse(&text)
            .err()
            .unwrap_or_else(|| panic!("accepted instead of: {summary}"));
        assert_eq!((failure.code, failure.summary.as_str()), (code, summary));
    }
    // The same key twice is one.
    assert!(parse(&pem.repeat(2)).is_ok());
}

#[test]
fn no_failure_quotes_a_part_of_the_key() {
    let pem = BotKey::pooled(1).pkcs1_pem();
    // Every line is long enough to be found, and none stands in a message by chance.
    let lines: Vec<_> = pem.lines().filter(|line| !line.starts_with('-')).collect();
    for cut in (0..pem.len()).step_by(97) {
        for text in [
            pem[..cut].to_owned(),
            pem[cut..].to_owned(),
            pem.replacen(&pem[cut..=cut], "?", 3),
        ] {
            if let Err(failure) = parse(&text) {
                let told = format!("{failure:?}");
                assert!(
                    !lines.iter().any(|line| told.contains(&line[..16])),
                    "cut at {cut}: {told}"
                );
            }
        }
    }
}
