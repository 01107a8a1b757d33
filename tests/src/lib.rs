//! What only tests need: a fake Infisical, a fake GitHub, and the sandbox that runs a command against both.
//!
//! The fakes are strict. They verify a JWT's signature and claims against the bot's public key, refuse what the real
//! servers refuse, with the real bodies, and keep a [`journal`] of what they were asked. They share no code with the
//! programs they test: two readings of one protocol find each other's mistakes. `tests/contract` holds their answers
//! against the recordings of a real Infisical and against GitHub's own OpenAPI description.
//!
//! ```
//! use tests::{infisical::FakeInfisical, script::Canned};
//!
//! let infisical = FakeInfisical::start(tests::infisical::Settings::default());
//! infisical.answer_next("POST /api/v1/auth", 1, Canned::new(429).header("Retry-After", "1"));
//! // … run something against `infisical.base_url()` …
//! assert_eq!(infisical.journal().to("POST /api/v1/auth").len(), 0);
//! ```
// A harness that cannot start has nothing better to do than to panic, at the line where it happened.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::missing_panics_doc)]

pub mod distance;
pub mod github;
pub mod infisical;
pub mod journal;
pub mod keys;
pub mod programs;
pub mod proxy;
pub mod relay;
pub mod sandbox;
pub mod script;
mod server;
pub mod tls;
pub mod tools;
