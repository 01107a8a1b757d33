//! Hands git a bot's token; see the library.

use std::process::ExitCode;

use clap::CommandFactory;
use git_credential_raxx::cli::{Cli, Verb};
use git_credential_raxx::install::{install, uninstall};
use git_credential_raxx::{Attributes, Operation, QUIT, answer};
use plumbing::{Code, Context, Failure, Failures, pipe, program};

fn main() -> ExitCode {
    program::know_of_children();
    let code = program::run(
        |cli: &Cli| &cli.report,
        |cli, context| match &cli.verb {
            Some(verb) => serve_a_person(verb, context),
            None => serve_git(cli, context),
        },
    );
    // Whatever failed, a mistake in the flags included: git must not go on as the operator. A person reads no protocol.
    let verb = std::env::args_os().nth(1);
    let is_a_persons = verb.is_some_and(|verb| verb == "install" || verb == "uninstall");
    if code != ExitCode::SUCCESS && !is_a_persons {
        // Where git is gone there is nobody left to stop.
        let _ = pipe::print(QUIT);
    }
    code
}

fn serve_git(cli: &Cli, context: &Context) -> Result<(), Failures> {
    let attributes = Attributes::read(std::io::stdin().lock())
        .map_err(|error| Failure::new(Code::DocumentInvalid, "git's request cannot be read").because(error))?;
    let operation = Operation::from(cli.operation.as_deref().unwrap_or_default());
    Ok(pipe::print(&answer(operation, &attributes, &cli.flags, context)?)?)
}

fn serve_a_person(verb: &Verb, context: &Context) -> Result<(), Failures> {
    let (changes, place) = match verb {
        Verb::Install(asked) => {
            // The flags as they were written, which is how git is to call us.
            let matches = Cli::command().get_matches();
            let Some((_, matches)) = matches.subcommand() else {
                return Ok(());
            };
            let mut flags = asked.flags.clone();
            asked.names.put_into(&mut flags.fetch);
            let change = install(&asked.place, &flags, matches, context)?;
            (vec![change], &asked.place)
        }
        Verb::Uninstall(asked) => {
            let api = asked.github.resolve(&context.environment)?;
            (uninstall(&asked.place, &api, context)?, &asked.place)
        }
    };
    for change in &changes {
        pipe::print(&change.text(place.dry_run))?;
        change.notes.iter().for_each(|note| context.report.note(note));
    }
    if changes.is_empty() {
        pipe::print("nothing to change\n")?;
    }
    Ok(())
}
