//! Text from elsewhere, made fit to be shown: quoted in full, trusted in nothing.

use std::fmt::Write as _;
use std::path::Path;

use jiff::Timestamp;

use crate::secrets::without_likely_secrets;

/// A server's text is cut here, in characters; enough for every message that GitHub or Infisical writes.
const LONGEST_QUOTE: usize = 500;

/// Quotes a text that a server, a file or a person wrote: control characters escaped, cut at 500 characters, and without
/// whatever looks like a secret, which people put into the wrong variable.
pub fn quote(text: &str) -> String {
    cut(&without_likely_secrets(text.trim()))
}

/// Quotes the path of a file.
pub fn quote_path(path: &Path) -> String {
    quote(&path.to_string_lossy())
}

/// The same as [`quote`] for an id that a server has made, which looks like a secret and is none.
pub fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => escaped(text.get(..end).unwrap_or_default()) + "…",
        None => escaped(text),
    }
}

/// Escapes what could drive a terminal or pass for another line. What is escaped already stays as it is.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if drives_a_terminal(character) {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// The same for JSON, which means the same afterwards: JSON itself escapes only what is below U+0020.
pub fn escaped_in_json(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if drives_a_terminal(character) {
            // All of them are in the first plane, so four digits are enough (RFC 8259, section 7).
            let _ = write!(escaped, "\\u{:04x}", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// Control characters, and the invisible ones that turn the direction of text around: those can make a line on a terminal
/// read as something else (CVE-2021-42574).
fn drives_a_terminal(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{061c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A time as people write it, in UTC: `2026-11-25 19:12 UTC`.
pub fn minute(time: Timestamp) -> String {
    // RFC 3339 has the same parts; a formatter of its own would be 50 kB in every program.
    let written = time.to_string().replacen('T', " ", 1);
    let end = written
        .rfind(':')
        .filter(|_| written.matches(':').count() > 1)
        .unwrap_or(written.len());
    format!("{} UTC", written.get(..end).unwrap_or(&written))
}

/// The known name that a mistyped one is nearest to: two letters off at most, and most of them right.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let far = |name: &str| strsim::osa_distance(&word.to_lowercase(), &name.to_lowercase());
    let near = known
        .into_iter()
        .map(|name| (far(name), name))
        .min_by_key(|(far, _)| *far);
    near.filter(|(far, name)| *far <= 2 && far * 3 < name.chars().count())
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn a_quote_cannot_drive_a_terminal() {
        assert_eq!(
            quote("a\u{1b}[2Jb\r\nc\u{202e}d\u{0}"),
            "a\\u{1b}[2Jb\\r\\nc\\u{202e}d\\u{0}"
        );
    }

    #[test]
    fn json_means_the_same_and_cannot_drive_a_terminal() {
        let text = "a\u{202e}b\u{9b}c\u{7f}d\u{2028}é";
        let json = super::escaped_in_json(&serde_json::to_string(text).expect("JSON"));
        assert_eq!(json, r#""a\u202eb\u009bc\u007fd\u2028é""#);
        assert_eq!(serde_json::from_str::<String>(&json).expect("JSON"), text);
    }

    #[test]
    fn a_quote_keeps_other_scripts() {
        assert_eq!(quote("  Überprüfung – 失敗 "), "Überprüfung – 失敗");
    }

    #[test]
    fn a_quote_is_cut_between_characters() {
        let quoted = quote(&"é".repeat(600));
        assert_eq!(quoted.chars().count(), 501);
        assert!(quoted.ends_with('…'));
    }
}
