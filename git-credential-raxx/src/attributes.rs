//! What git says on standard input.

use std::io::{self, Read};

use zeroize::Zeroizing;

/// git's own limit for a line is 64 KiB; all of them together are less than this, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// The attributes of a credential: `protocol`, `host`, `path`, and what git knows of `username` and `password`.
pub struct Attributes(Zeroizing<String>);

impl Attributes {
    /// Reads until the end or an empty line.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn read(input: impl Read) -> io::Result<Self> {
        let mut bytes = Zeroizing::new(Vec::new());
        input.take(LARGEST).read_to_end(&mut bytes)?;
        // A path may be of any bytes, and is of use only where it is text; a host that is none is not ours.
        Ok(Self(Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned())))
    }

    /// The last value of that name, as git reads it; an empty one counts as none.
    pub fn get(&self, name: &str) -> Option<&str> {
        let lines = self.0.lines().take_while(|line| !line.is_empty());
        let values = lines
            .filter_map(|line| line.split_once('='))
            .filter(|(key, _)| *key == name);
        values.map(|(_, value)| value).last().filter(|value| !value.is_empty())
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
    }
}
