//! git-lfs: a client of its own, which reads git's settings by rules of its own, so what it cannot be told to forget is refused.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use plumbing::{Code, Failure};

use crate::arrangement::Arrangement;
use crate::hazards::{self, Kind, Reach};
use crate::host::{Host, Place};
use crate::settings::{self, Setting};
use crate::{home, without_the_operators};

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
    let (between, name) = setting
        .parts("remote")
        .or_else(|| setting.parts("lfs"))
        .or_else(|| setting.parts("url"))?;
    let url = match name {
        "url" | "pushurl" | "lfsurl" | "lfspushurl" => &setting.value,
        "insteadof" | "pushinsteadof" => between,
        _ => return None,
    };
    let leads_here = hazards::has_credential(url) && host.place(url) != Place::Elsewhere;
    leads_here.then_some("a credential of a URL")
}
