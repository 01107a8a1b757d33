//! What on this machine makes git act as the operator, beside credential helpers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use plumbing::{Environment, operators, text};

use crate::arrangement::{LFS, find};
use crate::home::NETRC;
use crate::host::{Host, Place};
use crate::settings::Setting;
use crate::ssh;

/// A way by which the operator's credential would reach a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// curl and git-lfs look for a netrc in the home.
    Netrc,
    /// A header that is sent with each request.
    Header,
    /// A file of cookies.
    Cookie,
    /// A client certificate, by which the server may know the operator.
    Certificate,
    /// A user and password, or a token, in a URL.
    Url,
    /// A remote, or a rewriting of one, that leads to ssh.
    Ssh,
}

/// How far a setting of `http.<URL>.…` reaches: git takes the one whose URL matches best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// Every host.
    General,
    /// Hosts of a pattern, the bot's perhaps.
    Pattern,
    /// The bot's host, whole.
    Host,
    /// A part of the bot's host, or one below it: no setting for the host wins over it.
    Narrower,
}

/// One of them, on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hazard {
    /// By which way.
    pub kind: Kind,
    /// Where it stands, ready to be shown; no secret.
    pub place: String,
    /// What is left of it where our helper is installed, with settings for the whole host.
    pub beside_the_helper: Rest,
}

/// What is left of a hazard where our helper is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Nothing.
    Nothing,
    /// git leaves it aside; git-lfs, which this machine has, does not.
    ForLfs,
    /// All of it.
    All,
}

impl Hazard {
    /// Words for it, with the name of the host.
    pub fn words(&self, host: &str) -> String {
        let host = Host(host).name();
        match self.kind {
            Kind::Netrc => format!("a netrc names {host}: {}", self.place),
            Kind::Header => format!("a header is sent to {host}: {}", self.place),
            Kind::Cookie => format!("cookies are sent to {host}: {}", self.place),
            Kind::Certificate => format!("a client certificate is shown to {host}: {}", self.place),
            Kind::Url => format!("a credential stands in a URL of {host}: {}", self.place),
            Kind::Ssh => format!("{host} is reached over ssh: {}", self.place),
        }
    }

    /// Whether `with-bot-token --git` puts it aside; else git stops there.
    pub fn is_put_aside_by_the_door(&self) -> bool {
        self.kind != Kind::Certificate
    }

    /// What takes it away.
    pub fn fix(&self) -> &'static str {
        match self.kind {
            Kind::Netrc => "take the entry out of that file",
            Kind::Header | Kind::Cookie | Kind::Certificate => {
                "unset it there: `git config --file FILE --unset-all KEY`"
            }
            Kind::Url => {
                "write the URL without it, `https://HOST/OWNER/NAME`, and revoke the credential: it lies on a disk"
            }
            Kind::Ssh => "write the remote as `https://HOST/OWNER/NAME`, or unset the rewriting",
        }
    }
}

/// All that git would find from here; `program` makes one, git or a shell, that has
/// the environment of the git that is meant.
pub fn survey(program: &dyn Fn(&str) -> Command, environment: &Environment, host: &str) -> Vec<Hazard> {
    let host = Host(host);
    let path = environment.given("PATH").unwrap_or_default();
    let for_lfs = find(path, LFS).map_or(Rest::Nothing, |_| Rest::ForLfs);
    let mut hazards: Vec<Hazard> = netrcs(environment, host)
        .map(|file| Hazard {
            kind: Kind::Netrc,
            place: text::quote_path(&file),
            beside_the_helper: for_lfs,
        })
        .collect();
    for setting in crate::settings::all(&mut program("git"), &[]) {
        let (kind, beside_the_helper) = match of_setting(&setting, host) {
            Some((kind @ Kind::Header, Reach::General)) => (kind, Rest::Nothing),
            Some((kind @ (Kind::Header | Kind::Cookie), reach)) if reach < Reach::Narrower => (kind, for_lfs),
            Some((kind, _)) => (kind, Rest::All),
            None if !over_ssh(program, environment, &setting, host) => continue,
            // The rewriting to HTTPS that the helper comes with; git applies no second one.
            None if setting.parts("url").is_none() && is_rewritten(&setting.value, host) => (Kind::Ssh, Rest::Nothing),
            None => (Kind::Ssh, Rest::All),
        };
        hazards.push(Hazard {
            kind,
            place: setting.named(),
            beside_the_helper,
        });
    }
    hazards
}

/// By which way a setting brings the operator to the bot's host, and how far it reaches.
pub(crate) fn of_setting(setting: &Setting, host: Host<'_>) -> Option<(Kind, Reach)> {
    if setting.value.is_empty() {
        return None;
    }
    if let Some((url, name)) = setting.parts("http") {
        let kind = match name {
            "extraheader" => Kind::Header,
            "cookiefile" => Kind::Cookie,
            "sslcert" => Kind::Certificate,
            _ => return None,
        };
        return Some((kind, reach(url, host)?));
    }
    let rewriting = setting.parts("url").map(|(to, _)| to);
    let leads_to = rewriting.unwrap_or(&setting.value);
    (has_credential(leads_to) && host.place(leads_to) != Place::Elsewhere).then_some((Kind::Url, Reach::Narrower))
}

fn reach(url: &str, host: Host<'_>) -> Option<Reach> {
    if url.is_empty() {
        return Some(Reach::General);
    }
    match host.place(url) {
        // With a user in it, it matches better than the host alone.
        Place::Bot(whole)
            if !url.contains('@')
                && whole.matches('/').count() <= 3
                && whole.trim_end_matches('/') == format!("https://{}", host.0) =>
        {
            Some(Reach::Host)
        }
        Place::Bot(_) | Place::Neighbour(_) => Some(Reach::Narrower),
        // `https://*.com`: it may be meant.
        Place::Elsewhere => (url.contains('*') && url.contains("://")).then_some(Reach::Pattern),
    }
}

/// Whether the user of a URL comes with a password, or is a token. A name alone is none: git asks a helper for the rest.
pub(crate) fn has_credential(url: &str) -> bool {
    let authority = url.split_once("://").and_then(|(_, rest)| rest.split('/').next());
    let Some((user, _)) = authority.and_then(|authority| authority.rsplit_once('@')) else {
        return false;
    };
    match user.split_once(':') {
        Some((_, password)) if !password.is_empty() => true,
        _ => operators::holds_token(user) || is_old_token(user.trim_end_matches(':')),
    }
}

/// GitHub's tokens of before 2021.
fn is_old_token(user: &str) -> bool {
    user.len() == 40 && user.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a remote, or a rewriting, leads to the bot's host over ssh.
fn over_ssh(program: &dyn Fn(&str) -> Command, environment: &Environment, setting: &Setting, host: Host<'_>) -> bool {
    let url = match (setting.parts("remote"), setting.parts("url")) {
        (Some((_, "url" | "pushurl")), _) => &setting.value,
        (_, Some((to, _))) => to,
        _ => return false,
    };
    let Some(destination) = ssh::destination_of_url(url) else {
        return false;
    };
    host.has_name(destination)
        || ssh::leads_to(program, environment, destination)
            .iter()
            .any(|name| host.has_name(name))
}

/// Whether a remote's URL begins as one that our rewriting knows.
fn is_rewritten(url: &str, host: Host<'_>) -> bool {
    host.other_forms().iter().any(|form| url.starts_with(form))
}

/// The netrc files that name the host, or any host.
fn netrcs(environment: &Environment, host: Host<'_>) -> impl Iterator<Item = PathBuf> {
    let home = environment.given("HOME").filter(|home| !home.is_empty()).map(Path::new);
    let in_home = NETRC.into_iter().filter_map(move |name| Some(home?.join(name)));
    let named = environment
        .given("NETRC")
        .filter(|file| !file.is_empty())
        .map(PathBuf::from);
    in_home.chain(named).filter(move |file| {
        let content = fs::read(file).unwrap_or_default();
        names(&String::from_utf8_lossy(&content), host)
    })
}

/// Whether a netrc has an entry for the host: words, in any number of lines
/// (<https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html>).
fn names(netrc: &str, host: Host<'_>) -> bool {
    let lines = netrc.lines().map(str::trim_start);
    let mut words = lines
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace);
    while let Some(word) = words.next() {
        match word {
            "default" => return true,
            "machine" if words.next().is_some_and(|name| host.has_name(name.trim_matches('"'))) => return true,
            // What follows is a value, whatever it looks like.
            "login" | "password" | "account" => {
                words.next();
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{Kind, Reach, has_credential, names, of_setting};
    use crate::host::Host;
    use crate::settings::Setting;

    const HOST: Host<'_> = Host("github.com");

    fn found(key: &str, value: &str) -> Option<(Kind, Reach)> {
        let setting = Setting {
            origin: String::new(),
            key: key.to_owned(),
            value: value.to_owned(),
        };
        of_setting(&setting, HOST)
    }

    #[test]
    fn settings_that_bring_the_operator() {
        for (key, value, expected) in [
            ("http.extraheader", "A: b", Some((Kind::Header, Reach::General))),
            ("http.extraheader", "", None),
            (
                "http.https://github.com/.extraheader",
                "A: b",
                Some((Kind::Header, Reach::Host)),
            ),
            (
                "http.https://GitHub.com:443.extraheader",
                "A: b",
                Some((Kind::Header, Reach::Host)),
            ),
            (
                "http.https://o@github.com/.extraheader",
                "A: b",
                Some((Kind::Header, Reach::Narrower)),
            ),
            (
                "http.https://github.com/O/R.git.extraheader",
                "A: b",
                Some((Kind::Header, Reach::Narrower)),
            ),
            (
                "http.https://gist.github.com/.extraheader",
                "A: b",
                Some((Kind::Header, Reach::Narrower)),
            ),
            (
                "http.https://*.com/.sslcert",
                "/a",
                Some((Kind::Certificate, Reach::Pattern)),
            ),
            ("http.https://gitlab.com/.extraheader", "A: b", None),
            ("http.cookiefile", "/a", Some((Kind::Cookie, Reach::General))),
            ("http.https://github.com/.proactiveauth", "basic", None),
            (
                "remote.origin.url",
                "https://o:p@github.com/O/R",
                Some((Kind::Url, Reach::Narrower)),
            ),
            ("remote.origin.url", "https://o@github.com/O/R", None),
            ("remote.origin.url", "https://o:p@gitlab.com/O/R", None),
            (
                "branch.main.remote",
                "https://ghp_1@github.com/O/R",
                Some((Kind::Url, Reach::Narrower)),
            ),
            (
                "url.https://o:p@github.com/.insteadof",
                "gh:",
                Some((Kind::Url, Reach::Narrower)),
            ),
            ("url.https://github.com/.insteadof", "https://o:p@github.com/", None),
        ] {
            assert_eq!(found(key, value), expected, "{key} = {value}");
        }
    }

    #[test]
    fn a_name_alone_is_no_credential() {
        for url in [
            "https://o:p@h/",
            "https://ghp_1@h/",
            "https://github_pat_1:@h/",
            "https://0123456789abcdef0123456789abcdef01234567@h",
        ] {
            assert!(has_credential(url), "{url}");
        }
        for url in [
            "https://h/",
            "https://o@h/",
            "https://o:@h/",
            "https://h/a:b@c",
            "git@h:a",
        ] {
            assert!(!has_credential(url), "{url}");
        }
    }

    #[test]
    fn a_netrc_names_a_host_in_any_number_of_lines() {
        for netrc in [
            "machine github.com login o password p",
            "machine\n  github.com\nlogin o",
            "machine x.org login o password p\nmachine GitHub.com login o password p",
            "machine api.github.com password p",
            "default login anonymous password p",
            "machine \"github.com\" login o",
        ] {
            assert!(names(netrc, HOST), "{netrc}");
        }
        for netrc in [
            "",
            "machine gitlab.com login github.com password default",
            "# machine github.com login o",
            "machine notgithub.com login default password machine",
        ] {
            assert!(!names(netrc, HOST), "{netrc}");
        }
    }
}
