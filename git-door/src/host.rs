//! Which URLs are the bot's.

use percent_encoding::percent_decode_str;

/// The host that git asks for the bot's repositories, perhaps with a port.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Host<'a>(pub(crate) &'a str);

/// What a URL leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The bot's host: the URL as git is to ask it, over HTTPS and without a user in it.
    Bot(String),
    /// A host below the bot's, such as gist.github.com: the same GitHub, where the bot's token is of no use.
    Neighbour(String),
    /// Another host, which is the operator's affair.
    Elsewhere,
}

/// A URL without the names of the programs that are to take it (`https::https://…`, gitremote-helpers(7)), of which these four are
/// one.
fn without_helper(mut url: &str) -> &str {
    while let Some((helper, rest)) = url.split_once("::") {
        if !["https", "http", "ftps", "ftp"].contains(&helper) {
            break;
        }
        url = rest;
    }
    url
}

impl Host<'_> {
    /// What an `http://` or `https://` URL leads to, whatever the spelling of its host (RFC 3986, section 3.2).
    pub(crate) fn place(self, url: &str) -> Place {
        let Some((scheme, rest)) = without_helper(url).split_once("://") else {
            return Place::Elsewhere;
        };
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let default_port = match scheme.to_ascii_lowercase().as_str() {
            "https" => "443",
            "http" => "80",
            // git's own protocol knows no user; where there is one, git-lfs makes https of it.
            "git" if authority.contains('@') => "443",
            _ => return Place::Elsewhere,
        };
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (name, port) = split_port(authority);
        let (own_name, own_port) = split_port(self.0);
        let port = port.map(|port| port.trim_start_matches('0'));
        let port = port.filter(|port| *port != default_port && !port.is_empty());
        // Without its own port it is the website, to which plain HTTP and HTTPS both lead.
        if port != own_port.filter(|port| *port != "443") {
            return Place::Elsewhere;
        }
        let name = normal(name);
        let own_name = normal(own_name);
        if name == own_name || name == format!("www.{own_name}") {
            return Place::Bot(format!("https://{}{path}", self.0));
        }
        if name.ends_with(&format!(".{own_name}")) {
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            return Place::Neighbour(format!("https://{name}{port}{path}"));
        }
        Place::Elsewhere
    }

    /// The path of a URL of the bot's host, without slashes around it, as git compares it: nothing percent-encoded that need not be,
    /// and no `.` or `..` (git's `urlmatch.c`).
    pub(crate) fn path_in(self, url: &str) -> String {
        let path = url.strip_prefix(&format!("https://{}", self.0)).unwrap_or_default();
        let path = unescaped(path);
        let mut names: Vec<&str> = vec![];
        for name in path.split('/').filter(|name| !name.is_empty() && *name != ".") {
            if name == ".." {
                names.pop();
            } else {
                names.push(name);
            }
        }
        names.join("/")
    }

    /// Whether a host's name, without a port, is the bot's or one below it.
    pub(crate) fn has_name(self, name: &str) -> bool {
        let (name, own) = (normal(name), self.name());
        name == own || name.ends_with(&format!(".{own}"))
    }

    /// Whether a host's name, without a port, is the bot's own.
    pub(crate) fn is(self, name: &str) -> bool {
        normal(name) == self.name() || normal(name) == format!("www.{}", self.name())
    }

    /// How URLs of the host begin that lead past it, or past HTTPS.
    pub(crate) fn other_forms(self) -> Vec<String> {
        let name = self.name();
        let mut forms = vec![
            // git-lfs goes where the remote says; git itself comes by the door.
            format!("http://{}/", self.0),
            format!("https://www.{}/", self.0),
            format!("http://www.{}/", self.0),
            format!("{name}:"),
            format!("ssh://{name}/"),
            format!("{name}:/"),
            format!("git@{name}:/"),
            format!("git+ssh://{name}/"),
            format!("ssh+git://{name}/"),
            format!("git+ssh://git@{name}/"),
            format!("ssh+git://git@{name}/"),
            format!("ssh://git@{name}:22/"),
            format!("git@{name}:"),
            format!("ssh://git@{name}/"),
        ];
        if name == "github.com" {
            // Its ssh for networks that let only HTTPS's port through.
            forms.push("ssh://git@ssh.github.com:443/".to_owned());
        }
        forms
    }

    /// The name without the port.
    pub(crate) fn name(self) -> String {
        normal(split_port(self.0).0)
    }
}

/// Whether what git calls a host is that one, whatever its spelling; its default port may be said.
pub fn is_same(asked: &str, own: &str) -> bool {
    let place = Host(own).place(&format!("https://{asked}/"));
    matches!(place, Place::Bot(_)) && !normal(asked).starts_with("www.")
}

/// Within the brackets of an IPv6 address a colon begins no port.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, Some(port)),
        _ => (authority, None),
    }
}

/// One spelling: lower case, no dot at the end, nothing percent-encoded, as curl reads it.
fn normal(name: &str) -> String {
    unescaped(name).to_lowercase().trim_end_matches('.').to_owned()
}

fn unescaped(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Host, Place};

    #[test]
    fn every_spelling_of_the_bots_host_is_the_bots() {
        for url in [
            "https://github.com/O/R.git",
            "https://GitHub.com./O/R.git",
            "https://git%48ub.com:443/O/R.git",
            "https://github.com:0443/O/R.git",
            "http://github.com/O/R.git",
            "http://github.com:80/O/R.git",
            "https://www.github.com/O/R.git",
            "https://operator:secret@github.com/O/R.git",
            "https://ghp_1@github.com/O/R.git",
        ] {
            let expected = Place::Bot("https://github.com/O/R.git".to_owned());
            assert_eq!(Host("github.com").place(url), expected, "{url}");
        }
    }

    #[test]
    fn a_path_as_git_compares_it() {
        for path in ["/O/R", "O/R/", "/%4f/R", "/./O/R", "/x/../O//R"] {
            let url = format!("https://github.com/{path}");
            assert_eq!(Host("github.com").path_in(&url), "O/R", "{path}");
        }
    }

    #[test]
    fn neighbours_and_strangers() {
        let host = Host("github.com");
        assert_eq!(
            host.place("https://x:y@gist.github.com/1"),
            Place::Neighbour("https://gist.github.com/1".to_owned())
        );
        for url in [
            "https://github.com.evil.test/O/R",
            "https://notgithub.com/O/R",
            "https://github.com:8443/O/R",
            "https://gitlab.com/github.com/R",
            "ftp://github.com/O/R",
            "/srv/github.com",
        ] {
            assert_eq!(host.place(url), Place::Elsewhere, "{url}");
        }
        let local = Host("[::1]:8443");
        assert_eq!(
            local.place("https://a@[::1]:8443/r"),
            Place::Bot("https://[::1]:8443/r".to_owned())
        );
        assert_eq!(local.place("https://[::1]/r"), Place::Elsewhere);
    }
}
