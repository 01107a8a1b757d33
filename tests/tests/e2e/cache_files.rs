//! The directory that tokens are kept in may be anything: only the cache's own files are touched, and none is lost.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tempfile::TempDir;

use crate::early::wait_until;
use crate::kept::{Desk, is_waiting_for_a_lock};

const MINT: &str = "raxx-mint --bot raxx-dev-bot";

fn age(path: &Path) {
    let long_ago = SystemTime::now() - Duration::from_secs(48 * 60 * 60);
    File::open(path).unwrap().set_modified(long_ago).unwrap();
}

fn is(name: &str, ending: &str) -> bool {
    Path::new(name).extension().is_some_and(|end| end == ending)
}

/// What is in a directory, by name.
fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn files_of_the_users_stay_whatever_their_names_and_age() {
    let desk = Desk::new();
    let home = TempDir::new_in("/dev/shm").unwrap();
    fs::set_permissions(home.path(), Permissions::from_mode(0o700)).unwrap();
    let hash = "0123456789abcdef".repeat(4);
    let files = [
        ".bashrc".to_owned(),
        "id_rsa".to_owned(),
        "notes.token".to_owned(),
        "a.lock".to_owned(),
        format!("{hash}.txt"),
        format!("{hash}.token.bak"),
        format!("{}.token", hash.to_uppercase()),
        "run-tests/lock".to_owned(),
        "run-tests/result.xml".to_owned(),
        "raxx-run-notes/lock".to_owned(),
        ".git/index.lock".to_owned(),
    ];
    for file in &files {
        let path = home.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "mine").unwrap();
        age(&path);
        age(path.parent().unwrap());
    }
    let run = |line: &str| desk.run(line).env("RAXX_MINT_CACHE", home.path()).run().success();
    for line in [
        MINT,
        "with-bot-token raxx-dev-bot true",
        "with-bot-token --revoke raxx-dev-bot true",
        "with-bot-token --renew raxx-dev-bot true",
        "raxx-mint --bot raxx-ops-bot --repo raxx",
        "raxx-mint --list",
        "raxx-mint --forget",
        "raxx-doctor --bot raxx-dev-bot",
    ] {
        run(line);
        for file in &files {
            let content = fs::read_to_string(home.path().join(file));
            assert_eq!(content.ok().as_deref(), Some("mine"), "{line}: {file}");
        }
    }
    assert_eq!(
        names(home.path())
            .iter()
            .filter(|name| is(name, "token") && name.len() == 70)
            .count(),
        1
    );
}

#[test]
fn what_is_a_day_old_and_the_caches_own_is_swept_away_but_for_a_lock_that_is_held() {
    let desk = Desk::new();
    desk.run(MINT).run().success();
    let old = desk.token_file();
    age(&old);
    // A process that has been minting for two days, by the look of its lock.
    let answer = desk.sandbox.infisical().hold_next("/login");
    let first = desk.start("raxx-mint --bot raxx-ops-bot");
    wait_until(|| desk.sandbox.journal().to("/login").len() == 2);
    let lock = names(&desk.directory())
        .into_iter()
        .find(|name| is(name, "lock"))
        .unwrap();
    age(&desk.directory().join(&lock));
    // Another sweeps: it uses what is kept, so that it waits for nobody, and then keeps something new.
    let kept = desk
        .run("raxx-mint --bot raxx-pm-bot")
        .without("INFISICAL_CLIENT_ID")
        .without("INFISICAL_CLIENT_SECRET");
    let kept = kept.env("INFISICAL_TOKEN", desk.sandbox.infisical().open_session());
    kept.run().success();
    let second = desk.start("raxx-mint --bot raxx-ops-bot");
    wait_until(|| is_waiting_for_a_lock(second.id()));
    drop(answer);
    let token = |child: std::process::Child| {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    assert_eq!(token(first), token(second), "one mint for both");
    assert!(!old.exists(), "the first one's keeping has swept");
}

#[test]
fn a_token_whose_writer_was_killed_is_listed_and_revoked() {
    let desk = Desk::new();
    let token = desk.run(MINT).run().success();
    let file = desk.token_file();
    fs::rename(&file, file.with_extension("token.4242")).unwrap();
    let list = desk.run("raxx-mint --list").run().success();
    assert!(list.starts_with("raxx-dev-bot  59 min"), "{list}");
    desk.run("raxx-mint --forget --bot raxx-dev-bot").run().success();
    assert!(!desk.sandbox.github().is_live(token.trim()));
    assert_eq!(names(&desk.directory()), [""; 0]);
}

#[test]
fn looking_makes_no_directory() {
    let desk = Desk::new();
    for line in [
        "raxx-mint --list",
        "raxx-mint --list --json",
        "raxx-mint --forget",
        "raxx-doctor --json",
    ] {
        desk.run(line).run();
        assert!(!desk.directory().exists(), "{line}");
    }
}

#[test]
fn the_word_that_a_directory_cannot_be_trusted_is_told_once() {
    let desk = Desk::new();
    fs::create_dir(desk.directory()).unwrap();
    fs::set_permissions(desk.directory(), Permissions::from_mode(0o755)).unwrap();
    for line in [
        MINT,
        "with-bot-token --git-identity raxx-dev-bot true",
        "raxx-mint --list",
        "raxx-mint --forget",
    ] {
        let told = desk.run(line).run();
        assert_eq!(told.stderr.matches("tokens are not kept").count(), 1, "{told}");
    }
}

#[test]
fn whatever_the_umask_what_is_kept_is_this_users_alone() {
    for umask in ["000", "022", "077", "777"] {
        let desk = Desk::new();
        desk.at(crate::chain::shell(&format!("umask {umask}; {MINT}")))
            .run()
            .success();
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!(
            (mode(&desk.directory()), mode(&desk.token_file())),
            (0o700, 0o600),
            "{umask}"
        );
        assert_eq!(
            desk.run("raxx-mint --list").run().success().lines().count(),
            1,
            "{umask}"
        );
    }
}

#[test]
fn those_that_wait_have_the_token_even_where_it_lives_for_less_than_they_ask() {
    let desk = Desk::new();
    let answer = desk.sandbox.github().hold_next("/access_tokens");
    let line = format!("{MINT} --min-ttl 1h");
    let first = desk.start(&line);
    wait_until(|| desk.mints() == 1);
    let others: Vec<_> = (0..5).map(|_| desk.start(&line)).collect();
    for other in &others {
        wait_until(|| is_waiting_for_a_lock(other.id()));
    }
    drop(answer);
    let mut tokens: Vec<_> = [first]
        .into_iter()
        .chain(others)
        .map(|child| child.wait_with_output().unwrap().stdout)
        .collect();
    tokens.dedup();
    assert_eq!((tokens.len(), desk.mints()), (1, 1));
}

#[test]
fn a_kept_file_names_no_bot_and_holds_no_more_than_the_token() {
    let desk = Desk::new();
    desk.run(MINT).run().success();
    let kept: Value = serde_json::from_slice(&fs::read(desk.token_file()).unwrap()).unwrap();
    let mut fields: Vec<_> = kept.as_object().unwrap().keys().cloned().collect();
    fields.sort_unstable();
    assert_eq!(fields, ["path", "scope", "token", "version"]);
}
