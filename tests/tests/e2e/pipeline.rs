//! The four programs in a pipe, as typed into a shell.

use serde_json::{Value, json};
use tests::sandbox::Sandbox;

use crate::chain::{program, shell};

const PIPELINE: &str =
    "infisical-login | infisical-fetch --path /MooseQuest/raxx-dev-bot | gh-app-jwt | gh-install-token";

#[test]
fn the_pipeline_of_the_readme_ends_in_a_live_token() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let token = shell(PIPELINE).against(&sandbox).run().document();
    assert_eq!(token["kind"], json!("installation-token"));
    assert!(sandbox.github().is_live(token["token"].as_str().unwrap()));
}

#[test]
fn every_document_passes_through_jq() {
    needs!("jq");
    let sandbox = Sandbox::start_with_pooled_keys();
    let line = PIPELINE.replace(" | ", " | jq . | ");
    let token = shell(&format!("set -o pipefail; {line}"))
        .against(&sandbox)
        .run()
        .document();
    assert!(sandbox.github().is_live(token["token"].as_str().unwrap()));
}

#[test]
fn a_failing_step_is_named_first_and_nothing_comes_out() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let told = shell(&format!("set -o pipefail; {PIPELINE}"))
        .against(&sandbox)
        .env("INFISICAL_CLIENT_SECRET", "wrong")
        .run();
    assert_eq!(told.stdout, "");
    let failures: Vec<_> = told.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(
        failures,
        [
            "error: Infisical login failed: HTTP 401",
            "error: standard input is empty: expected infisical-session (from infisical-login)",
            "error: standard input is empty: expected bot-secrets (from infisical-fetch)",
            "error: standard input is empty: expected app-jwt (from gh-app-jwt)",
        ]
    );
}

#[test]
fn a_document_in_the_wrong_step_is_told_by_both_names() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let told = shell("infisical-login | gh-install-token")
        .against(&sandbox)
        .run()
        .failure(4);
    insta::assert_snapshot!(told);
}

#[test]
fn what_is_no_document_is_told_at_once() {
    let sandbox = Sandbox::start_with_pooled_keys();
    for (name, line) in [
        ("empty", "gh-app-jwt < /dev/null"),
        ("half", "echo '{\"kind\":\"bot-secrets\",\"APP_ID\":\"1' | gh-app-jwt"),
        ("garbage", "head -c 100M /dev/zero | gh-app-jwt"),
        ("endless", "yes | gh-install-token"),
        ("closed", "infisical-fetch --bot raxx-dev-bot <&-"),
        (
            "two",
            "(infisical-login; infisical-login) | infisical-fetch --bot raxx-dev-bot",
        ),
        ("list", "echo '[1]' | gh-install-token --revoke"),
    ] {
        insta::assert_snapshot!(
            format!("document_{name}"),
            shell(line).against(&sandbox).run().failure(4)
        );
    }
}

#[test]
fn an_output_that_nobody_reads_is_told() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let told = shell("raxx-mint --bot raxx-dev-bot > /dev/full")
        .against(&sandbox)
        .run()
        .failure(1);
    insta::assert_snapshot!("full", told);
    // When the shell has waited for it, the reader is gone for good.
    let told = shell("exec 3> >(true); wait $!; raxx-mint --bot raxx-dev-bot >&3")
        .against(&sandbox)
        .run()
        .failure(1);
    insta::assert_snapshot!("closed_pipe", told);
}

#[test]
fn the_recipes_of_the_documentation_work() {
    needs!("jq");
    let sandbox = Sandbox::start_with_pooled_keys();
    let by_hand =
        "session=$(infisical-login); infisical-fetch --bot raxx-dev-bot <<<\"$session\" | jq 'del(.PRIVATE_KEY_PEM)'";
    let shown: Value = serde_json::from_str(&shell(by_hand).against(&sandbox).run().success()).unwrap();
    assert_eq!(shown["APP_ID"], json!("3501352"));

    let own_key = "printf %s \"$PEM\" | jq --raw-input --slurp '{APP_ID: \"3501352\", INSTALLATION_ID: \"101\", PRIVATE_KEY_PEM: .}' | gh-app-jwt | gh-install-token";
    let pem = sandbox.bot("raxx-dev-bot").key.pkcs1_pem();
    let token = shell(own_key).against(&sandbox).env("PEM", pem).run().document();
    assert!(sandbox.github().is_live(token["token"].as_str().unwrap()));
}

#[test]
fn the_fields_in_the_documentation_are_those_that_are_written() {
    let documentation = include_str!("../../../docs/pipeline.md");
    let sandbox = Sandbox::start_with_pooled_keys();
    let mut line = String::new();
    for (step, kind) in [
        ("infisical-login", "infisical-session"),
        (" | infisical-fetch --bot raxx-dev-bot", "bot-secrets"),
        (" | gh-app-jwt", "app-jwt"),
        (" | gh-install-token --repo raxx", "installation-token"),
    ] {
        line.push_str(step);
        let document = shell(&line).against(&sandbox).run().document();
        let (_, section) = documentation
            .split_once(&format!("### {kind}\n"))
            .expect("a section for each document");
        let section = section.split("\n#").next().unwrap();
        for field in document.as_object().unwrap().keys().filter(|field| *field != "kind") {
            assert!(section.contains(&format!("`{field}`")), "{kind} has {field}");
        }
    }
    let single = program("raxx-mint --bot raxx-dev-bot --json")
        .against(&sandbox)
        .run()
        .document();
    assert!(documentation.contains("| `bot` |") && single.get("bot").is_some());
}
