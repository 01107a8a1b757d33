//! What comes through a pipe is a document, or is refused by a name.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plumbing::documents::{AppJwt, BotSecrets, InfisicalSession, InstallationToken, LiveToken};
use plumbing::{Failure, pipe};

fn is_named<T>(outcome: Result<T, Failure>) {
    if let Err(failure) = outcome {
        assert!(failure.code.name().starts_with("document_"));
        assert!(!failure.summary.chars().any(char::is_control));
    }
}

fuzz_target!(|bytes: &[u8]| {
    is_named(pipe::parse::<InfisicalSession>(bytes));
    is_named(pipe::parse::<BotSecrets>(bytes));
    is_named(pipe::parse::<AppJwt>(bytes));
    is_named(pipe::parse::<InstallationToken>(bytes));
    is_named(pipe::parse::<LiveToken>(bytes));
});
