//! What on this machine makes git act as the operator, beside credential helpers.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use plumbing::{Environment, operators, text};

use crate::ask::text_of;
use crate::find::{LFS, find};
use crate::helpers::is_within;
use crate::host::{Host, Place};
use crate::settings::{self, Setting};
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

/// What is left of a hazard by git's settings as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Nothing.
    Nothing,
    /// git leaves it aside; git-lfs, which this machine has, does not.
    ForLfs,
    /// All of it.
    All,
}

/// One of them, on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hazard {
    /// By which way.
    pub kind: Kind,
    /// Where it stands, ready to be shown; no secret.
    pub place: String,
    /// What takes it away.
    pub fix: String,
    /// What is left of it, where our helper's settings are among those that were looked at.
    pub rest: Rest,
    /// Whether `with-bot-token --git` puts it aside; else git stops there.
    pub is_put_aside_by_the_door: bool,
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
}

/// Which part of the bot's host a setting is for, as git weighs it: the URL that matches best wins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Every host.
    General,
    /// Hosts of a pattern, the bot's perhaps.
    Pattern,
    /// The bot's host, or what is below this path of it; with a user in its URL it weighs more.
    Part(String, bool),
    /// A host below the bot's.
    Neighbour,
}

impl Reach {
    /// Whether it is for a repository below this path.
    fn matches(&self, path: &str) -> bool {
        match self {
            Self::General | Self::Pattern => true,
            Self::Part(limit, _) => is_within(path, limit),
            Self::Neighbour => false,
        }
    }

    fn path(&self) -> &str {
        match self {
            Self::Part(path, _) => path,
            _ => "",
        }
    }

    fn weight(&self) -> (u8, usize, bool) {
        match self {
            Self::General => (0, 0, false),
            Self::Pattern => (1, 0, false),
            Self::Part(path, has_user) => (2, path.len(), *has_user),
            Self::Neighbour => (3, 0, false),
        }
    }
}

/// All that git would find, with these settings, for repositories below `path` of the host; `program` makes one, git or a shell,
/// that has the environment of the git that is meant.
pub fn survey(
    settings: &[Setting],
    program: &dyn Fn(&str) -> Command,
    environment: &Environment,
    host: &str,
    path: &str,
) -> Vec<Hazard> {
    let host = Host(host);
    let for_lfs = if find(environment.given("PATH").unwrap_or_default(), LFS).is_some() {
        Rest::ForLfs
    } else {
        Rest::Nothing
    };
    let mut hazards = sent(settings, host, path, for_lfs);
    hazards.extend(in_files_and_variables(settings, environment, host, path, for_lfs));
    let leads_to = |host_of_ssh: &str| {
        let by_name = host.has_name(host_of_ssh);
        by_name
            || ssh::leads_to(settings, program("sh"), environment, host_of_ssh)
                .iter()
                .any(|name| host.has_name(name))
    };
    hazards.extend(urls(settings, &committed(program), host, path, &leads_to));
    hazards
}

/// What is sent before any helper is asked, or beside it: for a helper that is being asked, and has little time.
pub fn sent_with_a_request(settings: &[Setting], environment: &Environment, host: &str, path: &str) -> Option<Hazard> {
    let host = Host(host);
    let mut hazards = sent(settings, host, path, Rest::Nothing);
    hazards.extend(in_files_and_variables(settings, environment, host, path, Rest::Nothing));
    hazards.into_iter().find(|hazard| hazard.rest == Rest::All)
}

/// A netrc, and the certificate that a variable names.
fn in_files_and_variables(
    settings: &[Setting],
    environment: &Environment,
    host: Host<'_>,
    path: &str,
    for_lfs: Rest,
) -> Vec<Hazard> {
    let netrc = if looks_into_no_netrc(settings, host, path) {
        for_lfs
    } else {
        Rest::All
    };
    let netrcs = netrcs(environment, host).map(move |file| Hazard {
        kind: Kind::Netrc,
        place: text::quote_path(&file),
        fix: format!("take the entry out of {}", text::quote_path(&file)),
        rest: netrc,
        is_put_aside_by_the_door: true,
    });
    let certificate = environment.given("GIT_SSL_CERT").filter(|file| !file.is_empty());
    let certificate = certificate.map(|_| Hazard {
        kind: Kind::Certificate,
        place: "GIT_SSL_CERT (the environment)".to_owned(),
        fix: "unset GIT_SSL_CERT".to_owned(),
        rest: Rest::All,
        // A variable can be taken away, a setting cannot.
        is_put_aside_by_the_door: true,
    });
    netrcs.chain(certificate).collect()
}

/// Headers, cookies and certificates. Of those with one name git takes the URL that matches best; of equals the later, and an empty
/// value forgets those before it (<https://git-scm.com/docs/git-config#Documentation/git-config.txt-httpurl>).
fn sent(settings: &[Setting], host: Host<'_>, path: &str, for_lfs: Rest) -> Vec<Hazard> {
    let reaching: Vec<_> = settings.iter().map(|setting| of_http(setting, host)).collect();
    let mut hazards = vec![];
    for (position, found) in reaching.iter().enumerate() {
        let (Some((kind, reach)), Some(setting)) = (found, settings.get(position)) else {
            continue;
        };
        if setting.value.is_empty() {
            continue;
        }
        // For the repositories that both are about.
        let about = if is_within(path, reach.path()) {
            path
        } else {
            reach.path()
        };
        if !is_within(about, path) || *reach == Reach::Neighbour {
            continue;
        }
        let is_forgotten = reaching.iter().zip(settings).enumerate().any(|(other, (found, by))| {
            found.as_ref().is_some_and(|(other_kind, by_reach)| {
                let outweighs = (by_reach.weight(), other) > (reach.weight(), position);
                let by_an_empty_one = by.value.is_empty() && outweighs;
                // It is not even looked at where a heavier one stands before it.
                let by_a_heavier = other < position && by_reach.weight() > reach.weight();
                other_kind == kind && by_reach.matches(about) && (by_an_empty_one || by_a_heavier)
            })
        });
        let rest = match kind {
            Kind::Certificate => Rest::All,
            // git-lfs takes the host's, were it empty, in place of a general one; else it knows no empty value.
            Kind::Header if is_forgotten && *reach == Reach::General => Rest::Nothing,
            _ if is_forgotten => for_lfs,
            _ => Rest::All,
        };
        hazards.push(Hazard {
            kind: *kind,
            place: setting.named(),
            fix: setting.fix(),
            rest,
            is_put_aside_by_the_door: *kind != Kind::Certificate,
        });
    }
    hazards
}

/// Whether git sends a user, though an empty one, before it looks into a netrc, for all repositories below that path.
fn looks_into_no_netrc(settings: &[Setting], host: Host<'_>, path: &str) -> bool {
    let of_name = settings.iter().filter_map(|setting| {
        let (url, "emptyauth") = setting.parts("http")? else {
            return None;
        };
        Some((reach(url, host)?, setting.value == "true"))
    });
    let of_name: Vec<_> = of_name.collect();
    let is_set_for = |about: &str| {
        let matching = of_name
            .iter()
            .enumerate()
            .filter(|(_, (reach, _))| reach.matches(about));
        let best = matching.max_by_key(|(position, (reach, _))| (reach.weight(), *position));
        best.is_some_and(|(_, (_, is_true))| *is_true)
    };
    let narrower = of_name
        .iter()
        .map(|(reach, _)| reach.path())
        .filter(|limit| is_within(limit, path));
    narrower.chain([path]).all(is_set_for)
}

/// Which of the kinds that are sent with each request a setting is about, and for which part of the host.
pub(crate) fn of_http(setting: &Setting, host: Host<'_>) -> Option<(Kind, Reach)> {
    let (url, name) = setting.parts("http")?;
    let kind = match name {
        "extraheader" => Kind::Header,
        "cookiefile" => Kind::Cookie,
        "sslcert" => Kind::Certificate,
        _ => return None,
    };
    Some((kind, reach(url, host)?))
}

fn reach(url: &str, host: Host<'_>) -> Option<Reach> {
    if url.is_empty() {
        return Some(Reach::General);
    }
    match host.place(url) {
        Place::Bot(whole) => Some(Reach::Part(host.path_in(&whole), url.contains('@'))),
        Place::Neighbour(_) => Some(Reach::Neighbour),
        // `https://*.com`: it may be meant.
        Place::Elsewhere => (url.contains('*') && url.contains("://")).then_some(Reach::Pattern),
    }
}

/// URLs with a credential, and those that lead to ssh, as git's rewritings make them of what is written.
fn urls(
    settings: &[Setting],
    committed: &[Setting],
    host: Host<'_>,
    path: &str,
    leads_to: &dyn Fn(&str) -> bool,
) -> Vec<Hazard> {
    let is_about = |url: &str| match host.place(url) {
        Place::Bot(whole) => {
            let own = host.path_in(&whole);
            is_within(&own, path) || is_within(path, &own)
        }
        Place::Neighbour(_) => path.is_empty(),
        Place::Elsewhere => false,
    };
    let forms = host.other_forms();
    let mut hazards = vec![];
    for setting in settings.iter().chain(committed) {
        let written = match setting.parts("url") {
            Some((to, "insteadof" | "pushinsteadof")) => vec![to.to_owned()],
            Some(_) => continue,
            None => rewritten(
                &setting.value,
                settings,
                setting.parts("remote").is_some_and(|(_, name)| name == "url"),
            ),
        };
        let is_remote = setting
            .parts("remote")
            .is_some_and(|(_, name)| ["url", "pushurl"].contains(&name));
        // An alias of ssh's configuration, or a rewriting to ssh, is not.
        let is_led_to_https = is_remote && forms.iter().any(|form| setting.value.starts_with(form));
        let may_lead_to_ssh = is_remote || setting.parts("url").is_some();
        let kind = written.iter().find_map(|url| {
            if has_credential(url) && is_about(url) {
                return Some(Kind::Url);
            }
            let ssh = ssh::destination_of_url(url).filter(|_| may_lead_to_ssh)?;
            leads_to(ssh).then_some(Kind::Ssh)
        });
        hazards.extend(kind.map(|kind| {
            Hazard {
                kind,
                place: setting.named(),
                fix: match kind {
                    Kind::Ssh => "write it as https://HOST/OWNER/NAME (`git remote set-url`)".to_owned(),
                    _ => {
                        "write the URL without it (`git remote set-url`), and revoke the credential: it lies on a disk"
                            .to_owned()
                    }
                },
                rest: Rest::All,
                is_put_aside_by_the_door: kind == Kind::Url || is_led_to_https,
            }
        }));
    }
    hazards
}

/// What git makes of a URL: to fetch from, and to push to. The longest beginning counts, of equals the first.
fn rewritten(url: &str, settings: &[Setting], for_push_too: bool) -> Vec<String> {
    let by = |rule: &str| {
        let rules = settings.iter().filter_map(|setting| {
            let (to, name) = setting.parts("url")?;
            let rest = url
                .strip_prefix(setting.value.as_str())
                .filter(|_| name == rule && !setting.value.is_empty())?;
            Some((setting.value.len(), format!("{to}{rest}")))
        });
        let mut best: Option<(usize, String)> = None;
        for (length, made) in rules {
            if best.as_ref().is_none_or(|(longest, _)| length > *longest) {
                best = Some((length, made));
            }
        }
        best.map(|(_, made)| made)
    };
    let fetched = by("insteadof").unwrap_or_else(|| url.to_owned());
    let pushed = by("pushinsteadof").filter(|_| for_push_too);
    [Some(fetched), pushed].into_iter().flatten().collect()
}

/// The path of the repository that git stands in, by the first of its remotes that is on the host.
pub fn path_of_remotes(settings: &[Setting], host: &str) -> Option<String> {
    settings.iter().find_map(|setting| {
        let (_, "url") = setting.parts("remote")? else {
            return None;
        };
        let urls = rewritten(&setting.value, settings, false);
        let Place::Bot(whole) = Host(host).place(urls.first()?) else {
            return None;
        };
        Some(Host(host).path_in(&whole))
    })
}

/// What a repository brings with it: the URLs of its submodules, and remotes of git's first years.
fn committed(program: &dyn Fn(&str) -> Command) -> Vec<Setting> {
    let ask = |line: &[&str]| {
        let told = text_of(program("git").arg("rev-parse").args(line));
        let path = told.trim_end_matches('\n');
        (!path.is_empty()).then(|| PathBuf::from(path))
    };
    let mut found = vec![];
    if let Some(modules) = ask(&["--show-toplevel"])
        .map(|top| top.join(".gitmodules"))
        .filter(|file| file.exists())
    {
        found.extend(settings::all(
            &mut program("git"),
            &["--file", &modules.to_string_lossy()],
        ));
    }
    let Some(common) = ask(&["--git-common-dir"]) else {
        return found;
    };
    for folder in ["remotes", "branches"] {
        for entry in fs::read_dir(common.join(folder)).into_iter().flatten().flatten() {
            let content = fs::read(entry.path()).unwrap_or_default();
            let content = String::from_utf8_lossy(&content).into_owned();
            found.extend(
                content
                    .split_whitespace()
                    .filter(|word| word.contains(':'))
                    .map(|word| Setting {
                        scope: "local".to_owned(),
                        origin: format!("file:{}", entry.path().display()),
                        key: "remote.of-old.url".to_owned(),
                        value: word.to_owned(),
                    }),
            );
        }
    }
    found
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

/// Both names that curl knows.
pub(crate) const NETRC: [&str; 2] = [".netrc", "_netrc"];
/// In bytes; far more than anybody has machines.
const LARGEST_NETRC: u64 = 64 * 1024 * 1024;

/// The netrc files that name the host, or any host.
fn netrcs<'a>(environment: &'a Environment, host: Host<'a>) -> impl Iterator<Item = PathBuf> + 'a {
    let home = environment.given("HOME").filter(|home| !home.is_empty());
    // Without one curl asks the user database, as std does.
    let home = home.map(PathBuf::from).or_else(env::home_dir);
    let in_home = NETRC
        .into_iter()
        .filter_map(move |name| Some(home.as_ref()?.join(name)));
    let named = environment
        .given("NETRC")
        .filter(|file| !file.is_empty())
        .map(PathBuf::from);
    in_home.chain(named).filter(move |file| {
        let content = plumbing::file::read(file, LARGEST_NETRC).unwrap_or_default();
        names(&String::from_utf8_lossy(&content), host)
    })
}

/// Whether a netrc has an entry for the host: words, in any number of lines
/// (<https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html>).
fn names(netrc: &str, host: Host<'_>) -> bool {
    let lines = || netrc.lines().map(str::trim_start).filter(|line| !line.starts_with('#'));
    // A macro goes on to an empty line; but `macdef` may be somebody's password, too. Either reading counts.
    let mut is_in_macro = false;
    let without_macros = lines().filter(|line| {
        is_in_macro = (is_in_macro && !line.is_empty()) || line.to_ascii_lowercase().starts_with("macdef");
        !is_in_macro
    });
    names_in(without_macros.flat_map(str::split_whitespace), host)
        || names_in(lines().flat_map(str::split_whitespace), host)
}

fn names_in<'n>(mut words: impl Iterator<Item = &'n str>, host: Host<'_>) -> bool {
    // Within quotes a backslash is no letter.
    let is_host = |name: &str| host.is(&name.trim_matches('"').replace('\\', ""));
    while let Some(word) = words.next() {
        match word.to_ascii_lowercase().as_str() {
            "default" => return true,
            "machine" if words.next().is_some_and(is_host) => return true,
            // What follows is a value, whatever it looks like. curl knows no account, so that what follows that may be a keyword.
            "login" | "password" => {
                words.next();
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{Hazard, Kind, Rest, has_credential, looks_into_no_netrc, names, sent, urls};
    use crate::host::Host;
    use crate::settings::Setting;

    const HOST: Host<'_> = Host("github.com");

    fn settings(settings: &[(&str, &str)]) -> Vec<Setting> {
        let settings = settings.iter().map(|(key, value)| Setting {
            scope: "local".to_owned(),
            origin: "file:x".to_owned(),
            key: (*key).to_owned(),
            value: (*value).to_owned(),
        });
        settings.collect()
    }

    fn rests(hazards: &[Hazard]) -> Vec<(Kind, Rest)> {
        hazards.iter().map(|hazard| (hazard.kind, hazard.rest)).collect()
    }

    #[test]
    fn what_is_sent_by_the_weight_and_the_order_of_settings() {
        let (general, host, part) = (
            "http.extraheader",
            "http.https://github.com/.extraheader",
            "http.https://github.com/O.extraheader",
        );
        let header = |rest| vec![(Kind::Header, rest)];
        for (given, path, expected) in [
            (&[(general, "A: b")][..], "", header(Rest::All)),
            (&[(general, "A: b"), (host, "")], "", header(Rest::Nothing)),
            (&[(host, ""), (general, "A: b")], "", header(Rest::Nothing)),
            (&[(host, "A: b"), (host, "")], "", header(Rest::ForLfs)),
            (&[(host, ""), (host, "A: b")], "", header(Rest::All)),
            (&[(host, "A: b"), (general, "")], "", header(Rest::All)),
            (&[(part, "A: b"), (host, "")], "", header(Rest::All)),
            (&[(part, "A: b"), (part, "")], "O", header(Rest::ForLfs)),
            (&[(part, "A: b")], "Other", vec![]),
            (&[(part, "A: b")], "O/R", header(Rest::All)),
            (
                &[("http.https://o@github.com/.extraheader", "A: b"), (host, "")],
                "",
                header(Rest::All),
            ),
            (&[("http.https://gitlab.com/.extraheader", "A: b")], "", vec![]),
            (&[("http.https://gist.github.com/.extraheader", "A: b")], "", vec![]),
            (
                &[("http.https://*.com/.sslcert", "/a")],
                "",
                vec![(Kind::Certificate, Rest::All)],
            ),
            (
                &[
                    ("http.cookiefile", "/a"),
                    ("http.https://GitHub.com:443.cookiefile", ""),
                ],
                "",
                vec![(Kind::Cookie, Rest::ForLfs)],
            ),
        ] {
            let found = sent(&settings(given), HOST, path, Rest::ForLfs);
            assert_eq!(rests(&found), expected, "{given:?} {path}");
        }
    }

    #[test]
    fn a_netrc_is_put_aside_for_all_repositories_or_for_none() {
        let (host, part) = (
            "http.https://github.com/.emptyauth",
            "http.https://github.com/O.emptyauth",
        );
        for (given, path, expected) in [
            (&[][..], "", false),
            (&[(host, "true")], "", true),
            (&[(host, "true"), (part, "false")], "", false),
            (&[(host, "true"), (part, "false")], "Other", true),
            (&[(part, "true")], "", false),
            (&[(part, "true")], "O/R", true),
            (&[(host, "true"), (host, "false")], "", false),
        ] {
            assert_eq!(
                looks_into_no_netrc(&settings(given), HOST, path),
                expected,
                "{given:?} {path}"
            );
        }
    }

    #[test]
    fn urls_as_gits_rewritings_make_them() {
        let kinds = |given: &[(&str, &str)], path: &str| {
            let found = urls(&settings(given), &[], HOST, path, &|host| {
                host == "github.com" || host == "work"
            });
            found.iter().map(|hazard| hazard.kind).collect::<Vec<_>>()
        };
        let (remote, instead) = ("remote.origin.url", "url.https://github.com/.insteadof");
        for (given, path, expected) in [
            (&[(remote, "https://o:p@github.com/O/R")][..], "", vec![Kind::Url]),
            (&[(remote, "https://o@github.com/O/R")], "", vec![]),
            (&[(remote, "https://o:p@gitlab.com/O/R")], "", vec![]),
            (&[(remote, "https://o:p@github.com/O/R")], "Other", vec![]),
            (
                &[("branch.main.remote", "https://ghp_1@github.com/O/R")],
                "",
                vec![Kind::Url],
            ),
            (&[("url.https://o:p@github.com/.insteadof", "gh:")], "", vec![Kind::Url]),
            (&[(remote, "git@github.com:O/R")], "", vec![Kind::Ssh]),
            (&[(remote, "git@work:O/R")], "", vec![Kind::Ssh]),
            (&[(remote, "git@elsewhere:O/R")], "", vec![]),
            (
                &[(remote, "git@github.com:O/R"), (instead, "git@github.com:")],
                "",
                vec![],
            ),
            (
                &[
                    (remote, "https://github.com/O/R"),
                    ("url.git@github.com:.pushinsteadof", "https://github.com/"),
                ],
                "",
                vec![Kind::Ssh, Kind::Ssh],
            ),
        ] {
            assert_eq!(kinds(given, path), expected, "{given:?} {path}");
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
            "default login anonymous password p",
            "machine \"github.com\" login o",
            "MACHINE github.com LOGIN o",
            "machine x login y\nmacdef init\nlogin\n\nmachine github.com login o",
            "machine x login y password macdef\nmachine github.com login o",
            "machine x account machine github.com",
            "machine \"github\\.com\" login o",
        ] {
            assert!(names(netrc, HOST), "{netrc}");
        }
        for netrc in [
            "",
            "machine gitlab.com login github.com password default",
            "machine api.github.com password p",
            "# machine github.com login o",
            "machine notgithub.com login default password machine",
        ] {
            assert!(!names(netrc, HOST), "{netrc}");
        }
    }
}
