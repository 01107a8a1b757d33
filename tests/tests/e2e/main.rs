//! The programs as a person runs them, against the sandbox: whole outputs, exit codes, and what the servers saw.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it meets what it does not expect"
)]

/// Ends a test that needs programs of other people's where one is missing; it is told by name that it was not tried.
macro_rules! needs {
    ($($program:literal),+) => {
        if !tests::tools::are_here(&[$($program),+]) {
            return;
        }
    };
}

mod action;
mod cache_files;
mod chain;
mod clocks;
mod configuration;
mod doctor;
mod early;
mod faults;
mod fetch;
mod files;
mod flight;
mod git;
mod github;
mod help;
mod house;
mod identity;
mod init;
mod install;
mod kept;
mod keychain;
mod kills;
mod login;
mod mint;
mod names;
mod network;
mod night;
mod pages;
mod pipeline;
mod provision;
mod readme;
mod real_programs;
mod renew;
mod resources;
mod runbook;
mod secrecy;
mod security;
mod signals;
mod terminal;
mod wrapper;
