//! On a terminal secrets in documents are masked; `script` (util-linux) lends one.

use serde_json::{Value, json};
use tests::sandbox::Sandbox;

use crate::chain::{Run, shell};

/// A line run with a terminal for its standard output and error.
fn on_a_terminal(line: &str, sandbox: &Sandbox) -> Run {
    shell(&format!("script --quiet --return --command '{line}' /dev/null"))
        .against(sandbox)
        .stdin("")
}

fn shown(line: &str, sandbox: &Sandbox) -> String {
    on_a_terminal(line, sandbox).run().success().replace("\r\n", "\n")
}

const NOTE: &str = "note: secrets are masked on a terminal; pipe the document on, or print it whole with --reveal\n";

#[test]
fn every_document_is_masked() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let fingerprint = sandbox.bot("raxx-dev-bot").key.fingerprint();
    let session_length = sandbox_session_length(&sandbox);
    let mut line = String::new();
    for (step, field, mask) in [
        (
            "infisical-login",
            "access_token",
            format!("<session token, {session_length} characters>"),
        ),
        (
            " | infisical-fetch --bot raxx-dev-bot",
            "PRIVATE_KEY_PEM",
            format!("<RSA 2048, SHA256:{fingerprint}>"),
        ),
        (" | gh-app-jwt", "jwt", String::new()),
        (
            " | gh-install-token",
            "token",
            "<installation token, 40 characters>".to_owned(),
        ),
    ] {
        line.push_str(step);
        let shown = shown(&line, &sandbox);
        let (note, document) = shown.split_at(NOTE.len());
        assert_eq!(note, NOTE, "{line}");
        let document: Value = serde_json::from_str(document).expect("one document");
        if mask.is_empty() {
            let jwt = document[field].as_str().unwrap();
            assert!(jwt.starts_with("<JWT, ") && jwt.ends_with(" characters>"), "{jwt}");
        } else {
            assert_eq!(document[field], json!(mask), "{line}");
        }
    }
}

fn sandbox_session_length(sandbox: &Sandbox) -> usize {
    let session = crate::chain::program("infisical-login")
        .against(sandbox)
        .run()
        .document();
    session["access_token"].as_str().unwrap().len()
}

#[test]
fn a_key_that_cannot_be_read_is_masked_by_what_is_wrong_with_it() {
    let sandbox = Sandbox::start_with_pooled_keys();
    sandbox.infisical().change(|settings| {
        settings
            .folder("/MooseQuest/raxx-dev-bot")
            .set("PRIVATE_KEY_PEM", "hunter2");
    });
    let shown = shown("infisical-login | infisical-fetch --bot raxx-dev-bot --quiet", &sandbox);
    let document: Value = serde_json::from_str(&shown).expect("one document and no note");
    assert_eq!(document["PRIVATE_KEY_PEM"], json!("<PRIVATE_KEY_PEM is not PEM>"));
}

#[test]
fn reveal_shows_them_and_the_token_alone_is_what_was_asked_for() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let document: Value =
        serde_json::from_str(&shown("raxx-mint --bot raxx-dev-bot --json --reveal", &sandbox)).unwrap();
    assert!(sandbox.github().is_live(document["token"].as_str().unwrap()));
    assert!(
        sandbox
            .github()
            .is_live(shown("raxx-mint --bot raxx-dev-bot", &sandbox).trim_end())
    );
    assert!(!shown("raxx-mint --bot raxx-dev-bot --json", &sandbox).contains("ghs_"));
}

#[test]
fn a_step_that_is_typed_alone_does_not_wait_for_a_document() {
    let sandbox = Sandbox::start_with_pooled_keys();
    // The inner terminal is the standard input too.
    let told = on_a_terminal("gh-app-jwt < /dev/tty", &sandbox).run();
    assert_eq!(told.code, Some(4), "{told}");
    assert!(
        told.stdout
            .contains("error: standard input is a terminal: expected bot-secrets (from infisical-fetch)"),
        "{told}"
    );
}
