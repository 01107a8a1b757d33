//! The names of the cache's files. It touches no file whose name it could not have made itself.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use aws_lc_rs::digest::{Context, SHA256};

/// What a file is about: SHA-256 over everything that it depends on.
///
/// So no name of a bot stands in a directory's listing, and what depends on anything else, such as a wider scope, is never
/// found under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// The name for these parts. Each goes in with its length before it, so that no two lists of parts are the same bytes.
    pub fn of(parts: &[&str]) -> Self {
        let mut context = Context::new(&SHA256);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut name = String::with_capacity(2 * SHA256.output_len());
        for byte in context.finish().as_ref() {
            let _ = write!(name, "{byte:02x}");
        }
        Self(name)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What is in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A live token.
    Token,
    /// Nothing, while somebody works; afterwards perhaps why that failed.
    Lock,
    /// Something that is not secret and may be forgotten.
    Fact,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Token, Self::Lock, Self::Fact];

    const fn ending(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Lock => "lock",
            Self::Fact => "fact",
        }
    }
}

/// A file's name: `HASH.KIND`, or `HASH.KIND.PROCESS` while that process is writing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileName {
    name: Name,
    pub(crate) kind: Kind,
    writer: Option<u32>,
}

impl FileName {
    pub(crate) fn new(name: &Name, kind: Kind) -> Self {
        Self {
            name: name.clone(),
            kind,
            writer: None,
        }
    }

    /// The name under which this process writes it before it is put in place.
    #[cfg(unix)]
    pub(crate) fn being_written(&self) -> Self {
        Self {
            writer: Some(std::process::id()),
            ..self.clone()
        }
    }

    pub(crate) const fn is_being_written(&self) -> bool {
        self.writer.is_some()
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.name.0, self.kind.ending())?;
        self.writer.map_or(Ok(()), |writer| write!(formatter, ".{writer}"))
    }
}

/// It is not one of the cache's own files.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Foreign;

impl FromStr for FileName {
    type Err = Foreign;

    fn from_str(text: &str) -> Result<Self, Foreign> {
        let mut parts = text.split('.');
        let (hash, ending) = (parts.next().ok_or(Foreign)?, parts.next().ok_or(Foreign)?);
        let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
        if hash.len() != 2 * SHA256.output_len() || !hash.bytes().all(is_digit) {
            return Err(Foreign);
        }
        let file = Self {
            name: Name(hash.to_owned()),
            kind: Kind::ALL
                .into_iter()
                .find(|kind| kind.ending() == ending)
                .ok_or(Foreign)?,
            writer: parts.next().map(str::parse).transpose().map_err(|_| Foreign)?,
        };
        // One spelling only: `+7` and `007` are numbers too.
        (parts.next().is_none() && file.to_string() == text)
            .then_some(file)
            .ok_or(Foreign)
    }
}

#[cfg(test)]
mod tests {
    use super::{FileName, Foreign, Kind, Name};

    #[test]
    fn no_two_lists_of_parts_have_one_name() {
        assert_ne!(Name::of(&["ab", "c"]), Name::of(&["a", "bc"]));
        assert_ne!(Name::of(&["a"]), Name::of(&["a", ""]));
    }

    #[test]
    fn a_file_of_the_caches_own_is_recognised() {
        for kind in Kind::ALL {
            let file = FileName::new(&Name::of(&["a"]), kind);
            for file in [file.being_written(), file] {
                assert_eq!(file.to_string().parse(), Ok(file));
            }
        }
    }

    #[test]
    fn everything_else_is_somebody_elses() {
        let hash = FileName::new(&Name::of(&["a"]), Kind::Token).to_string();
        let hash = hash.trim_end_matches(".token");
        for name in [
            ".bashrc",
            "notes.token",
            "",
            hash,
            &format!("{hash}."),
            &format!("{hash}.tokens"),
            &format!("{hash}.token."),
            &format!("{hash}.token.x"),
            &format!("{hash}.token.+7"),
            &format!("{hash}.token.007"),
            &format!("{hash}.token.7.bak"),
            &format!("{}.token", hash.to_uppercase()),
            &format!("{}.token", &hash[1..]),
        ] {
            assert_eq!(name.parse::<FileName>(), Err(Foreign), "{name}");
        }
    }
}
