//! Where git would go over ssh, and by whose program.

use std::ffi::OsString;
use std::process::Command;

use plumbing::Environment;
use plumbing::shell::quoted;

use crate::ask::text_of;
use crate::settings::Setting;

/// The host that an ssh URL names, or the short form of one (`git@host:path`, git-clone(1)).
pub(crate) fn destination_of_url(url: &str) -> Option<&str> {
    let authority = match url.split_once("://") {
        Some(("ssh" | "git+ssh" | "ssh+git", rest)) => rest.split('/').next()?,
        Some(_) => return None,
        // A path has its first slash before any colon.
        None if url.starts_with('[') || url.contains("@[") => url.split_once("]:").map(|(before, _)| before)?,
        None => url
            .split_once(':')
            .map(|(before, _)| before)
            .filter(|before| !before.contains('/'))?,
    };
    let host = authority.rsplit('@').next()?.trim_matches(['[', ']']);
    Some(host.split_once(':').map_or(host, |(host, _)| host)).filter(|host| !host.is_empty())
}

/// The names that the operator's ssh would go to for a host, which may be an alias of its configuration. Which ssh git takes:
/// <https://git-scm.com/docs/git-config#Documentation/git-config.txt-coresshCommand>.
pub(crate) fn leads_to(settings: &[Setting], shell: Command, environment: &Environment, host: &str) -> Vec<String> {
    let given = |name: &str| {
        let value = environment.given(name).filter(|value| !value.is_empty());
        value.map(|value| value.to_string_lossy().into_owned())
    };
    let set = || {
        let last = settings.iter().rev().find(|setting| setting.key == "core.sshcommand");
        last.map(|setting| setting.value.clone()).filter(|own| !own.is_empty())
    };
    let own = given("GIT_SSH_COMMAND").or_else(set);
    let own = own.or_else(|| given("GIT_SSH").map(|program| quoted(&program)));
    let own = own.unwrap_or_else(|| "ssh".to_owned());
    asked(with_a_shell(shell, &own, "-G"), &[host.into()])
}

/// A line of the operator's, with the arguments behind it, as git runs it.
pub(crate) fn with_a_shell(mut command: Command, own: &str, first: &str) -> Command {
    command.arg("-c").arg(format!("{own} {first} \"$@\"")).arg("ssh");
    command
}

/// The names that ssh itself says it would go to: nothing for one that does not understand the question.
pub(crate) fn asked(mut ask: Command, arguments: &[OsString]) -> Vec<String> {
    let told = text_of(ask.args(arguments));
    let lines = told.lines().filter_map(|line| line.split_once(' '));
    let names = lines.filter(|(key, _)| ["hostname", "hostkeyalias"].contains(key));
    names.map(|(_, name)| name.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::destination_of_url;

    #[test]
    fn the_host_of_an_ssh_url() {
        for url in [
            "git@work:O/R",
            "work:O/R.git",
            "ssh://git@work:22/O/R",
            "git+ssh://work/O/R",
        ] {
            assert_eq!(destination_of_url(url), Some("work"), "{url}");
        }
        for url in ["https://work/O/R", "/srv/a:b", "./a:b", "R"] {
            assert_eq!(destination_of_url(url), None, "{url}");
        }
    }
}
