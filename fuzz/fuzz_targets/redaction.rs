//! A secret of a length is in no text that is shown, and nothing that is shown drives a terminal.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plumbing::secrets::redact;
use plumbing::text;
use secrecy::SecretString;

fuzz_target!(|input: (&str, &str)| {
    let (secret, around) = input;
    let shown = text::quote(&redact(
        &format!("{around}{secret}{around}"),
        [&SecretString::from(secret)],
    ));
    assert!(!shown.chars().any(char::is_control));
    // The words for what was taken out may be a secret's own.
    if secret.len() >= 16 && !secret.contains("redacted") && !around.contains(secret) {
        assert!(!shown.contains(secret), "{shown}");
    }
});
