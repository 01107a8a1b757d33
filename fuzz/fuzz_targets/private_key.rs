//! What stands in Infisical is a key, or is refused by a name, and is never quoted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plumbing::PrivateKey;
use secrecy::SecretString;

fuzz_target!(|text: &str| {
    if let Err(failure) = PrivateKey::parse(&SecretString::from(text)) {
        assert!(failure.code.name().starts_with("private_key_"));
        let told = format!("{}{:?}{:?}", failure.summary, failure.cause, failure.fix);
        // What a line of a key is made of; other words may well be our own.
        let is_of_a_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
        let mut lines = text.split(|c| !is_of_a_key(c));
        assert!(!lines.any(|line| line.len() >= 40 && told.contains(line)));
    }
});
