//! What stands in Infisical is a key, or is refused by a name, and is never quoted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plumbing::PrivateKey;
use secrecy::SecretString;

fuzz_target!(|text: &str| {
    if let Err(failure) = PrivateKey::parse(&SecretString::from(text)) {
        assert!(failure.code.name().starts_with("private_key_"));
        let told = format!("{}{:?}{:?}", failure.summary, failure.cause, failure.fix);
        assert!(!text.lines().any(|line| line.len() >= 40 && told.contains(line)));
    }
});
