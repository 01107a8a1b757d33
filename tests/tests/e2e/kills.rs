//! A kill at any moment of the cache's work: nothing is torn, no later process waits or mints for nothing, and no file is left
//! that no command knows.
//!
//! A process is killed as it enters a system call that changes something, or tells somebody of it: what is on the disk between
//! two of them is the same all the time.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::kept::Desk;

const CHANGES: &str = "openat,mkdirat,flock,write,sendto,renameat,unlinkat,exit_group";

/// Runs a program under strace, which writes `log`.
fn traced(desk: &Desk, line: &str, strace: &[&str], log: &Path) -> Output {
    let program = desk.command(line);
    let mut command = Command::new("strace");
    command
        .args(["-f", "-qq", "-o"])
        .arg(log)
        .args(strace)
        .arg("--")
        .arg(program.get_program())
        .args(program.get_args())
        .env_clear()
        .env("RAXX_CONFIG", "off")
        .stdin(Stdio::null());
    for (name, value) in program.get_envs() {
        command.envs(value.map(|value| (name, value)));
    }
    command.output().expect("strace runs")
}

/// The calls at which a program can be killed, as (name, how many of them one of its threads has made by then): from the first
/// one that is about the cache's directory, since what comes before is the loader's.
fn moments(desk: &Desk, line: &str) -> Vec<(String, usize)> {
    let log = desk.runtime.path().join("strace.log");
    let output = traced(desk, line, &["-e", &format!("trace={CHANGES}")], &log);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = fs::read_to_string(&log).unwrap();
    fs::remove_file(log).unwrap();
    let mut made = BTreeMap::<(&str, &str), usize>::new();
    let mut is_ours = false;
    let mut moments = vec![];
    for line in text.lines() {
        let (thread, call) = line.split_once(' ').expect("a thread and a call");
        let Some((name, arguments)) = call.trim_start().split_once('(') else {
            continue;
        };
        let count = made.entry((thread, name)).or_default();
        *count += 1;
        // Nothing else is opened so; strace may not read names out of a process that is not to be dumped.
        is_ours |= name == "mkdirat" || arguments.contains("O_NOFOLLOW");
        if is_ours {
            moments.push((name.to_owned(), *count));
        }
    }
    assert!(!moments.is_empty(), "{text}");
    moments.sort_unstable();
    moments.dedup();
    moments
}

/// The tokens that stand in any file under a directory.
fn tokens_in(directory: &Path) -> Vec<String> {
    let mut tokens = vec![];
    for entry in fs::read_dir(directory).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tokens.extend(tokens_in(&path));
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        tokens.extend(words.filter(|word| word.starts_with("ghs_")).map(str::to_owned));
    }
    tokens
}

/// What is left under a directory: files and folders, by their paths.
fn left_in(directory: &Path) -> Vec<String> {
    let mut left = vec![];
    for entry in fs::read_dir(directory).into_iter().flatten() {
        let path = entry.unwrap().path();
        left.extend(left_in(&path));
        if !path.ends_with("raxx-mint") {
            left.push(path.display().to_string());
        }
    }
    left
}

/// Kills `line` at each of its moments, after `before`, and has the rest of a day done each time.
fn kill_at_every_moment(before: &str, line: &str) {
    let desk = Desk::new();
    let log = desk.runtime.path().join("strace.log");
    let make_ready = || {
        desk.run("raxx-mint --forget").run().success();
        desk.run(before).run().success();
    };
    make_ready();
    for (call, nth) in moments(&desk, line) {
        let moment = format!("{line}, killed before its {call} number {nth}");
        make_ready();
        let kill = format!("inject={call}:signal=KILL:when={nth}");
        let killed = traced(&desk, line, &["-e", &kill], &log);
        fs::remove_file(&log).unwrap();
        // Which thread makes which call differs from run to run, so that a few are never reached.
        if killed.status.signal().is_none() {
            continue;
        }
        let left = tokens_in(desk.runtime.path());
        let can_be_used = fs::read_dir(desk.directory()).is_ok_and(|mut entries| {
            entries.any(|entry| entry.unwrap().path().extension().is_some_and(|end| end == "token"))
        });
        let is_live = left.iter().any(|token| desk.sandbox.github().is_live(token));
        let listed = desk.run("raxx-mint --list").run().success();
        assert_eq!(listed.contains("raxx-dev-bot"), !left.is_empty(), "{moment}: {listed}");

        let mints = desk.mints();
        let token = desk.run("raxx-mint --bot raxx-dev-bot").run().success();
        let surplus = desk.mints() - mints;
        assert_eq!(surplus, usize::from(!can_be_used), "{moment}");
        // Between a revocation and the removal of its file a kept token is dead; --forget was asked for, and is so again.
        if is_live {
            assert!(desk.sandbox.github().is_live(token.trim()), "{moment}");
        }

        desk.run("raxx-mint --forget").run().success();
        for token in left.iter().map(String::as_str).chain([token.trim()]) {
            assert!(!desk.sandbox.github().is_live(token), "{moment}");
        }
        // The next login takes away what a killed one left.
        desk.run("infisical-login").run().success();
        assert_eq!(left_in(desk.runtime.path()), [""; 0], "{moment}");
    }
}

#[test]
fn a_mint_that_is_killed_at_any_call_costs_no_later_one() {
    needs!("strace");
    kill_at_every_moment("raxx-mint --list", "raxx-mint --bot raxx-dev-bot");
}

#[test]
fn a_fresh_mint_that_is_killed_at_any_call_leaves_the_kept_one() {
    needs!("strace");
    kill_at_every_moment("raxx-mint --bot raxx-dev-bot", "raxx-mint --fresh --bot raxx-dev-bot");
}

#[test]
fn a_use_that_is_killed_at_any_call_leaves_what_is_kept() {
    needs!("strace");
    kill_at_every_moment("raxx-mint --bot raxx-dev-bot", "raxx-mint --bot raxx-dev-bot");
}

#[test]
fn forgetting_that_is_killed_at_any_call_can_be_done_again() {
    needs!("strace");
    kill_at_every_moment("raxx-mint --bot raxx-dev-bot", "raxx-mint --forget");
}
