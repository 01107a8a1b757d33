#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod account;
mod app;
pub mod cli;
mod dispatcher;
mod installation;
mod interruption;
mod operator;
mod page;
mod proof;
mod rights;
mod sitting;
mod vault;
mod visit;
