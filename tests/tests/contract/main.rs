//! The fakes held against what is known of the real servers: recordings, GitHub's OpenAPI description, and the table of
//! GitHub's refusals.
// A test that cannot go on has nothing better to do than to panic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod client;
mod github_messages;
mod github_shapes;
mod infisical_new;
mod infisical_old;
mod infisical_recorded;
mod infisical_writes;
mod keys;
mod network;
mod recordings;
mod schema;
