//! git-lfs: a client of its own, which reads git's settings by rules of its own, so what it cannot be told to forget is refused.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use plumbing::{Code, Failure};

use crate::arrangement::Arrangement;
use crate::hazards::{self, Kind, Reach};
use crate::host::Host;
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
    let own = settings::all(&mut git(), &[]);
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
    let (kind, reach) = hazards::of_setting(setting, host)?;
    match kind {
        // A general header gives way to the one that is set for the host.
        Kind::Header => (reach > Reach::General).then_some("a header"),
        Kind::Cookie => Some("a cookie"),
        Kind::Certificate => Some("a client certificate"),
        Kind::Url => {
            let reads = |section| setting.parts(section).is_some();
            (reads("remote") || reads("lfs") || reads("url")).then_some("a credential of a URL")
        }
        Kind::Netrc | Kind::Ssh => None,
    }
}
