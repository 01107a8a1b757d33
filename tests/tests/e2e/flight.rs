//! A wrong secret is tried once: by every way to a token, wherever tokens are kept, however many processes come at once.

use std::io::Write;
use std::process::{Child, Command, Stdio};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::early::wait_until;
use crate::kept::{Desk, is_waiting_for_a_lock};

/// Every way in that logs in. What stands behind `<` is fed to it.
const WAYS: [&str; 12] = [
    "raxx-mint --bot raxx-dev-bot",
    "raxx-mint --path /MooseQuest/raxx-ops-bot",
    "raxx-mint --bot raxx-dev-bot --bot raxx-ops-bot",
    "raxx-mint --all-bots",
    "raxx-mint --bot raxx-dev-bot --fresh",
    "with-bot-token raxx-dev-bot true",
    "with-bot-token --fresh raxx-dev-bot true",
    "with-bot-token --revoke raxx-dev-bot true",
    "with-bot-token --renew raxx-dev-bot true",
    "git-credential-raxx --bot raxx-dev-bot get",
    "infisical-login",
    "raxx-doctor --bot raxx-dev-bot",
];

/// Where tokens are kept, or not.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Runtime,
    Off,
    Disk,
    None,
}

const PLACES: [Place; 4] = [Place::Runtime, Place::Off, Place::Disk, Place::None];

fn with_a_wrong_secret(desk: &Desk) {
    desk.sandbox
        .infisical()
        .change(|settings| "another".clone_into(&mut settings.identities[0].client_secret));
}

fn command(desk: &Desk, way: &str, place: Place) -> Command {
    let mut command = desk.command(way);
    match place {
        Place::Runtime => {}
        Place::Off => {
            command.env("RAXX_MINT_CACHE", "off");
        }
        Place::Disk => {
            command.env("RAXX_MINT_CACHE", desk.runtime.path().join("elsewhere"));
        }
        Place::None => {
            command.env("XDG_RUNTIME_DIR", "/nowhere");
        }
    }
    command
}

fn start(desk: &Desk, way: &str, place: Place) -> Child {
    let mut child = command(desk, way, place).stdin(Stdio::piped()).spawn().unwrap();
    let git = format!("protocol=https\nhost={}\n\n", desk.sandbox.github().address());
    // Whoever does not read it may be gone already.
    let _ = child.stdin.take().unwrap().write_all(git.as_bytes());
    child
}

fn logins(desk: &Desk) -> usize {
    desk.sandbox.journal().to("/login").len()
}

/// Lets them come while the first waits for its answer, then lets it be answered; what each ended with.
fn at_once(desk: &Desk, ways: impl IntoIterator<Item = (&'static str, Place)>) -> Vec<(String, Option<i32>, String)> {
    let answer = desk.sandbox.infisical().hold_next("/login");
    let mut all = vec![];
    for (way, place) in ways {
        let child = start(desk, way, place);
        match all.len() {
            0 => wait_until(|| logins(desk) == 1),
            _ => wait_until(|| is_waiting_for_a_lock(child.id())),
        }
        all.push((way, child));
    }
    drop(answer);
    let ended = all.into_iter().map(|(way, child)| {
        let output = child.wait_with_output().unwrap();
        let told = [output.stderr, output.stdout].concat();
        (way.to_owned(), output.status.code(), String::from_utf8(told).unwrap())
    });
    ended.collect()
}

/// Where processes meet to log in, below the desk's TMPDIR.
fn meeting_place(desk: &Desk) -> Option<std::path::PathBuf> {
    let entries = std::fs::read_dir(desk.runtime.path()).unwrap();
    let mut paths = entries.map(|entry| entry.unwrap().path());
    paths.find(|path| {
        path.file_name()
            .unwrap()
            .to_string_lossy()
            .starts_with("raxx-mint.login")
    })
}

#[test]
fn of_six_at_once_one_tries_by_every_way_and_in_every_place() {
    for way in WAYS {
        for place in PLACES {
            if way.contains("--renew") && place == Place::None {
                continue; // There is no place for the token either, so that nothing is asked.
            }
            let desk = Desk::new();
            with_a_wrong_secret(&desk);
            for (way, code, told) in at_once(&desk, [(way, place); 6]) {
                assert_ne!(code, Some(0), "{way} {place:?}: {told}");
                assert!(
                    told.contains("Infisical login failed: HTTP 401"),
                    "{way} {place:?}: {told}"
                );
            }
            assert_eq!(logins(&desk), 1, "{way} {place:?}");
        }
    }
}

#[test]
fn ways_and_places_meet() {
    let desk = Desk::new();
    with_a_wrong_secret(&desk);
    let has_a_place = |(way, place): &(&str, Place)| !way.contains("--renew") || *place != Place::None;
    let mixed = WAYS.into_iter().zip(PLACES.into_iter().cycle()).filter(has_a_place);
    at_once(&desk, mixed);
    assert_eq!(logins(&desk), 1);
}

#[test]
fn with_the_right_secret_all_have_their_token() {
    let desk = Desk::new();
    for (way, code, told) in at_once(&desk, [("raxx-mint --bot raxx-dev-bot --fresh", Place::Runtime); 6]) {
        assert_eq!(code, Some(0), "{way}: {told}");
    }
    assert_eq!((desk.mints(), desk.sandbox.github().live_tokens()), (6, 6));
    assert!(meeting_place(&desk).is_none(), "nothing is left where they met");
}

#[test]
fn who_comes_later_is_told_that_the_answer_is_old_and_another_secret_is_asked_at_once() {
    let desk = Desk::new();
    let wrong = |line: &str| desk.run(line).env("INFISICAL_CLIENT_SECRET", "wrong").run();
    wrong("raxx-mint --bot raxx-dev-bot").failure(10);
    let told = wrong("raxx-mint --bot raxx-ops-bot").failure(10);
    assert!(told.stderr.contains("this repeats the answer of 0 s ago"), "{told}");
    assert_eq!(logins(&desk), 1);
    desk.run("raxx-mint --bot raxx-dev-bot").run().success();
    assert_eq!(logins(&desk), 2);
}

#[test]
fn an_answer_that_is_old_or_dated_in_the_future_does_not_count() {
    for minutes in [-1, 1, 1_000_000] {
        let desk = Desk::new();
        let wrong = || {
            let run = desk.run("raxx-mint --bot raxx-dev-bot");
            run.env("INFISICAL_CLIENT_SECRET", "wrong").run().failure(10)
        };
        wrong();
        let place = meeting_place(&desk).unwrap();
        let files: Vec<_> = std::fs::read_dir(place)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        let [file] = &files[..] else { panic!("{files:?}") };
        let mut word: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        word["at"] = (Timestamp::now() + SignedDuration::from_mins(minutes))
            .to_string()
            .into();
        std::fs::write(file, word.to_string()).unwrap();
        assert!(!wrong().stderr.contains("this repeats the answer of"), "{minutes} min");
        assert_eq!(logins(&desk), 2, "{minutes} min");
    }
}

#[test]
fn a_failure_that_is_no_refusal_counts_for_nobody_who_comes_later() {
    let desk = Desk::new();
    desk.sandbox
        .infisical()
        .answer_next("/login", 1, tests::script::Canned::new(500));
    desk.run("raxx-mint --bot raxx-dev-bot").run().failure(10);
    desk.run("raxx-mint --bot raxx-dev-bot").run().success();
}

#[test]
fn the_right_secret_is_never_told_a_wrong_ones_answer_nor_another_ways() {
    for way in WAYS {
        let desk = Desk::new();
        let answer = desk.sandbox.infisical().hold_next("/login");
        let mut wrong = command(&desk, "raxx-mint --bot raxx-dev-bot", Place::Runtime);
        let wrong = wrong.env("INFISICAL_CLIENT_SECRET", "wrong").spawn().unwrap();
        wait_until(|| logins(&desk) == 1);
        let right = start(&desk, way, Place::Runtime);
        let waits_or_ends = || is_waiting_for_a_lock(right.id()) || logins(&desk) > 1;
        wait_until(waits_or_ends);
        drop(answer);
        assert_eq!(wrong.wait_with_output().unwrap().status.code(), Some(10));
        let output = right.wait_with_output().unwrap();
        let told = String::from_utf8([output.stderr, output.stdout].concat()).unwrap();
        assert!(!told.contains("HTTP 401"), "{way}: {told}");
    }
    // Who goes another way, here by a proxy that nobody listens at, fails alone.
    let desk = Desk::new();
    let answer = desk.sandbox.infisical().hold_next("/login");
    desk.sandbox
        .infisical()
        .answer_next("/login", 1, tests::script::Canned::new(500));
    let first = desk.start("raxx-mint --bot raxx-dev-bot");
    wait_until(|| logins(&desk) == 1);
    let mut other = desk.command("raxx-mint --bot raxx-dev-bot");
    let other = other.env("NO_PROXY", "somewhere.test").spawn().unwrap();
    wait_until(|| is_waiting_for_a_lock(other.id()));
    drop(answer);
    assert_eq!(first.wait_with_output().unwrap().status.code(), Some(10));
    assert!(other.wait_with_output().unwrap().status.success());
}
