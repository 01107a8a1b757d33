//! The door itself: git over HTTPS, with the URL that git's configuration has led to.

use std::borrow::Cow;
use std::convert::Infallible;
use std::env;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use plumbing::{Code, Failure};

use super::arrangement::Arrangement;
use super::{cannot, home, without_the_operators};
use crate::ask::told_by;
use crate::host::Place;
use crate::settings::as_parameters;

/// How git hands the settings of its command line on (git.c).
const PARAMETERS: &str = "GIT_CONFIG_PARAMETERS";

/// Becomes the real program: `git-remote-https REMOTE URL`, or `git-remote-https URL`.
pub(crate) fn become_it(
    name: &str,
    folder: &Path,
    arrangement: &Arrangement,
    arguments: &[OsString],
) -> Result<Infallible, Failure> {
    let given = arguments.last().map(|url| url.to_string_lossy()).unwrap_or_default();
    let place = arrangement.host().place(&given);
    if place != Place::Elsewhere && matches!(given, Cow::Owned(_)) {
        // What stands for it here would be another repository.
        return Err(Failure::new(Code::Usage, "the remote's URL is no text (UTF-8)")
            .cause(format!("no name on {} has such letters", arrangement.host().name()))
            .fix("`git remote -v` shows it; write it anew"));
    }
    let (url, settings) = match place {
        Place::Elsewhere => {
            let mut real = Command::new(arrangement.exec_path.join(name));
            real.args(arguments);
            return Err(cannot(&real.exec(), &real));
        }
        Place::Bot(url) => {
            let mut settings = resets(&url);
            // Sent at once, so that no netrc is looked for, and no request is one of nobody's.
            settings.push((format!("http.{url}.proactiveAuth"), "basic".to_owned()));
            settings.extend(arrangement.helper());
            (url, settings)
        }
        // The bot's token is of no use there, and nobody else's may go there.
        Place::Neighbour(url) => {
            let mut settings = resets(&url);
            settings.push((format!("credential.{url}.helper"), String::new()));
            (url, settings)
        }
    };
    let parameters = as_parameters(env::var_os(PARAMETERS).unwrap_or_default(), &settings);
    let home = home::without_netrc(folder);
    let prepare = |command: &mut Command| {
        without_the_operators(command, home.as_deref());
        command.env(PARAMETERS, &parameters);
    };
    refuse_certificate(arrangement, &url, &prepare)?;
    let mut real = Command::new(arrangement.exec_path.join("git-remote-https"));
    prepare(&mut real);
    // A remote without a name is called by its URL.
    let remote = arguments.first().filter(|_| arguments.len() > 1);
    let is_url = |remote: &OsString| remote.to_string_lossy().contains("://");
    real.args(remote.map(|remote| {
        if is_url(remote) {
            url.clone().into()
        } else {
            remote.clone()
        }
    }));
    real.arg(&url);
    Err(cannot(&real.exec(), &real))
}

/// The real program of one that git itself does not start any more, where it does not go to the bot's host: it takes headers,
/// cookies and credentials from wherever it likes.
pub(crate) fn past_the_door(name: &str, arrangement: &Arrangement, arguments: &[OsString]) -> Result<Command, Failure> {
    let host = arrangement.host();
    if arguments
        .iter()
        .any(|argument| host.place(&argument.to_string_lossy()) != Place::Elsewhere)
    {
        let summary = format!("{name} would go to {} as the operator", host.name());
        return Err(Failure::new(Code::ConfigConflict, summary)
            .cause("it reads settings that cannot be put aside for it")
            .fix("use `git fetch` and `git push`, which act as the bot"));
    }
    Ok(Command::new(arrangement.exec_path.join(name)))
}

/// For exactly that URL, which no other setting's can match better.
fn resets(url: &str) -> Vec<(String, String)> {
    let empty = ["extraHeader", "cookieFile"].map(|name| (format!("http.{url}.{name}"), String::new()));
    empty
        .into_iter()
        .chain([(format!("http.{url}.saveCookies"), "false".to_owned())])
        .collect()
}

/// An empty value does not take a client certificate away, and with it the server may know the operator.
fn refuse_certificate(arrangement: &Arrangement, url: &str, prepare: &dyn Fn(&mut Command)) -> Result<(), Failure> {
    let mut ask = Command::new(arrangement.git());
    prepare(&mut ask);
    ask.args(["config", "--get-urlmatch", "http.sslCert", url]);
    // Nothing is said where it is not set; where git cannot be asked, it is not known.
    let told = told_by(&mut ask).map_err(|error| cannot(&error, &ask))?;
    if told.trim_ascii().is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        Code::ConfigConflict,
        format!("git would show {} a client certificate, as the operator", arrangement.host().name()),
    )
    .cause("http.sslCert or http.<URL>.sslCert is set for that host, and git has no way to take it back")
    .fix("`git config --show-origin --get-regexp 'http.*sslcert'` tells where; unset it there, or set it for other hosts only"))
}
