//! Mints tokens and prints them; see the library.

use std::process::ExitCode;

use jiff::Timestamp;
use plumbing::documents::InstallationToken;
use plumbing::pipe;
use plumbing::{Code, Environment, Failure, Failures, program};
use raxx_mint::cli::Cli;
use raxx_mint::export::{self, Format};
use raxx_mint::kept::{self, Kept};
use secrecy::ExposeSecret;

fn wants_several(cli: &Cli) -> bool {
    let fetch = &cli.options.fetch;
    fetch.all_bots || fetch.bots.len() + fetch.paths.len() > 1
}

fn print_kept(cli: &Cli) -> Result<(), Failure> {
    let now = Timestamp::now();
    for kept in kept::list(&Environment::of_process(), now, cli.report)? {
        pipe::print(&if cli.json { kept.to_json()? } else { kept.to_text(now) })?;
    }
    Ok(())
}

fn forget_kept(cli: &Cli) -> Result<(), Failures> {
    let fetch = &cli.options.fetch;
    let is_named = |kept: &Kept| fetch.bots.contains(&kept.bot) || fetch.paths.contains(&kept.path);
    let is_meant = |kept: &Kept| (fetch.bots.is_empty() && fetch.paths.is_empty()) || is_named(kept);
    let forgotten = kept::forget(&Environment::of_process(), is_meant, Timestamp::now(), cli.report)?;
    program::each(forgotten, |one| {
        one.outcome.map_err(|failure| failure.of_bot(Some(one.kept.bot)))
    })
}

fn print_token(cli: &Cli, token: &InstallationToken) -> Result<(), Failure> {
    match cli.export {
        Some(format) => {
            if format == Format::GithubEnv && std::env::var_os("GITHUB_ACTIONS").is_some() {
                // Standard output is the GITHUB_ENV file; the runner reads commands from standard error too.
                cli.report.command(&export::mask(&token.token));
            }
            pipe::print(&export::render(&export::variables(token)?, format))
        }
        None if cli.json || wants_several(cli) => pipe::write(token, cli.output, &cli.report),
        None => pipe::print(&format!("{}\n", token.token.expose_secret())),
    }
}

fn main() -> ExitCode {
    program::run(
        |cli: &Cli| &cli.report,
        |cli| {
            if cli.export.is_some() && wants_several(cli) {
                return Err(Failure::new(Code::Usage, "--export is for one bot")
                    .cause("the variables of several bots would overwrite one another")
                    .fix("name one bot, or leave --export away and read the JSON lines")
                    .into());
            }
            if cli.list {
                return Ok(print_kept(cli)?);
            }
            if cli.forget {
                return forget_kept(cli);
            }
            let minted = raxx_mint::mint(&Environment::of_process(), &cli.options, Timestamp::now, cli.report)?;
            program::each(minted, |minted| {
                let name = wants_several(cli).then_some(minted.bot);
                minted
                    .outcome
                    .and_then(|token| print_token(cli, &token))
                    .map_err(|failure| failure.of_bot(name))
            })
        },
    )
}
