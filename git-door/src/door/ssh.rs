//! git over ssh: for every host but the bot's, where it would be the operator.

use std::env;
use std::ffi::OsString;
use std::process::Command;

use plumbing::shell::quoted;
use plumbing::{Code, Failure, text};

use super::arrangement::{Arrangement, OPERATORS_SSH, OWN_SSH};
use super::{cannot, out_of_the_folder};
use crate::ask::told_by;
use crate::find::find;
use crate::ssh::{asked, with_a_shell};

/// Options of ssh(1) that take a value.
const WITH_VALUE: &str = "BbcDEeFIiJLlmOoPpQRSWw";

/// The operator's ssh, if it does not go to the bot's host.
pub(crate) fn command(name: &str, arrangement: &Arrangement, arguments: &[OsString]) -> Result<Command, Failure> {
    let own = own(name, arrangement)?;
    // With -G it says what it would do and does nothing; git asks so too, to learn which ssh it has.
    if arguments.iter().any(|argument| argument == "-G") {
        return Ok(shell(&own, ""));
    }
    let words: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
    let destination = destination(&words).unwrap_or_default();
    let host = destination
        .trim_start_matches("ssh://")
        .rsplit('@')
        .next()
        .unwrap_or_default();
    let host = host.split_once('/').map_or(host, |(host, _)| host);
    let bots = arrangement.host();
    let leads_to = asked(shell(&own, "-G"), arguments);
    let is_bots = bots.has_name(host) || leads_to.iter().any(|name| bots.has_name(name));
    if !is_bots {
        return Ok(shell(&own, ""));
    }
    let bots = bots.name();
    let cause = if arrangement.host().has_name(host) {
        "the remote is an ssh URL of a form that is not led to HTTPS, or a url.….insteadOf or pushInsteadOf of git's \
         configuration leads there"
            .to_owned()
    } else {
        format!("ssh's configuration leads “{}” to {bots}", text::quote(host))
    };
    let path = words
        .last()
        .and_then(|line| line.split('\'').nth(1))
        .unwrap_or("OWNER/NAME.git");
    Err(Failure::new(
        Code::ConfigConflict,
        format!("git would reach {bots} over ssh, as the operator"),
    )
    .cause(cause)
    .fix(format!(
        "write the remote as https://{}/{}; `git config --show-origin --get-regexp '^url\\.'` tells of rewritings",
        arrangement.host().0,
        text::quote(path.trim_start_matches('/'))
    )))
}

/// The operator's ssh, as a line for a shell.
fn own(name: &str, arrangement: &Arrangement) -> Result<String, Failure> {
    if name == OPERATORS_SSH {
        if let Ok(own) = env::var(OWN_SSH) {
            return Ok(own);
        }
        let mut ask = Command::new(arrangement.git());
        let told = told_by(ask.args(["config", "core.sshCommand"])).map_err(|error| cannot(&error, &ask))?;
        let command = String::from_utf8_lossy(&told).trim().to_owned();
        if !command.is_empty() {
            return Ok(command);
        }
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let ssh = find(&path, "ssh").ok_or_else(|| Failure::new(Code::ConfigMissing, "there is no ssh on PATH"))?;
    Ok(quoted(&ssh.to_string_lossy()))
}

/// A line of the operator's, without our stand-ins.
fn shell(own: &str, first: &str) -> Command {
    let mut command = with_a_shell(Command::new("sh"), own, first);
    out_of_the_folder(&mut command);
    command
}

fn destination<'a>(words: &'a [std::borrow::Cow<'_, str>]) -> Option<&'a str> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some(options) = word.strip_prefix('-') else {
            return Some(word);
        };
        let valued = options.find(|option| WITH_VALUE.contains(option));
        // Its value is the next word, where nothing stands behind the letter.
        if valued.is_some_and(|at| at + 1 == options.len()) {
            words.next();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::destination;

    #[test]
    fn the_destination_is_the_first_word_that_is_no_option() {
        for line in [
            "git@h cmd",
            "-p 22 git@h cmd",
            "-p22 -o SendEnv=X git@h cmd",
            "-4Ai key git@h",
            "git@h -p 22 cmd",
        ] {
            let words: Vec<_> = line.split(' ').map(Into::into).collect();
            assert_eq!(destination(&words), Some("git@h"), "{line}");
        }
    }
}
