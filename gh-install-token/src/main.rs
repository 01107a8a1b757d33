//! Reads a JWT and writes an installation token, or revokes one; see the library.

use std::process::ExitCode;

use gh_install_token::Revoked;
use gh_install_token::cli::Cli;
use plumbing::{pipe, program};
use servers::http::Client;

fn main() -> ExitCode {
    program::run(
        |cli: &Cli| &cli.report,
        |cli, context| {
            if cli.revoke {
                if gh_install_token::revoke(&Client::new(context)?, &pipe::read()?)? == Revoked::Already {
                    cli.report.note("the token was expired or revoked already");
                }
                return Ok(());
            }
            let target = cli.flags.resolve(&context.environment)?;
            let jwt = pipe::read()?;
            let live = gh_install_token::exchange(&Client::new(context)?, &jwt, &target, context)?;
            Ok(pipe::write(&live.token, cli.output, &cli.report)?)
        },
    )
}
