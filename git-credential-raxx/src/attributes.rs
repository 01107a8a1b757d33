//! What git says on standard input.

use std::io::{self, BufRead, Read};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// git's own limit for a line is 64 KiB; all of them together are less than this, in bytes.
const LARGEST: usize = 1024 * 1024;

/// The attributes of a credential: `protocol`, `host`, `path`, and what git knows of `username` and `password`.
pub struct Attributes(Zeroizing<String>);

impl Attributes {
    /// Reads until the end or an empty line: git may leave its end of the pipe open.
    ///
    /// # Errors
    /// Where it cannot be read, is longer than 1 MiB, or holds a carriage return: git sends none since CVE-2024-52006, and a host
    /// that ends in one is not the host that it looks like.
    pub fn read(mut input: impl BufRead) -> io::Result<Self> {
        let mut bytes = Zeroizing::new(Vec::new());
        loop {
            let before = bytes.len();
            let left = (LARGEST - before) as u64;
            let length = (&mut input).take(left).read_until(b'\n', &mut bytes)?;
            if length == 0 && left == 0 {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "it is longer than 1 MiB"));
            }
            if matches!(bytes.get(before..), Some(b"" | b"\n") | None) {
                break;
            }
        }
        if bytes.contains(&b'\r') {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it holds a carriage return"));
        }
        // A path may be of any bytes, and is of use only where it is text; a host that is none is not ours.
        Ok(Self(Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned())))
    }

    /// The last value of that name, as git reads it; an empty one counts as none.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values(name).last().filter(|value| !value.is_empty())
    }

    /// Whether git can take a credential as a whole, so that it may be marked as not to be kept (`capability[]=authtype`, from
    /// 2.46 on; <https://git-scm.com/docs/git-credential#IOFMT>).
    pub fn take_whole_credentials(&self) -> bool {
        self.values("capability[]").any(|capability| capability == "authtype")
    }

    /// The token that was refused, in either form in which it was handed out.
    pub fn refused(&self) -> Option<Zeroizing<String>> {
        if let Some(password) = self.get("password") {
            return Some(Zeroizing::new(password.to_owned()));
        }
        let whole = STANDARD.decode(self.get("credential")?).map(Zeroizing::new).ok()?;
        let (_, token) = std::str::from_utf8(&whole).ok()?.split_once(':')?;
        Some(Zeroizing::new(token.to_owned()))
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let lines = self.0.lines().take_while(|line| !line.is_empty());
        let pairs = lines.filter_map(|line| line.split_once('='));
        pairs.filter(move |(key, _)| *key == name).map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::Attributes;

    #[test]
    fn the_last_value_counts_and_what_follows_an_empty_line_does_not() {
        let text = "protocol=https\nhost=one\nhost=two\nwwwauth[]=Basic realm=\"GitHub\"\nnothing\n\nhost=three\n";
        let attributes = Attributes::read(text.as_bytes()).expect("text");
        assert_eq!(attributes.get("protocol"), Some("https"));
        assert_eq!(attributes.get("host"), Some("two"));
        assert_eq!(attributes.get("wwwauth[]"), Some("Basic realm=\"GitHub\""));
        assert_eq!(attributes.get("nothing"), None);
        assert!(!attributes.take_whole_credentials());
    }

    #[test]
    fn a_refused_token_is_known_in_both_forms() {
        for text in [
            "password=ghs_1\n",
            "authtype=Basic\ncredential=eC1hY2Nlc3MtdG9rZW46Z2hzXzE=\n",
        ] {
            let attributes = Attributes::read(text.as_bytes()).expect("text");
            assert_eq!(attributes.refused().as_deref().map(String::as_str), Some("ghs_1"));
        }
        for text in ["", "credential=none\n", "credential=bm9uZQ==\n"] {
            let attributes = Attributes::read(text.as_bytes()).expect("text");
            assert!(attributes.refused().is_none(), "{text}");
        }
    }
}
