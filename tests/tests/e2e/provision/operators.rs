//! Who writes: a session that is there, and none that is opened behind anybody's back.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use super::{Desk, MAKE, Sitting};

/// A dry run with Infisical's CLI in front of it, which prints this, and is logged in there.
fn dry_run(desk: &Desk, script: &str, domain: &str, variables: &[(&str, &str)]) -> super::Ended {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".infisical");
    fs::create_dir(&folder).unwrap();
    let config = format!("{{\"loggedInUserEmail\":\"a@b.example\",\"LoggedInUserDomain\":\"{domain}\"}}");
    fs::write(folder.join("infisical-config.json"), config).unwrap();
    let bin = home.path().join("bin");
    fs::create_dir(&bin).unwrap();
    let cli = bin.join("infisical");
    fs::write(&cli, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&cli, fs::Permissions::from_mode(0o755)).unwrap();
    let program = tests::programs::path("raxx-provision");
    let mut command = desk.command(&program.to_string_lossy());
    command
        .args(format!("{MAKE} --dry-run").split_whitespace())
        .env_remove("INFISICAL_TOKEN")
        .env("HOME", home.path())
        .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
        .envs(variables.iter().copied())
        .stdin(Stdio::null());
    Sitting::of(&mut command).end()
}

#[test]
fn the_session_in_the_environment_then_that_of_infisicals_cli_then_the_identity() {
    let desk = Desk::with(|operator| operator.is_person = true);
    let host = desk.sandbox.infisical().base_url();
    // Who mints may not write: nothing is made by them.
    let reader = "whoever writes may not write secrets there";
    let prints = format!("echo {}", desk.session);
    let you = "written by you, by the session of Infisical's CLI";
    let api = format!("{host}/api");
    for (script, domain, token, code, words) in [
        (prints.as_str(), host.as_str(), None, 0, you),
        (&prints, &api, None, 0, you),
        // Of another server this one is told nothing.
        (&prints, "https://app.infisical.com", None, 11, reader),
        (&prints, "http://127.0.0.1:9", None, 11, reader),
        // It is not told the dispatcher's credentials, nor read for ever.
        (
            &format!("env | grep -q INFISICAL_CLIENT && exit 1; {prints}"),
            &host,
            None,
            0,
            you,
        ),
        ("exec yes aaaaaaaaaaaaaaaa", &host, None, 11, reader),
        (&prints, "nonsense", None, 11, reader),
        // A login that it asks for, a text around it, two words, an error: none is a session.
        (
            "echo 'Your session has expired, please log in:'; read answer",
            &host,
            None,
            11,
            reader,
        ),
        (&format!("echo Token: {}", desk.session), &host, None, 11, reader),
        ("exit 1", &host, None, 11, reader),
        // One that has ended is said.
        (
            "echo eyJ.eyJ.x",
            &host,
            None,
            11,
            "does not take the session of Infisical's CLI",
        ),
        // What is given comes first.
        (
            &format!("touch \"$HOME/asked\"; {prints}"),
            &host,
            Some(desk.session.as_str()),
            0,
            "written by the session in INFISICAL_TOKEN",
        ),
    ] {
        let given: Vec<_> = token.map(|token| ("INFISICAL_TOKEN", token)).into_iter().collect();
        dry_run(&desk, script, domain, &given).is(code, &[words]);
    }
}

/// Each is told by its cause, whatever status the server has for it.
#[test]
fn a_session_that_is_none_is_told_as_such() {
    let of_another = Desk::new().session;
    let (ended, revoked) = (Desk::new(), Desk::new());
    ended.sandbox.infisical().expire_sessions();
    revoked.sandbox.infisical().revoke_sessions();
    let good = Desk::new();
    for (desk, token) in [
        (&ended, ended.session.as_str()),
        (&revoked, &revoked.session),
        (&good, &of_another),
        (&good, "no.jwt.here"),
    ] {
        let program = tests::programs::path("raxx-provision");
        let mut command = desk.command(&program.to_string_lossy());
        command
            .args(format!("{MAKE} --dry-run").split_whitespace())
            .env("INFISICAL_TOKEN", token)
            .stdin(Stdio::null());
        let ended = Sitting::of(&mut command).end();
        let ended = ended.is(
            11,
            &[
                "the session has ended, was revoked, or is another server's",
                "set INFISICAL_TOKEN anew",
            ],
        );
        assert!(!ended.told.contains(token), "{}", ended.told);
    }
}

#[test]
fn whoever_is_nobody_yet_is_told_how_to_log_in() {
    let desk = Desk::new();
    let nobody = [("INFISICAL_CLIENT_ID", ""), ("INFISICAL_CLIENT_SECRET", "")];
    let ended = dry_run(&desk, "exit 1", "https://app.infisical.com", &nobody);
    ended.is(
        3,
        &[
            "nobody is logged in to Infisical who could write",
            "`infisical login`",
            "INFISICAL_TOKEN",
        ],
    );
}

#[test]
fn a_cli_that_waits_for_somebody_is_not_waited_for() {
    let desk = Desk::with(|operator| operator.is_person = true);
    let host = desk.sandbox.infisical().base_url();
    // It has started another, which holds its output open.
    let ended = dry_run(&desk, "sleep 321 & sleep 321", &host, &[]);
    ended.is(
        11,
        &[
            "whoever writes may not write secrets there",
            "Infisical's CLI did not answer within 10 s",
        ],
    );
    if tests::tools::are_here(&["pgrep"]) {
        let left = std::process::Command::new("pgrep")
            .args(["-f", "sleep 321"])
            .status()
            .unwrap();
        assert!(!left.success(), "what it started has ended too");
    }
}

#[test]
fn a_child_has_neither_the_dispatchers_credentials_nor_a_session() {
    let desk = Desk::with(|operator| operator.is_person = true);
    let home = tempfile::tempdir().unwrap();
    let seen = home.path().join("seen");
    let program = tests::programs::path("raxx-provision");
    let opener = home.path().join("xdg-open");
    fs::write(
        &opener,
        format!("#!/bin/sh\nenv > '{0}.new'; mv '{0}.new' '{0}'\n", seen.display()),
    )
    .unwrap();
    fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = desk.command(&program.to_string_lossy());
    command
        .args(MAKE.replace("--no-browser", "").split_whitespace())
        .env("HOME", home.path())
        .env("PATH", format!("{}:/usr/bin:/bin", home.path().display()))
        .env("CF_ACCESS_CLIENT_SECRET", "hunter2")
        .stdin(Stdio::null());
    let mut sitting = Sitting::of(&mut command);
    sitting.address_in("then Create GitHub App");
    while !seen.exists() {
        std::thread::yield_now();
    }
    let environment = fs::read_to_string(&seen).unwrap();
    assert!(environment.contains("HOME="), "{environment}");
    for secret in ["INFISICAL_", "CF_ACCESS_", &desk.session, "hunter2"] {
        assert!(!environment.contains(secret), "{environment}");
    }
    sitting.signal("INT");
    sitting.end();
}
