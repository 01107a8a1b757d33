//! Secrets that have come into a text: taken out before it is shown.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::operators::BEGINNINGS;

/// What stands where a secret stood.
const REDACTED: &str = "[redacted]";
/// So many characters of a secret, at its beginning or its end, are a part of it; fewer may be any word's.
const PART: usize = 8;
/// A secret that is shorter is taken out whole only: its parts are words.
const LONG: usize = 2 * PART;

/// Takes secrets out of a text: these values wherever they stand, as they are or as JSON, a URL or base64 would have them,
/// the beginning or end of a long one, and whatever looks like an installation token.
pub fn redact<'a>(text: &str, secrets: impl IntoIterator<Item = &'a SecretString>) -> String {
    let mut text = text.to_owned();
    for secret in secrets {
        for form in forms(secret.expose_secret()) {
            text = without(&text, &form);
        }
    }
    redact_tokens(&text)
}

/// How a secret may have been written by a server that tells what it was sent.
fn forms(secret: &str) -> Vec<Zeroizing<String>> {
    // An empty value would match between every two characters.
    if secret.is_empty() {
        return vec![];
    }
    let json = serde_json::to_string(secret).unwrap_or_default();
    let json = json.trim_start_matches('"').trim_end_matches('"').to_owned();
    let mut forms = vec![
        secret.to_owned(),
        json,
        percent_encoded(secret),
        percent_encoded(secret).to_lowercase(),
    ];
    if secret.len() >= LONG {
        // In base64 what it is depends on how many bytes stand before it: the characters that those share are left out.
        for before in 0..3 {
            let bytes = Zeroizing::new([&vec![0; before][..], secret.as_bytes()].concat());
            for whole in [STANDARD.encode(&bytes), URL_SAFE.encode(&bytes)] {
                let whole = whole.trim_end_matches('=');
                let (from, to) = ((before * 4).div_ceil(3), whole.len().saturating_sub(1));
                forms.push(whole.get(from..to).unwrap_or_default().to_owned());
            }
        }
    }
    forms.sort_unstable();
    forms.dedup();
    // The longest first: it holds the others.
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    forms.into_iter().map(Zeroizing::new).collect()
}

/// As in a URL (RFC 3986, section 2.1).
fn percent_encoded(text: &str) -> String {
    const ALL_BUT_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, ALL_BUT_UNRESERVED).to_string()
}

/// Takes one form of a secret out of a text, and what begins as it begins or ends as it ends.
fn without(text: &str, secret: &str) -> String {
    let text = text.replace(secret, REDACTED);
    if secret.chars().count() < LONG {
        return text;
    }
    let beginning = secret
        .char_indices()
        .nth(PART)
        .and_then(|(at, _)| secret.get(..at))
        .unwrap_or(secret);
    let end = secret
        .char_indices()
        .nth_back(PART - 1)
        .and_then(|(at, _)| secret.get(at..))
        .unwrap_or(secret);
    let mut left = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find(beginning) {
        let (before, found) = rest.split_at(at);
        let same = found.chars().zip(secret.chars()).take_while(|(a, b)| a == b);
        let length: usize = same.map(|(letter, _)| letter.len_utf8()).sum();
        left.push_str(before);
        left.push_str(REDACTED);
        rest = found.get(length..).unwrap_or_default();
    }
    left.push_str(rest);
    let mut kept = String::with_capacity(left.len());
    let mut rest = left.as_str();
    while let Some(at) = rest.find(end) {
        let (before, found) = rest.split_at(at);
        let shorter = secret.get(..secret.len() - end.len()).unwrap_or_default();
        let same = before
            .chars()
            .rev()
            .zip(shorter.chars().rev())
            .take_while(|(a, b)| a == b);
        let length: usize = same.map(|(letter, _)| letter.len_utf8()).sum();
        kept.push_str(before.get(..before.len() - length).unwrap_or_default());
        kept.push_str(REDACTED);
        rest = found.get(end.len()..).unwrap_or_default();
    }
    kept.push_str(rest);
    kept
}

/// Replaces every token of GitHub's, such as `ghs_[A-Za-z0-9._-]+`.
///
/// No word boundary at the end and no length: the stateless form is some 520 characters with dots and hyphens, and a
/// pattern for the old 40 characters would leave the tail of a live token in a log (protocols: token formats).
fn redact_tokens(text: &str) -> String {
    BEGINNINGS.iter().fold(text.to_owned(), |text, beginning| {
        let mut rest = text.as_str();
        let mut redacted = String::with_capacity(text.len());
        while let Some((before, after)) = rest.split_once(beginning) {
            let end = after
                .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')))
                .unwrap_or(after.len());
            redacted.push_str(before);
            redacted.push_str(if end == 0 { beginning } else { REDACTED });
            rest = after.get(end..).unwrap_or_default();
        }
        redacted.push_str(rest);
        redacted
    })
}

/// Words are looked at from this many letters and digits on: a name of fewer may be anything.
const SHORTEST_SECRET: usize = 20;
/// What ends a word.
const ENDS: &str = "\"'`“”,;()<>";
/// What stands between the parts of a path or a URL.
const BETWEEN: &str = "/:=@?&";

/// Takes out the words that look like keys, tokens or passwords that a machine has made: people set a variable to what
/// belongs into another one. Names, paths, dates and UUIDs stay.
pub(crate) fn without_likely_secrets(text: &str) -> String {
    let words = text.split_inclusive(|letter: char| letter.is_whitespace() || ENDS.contains(letter));
    let words = words.map(|word| {
        let bare = word.trim_end_matches(|letter: char| letter.is_whitespace() || ENDS.contains(letter));
        let end = word.get(bare.len()..).unwrap_or_default();
        // Base64 has slashes too. What begins as a path, or has dots or colons as hosts and URLs have, is judged part by part.
        let is_path = bare.starts_with(['/', '~']) || bare.contains(['.', ':']);
        if !is_path && is_one(bare) {
            return format!("{REDACTED}{end}");
        }
        let parts = bare.split_inclusive(|letter| BETWEEN.contains(letter));
        parts.map(without_likely_secrets_between_dots).collect::<String>() + end
    });
    redact_tokens(&words.collect::<String>())
}

fn without_likely_secrets_between_dots(part: &str) -> String {
    let bare = part.trim_end_matches(|letter| BETWEEN.contains(letter));
    let end = part.get(bare.len()..).unwrap_or_default();
    if is_jwt(bare) {
        return format!("{REDACTED}{end}");
    }
    let names = bare.split('.');
    let names: Vec<_> = names.map(|name| if is_one(name) { REDACTED } else { name }).collect();
    names.join(".") + end
}

/// Whether letters of both cases and digits change places as they do by chance and in no name: of two neighbours in base64
/// six in ten are of different kinds, in hexadecimal nearly five, in a name or a path one or two. Infisical's ids are UUIDs (RFC 9562),
/// and no secrets.
pub(crate) fn is_one(word: &str) -> bool {
    let kinds: Vec<_> = without_uuids(word).chars().filter_map(kind).collect();
    let changes = kinds.windows(2).filter(|pair| pair.first() != pair.last()).count();
    // Machines are given names with dashes and hashes in them, all in small letters (`api-7d9f8b6c5d-x2k4j`).
    let is_name = word.contains('-') && !kinds.contains(&1);
    kinds.len() >= SHORTEST_SECRET && changes * 10 >= kinds.len() * 3 && !is_name
}

/// Three parts between dots, of which the first begins as JSON does in base64 (RFC 7519).
fn is_jwt(word: &str) -> bool {
    word.starts_with("eyJ") && word.split('.').count() == 3
}

/// Without what has the form of a UUID: 8, 4, 4, 4 and 12 hexadecimal digits.
fn without_uuids(word: &str) -> String {
    const LENGTH: usize = 36;
    let mut left = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(letter) = rest.chars().next() {
        let is_uuid = rest.get(..LENGTH).is_some_and(|uuid| {
            let lengths: Vec<_> = uuid.split('-').map(str::len).collect();
            lengths == [8, 4, 4, 4, 12] && uuid.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
        });
        let step = if is_uuid { LENGTH } else { letter.len_utf8() };
        if !is_uuid {
            left.push(letter);
        }
        rest = rest.get(step..).unwrap_or_default();
    }
    left
}

fn kind(letter: char) -> Option<u8> {
    match letter {
        'a'..='z' => Some(0),
        'A'..='Z' => Some(1),
        '0'..='9' => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{redact, without_likely_secrets};
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use secrecy::SecretString;

    #[test]
    fn every_form_of_a_secret_and_its_parts_are_redacted() {
        let secret = "p\"a/s+s=w~ört-0123456789";
        let held = SecretString::from(secret);
        let json = serde_json::to_string(secret).expect("JSON");
        let encoded = "p%22a%2Fs%2Bs%3Dw~%C3%B6rt-0123456789".to_owned();
        let lower = encoded.to_lowercase();
        let basic = ["", "a", "id", "abc:"].map(|before| STANDARD.encode(format!("{before}:{secret}!")));
        let url = URL_SAFE_NO_PAD.encode(secret);
        let beginning = secret.chars().take(9).collect::<String>();
        let end = secret.chars().skip(12).collect::<String>();
        let mut written = vec![secret.to_owned(), json, encoded, lower, url, beginning, end];
        written.extend(basic);
        for form in written {
            let text = redact(&format!("wrong {form}, or"), [&held]);
            assert!(
                text.contains("[redacted]") && text.starts_with("wrong ") && text.ends_with(", or"),
                "{form}: {text}"
            );
            for part in ["ört-01234", "01234567", "p\"a/s+s="] {
                assert!(!text.contains(part), "{form}: {text}");
            }
            // What base64 shares with its neighbours is some bits of a character.
            assert!(text.len() <= "wrong [redacted], or".len() + 16, "{form}: {text}");
        }
    }

    #[test]
    fn the_beginning_and_the_end_of_a_long_secret_are_taken_out_whole_and_no_more() {
        let secret = "abcdefghijklmnop";
        for (text, expected) in [
            ("xabcdefghijy", "x[redacted]y"),
            ("xabcdefghy", "x[redacted]y"),
            ("xabcdefgy", "xabcdefgy"),
            ("xghijklmnopy", "x[redacted]y"),
            ("xijklmnopy", "x[redacted]y"),
            ("xjklmnopy", "xjklmnopy"),
            ("abcdefgh, ijklmnop", "[redacted], [redacted]"),
        ] {
            assert_eq!(redact(text, [&SecretString::from(secret)]), expected);
        }
        let shorter = SecretString::from(&secret[1..]);
        assert_eq!(redact("xbcdefghijy", [&shorter]), "xbcdefghijy");
    }

    #[test]
    fn what_a_person_put_into_the_wrong_place_is_not_shown() {
        for secret in [
            "6f1ed002ab5595859014ebf0951522d9a1b2c3d4e5f60718293a4b5c6d7e8f90",
            "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3MDAwMDAwMDB9.c2lnbmF0dXJl",
            "MIIEowIBAAKCAQEAx0Z1yN8vW3bQ4kT7pL2mR9sH5dJ6fG8",
            "ghs_16C7e42F292c6912E7710c838347Ae178B4a",
            "ghp_SECRETSECRET",
            "xK9/Qw2+Rt7/Lm4+Zp8/Vb3+Nc6tY5uI1oP0aS=",
        ] {
            let quoted = without_likely_secrets(&format!("argument '{secret}' found"));
            assert!(quoted.ends_with("]' found"), "{quoted}");
            for text in [
                secret.to_owned(),
                format!("a {secret} b"),
                format!("/run/{secret}"),
                format!("https://{secret}@h/"),
            ] {
                // With slashes in it, it is judged part by part there.
                if secret.contains('/') && text.contains(&format!("/{secret}")) {
                    continue;
                }
                let shown = without_likely_secrets(&text);
                assert!(!shown.contains(&secret[..8]), "{text}: {shown}");
                assert!(!shown.contains(&secret[secret.len() - 8..]), "{text}: {shown}");
            }
        }
    }

    #[test]
    fn names_paths_and_ids_stay() {
        for text in [
            "/home/User1/Projects/raxx-development-bot-for-staging-2026/.envrc",
            "3f0c1a52-9b7e-4d21-8c33-0a1b2c3d4e5f",
            "the folder holds “APP_ID, INSTALLATION_ID, PRIVATE_KEY_PEM2”",
            "2026-11-23T17:04:23Z",
            "https://infisical.example.com:8443/api/v1/auth/universal-auth/login",
            "/tmp/.tmpAbC123/raxx-mint",
            "/run/user/1000/3f0c1a52-9b7e-4d21-8c33-0a1b2c3d4e5f",
            "./deploy-3f0c1a52-9b7e-4d21-8c33-0a1b2c3d4e5f.sh",
            "pr-1a2b3c4d5e6f7a8b",
            "https://3f8a2b7c9d1e4f6a.ngrok-free.app/api",
            "infisical-7d9f8b6c5d-x2k4j.default.svc",
            "UnprocessableContentException: environmentNotFoundError404",
            "203.0.113.77, 2001:db8:85a3::8a2e:370:7334",
        ] {
            assert_eq!(without_likely_secrets(text), text);
        }
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
