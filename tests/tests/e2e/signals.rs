//! Signals to a wrapper that stays beside its command: before the command runs, while it runs, and as the first process.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command};

use tests::programs;
use tests::script::{Canned, Hold};

use crate::early::wait_until;
use crate::renew::{Shift, ended, send};

/// What is held back, by server, when the signal comes, and what the wrapper was asked for beside.
const STAGES: [(&str, &str, &str); 4] = [
    ("infisical", "POST /api/v1/auth/universal-auth/login", ""),
    ("infisical", "GET /api/v3/secrets/raw", ""),
    ("github", "POST /api/v3/app/installations", ""),
    ("github", "POST /api/graphql", "--git-identity"),
];

#[test]
fn a_signal_before_the_command_ends_the_mint_and_nothing_is_run_or_left() {
    for flags in ["--revoke", "--renew"] {
        for (number, (server, request, more)) in STAGES.into_iter().enumerate() {
            // Each of them is one that ends a process.
            let (name, signal) = [("INT", 2), ("TERM", 15), ("HUP", 1), ("ALRM", 14)][number];
            let shift = Shift::new();
            let sandbox = &shift.workshop.sandbox;
            let hold = if server == "infisical" {
                sandbox.infisical().hold_next(request)
            } else {
                sandbox.github().hold_next(request)
            };
            let child = shift.start(&format!("{flags} {more}"), "touch ran");
            wait_until(|| !sandbox.journal().to(request).is_empty());
            send(name, &child);
            // Only what may have made a token is waited for.
            let is_waited_for = request.contains("/app/");
            let hold = if is_waited_for {
                drop(hold);
                None
            } else {
                Some(hold)
            };
            let (status, _, stderr) = ended(child);
            assert_eq!(status.signal(), Some(signal), "{flags} {request}: {stderr}");
            assert!(!shift.home("ran").exists(), "{flags} {request}: the command was run");
            drop(hold);
            shift.is_left_clean();
        }
    }
}

/// A wrapper whose exchange has begun, and is not answered.
fn in_an_exchange() -> (Shift, Hold, Child) {
    let request = "POST /api/v3/app/installations";
    let shift = Shift::new();
    let hold = shift.workshop.sandbox.github().hold_next(request);
    let child = shift.start("--revoke", "touch ran");
    wait_until(|| !shift.workshop.sandbox.journal().to(request).is_empty());
    (shift, hold, child)
}

/// What is waited for between two tries is not waited for any more: a busy GitHub, one that does not know a new token yet.
#[test]
fn a_signal_between_two_tries_ends_the_wait() {
    for (request, answer, flags) in [
        (
            "POST /api/v3/app/installations",
            Canned::new(429).header("Retry-After", "30"),
            "--revoke",
        ),
        ("GET /api/v3/installation/repositories", Canned::new(404), "--renew"),
    ] {
        let shift = Shift::new();
        let sandbox = &shift.workshop.sandbox;
        // All tries but the last of four would be waited for.
        sandbox.github().answer_next(request, 3, answer);
        let child = shift.start(flags, "touch ran");
        // The wait has begun when the second try of GitHub's ignorance is answered, or the first of a busy one.
        let tries = if flags == "--renew" { 2 } else { 1 };
        wait_until(|| sandbox.journal().to(request).len() == tries);
        send("TERM", &child);
        let (status, _, stderr) = ended(child);
        assert_eq!(status.signal(), Some(15), "{request}: {stderr}");
        assert_eq!(sandbox.journal().to(request).len(), tries, "{request}: no other try");
        assert!(!shift.home("ran").exists());
        shift.is_left_clean();
    }
}

/// As a terminal that closes, or a supervisor, sends them.
#[test]
fn several_signals_at_once_are_one_and_the_token_is_revoked() {
    let (shift, hold, child) = in_an_exchange();
    for signal in ["TERM", "HUP", "INT", "QUIT"] {
        send(signal, &child);
    }
    drop(hold);
    let (status, _, stderr) = ended(child);
    assert!(status.signal().is_some(), "{status} {stderr}");
    assert!(!shift.home("ran").exists());
    shift.is_left_clean();
}

/// nohup(1), a shell's `trap ''` and its jobs in the background.
#[test]
fn what_was_ignored_stays_ignored_and_children_are_known_all_the_same() {
    let shift = Shift::new();
    let run = |script: &str| {
        let output = Command::new("bash")
            .args(["-c", script])
            .env_clear()
            .env("RAXX_CONFIG", "off")
            .envs(shift.workshop.variables())
            .env(
                "PATH",
                format!("{}:{}", programs::directory().display(), std::env::var("PATH").unwrap()),
            )
            .env("XDG_RUNTIME_DIR", shift.runtime())
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    programs::build();
    for flags in ["", "--revoke", "--renew"] {
        // Where this process becomes the command, its parent is the test.
        let whom = if flags.is_empty() { "$$" } else { "$PPID $$" };
        let (code, told) = run(&format!(
            "trap '' HUP INT; with-bot-token {flags} raxx-dev-bot sh -c 'kill -HUP {whom}; echo survived'"
        ));
        assert_eq!((code, told.as_str()), (Some(0), "survived\n"), "{flags}");
        let (code, _) = run(&format!(
            "trap '' CHLD; with-bot-token {flags} raxx-dev-bot sh -c 'exit 7'"
        ));
        assert_eq!(code, Some(7), "{flags}");
    }
}

#[test]
fn a_second_signal_ends_the_wait_for_an_answer() {
    let (shift, hold, child) = in_an_exchange();
    let process = child.id();
    // Signals that have not been looked at yet are one.
    let second = std::thread::spawn(move || {
        let (status, _, stderr) = ended(child);
        (status.signal(), stderr)
    });
    while !second.is_finished() {
        let _ = Command::new("sh")
            .args(["-c", "kill -s INT \"$0\" 2> /dev/null", &process.to_string()])
            .status();
    }
    let (signal, stderr) = second.join().unwrap();
    assert_eq!(signal, Some(2), "{stderr}");
    assert!(stderr.contains("waiting for GitHub's answer"), "{stderr}");
    drop(hold);
    assert!(!shift.home("ran").exists());
}

#[test]
fn every_signal_that_ends_a_process_reaches_the_command_and_leaves_nothing() {
    for name in [
        "ALRM", "VTALRM", "PROF", "XCPU", "XFSZ", "ABRT", "PWR", "IO", "SYS", "TRAP", "STKFLT", "USR2", "QUIT",
    ] {
        let shift = Shift::new();
        let child = shift.start("--revoke", "ulimit -c 0; touch ready; exec sleep 600");
        wait_until(|| shift.home("ready").exists());
        let by_bash = Command::new("bash")
            .args(["-c", "kill -s \"$0\" \"$1\"", name, &child.id().to_string()])
            .status();
        assert!(by_bash.unwrap().success());
        let (status, _, stderr) = ended(child);
        // Of those that not every system has a shell's number is told.
        let is_told = status.signal().is_some() || status.code().is_some_and(|code| code > 128);
        assert!(is_told && stderr.is_empty(), "{name}: {status} {stderr}");
        shift.is_left_clean();
    }
}

/// As a container's first process it is given the children of those that have ended.
#[test]
fn as_the_first_process_it_waits_for_orphans() {
    needs!("unshare");
    let first = ["-Urpf", "--mount-proc", "--kill-child"];
    let is_allowed = Command::new("unshare").args(first).arg("true").status();
    if !is_allowed.unwrap().success() {
        return;
    }
    for flags in ["--revoke", "--renew"] {
        let shift = Shift::new();
        // It ends only where no process of that name is left, a zombie neither.
        let script = "for n in 1 2 3; do sh -c 'sleep 0.1 &'; done; until ! grep -qs '(sleep)' /proc/[0-9]*/stat; do :; done; echo $$";
        let output = Command::new("timeout")
            .args(["60", "unshare"])
            .args(first)
            .arg(programs::path("with-bot-token"))
            .args([flags, "raxx-dev-bot", "bash", "-c", script])
            .env_clear()
            .env("RAXX_CONFIG", "off")
            .env("PATH", std::env::var("PATH").unwrap())
            .envs(shift.workshop.variables())
            .env("XDG_RUNTIME_DIR", shift.runtime())
            .output()
            .unwrap();
        assert!(output.status.success(), "{flags}: {output:?}");
        shift.is_left_clean();
        // It cannot end by a signal itself, and tells of one as a shell does.
        let status = Command::new("unshare")
            .args(first)
            .arg(programs::path("with-bot-token"))
            .args([flags, "raxx-dev-bot", "sh", "-c", "kill -TERM $$"])
            .env_clear()
            .env("RAXX_CONFIG", "off")
            .env("PATH", std::env::var("PATH").unwrap())
            .envs(shift.workshop.variables())
            .env("XDG_RUNTIME_DIR", shift.runtime())
            .status();
        assert_eq!(status.unwrap().code(), Some(128 + 15), "{flags}");
    }
}

#[test]
fn a_script_without_its_first_line_runs_in_every_way() {
    let shift = Shift::new();
    let script = shift.home("script");
    fs::write(&script, "echo \"$1\"; exit 5\n").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    for flags in ["", "--revoke", "--renew"] {
        let child = shift.start_command(flags, &[script.to_str().unwrap(), "its argument"]);
        let (status, stdout, stderr) = ended(child);
        assert_eq!(
            (status.code(), stdout.as_str()),
            (Some(5), "its argument\n"),
            "{flags}: {stderr}"
        );
    }
}
