//! The operator's own GitHub tokens in an environment: by the name of a variable, and by the shape of what is in it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Words that a name has beside GitHub's where it holds something to act with.
const HOLDING: [&str; 13] = [
    "TOKEN",
    "TOKENS",
    "PAT",
    "OAUTH",
    "PASS",
    "PASSWD",
    "PASSWORD",
    "KEY",
    "JWT",
    "AUTH",
    "SECRET",
    "CREDENTIAL",
    "CREDENTIALS",
];
/// Names that say neither GitHub nor gh, and are used for it all the same.
const ALSO: [&str; 3] = ["GIT_TOKEN", "GIT_PASSWORD", "HUB_TOKEN"];
/// How GitHub's tokens begin
/// (<https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats>).
pub(crate) const BEGINNINGS: [&str; 6] = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"];
/// Places on the machine, which a token's beginning in a folder's name makes no secret.
const PLACES: [&str; 7] = ["PATH", "HOME", "PWD", "OLDPWD", "SHELL", "TMPDIR", "XDG_RUNTIME_DIR"];

/// Whether a variable holds a GitHub token, or a key to get one: `GH_PAT`, `COPILOT_GITHUB_TOKEN`, or any that a token of
/// GitHub's stands in.
pub fn is_token(name: &OsStr, value: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let value = value.to_string_lossy();
    !PLACES.contains(&name.as_ref())
        && (is_named_so(&name)
            || holds_token(&value)
            || encoded(&value).any(|text| holds_token(&text))
            || (name.starts_with(VALUE) && is_a_header_that_acts(&value))
            || (name == PARAMETERS && value.to_ascii_lowercase().contains("authorization:")))
}

/// What the base64 in a text says: `AUTHORIZATION: basic …` is how a checkout hands a token to git.
fn encoded(value: &str) -> impl Iterator<Item = String> {
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
    // Shorter than any token.
    let words = value.split(move |c| !is_base64(c)).filter(|word| word.len() >= 12);
    words.filter_map(|word| Some(String::from_utf8_lossy(&BASE64.decode(word).ok()?).into_owned()))
}

/// Whatever it holds: as a setting of git's it would be sent for whoever set it.
fn is_a_header_that_acts(value: &str) -> bool {
    value.trim_start().to_ascii_lowercase().starts_with("authorization:")
}

/// With or without the `=` at the end, which is no letter of it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

fn is_named_so(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let words: Vec<_> = name.split(['_', '-', '.']).collect();
    let is_githubs = name.contains("GITHUB") || name.contains("COPILOT") || words.contains(&"GH");
    ALSO.contains(&name.as_str())
        || is_githubs && (name.contains("TOKEN") || words.iter().any(|word| HOLDING.contains(word)))
}

/// Whether a token of GitHub's stands in a text, by how it begins.
pub fn holds_token(value: &str) -> bool {
    BEGINNINGS.iter().any(|beginning| {
        value.match_indices(beginning).any(|(at, _)| {
            let before = value.get(..at).and_then(|before| before.chars().next_back());
            let after = value.get(at + beginning.len()..).and_then(|after| after.chars().next());
            before.is_none_or(|letter| !letter.is_ascii_alphanumeric() && letter != '_')
                && after.is_some_and(|letter| letter.is_ascii_alphanumeric())
        })
    })
}

/// What `git -c` hands to the programs that git starts, an alias of a shell's among them; all of it in one.
const PARAMETERS: &str = "GIT_CONFIG_PARAMETERS";
const KEY: &str = "GIT_CONFIG_KEY_";
const VALUE: &str = "GIT_CONFIG_VALUE_";

/// Whether a variable is one of those in which git is handed settings, of which none may be missing
/// (<https://git-scm.com/docs/git-config#ENVIRONMENT>).
pub fn is_of_settings(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with(KEY) || name.starts_with(VALUE)
}

/// What git's settings become where one of them holds a token: a setting that says nothing.
pub fn of_settings(held: &BTreeSet<OsString>) -> BTreeMap<OsString, OsString> {
    let names = held.iter().map(|name| name.to_string_lossy());
    let numbers = names.filter_map(|name| name.strip_prefix(KEY).or(name.strip_prefix(VALUE)).map(str::to_owned));
    let pairs = numbers.flat_map(|number| {
        [
            (format!("{KEY}{number}"), "raxx.taken-out"),
            (format!("{VALUE}{number}"), ""),
        ]
    });
    pairs.map(|(name, value)| (name.into(), value.into())).collect()
}

#[cfg(test)]
mod tests {
    use super::is_token;
    use base64::Engine;
    use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};

    fn taken(name: &str, value: &str) -> bool {
        is_token(name.as_ref(), value.as_ref())
    }

    #[test]
    fn by_name() {
        for name in [
            "GITHUB_PERSONAL_ACCESS_TOKEN",
            "COPILOT_GITHUB_TOKEN",
            "GH_PAT",
            "GITHUB_PAT",
            "HOMEBREW_GITHUB_API_TOKEN",
            "github_token",
            "GITHUB_APP_PRIVATE_KEY",
            "MY_GH_TOKEN",
            "GITHUBTOKEN",
            "GITHUB_CREDENTIALS",
            "GH_SECRET",
            "GITHUB_PASS",
            "GIT_TOKEN",
            "HUB_TOKEN",
        ] {
            assert!(taken(name, "x"), "{name}");
        }
        for name in [
            "GITHUB_PATH",
            "GITHUB_API_URL",
            "GITHUB_ACTOR",
            "GH_HOST",
            "GH_PAGER",
            "NPM_TOKEN",
            "LIGHT_KEY",
            "PATH",
        ] {
            assert!(!taken(name, "x"), "{name}");
        }
    }

    #[test]
    fn by_shape() {
        for value in [
            "ghp_0123456789abcdef",
            "github_pat_11AAAA_b",
            "https://x:gho_1@github.com/",
            "{\"github-oauth\":{\"github.com\":\"ghs_a.b-c\"}}",
        ] {
            assert!(taken("ANYTHING", value), "{value}");
            assert!(!taken("PATH", value), "{value}");
            let header = format!("AUTHORIZATION: basic {}", BASE64_STANDARD.encode(format!("o:{value}")));
            assert!(taken("ANYTHING", &header), "{header}");
            let header = BASE64_STANDARD_NO_PAD.encode(format!("o:{value}"));
            assert!(taken("ANYTHING", &header), "{header}");
        }
        assert!(taken("GIT_CONFIG_VALUE_7", "Authorization: Basic bzpw"));
        assert!(!taken("ANYTHING", "Authorization: Basic bzpw"));
        let parameters = "'user.name'='x' 'http.https://github.com/.extraheader'='AUTHORIZATION: basic bzpw'";
        assert!(taken("GIT_CONFIG_PARAMETERS", parameters));
        assert!(!taken("GIT_CONFIG_PARAMETERS", "'user.name'='x'"));
        for value in ["laughs_at", "ghp_", "a_ghp_1", "github_patience", "sigh"] {
            assert!(!taken("ANYTHING", value), "{value}");
        }
    }
}
