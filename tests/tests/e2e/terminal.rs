//! On a terminal secrets in documents are masked; `script` (util-linux) lends one.

use std::io::Read;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tests::programs;
use tests::sandbox::Sandbox;
use tests::script::Canned;

use crate::chain::{Run, shell};

/// What a program says at a terminal until these words come, and what after the server has been let go on.
fn shown_around(line: &str, sandbox: &Sandbox, request: &str, words: &str) -> (String, String) {
    let hold = sandbox.infisical().hold_next(request);
    let mut command = Command::new("script");
    command
        .args(["--quiet", "--return", "--command", line, "/dev/null"])
        .env_clear()
        .env("RAXX_CONFIG", "off")
        .env(
            "PATH",
            format!("{}:{}", programs::directory().display(), std::env::var("PATH").unwrap()),
        )
        .env("TERM", "xterm")
        .env("TMPDIR", env!("CARGO_TARGET_TMPDIR"))
        .envs(sandbox.environment())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    let mut before = vec![];
    while !String::from_utf8_lossy(&before).contains(words) {
        let mut some = [0; 1024];
        let length = out.read(&mut some).unwrap();
        assert_ne!(length, 0, "{}", String::from_utf8_lossy(&before));
        before.extend_from_slice(&some[..length]);
    }
    drop(hold);
    let mut after = String::new();
    out.read_to_string(&mut after).unwrap();
    child.wait().unwrap();
    (String::from_utf8(before).unwrap(), after)
}

#[test]
fn after_a_second_it_says_what_is_waited_for_and_takes_it_back() {
    needs!("script");
    programs::build();
    for line in [
        "raxx-mint --bot raxx-dev-bot",
        "with-bot-token raxx-dev-bot printenv GH_ENTERPRISE_TOKEN",
    ] {
        for request in ["/login", "/secrets"] {
            let sandbox = Sandbox::start_with_pooled_keys();
            let words = format!("waiting for {} …", sandbox.infisical().address());
            let (before, after) = shown_around(line, &sandbox, request, &words);
            let all = format!("{before}{after}").replace("\r\n", "\n");
            // Each such line is taken back before anything else is written; on a slow machine there are more of them.
            let rest: String = all.split("\r\u{1b}[K").filter(|part| !part.ends_with(" …")).collect();
            assert!(all.contains(&format!("{words}\r\u{1b}[K")), "{line} {request}: {all:?}");
            assert!(
                rest.lines().count() == 1 && rest.starts_with("ghs_"),
                "{line} {request}: {all:?}"
            );
        }
    }
}

#[test]
fn a_job_in_the_background_says_nothing_of_waiting() {
    needs!("script");
    let sandbox = Sandbox::start_with_pooled_keys();
    sandbox
        .infisical()
        .answer_next("/login", 1, Canned::new(503).header("retry-after", "2"));
    // A shell with job control gives each job a process group of its own, and the terminal to the one in front.
    let line = "bash -mc \"raxx-mint --bot raxx-dev-bot > /dev/null & wait\"";
    let told = on_a_terminal(line, &sandbox).env("TERM", "xterm").run().success();
    // Nothing but the shell's own word.
    assert!(told.starts_with("[1]") && told.lines().count() == 1, "{told:?}");
}

#[test]
fn what_failed_has_the_doctors_colour_at_a_terminal_that_wants_one() {
    needs!("script");
    let sandbox = Sandbox::start_with_pooled_keys();
    let told = |name: &str, value: &str| {
        let run = on_a_terminal("raxx-mint nobody", &sandbox)
            .env("TERM", "xterm")
            .env(name, value);
        run.run().stdout
    };
    assert!(
        told("LANG", "C").contains("\u{1b}[1m\u{1b}[31merror:\u{1b}[0m "),
        "{:?}",
        told("LANG", "C")
    );
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        assert!(told(name, value).starts_with("error: "), "{:?}", told(name, value));
    }
}

#[test]
fn a_server_that_asks_to_be_left_alone_is_named_with_the_time() {
    needs!("script");
    programs::build();
    let sandbox = Sandbox::start_with_pooled_keys();
    let busy = Canned::new(429).header("retry-after", "3");
    sandbox.infisical().answer_next("/login", 1, busy);
    let words = format!("waiting 3 s, as {} asks, to try again …", sandbox.infisical().address());
    let told = shown_around("raxx-mint --bot raxx-dev-bot", &sandbox, "/secrets", &words);
    assert!(told.1.contains("ghs_"), "{told:?}");
}

#[test]
fn nothing_is_said_of_waiting_where_it_could_not_be_taken_back() {
    needs!("script");
    let sandbox = Sandbox::start_with_pooled_keys();
    for (line, terminal) in [
        ("raxx-mint --bot raxx-dev-bot", "dumb"),
        ("raxx-mint --bot raxx-dev-bot --quiet", "xterm"),
        ("raxx-mint --bot raxx-dev-bot --error-format json", "xterm"),
    ] {
        // Nothing that would be said is said within the time that the server takes.
        sandbox
            .infisical()
            .answer_next("/login", 1, Canned::new(503).header("retry-after", "2"));
        let told = on_a_terminal(line, &sandbox).env("TERM", terminal).run().success();
        assert!(told.starts_with("ghs_"), "{line}: {told:?}");
    }
}

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
