//! Whom git asks for a credential.

use std::path::Path;

use crate::host::{Host, Place};
use crate::settings::Setting;

/// The programs that git asks for a host's credentials, in the order in which it asks them. All of them are told what has
/// served, to keep it; so one behind ours is no less in the way than one before it.
#[derive(Clone, Debug, Default)]
pub struct Helpers {
    /// Asked before ours; all, where ours is none of them.
    pub before: Vec<Setting>,
    /// Ours, where it is asked.
    pub ours: Option<Setting>,
    /// Asked where ours has no answer, and told what it has answered.
    pub after: Vec<Setting>,
    /// An empty one behind ours, by which git forgets it.
    pub forgotten_by: Option<Setting>,
}

impl Helpers {
    /// Those of other people's that may write a token down that ours has answered with. git's own obey the mark that an answer is
    /// not to be kept, where git knows that mark.
    pub fn that_may_keep(&self, git_knows_the_mark: bool) -> impl Iterator<Item = &Setting> {
        let may_keep = move |helper: &&Setting| {
            let obeys = ["store", "cache"].contains(&first_word(&helper.value).as_str());
            !(is_ours(&helper.value) || git_knows_the_mark && obeys)
        };
        self.after.iter().filter(may_keep)
    }

    /// Those of other people's.
    pub fn others(&self) -> impl Iterator<Item = &Setting> {
        let all = self.before.iter().chain(&self.after);
        all.filter(|helper| !is_ours(&helper.value))
    }
}

/// Those for a repository below `path` of the host, or for the host itself where that is empty. Where the path is not known, as
/// git does not always say it, any that is for a part of the host counts too.
pub fn of(settings: &[Setting], host: &str, path: Option<&str>) -> Helpers {
    let mut helpers = Helpers::default();
    for setting in settings {
        let Some((url, "helper")) = setting.parts("credential") else {
            continue;
        };
        let Some(limit) = limit(url, Host(host)) else { continue };
        let is_meant = is_within(path.unwrap_or_default(), &limit);
        let may_be_meant = path.is_none() && !setting.value.is_empty();
        if !is_meant && !may_be_meant {
            continue;
        }
        // An empty one forgets those before it (gitcredentials(7)).
        if setting.value.is_empty() {
            helpers = Helpers {
                forgotten_by: helpers.ours.as_ref().map(|_| setting.clone()),
                ..Helpers::default()
            };
        } else if is_ours(&setting.value) && helpers.ours.is_none() {
            helpers.ours = Some(setting.clone());
            helpers.forgotten_by = None;
        } else if helpers.ours.is_some() {
            helpers.after.push(setting.clone());
        } else {
            helpers.before.push(setting.clone());
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
    Some(host.path_in(&whole))
}

/// Whether a path is that limit or below it, as git compares them: whole names between slashes.
pub(crate) fn is_within(path: &str, limit: &str) -> bool {
    let rest = path.trim_matches('/').strip_prefix(limit);
    limit.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The program that a helper's line names by its whole path, if it is not there.
pub fn missing(helper: &str) -> Option<String> {
    let line = helper.trim_start_matches('!').trim_start();
    let program = first_word(line.strip_prefix(WITH_A_WAY_OUT.0).unwrap_or(line));
    (program.starts_with('/') && !Path::new(&program).is_file()).then_some(program)
}

/// By the name that git makes a program's of (`raxx`), or by the program's own, in a line for a shell too.
pub fn is_ours(helper: &str) -> bool {
    let line = helper.trim_start_matches('!').trim_start();
    let line = line.strip_prefix(WITH_A_WAY_OUT.0).unwrap_or(line);
    let program = first_word(line);
    program == "raxx" || program.rsplit('/').next() == Some(PROGRAM)
}

pub(crate) const PROGRAM: &str = "git-credential-raxx";
/// What stands around a call of ours in git's configuration: where the program is not there, or is killed, git must not go on and ask
/// somebody else.
const WITH_A_WAY_OUT: (&str, &str) = ("f() { ", " \"$@\" || echo quit=true; }; f");

/// A helper's line for git, of a call that is ready for a shell.
pub fn line(call: &str) -> String {
    format!("!{}{call}{}", WITH_A_WAY_OUT.0, WITH_A_WAY_OUT.1)
}

/// The first word as a shell reads it.
fn first_word(line: &str) -> String {
    let mut word = String::new();
    let mut quote = None;
    let mut letters = line.trim_start().chars();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            ('\'' | '"', None) => quote = Some(letter),
            (_, Some(open)) if letter == open => quote = None,
            ('\\', None | Some('"')) => word.extend(letters.next()),
            (_, None) if letter.is_whitespace() => break,
            _ => word.push(letter),
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::{Helpers, is_ours, line, of};
    use crate::settings::Setting;

    fn asked(settings: &[(&str, &str)], path: Option<&str>) -> Helpers {
        let settings = settings.iter().map(|(key, value)| Setting {
            scope: String::new(),
            origin: String::new(),
            key: format!("credential{key}.helper"),
            value: (*value).to_owned(),
        });
        of(&settings.collect::<Vec<_>>(), "github.com", path)
    }

    fn names(helpers: &Helpers) -> String {
        let all = helpers.before.iter().chain(&helpers.ours).chain(&helpers.after);
        all.map(|helper| helper.value.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn an_empty_one_forgets_those_before_it_and_a_url_that_does_not_match_is_not_asked() {
        let (host, part) = (".https://github.com", ".https://github.com/O/");
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
            (&[(host, "raxx"), (part, "other")], "", "raxx"),
            (&[(host, "raxx"), (part, "other")], "O/R", "raxx other"),
            (&[(host, "raxx"), (part, "other")], "Other/R", "raxx"),
            (&[(host, "raxx"), ("", "")], "", ""),
        ] {
            assert_eq!(names(&asked(settings, Some(path))), expected, "{settings:?} {path}");
        }
        assert!(
            asked(&[(host, "raxx"), ("", ""), ("", "store")], Some(""))
                .forgotten_by
                .is_some()
        );
    }

    #[test]
    fn where_the_path_is_not_known_all_parts_count() {
        let helpers = asked(&[(".https://github.com/O", "raxx"), ("", "store"), ("", "other")], None);
        assert_eq!(names(&helpers), "raxx store other");
        let keeping = |knows| {
            helpers
                .that_may_keep(knows)
                .map(|helper| helper.value.as_str())
                .collect::<Vec<_>>()
        };
        assert_eq!((keeping(false), keeping(true)), (vec!["store", "other"], vec!["other"]));
    }

    #[test]
    fn ours_by_every_name() {
        for ours in [
            "raxx",
            "raxx --bot x",
            "/opt/git-credential-raxx --bot x",
            "!'/a b/git-credential-raxx' --bot x",
            r"!'/it'\''s/git-credential-raxx' --bot x",
            r"/a\ b/git-credential-raxx get",
            &line("'/a b/git-credential-raxx' --bot x"),
        ] {
            assert!(is_ours(ours), "{ours}");
        }
        for other in [
            "store",
            "/opt/raxx/other",
            "!gh auth git-credential",
            "raxxon",
            "!f() { gh; }; f",
        ] {
            assert!(!is_ours(other), "{other}");
        }
    }
}
