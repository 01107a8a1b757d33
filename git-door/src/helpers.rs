//! Whom git asks for a credential.

use std::process::Command;

use crate::host::{Host, Place};
use crate::settings::{self, Setting};

/// The programs that git asks for a host's credentials, in the order in which it asks them. All of them are told what has
/// served, to keep it; so one behind ours is no less in the way than one before it.
#[derive(Default)]
pub struct Helpers {
    /// Asked before ours; all, where ours is none of them.
    pub before: Vec<Setting>,
    /// Ours, where it is asked.
    pub ours: Option<Setting>,
    /// Asked where ours has no answer, and told what it has answered.
    pub after: Vec<Setting>,
}

/// Those for a repository below `path` of the host, or for the host itself where that is empty. Where the path is not known, as
/// git does not say it by itself, any that is for a part of the host counts among those after ours.
pub fn survey(git: &mut Command, host: &str, path: Option<&str>) -> Helpers {
    of(settings::all(git, &[]), Host(host), path)
}

fn of(settings: Vec<Setting>, host: Host<'_>, path: Option<&str>) -> Helpers {
    let mut helpers = Helpers::default();
    for setting in settings {
        let Some((url, "helper")) = setting.parts("credential") else {
            continue;
        };
        let may_be_meant = path.is_none() && helpers.ours.is_some() && !setting.value.is_empty();
        let is_meant = match limit(url, host) {
            None => false,
            Some(limit) => is_within(path.unwrap_or_default(), &limit) || may_be_meant,
        };
        if !is_meant {
            continue;
        }
        // An empty one forgets those before it (gitcredentials(7)).
        if setting.value.is_empty() {
            helpers = Helpers::default();
        } else if helpers.ours.is_some() {
            helpers.after.push(setting);
        } else if is_ours(&setting.value) {
            helpers.ours = Some(setting);
        } else {
            helpers.before.push(setting);
        }
    }
    helpers
}

/// The part of the host that `credential.<URL>.…` is for, without slashes around it; none where it is for another host.
fn limit(url: &str, host: Host<'_>) -> Option<String> {
    if url.is_empty() || url.contains('*') {
        return Some(String::new());
    }
    // It may be a host alone.
    let whole = if url.contains("://") {
        url.to_owned()
    } else {
        format!("https://{url}")
    };
    let Place::Bot(whole) = host.place(&whole) else {
        return None;
    };
    let limit = whole.strip_prefix(&format!("https://{}", host.0)).unwrap_or_default();
    Some(limit.trim_matches('/').to_owned())
}

fn is_within(path: &str, limit: &str) -> bool {
    let rest = path.trim_matches('/').strip_prefix(limit);
    limit.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// By the name that git makes a program's of (`raxx`), or by the program's own.
pub fn is_ours(helper: &str) -> bool {
    let program = helper
        .trim_start_matches('!')
        .split_whitespace()
        .next()
        .unwrap_or_default();
    let program = program.trim_matches(['\'', '"']);
    program == "raxx" || program.rsplit('/').next() == Some("git-credential-raxx")
}

#[cfg(test)]
mod tests {
    use super::{Helpers, of};
    use crate::host::Host;
    use crate::settings::Setting;

    fn asked(settings: &[(&str, &str)], path: &str) -> Helpers {
        let settings = settings.iter().map(|(key, value)| Setting {
            origin: String::new(),
            key: format!("credential{key}.helper"),
            value: (*value).to_owned(),
        });
        of(settings.collect(), Host("github.com"), Some(path))
    }

    fn names(helpers: &Helpers) -> String {
        let all = helpers.before.iter().chain(&helpers.ours).chain(&helpers.after);
        all.map(|helper| helper.value.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn an_empty_one_forgets_those_before_it_and_a_url_that_does_not_match_is_not_asked() {
        let host = ".https://github.com";
        for (settings, path, expected) in [
            (&[("", "store"), (host, "raxx")][..], "", "store raxx"),
            (
                &[("", "store"), (host, ""), (host, "raxx"), ("", "cache")],
                "",
                "raxx cache",
            ),
            (
                &[(".github.com", "store"), (".https://GitHub.com:443/", "raxx")],
                "",
                "store raxx",
            ),
            (
                &[
                    (".https://gitlab.com", "store"),
                    (".http://github.com", "cache"),
                    (host, "raxx"),
                ],
                "",
                "cache raxx",
            ),
            (&[(host, "raxx"), (".https://github.com/O/", "other")], "", "raxx"),
            (
                &[(host, "raxx"), (".https://github.com/O/", "other")],
                "O/R",
                "raxx other",
            ),
            (
                &[(host, "raxx"), (".https://github.com/O/", "other")],
                "Other/R",
                "raxx",
            ),
        ] {
            assert_eq!(names(&asked(settings, path)), expected, "{settings:?} {path}");
        }
    }

    #[test]
    fn ours_by_every_name() {
        for ours in [
            "raxx",
            "raxx --bot x",
            "/opt/git-credential-raxx --bot x",
            "!'/a/git-credential-raxx' --bot x",
        ] {
            assert!(super::is_ours(ours), "{ours}");
        }
        for other in ["store", "/opt/raxx/other", "!gh auth git-credential", "raxxon"] {
            assert!(!super::is_ours(other), "{other}");
        }
    }
}
