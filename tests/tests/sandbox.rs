//! The `sandbox` program: what it hands to the command, what it hands back, what it writes down.
// A test that cannot go on has nothing better to do than to panic.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;

use assert_cmd::Command;
use tests::programs;

fn sandbox() -> Command {
    programs::build();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sandbox"));
    // The programs are there: nothing to build again.
    command.env_remove("CARGO");
    command
}

#[test]
fn the_journal_tells_requests_and_connections() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("journal");
    sandbox()
        .arg("--journal")
        .arg(&file)
        .args(["--plain", "raxx-mint", "--bot", "raxx-dev-bot"])
        .assert()
        .success();

    let journal = fs::read_to_string(&file).unwrap();
    let (requests, peers): (Vec<_>, Vec<_>) = journal.lines().map(|line| line.rsplit_once('\t').unwrap()).unzip();
    assert_eq!(
        requests,
        [
            "infisical\tPOST\t/api/v1/auth/universal-auth/login\t200",
            "infisical\tGET\t/api/v3/secrets/raw\t200",
            "github\tPOST\t/app/installations/101/access_tokens\t201",
        ]
    );
    assert_eq!(peers[0], peers[1], "login and fetch share a connection");
    assert!(peers.iter().all(|peer| peer.starts_with("127.0.0.1:")), "{peers:?}");
}

#[test]
fn the_journal_is_written_when_the_command_fails() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("journal");
    sandbox()
        .arg("--journal")
        .arg(&file)
        .args(["raxx-mint", "--bot", "no-such-bot"])
        .assert()
        .failure();
    let journal = fs::read_to_string(&file).unwrap();
    assert_eq!(journal.lines().count(), 2, "login and fetch:\n{journal}");
}

#[test]
fn a_journal_that_cannot_be_written_is_told_before_the_command_runs() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("missing/journal");
    let assert = sandbox()
        .arg("--journal")
        .arg(&file)
        .args(["echo", "ran"])
        .assert()
        .failure()
        .stdout("");
    let told = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(told.contains(&format!("cannot write {}", file.display())), "{told}");
}

#[test]
#[allow(clippy::print_stdout, reason = "what is not tried says so")]
fn the_first_thing_that_people_try_works() {
    if std::process::Command::new("gh").arg("--version").output().is_err() {
        println!("not tried: gh is not there");
        return;
    }
    let line = [
        "with-bot-token",
        "raxx-dev-bot",
        "gh",
        "api",
        "/installation/repositories",
        "--jq",
        ".total_count",
    ];
    sandbox().args(line).assert().success().stdout("3\n");
}

#[test]
fn the_exit_code_is_the_commands_own() {
    sandbox().args(["sh", "-c", "exit 11"]).assert().code(11);
    // 128 and the signal's number, as a shell tells it.
    sandbox().args(["sh", "-c", "kill -TERM $$"]).assert().code(128 + 15);
}

#[test]
fn the_command_sees_nothing_of_the_operators_own() {
    let own = [
        "INFISICAL_TOKEN",
        "CF_ACCESS_CLIENT_ID",
        "GH_TOKEN",
        "GH_ENTERPRISE_TOKEN",
        "GH_HOST",
        "GITHUB_TOKEN",
        "GITHUB_ENTERPRISE_TOKEN",
        "https_proxy",
    ];
    let mut command = sandbox();
    for name in own {
        command.env(name, "the-operators-own");
    }
    let assert = command.arg("env").assert().success();
    let environment = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
    assert!(!environment.contains("the-operators-own"), "{environment}");
    assert!(environment.contains("\nINFISICAL_CLIENT_SECRET="), "{environment}");
}

#[test]
fn the_fakes_answer_over_tls_and_the_root_goes_with_them() {
    let script =
        "raxx-mint --all-bots | wc -l && echo \"$INFISICAL_HOST $SSL_CERT_FILE\" && test -f \"$SSL_CERT_FILE\"";
    let assert = sandbox().args(["--bots", "5", "sh", "-c", script]).assert().success();
    let told = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
    let [tokens, at] = told.lines().collect::<Vec<_>>()[..] else {
        panic!("{told}")
    };
    let (host, root) = at.split_once(' ').unwrap();
    assert_eq!(tokens.trim(), "5");
    assert!(host.starts_with("https://127.0.0.1:"), "{host}");
    assert!(!fs::exists(root).unwrap(), "{root}");
}

#[test]
fn a_distant_fake_takes_its_round_trips() {
    // TCP, TLS, login, fetch, and at least the exchange: it cannot be faster.
    let round_trip = 20;
    let started = std::time::Instant::now();
    sandbox()
        .args([
            "--distance",
            &round_trip.to_string(),
            "raxx-mint",
            "--bot",
            "raxx-dev-bot",
        ])
        .assert()
        .success();
    assert!(started.elapsed().as_millis() >= 5 * round_trip);
}
