//! Text from elsewhere, made fit to be shown: quoted in full, trusted in nothing.

use secrecy::{ExposeSecret, SecretString};

/// A server's text is cut here, in characters; enough for every message that GitHub or Infisical writes.
const LONGEST_QUOTE: usize = 500;

/// What stands where a secret stood.
const REDACTED: &str = "[redacted]";

/// Quotes a text that a server, a file or a person wrote: control characters escaped, cut at 500 characters.
///
/// The invisible characters that turn the direction of text around are escaped as well: they can make a line on a
/// terminal read as something else (CVE-2021-42574).
pub fn quote(text: &str) -> String {
    let mut quoted = String::new();
    let mut characters = text.trim().chars();
    for character in characters.by_ref().take(LONGEST_QUOTE) {
        if character.is_control()
            || matches!(character, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        {
            quoted.extend(character.escape_default());
        } else {
            quoted.push(character);
        }
    }
    if characters.next().is_some() {
        quoted.push('…');
    }
    quoted
}

/// Takes secrets out of a text: these values wherever they stand, and whatever looks like an installation token.
pub fn redact<'a>(text: &str, secrets: impl IntoIterator<Item = &'a SecretString>) -> String {
    let mut text = text.to_owned();
    for secret in secrets {
        let secret = secret.expose_secret();
        // An empty value would match between every two characters.
        if !secret.is_empty() {
            text = text.replace(secret, REDACTED);
        }
    }
    redact_tokens(&text)
}

/// Replaces every `ghs_[A-Za-z0-9._-]+`.
///
/// No word boundary at the end and no length: the stateless form is some 520 characters with dots and hyphens, and a
/// pattern for the old 40 characters would leave the tail of a live token in a log (protocols: token formats).
fn redact_tokens(text: &str) -> String {
    let mut rest = text;
    let mut redacted = String::with_capacity(text.len());
    while let Some((before, after)) = rest.split_once("ghs_") {
        let end = after
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')))
            .unwrap_or(after.len());
        redacted.push_str(before);
        redacted.push_str(if end == 0 { "ghs_" } else { REDACTED });
        rest = after.get(end..).unwrap_or_default();
    }
    redacted.push_str(rest);
    redacted
}

#[cfg(test)]
mod tests {
    use super::{quote, redact};
    use secrecy::SecretString;

    #[test]
    fn a_quote_cannot_drive_a_terminal() {
        assert_eq!(
            quote("a\u{1b}[2Jb\r\nc\u{202e}d\u{0}"),
            "a\\u{1b}[2Jb\\r\\nc\\u{202e}d\\u{0}"
        );
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

    #[test]
    fn secrets_are_redacted_wherever_they_stand() {
        let secret = SecretString::from("s3cret");
        let text = redact("wrong s3cret,(s3cret)", [&secret, &SecretString::from("")]);
        assert_eq!(text, "wrong [redacted],([redacted])");
    }

    #[test]
    fn both_shapes_of_token_are_redacted_to_their_end() {
        let text = redact(
            "a ghs_16C7e42F292c6912E7710c838347Ae178B4a, ghs_12_ey-J.e_y-.s-ig-\n(ghs_)",
            [],
        );
        assert_eq!(text, "a [redacted], [redacted]\n(ghs_)");
    }
}
