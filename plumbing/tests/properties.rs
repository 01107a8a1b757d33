//! What holds for every text, not only for those that somebody has thought of.

#![allow(clippy::expect_used, reason = "a test stops where it meets what it does not expect")]

use std::process::Command;

use plumbing::secrets::redact;
use plumbing::{BaseUrl, Failure, PrivateKey, documents, pipe, shell, text};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use secrecy::SecretString;
use tests::keys::BotKey;

/// How often people wrap a key, end its lines and put something around it.
#[derive(Clone, Debug)]
struct Mangling {
    width: usize,
    newline: &'static str,
    indent: usize,
    before: String,
    after: String,
    in_base64: bool,
    quote: &'static str,
}

fn manglings() -> impl Strategy<Value = Mangling> {
    let newline = prop_oneof![
        Just("\n"),
        Just("\r\n"),
        Just("\\n"),
        Just("\\r\\n"),
        Just(" "),
        Just("\n\n"),
        Just("\t\n")
    ];
    let quote = prop_oneof![Just(""), Just("\""), Just("'")];
    (
        1..200_usize,
        newline,
        0..4_usize,
        "[ \n\t]{0,5}",
        "[ \n\t]{0,5}",
        any::<bool>(),
        quote,
    )
        .prop_map(|(width, newline, indent, before, after, in_base64, quote)| Mangling {
            width,
            newline,
            indent,
            before,
            after,
            in_base64,
            quote,
        })
}

impl Mangling {
    fn of(&self, pem: &str) -> String {
        use base64::Engine as _;
        let mut lines = pem.lines();
        let first = lines.next().unwrap_or_default();
        let body: String = lines.clone().filter(|line| !line.starts_with('-')).collect();
        let last = lines.last().unwrap_or_default();
        let body: Vec<_> = body
            .as_bytes()
            .chunks(self.width)
            .map(String::from_utf8_lossy)
            .collect();
        let indent = " ".repeat(self.indent);
        let lines = [first.into()].into_iter().chain(body).chain([last.into()]);
        let text = lines
            .map(|line| format!("{indent}{line}"))
            .collect::<Vec<_>>()
            .join(self.newline);
        let text = format!("{}{}{text}{}{}", self.before, self.quote, self.quote, self.after);
        if self.in_base64 {
            base64::prelude::BASE64_STANDARD.encode(text)
        } else {
            text
        }
    }
}

fn parse(text: &str) -> Result<PrivateKey, Failure> {
    PrivateKey::parse(&SecretString::from(text))
}

fn is_fit_to_be_shown(shown: &str) -> bool {
    !shown.chars().any(char::is_control)
}

proptest! {
    #[test]
    fn a_key_in_any_dress_is_the_same_key(mangling in manglings()) {
        let key = BotKey::pooled(0);
        let found = parse(&mangling.of(&key.pkcs1_pem())).map(|key| key.pkcs1_der().to_vec());
        let plain = parse(&key.pkcs1_pem()).map(|key| key.pkcs1_der().to_vec());
        prop_assert_eq!(found.ok(), plain.ok());
    }

    #[test]
    fn a_key_that_lost_something_is_refused_by_name_and_not_quoted(at in 0..1500_usize, letter in "[A-Za-z0-9+/= -]") {
        let pem = BotKey::pooled(0).pkcs1_pem();
        let mut damaged = pem.clone();
        let at = at.min(pem.len() - 1);
        damaged.replace_range(at..=at, &letter);
        if let Err(failure) = parse(&damaged) {
            let told = format!("{} {:?} {:?}", failure.summary, failure.cause, failure.fix);
            prop_assert!(failure.code.name().starts_with("private_key_"), "{told}");
            let quotes = pem.lines().filter(|line| line.len() == 64).any(|line| told.contains(&line[8..24]));
            prop_assert!(!quotes, "{told}");
        }
    }

    #[test]
    fn no_text_is_taken_for_a_key_without_being_one(text in ".{0,200}") {
        prop_assert!(parse(&text).is_err());
        let dressed = format!("-----BEGIN RSA PRIVATE KEY-----\n{text}\n-----END RSA PRIVATE KEY-----");
        prop_assert!(parse(&dressed).is_err());
    }

    #[test]
    fn what_is_quoted_is_fit_to_be_shown_and_of_a_length(text in any::<String>()) {
        let quoted = text::quote(&text);
        prop_assert!(is_fit_to_be_shown(&quoted));
        // An escape is ten characters at most.
        prop_assert!(quoted.chars().count() <= 5_010);
    }

    #[test]
    fn no_secret_survives_in_any_form(
        secret in "[ -~]{16,80}",
        before in "[a-z ]{0,12}",
        after in "[a-z ]{0,12}",
        form in 0..3_usize,
    ) {
        use base64::Engine as _;
        let shown = match form {
            0 => secret.clone(),
            1 => serde_json::to_string(&secret).unwrap_or_default(),
            _ => base64::prelude::BASE64_STANDARD.encode(format!("{before}{secret}{after}")),
        };
        let redacted = redact(&format!("{before}{shown}{after}"), [&SecretString::from(secret.clone())]);
        prop_assert!(redacted.contains("[redacted]"), "{redacted}");
        let middle = secret.get(4..secret.len() - 4).unwrap_or_default();
        prop_assert!(!redacted.contains(middle), "{redacted}");
    }

    #[test]
    fn a_base_is_refused_or_means_the_same_when_it_is_read_again(text in "(https?://)?[a-zA-Z0-9.:@\\[\\]/?# -]{0,40}") {
        if let Ok(base) = BaseUrl::parse(&text) {
            let again = BaseUrl::parse(&base.to_string());
            prop_assert_eq!(again.map(|again| again.to_string()), Ok(base.to_string()));
        }
    }

    #[test]
    fn no_bytes_are_a_document_by_accident(bytes in vec(any::<u8>(), 0..200)) {
        let failure = pipe::parse::<documents::BotSecrets>(&bytes).err();
        let failure = failure.expect("it is none");
        prop_assert!(failure.code.name().starts_with("document_"));
        prop_assert!(is_fit_to_be_shown(&failure.summary));
    }
}

/// One run of each shell for all of them: a process for each would cost a minute.
#[test]
fn a_word_in_quotes_is_that_word_for_every_shell_that_is_here() {
    let mut runner = TestRunner::deterministic();
    let words: Vec<String> = (0..300)
        .map(|_| {
            let word = "[^\u{0}]{0,40}".new_tree(&mut runner);
            word.expect("a word").current()
        })
        .collect();
    for (program, quote) in [
        ("sh", shell::quoted as fn(&str) -> String),
        ("dash", shell::quoted),
        ("bash", shell::quoted),
        ("zsh", shell::quoted),
        ("ksh", shell::quoted),
        ("fish", shell::quoted_for_fish),
    ] {
        if !tests::tools::has(program) {
            continue;
        }
        let printed: Vec<_> = words
            .iter()
            .map(|word| format!("printf '%s\\0' {}\n", quote(word)))
            .collect();
        // As a script's file: an argument may not be of any length.
        let script = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(script.path(), printed.concat()).expect("written");
        let output = Command::new(program).arg(script.path()).output().expect("it runs");
        let told = String::from_utf8(output.stdout).expect("UTF-8");
        let told: Vec<_> = told.split_terminator('\0').collect();
        assert_eq!(told, words, "{program}");
    }
}
