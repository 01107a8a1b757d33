//! git-lfs: a client of its own, which reads git's settings by rules of its own, so what it cannot be told to forget is refused.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use plumbing::{Code, Failure};

use super::arrangement::Arrangement;
use super::{home, without_the_operators};
use crate::hazards::{self, Kind, Reach};
use crate::host::{Host, Place};
use crate::settings::{self, Setting};

/// Those that speak to no server. They keep the user's home, since `install` writes into it.
const LOCAL: [&str; 24] = [
    "install",
    "uninstall",
    "track",
    "untrack",
    "update",
    "version",
    "--version",
    "-v",
    "env",
    "help",
    "--help",
    "-h",
    "ls-files",
    "status",
    "pointer",
    "clean",
    "dedup",
    "ext",
    "fsck",
    "logs",
    "checkout",
    "completion",
    "post-commit",
    "post-checkout",
];

/// git-lfs itself, as the bot.
pub(crate) fn command(folder: &Path, arrangement: &Arrangement, arguments: &[OsString]) -> Result<Command, Failure> {
    let lfs = arrangement
        .lfs
        .as_ref()
        .ok_or_else(|| Failure::new(Code::ConfigMissing, "git-lfs is not found"))?;
    let mut command = Command::new(lfs);
    let verb = arguments.first().and_then(|verb| verb.to_str()).unwrap_or("help");
    if LOCAL.contains(&verb) {
        return Ok(command);
    }
    let urls = arguments.iter().map(|argument| argument.to_string_lossy());
    if urls
        .flat_map(|argument| {
            [
                argument.split_once('=').map(|(_, url)| url.to_owned()),
                Some(argument.into_owned()),
            ]
        })
        .flatten()
        .any(|url| has_credential(&url, arrangement.host()))
    {
        let summary = format!(
            "git-lfs would send {} a credential of a URL, as the operator",
            arrangement.host().name()
        );
        return Err(Failure::new(Code::ConfigConflict, summary)
            .cause("an argument is a URL with a user and a password")
            .fix("leave both out of it: https://HOST/OWNER/NAME"));
    }
    without_the_operators(&mut command, home::without_netrc(folder).as_deref());
    let git = || Command::new(arrangement.git());
    let own = settings::read(&mut git())?;
    // Where git-lfs looks for it, in this order.
    let committed = [
        &["--file", ".lfsconfig"][..],
        &["--blob", ":.lfsconfig"],
        &["--blob", "HEAD:.lfsconfig"],
    ];
    let committed = committed
        .into_iter()
        .map(|place| settings::all(&mut git(), place))
        .find(|found| !found.is_empty());
    let host = arrangement.host();
    for setting in own.iter().chain(committed.iter().flatten()) {
        if let Some(what) = would_be_the_operator(setting, host) {
            return Err(Failure::new(
                Code::ConfigConflict,
                format!("git-lfs would send {} {what}, as the operator", host.name()),
            )
            .cause(format!(
                "{} is set, and git-lfs cannot be told to forget it",
                setting.named()
            ))
            .fix("unset it there, or in this clone: `git config --unset-all KEY`"));
        }
    }
    Ok(command)
}

/// What of the operator's a setting would add for the bot's host.
fn would_be_the_operator(setting: &Setting, host: Host<'_>) -> Option<&'static str> {
    if setting.value.is_empty() {
        return None;
    }
    match hazards::of_http(setting, host) {
        // A general header gives way to the one that is set for the host.
        Some((Kind::Header, reach)) => return (reach != Reach::General).then_some("a header"),
        Some((Kind::Cookie, _)) => return Some("a cookie"),
        Some((Kind::Certificate, _)) => return Some("a client certificate"),
        _ => {}
    }
    // Wherever a URL stands: of a remote, of a branch, in `remote.pushDefault`, in `url.<base>.insteadOf`.
    let base = setting.parts("url").map(|(between, _)| between);
    let urls = [Some(setting.value.as_str()), base];
    let leads_here = urls.into_iter().flatten().any(|url| has_credential(url, host));
    leads_here.then_some("a credential of a URL")
}

fn has_credential(url: &str, host: Host<'_>) -> bool {
    hazards::has_credential(url) && host.place(url) != Place::Elsewhere
}
