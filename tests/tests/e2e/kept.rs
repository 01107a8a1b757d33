//! Reuse of a live token: when, and when not.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use jiff::SignedDuration;
use tempfile::TempDir;
use tests::programs;
use tests::sandbox::Sandbox;
use tests::script::Canned;

use crate::chain::{Run, Told, program, shell};
use crate::early::wait_until;

const MINT: &str = "raxx-mint --bot raxx-dev-bot";

/// A sandbox and a runtime directory in memory, as a login makes one.
pub(crate) struct Desk {
    pub(crate) sandbox: Sandbox,
    pub(crate) runtime: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self {
            sandbox: Sandbox::start_with_pooled_keys(),
            runtime: tempfile::tempdir_in("/dev/shm").expect("Linux has memory there"),
        }
    }

    pub(crate) fn at(&self, run: Run) -> Run {
        run.against(&self.sandbox)
            .env("XDG_RUNTIME_DIR", self.runtime.path())
            .env("TMPDIR", self.runtime.path())
    }

    pub(crate) fn run(&self, line: &str) -> Run {
        self.at(program(line))
    }

    pub(crate) fn directory(&self) -> PathBuf {
        self.runtime.path().join("raxx-mint")
    }

    /// The one file of a token.
    pub(crate) fn token_file(&self) -> PathBuf {
        let files = fs::read_dir(self.directory())
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let tokens: Vec<_> = files
            .filter(|path| path.extension().is_some_and(|end| end == "token"))
            .collect();
        let [token] = &tokens[..] else { panic!("{tokens:?}") };
        token.clone()
    }

    pub(crate) fn asked(&self) -> usize {
        self.sandbox.journal().entries().len()
    }

    pub(crate) fn mints(&self) -> usize {
        self.sandbox.journal().to("POST /app/installations").len()
    }

    /// Starts a program and does not wait for it.
    pub(crate) fn start(&self, line: &str) -> Child {
        self.command(line).spawn().expect("it starts")
    }

    /// A program that is yet to be started.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut words = line.split_whitespace();
        programs::build();
        let mut command = Command::new(programs::path(words.next().expect("a program")));
        command
            .args(words)
            .env_clear()
            .env("RAXX_CONFIG", "off")
            .env("PATH", std::env::var("PATH").unwrap_or_default())
            .env("TMPDIR", self.runtime.path())
            .envs(self.sandbox.environment())
            .env("XDG_RUNTIME_DIR", self.runtime.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn stdout(child: Child) -> String {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

#[test]
fn a_second_time_costs_no_request() {
    let desk = Desk::new();
    let first = desk.run(MINT).run().success();
    assert_eq!(desk.asked(), 3);
    assert_eq!(desk.run(MINT).run().success(), first);
    let wrapped = desk
        .run("with-bot-token raxx-dev-bot printenv GH_ENTERPRISE_TOKEN")
        .run();
    assert_eq!(
        wrapped.success(),
        first,
        "by its folder or by its name, it is the same bot"
    );
    assert_eq!(
        desk.run(&format!("{MINT} --json")).run().document()["token"],
        first.trim()
    );
    assert_eq!(desk.asked(), 3);
}

#[test]
fn fresh_and_off_neither_use_nor_keep() {
    let desk = Desk::new();
    let fresh = desk.run(&format!("{MINT} --fresh")).run().success();
    assert!(!desk.directory().exists());
    let off = desk.run(MINT).env("RAXX_MINT_CACHE", "off").run().success();
    assert!(!desk.directory().exists());
    let kept = desk.run(MINT).run().success();
    let again = desk.run(&format!("{MINT} --fresh")).run().success();
    let mut all = [fresh, off, kept.clone(), again];
    all.sort_unstable();
    assert!(all.windows(2).all(|pair| pair[0] != pair[1]), "four tokens");
    assert_eq!(
        desk.run(MINT).run().success(),
        kept,
        "a fresh one does not take its place"
    );
}

#[test]
fn a_token_that_ends_too_soon_is_replaced() {
    let desk = Desk::new();
    desk.sandbox
        .github()
        .change(|settings| settings.token_lifetime = SignedDuration::from_mins(9));
    let first = desk.run(MINT).run().success();
    let second = desk.run(MINT).run().success();
    assert_ne!(second, first, "less than ten minutes");
    assert_eq!(desk.run(&format!("{MINT} --min-ttl 5m")).run().success(), second);
    desk.run(&format!("{MINT} --min-ttl soon")).run().failure(2);
    let told = desk.run(&format!("{MINT} --min-ttl 2h")).run().failure(2);
    assert!(told.stderr.contains("live for an hour"), "{told}");
    assert_eq!(desk.mints(), 2);
}

#[test]
fn a_wider_token_never_serves_a_narrower_request() {
    let desk = Desk::new();
    let everything = desk.run(MINT).run().success();
    let scoped = |flags: &str| desk.run(&format!("{MINT} {flags}")).run().success();
    let narrow = scoped("--repo raxx --permission contents=read");
    assert_ne!(narrow, everything);
    assert_eq!(scoped("--permission contents=read --repo raxx"), narrow, "in any order");
    assert_ne!(scoped("--repo raxx"), narrow);
    assert_eq!(desk.run(MINT).run().success(), everything);
    assert_eq!(desk.mints(), 3);
}

#[test]
fn another_identity_environment_or_server_has_its_own() {
    let desk = Desk::new();
    desk.run(MINT).run().success();
    let asked = desk.asked();
    for (name, value) in [
        ("INFISICAL_CLIENT_ID", "5dd7f6ba-0000-4000-8000-000000000000"),
        ("INFISICAL_ENV", "staging"),
        ("INFISICAL_PROJECT_ID", "5dd7f6ba-0000-4000-8000-000000000000"),
    ] {
        let told = desk.run(MINT).env(name, value).run();
        assert_ne!(told.code, Some(0), "{name}: the kept token is not its own");
    }
    assert!(desk.asked() > asked);
}

#[test]
fn neither_a_session_nor_a_key_is_kept() {
    let desk = Desk::new();
    desk.run(MINT).run().success();
    let sessions = desk.sandbox.journal().to("GET /api/v3/secrets/raw");
    let session = sessions[0]
        .header("Authorization")
        .unwrap()
        .trim_start_matches("Bearer ")
        .to_owned();
    for entry in fs::read_dir(desk.directory()).unwrap() {
        let path = entry.unwrap().path();
        let content = fs::read_to_string(&path).unwrap();
        assert!(
            !content.contains("PRIVATE KEY") && !content.contains(&session),
            "{path:?}"
        );
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600, "{path:?}");
        assert!(!path.to_string_lossy().contains("raxx-dev-bot"), "{path:?}");
    }
    assert_eq!(fs::metadata(desk.directory()).unwrap().mode() & 0o777, 0o700);
}

#[test]
fn a_session_that_something_else_opened_is_nobodys() {
    let desk = Desk::new();
    let session = desk.sandbox.infisical().open_session();
    let mint = || {
        desk.run(MINT)
            .without("INFISICAL_CLIENT_ID")
            .without("INFISICAL_CLIENT_SECRET")
            .env("INFISICAL_TOKEN", &session)
            .run()
            .success()
    };
    assert_ne!(mint(), mint());
    assert!(!desk.directory().exists());
}

#[test]
fn of_several_bots_only_what_is_missing_is_minted() {
    let desk = Desk::new();
    let dev = desk.run(MINT).run().success();
    desk.sandbox.journal().clear();
    let lines = desk
        .run("raxx-mint --bot raxx-ops-bot --bot raxx-dev-bot")
        .run()
        .success();
    let tokens: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(tokens[0]["bot"], "raxx-ops-bot");
    assert_eq!(
        (tokens[1]["bot"].as_str(), tokens[1]["token"].as_str()),
        (Some("raxx-dev-bot"), Some(dev.trim()))
    );
    assert_eq!(desk.mints(), 1);
    desk.run("raxx-mint --bot raxx-ops-bot").run().success();
    assert_eq!(desk.mints(), 1);
}

/// Runs a script where the memory that all users share, and the directories of their sessions, are nobody's yet; nothing where this
/// machine does not let its users do that.
#[allow(clippy::print_stdout, reason = "what is not tried says so")]
fn on_a_machine_of_its_own(desk: &Desk, script: &str) -> Option<Told> {
    const ALONE: &str = "unshare --map-root-user --mount";
    let may = shell(&format!("{ALONE} mount -t tmpfs none /dev/shm")).run();
    if may.code != Some(0) {
        println!("not tried: this user may make no namespaces");
        return None;
    }
    let mounts = "mount -t tmpfs none /dev/shm && chmod 1777 /dev/shm && mkdir -p /run && mount -t tmpfs none /run";
    let line = format!("{ALONE} bash -ec '{mounts}\n{script}'");
    Some(shell(&line).against(&desk.sandbox).without("XDG_RUNTIME_DIR").run())
}

#[test]
fn without_a_session_tokens_are_kept_in_a_directory_of_this_users_own() {
    needs!("unshare");
    let desk = Desk::new();
    let script = "first=$(raxx-mint raxx-dev-bot)
        test \"$first\" = \"$(with-bot-token raxx-dev-bot printenv GH_ENTERPRISE_TOKEN)\"
        stat --format \"%a %n\" /dev/shm/raxx-mint-0
        raxx-mint --list | cut -d\" \" -f1
        raxx-doctor raxx-dev-bot | grep -o \"kept in.*\"
        with-bot-token --renew raxx-dev-bot true
        XDG_RUNTIME_DIR=/run/user/0 bash -c \"mkdir -p -m 700 /run/user/0; raxx-mint --list; raxx-mint --forget\"
        raxx-mint --list";
    let Some(told) = on_a_machine_of_its_own(&desk, script) else {
        return;
    };
    let lines: Vec<_> = told.stdout.lines().collect();
    assert_eq!(
        lines[..3],
        [
            "700 /dev/shm/raxx-mint-0",
            "raxx-dev-bot",
            "kept in /dev/shm/raxx-mint-0, since XDG_RUNTIME_DIR is not set",
        ],
        "{told}"
    );
    // A session that begins later sees it, and forgets it.
    assert!(lines[3].starts_with("raxx-dev-bot  ") && lines.len() == 4, "{told}");
    assert!(
        told.stderr.contains("note: revoked the token of raxx-dev-bot\n"),
        "{told}"
    );
    let end = "note: there is nothing to list: there is no token at all in /run/user/0/raxx-mint, where they are kept since \
               XDG_RUNTIME_DIR is not set\n";
    assert!(told.stderr.ends_with(end), "{told}");
}

#[test]
fn a_directory_that_another_made_before_is_not_used() {
    needs!("unshare");
    let desk = Desk::new();
    for (before, why) in [
        ("mkdir -m 755 /dev/shm/raxx-mint-0", "is open to other users"),
        ("ln -s /tmp /dev/shm/raxx-mint-0", "is not a directory of its own"),
        ("touch /dev/shm/raxx-mint-0", "is not a directory of its own"),
    ] {
        let script = format!("{before}\nraxx-mint raxx-dev-bot > /dev/null; raxx-mint --list");
        let Some(told) = on_a_machine_of_its_own(&desk, &script) else {
            return;
        };
        let note = format!("note: tokens are not kept: XDG_RUNTIME_DIR is not set, and /dev/shm/raxx-mint-0 {why}");
        assert!(told.stdout.is_empty() && told.stderr.contains(&note), "{told}");
    }
}

#[test]
fn a_runtime_directory_of_another_users_is_not_tried() {
    needs!("unshare");
    // As su(1) without a dash leaves it.
    let desk = Desk::new();
    let own = tempfile::tempdir().unwrap();
    let is_root = own.path().metadata().unwrap().uid() == 0;
    let anothers = if is_root {
        chown(own.path(), Some(65_534), None).unwrap();
        own.path()
    } else {
        Path::new("/usr")
    };
    let script = format!(
        "export XDG_RUNTIME_DIR={}\nraxx-mint raxx-dev-bot > /dev/null; raxx-doctor raxx-dev-bot | grep -o \"kept in.*\"",
        anothers.display()
    );
    let Some(told) = on_a_machine_of_its_own(&desk, &script) else {
        return;
    };
    assert_eq!(
        told.stdout, "kept in /dev/shm/raxx-mint-0, since XDG_RUNTIME_DIR is another user\'s\n",
        "{told}"
    );
}

#[test]
fn no_place_is_told_on_request_only() {
    let desk = Desk::new();
    let told = desk.run(MINT).env("XDG_RUNTIME_DIR", "/nowhere").run();
    assert_eq!(told.stderr, "");
    let told = desk.run(&format!("{MINT} -v")).env("XDG_RUNTIME_DIR", "/nowhere").run();
    assert!(
        told.stderr
            .contains("tokens are not kept: /nowhere/raxx-mint cannot be made: "),
        "{}",
        told.stderr
    );
    let on_disk = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let told = desk
        .run(&format!("{MINT} -v"))
        .env("XDG_RUNTIME_DIR", on_disk.path())
        .run();
    assert!(
        told.stderr.contains("is not in memory but on a disk"),
        "{}",
        told.stderr
    );
    assert_eq!(fs::read_dir(on_disk.path().join("raxx-mint")).unwrap().count(), 0);
    let named = desk
        .run(MINT)
        .env("RAXX_MINT_CACHE", on_disk.path().join("here"))
        .run()
        .success();
    let again = desk
        .run(MINT)
        .env("RAXX_MINT_CACHE", on_disk.path().join("here"))
        .run()
        .success();
    assert_eq!(named, again, "a person named the place");
    insta::assert_snapshot!(desk.run(MINT).env("RAXX_MINT_CACHE", "here").run().failure(3));
}

/// Mints twice in a directory that is not to be trusted, and checks that nothing came of it but the tokens and a note.
fn is_not_trusted(desk: &Desk, directory: &Path, words: &str) {
    let before = fs::read_dir(directory).map(Iterator::count).ok();
    let mint = || {
        let told = desk.run(MINT).run();
        assert!(
            told.stderr.starts_with("note: tokens are not kept: "),
            "{}",
            told.stderr
        );
        assert!(told.stderr.contains(words), "{}", told.stderr);
        told.success()
    };
    assert_ne!(mint(), mint());
    assert_eq!(fs::read_dir(directory).map(Iterator::count).ok(), before);
}

#[test]
fn a_directory_that_others_can_read_is_not_used() {
    let desk = Desk::new();
    fs::create_dir(desk.directory()).unwrap();
    fs::set_permissions(desk.directory(), Permissions::from_mode(0o755)).unwrap();
    is_not_trusted(&desk, &desk.directory(), "chmod 700");
}

#[test]
fn a_link_in_place_of_the_directory_is_not_followed() {
    let desk = Desk::new();
    let elsewhere = TempDir::new_in("/dev/shm").unwrap();
    symlink(elsewhere.path(), desk.directory()).unwrap();
    is_not_trusted(&desk, elsewhere.path(), "is not a directory of its own");
    for end in ["", "/", "//", "/.", "/./"] {
        let named = format!("{}{end}", desk.directory().display());
        let told = desk.run(MINT).env("RAXX_MINT_CACHE", named).run();
        assert!(told.stderr.contains("is not a directory of its own"), "{end}: {told}");
    }
}

#[test]
fn a_directory_of_another_user_is_not_used() {
    let desk = Desk::new();
    fs::create_dir(desk.directory()).unwrap();
    fs::set_permissions(desk.directory(), Permissions::from_mode(0o700)).unwrap();
    // Only root can give a directory away; anybody else has the root directory as another's.
    if chown(desk.directory(), Some(1), None).is_ok() {
        is_not_trusted(&desk, &desk.directory(), "belongs to another user");
    } else {
        let told = desk.run(MINT).env("RAXX_MINT_CACHE", "/").run();
        assert!(told.stderr.contains("belongs to another user"), "{}", told.stderr);
    }
}

#[test]
fn a_file_that_cannot_be_trusted_or_read_is_replaced() {
    let desk = Desk::new();
    let mut last = desk.run(MINT).run().success();
    let file = desk.token_file();
    let good = fs::read(&file).unwrap();
    let elsewhere = TempDir::new_in("/dev/shm").unwrap();
    let spoilt: [(&str, &dyn Fn()); 6] = [
        ("half written", &|| fs::write(&file, &good[..good.len() / 2]).unwrap()),
        ("of a future version", &|| {
            let text = String::from_utf8(good.clone())
                .unwrap()
                .replace("\"version\":2", "\"version\":3");
            fs::write(&file, text).unwrap();
        }),
        ("open to others", &|| {
            fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
        }),
        ("a link", &|| {
            let target = elsewhere.path().join("link");
            fs::write(&target, &good).unwrap();
            fs::set_permissions(&target, Permissions::from_mode(0o600)).unwrap();
            fs::remove_file(&file).unwrap();
            symlink(&target, &file).unwrap();
        }),
        ("of two names", &|| {
            fs::hard_link(&file, elsewhere.path().join("twin")).unwrap();
        }),
        ("a directory that will not go", &|| {
            fs::remove_file(&file).unwrap();
            fs::create_dir(&file).unwrap();
        }),
    ];
    for (what, spoil) in spoilt {
        spoil();
        let told = desk.run(MINT).run();
        let is_in_the_way = what.starts_with("a directory");
        assert_eq!(
            told.stderr.contains("could not be kept"),
            is_in_the_way,
            "{what}: {}",
            told.stderr
        );
        let token = told.success();
        assert_ne!(token, last, "{what}");
        if !is_in_the_way {
            assert_eq!(desk.run(MINT).run().success(), token, "{what}: replaced");
        }
        last = token;
    }
}

#[test]
fn a_token_from_a_clock_that_was_set_back_is_not_used() {
    let desk = Desk::new();
    let first = desk.run(MINT).run().success();
    let file = desk.token_file();
    let mut entry: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    entry["token"]["valid_from"] = (jiff::Timestamp::now() + SignedDuration::from_hours(2))
        .to_string()
        .into();
    fs::write(&file, entry.to_string()).unwrap();
    assert_ne!(desk.run(MINT).run().success(), first);
}

#[test]
fn a_full_disk_costs_the_reuse_and_not_the_token() {
    let desk = Desk::new();
    let line = format!("trap '' XFSZ; ulimit -f 0; {MINT}");
    let mint = || {
        let told = desk.at(shell(&line)).run();
        assert!(
            told.stderr.starts_with("note: the token could not be kept for reuse"),
            "{}",
            told.stderr
        );
        told.success()
    };
    assert_ne!(mint(), mint());
    let left: Vec<_> = fs::read_dir(desk.directory())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(
        left.iter()
            .all(|path| path.extension().is_some_and(|end| end == "lock")),
        "nothing half: {left:?}"
    );
}

#[test]
fn of_many_that_start_at_once_one_mints() {
    let desk = Desk::new();
    let all: Vec<_> = (0..100)
        .map(|_| desk.start("with-bot-token raxx-dev-bot printenv GH_ENTERPRISE_TOKEN"))
        .collect();
    let mut tokens: Vec<_> = all.into_iter().map(Desk::stdout).collect();
    tokens.dedup();
    assert_eq!(tokens.len(), 1, "they share it");
    assert_eq!(desk.asked(), 3, "one login, one fetch, one mint");
}

#[test]
fn of_many_with_a_wrong_secret_one_tries() {
    let desk = Desk::new();
    desk.sandbox
        .infisical()
        .change(|settings| settings.identities[0].client_secret = "another".to_owned());
    let all: Vec<_> = (0..50)
        .map(|_| desk.start("with-bot-token raxx-dev-bot true"))
        .collect();
    for child in all {
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(125), "{told}");
        assert!(
            told.starts_with("error: Infisical login failed: HTTP 401\n  cause: "),
            "{told}"
        );
    }
    // Another bot of the same identity, a moment later.
    desk.run("raxx-mint --bot raxx-ops-bot").run().failure(10);
    assert_eq!(
        desk.sandbox.journal().lines(),
        ["POST /api/v1/auth/universal-auth/login -> 401"]
    );
}

#[test]
fn a_crashed_holder_blocks_nobody() {
    let desk = Desk::new();
    let answer = desk.sandbox.infisical().hold_next("/login");
    let mut first = desk.start(MINT);
    wait_until(|| desk.asked() == 1);
    let second = desk.start(MINT);
    wait_until(|| is_waiting_for_a_lock(second.id()));
    first.kill().unwrap();
    first.wait().unwrap();
    let token = Desk::stdout(second);
    assert!(desk.sandbox.github().is_live(token.trim()));
    drop(answer);
}

#[test]
fn those_that_wait_have_the_holders_failure() {
    let desk = Desk::new();
    let answer = desk.sandbox.github().hold_next("/access_tokens");
    desk.sandbox.github().answer_next("/access_tokens", 1, Canned::new(422));
    let first = desk.start(MINT);
    wait_until(|| desk.asked() == 3);
    let second = desk.start(MINT);
    wait_until(|| is_waiting_for_a_lock(second.id()));
    drop(answer);
    let told = |child: Child| String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
    let (first, second) = (told(first), told(second));
    assert!(first.starts_with("error: GitHub API returned 422"), "{first}");
    assert_eq!(first, second);
    assert_eq!(desk.asked(), 3);
    desk.run(MINT).run().success();
}

/// Whether the kernel lists the process among those that wait for a lock (proc_locks(5)).
pub(crate) fn is_waiting_for_a_lock(process: u32) -> bool {
    let locks = fs::read_to_string("/proc/locks").unwrap();
    let process = process.to_string();
    let waits = |line: &str| line.contains("->") && line.split_whitespace().any(|word| word == process);
    locks.lines().any(waits)
}

#[test]
fn what_is_kept_is_listed_without_tokens_and_revoked_when_forgotten() {
    let desk = Desk::new();
    let dev = desk.run(MINT).run().success();
    let narrow = desk
        .run(&format!("{MINT} --repo raxx --permission contents=read"))
        .run()
        .success();
    let ops = desk.run("raxx-mint --bot raxx-ops-bot").run().success();
    // Nothing of Infisical is needed to look at what is here.
    let alone = |line: &str| {
        desk.run(line)
            .without("INFISICAL_CLIENT_ID")
            .without("INFISICAL_CLIENT_SECRET")
            .run()
    };
    let list = alone("raxx-mint --list").success();
    assert!(!list.contains("ghs_"), "{list}");
    let begins: Vec<_> = list.lines().map(|line| line.split_once("  h").unwrap().0).collect();
    assert_eq!(
        begins,
        [
            "raxx-dev-bot  59 min  all that the installation reaches",
            "raxx-dev-bot  59 min  contents=read, repo raxx",
            "raxx-ops-bot  59 min  all that the installation reaches",
        ]
    );
    let json = alone("raxx-mint --list --json").success();
    let first: serde_json::Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["kind"], &first["path"]),
        (&"kept-token".into(), &"/MooseQuest/raxx-dev-bot".into())
    );
    assert!(!json.contains("ghs_"), "{json}");

    alone("raxx-mint --forget --bot raxx-dev-bot").success();
    let is_live = |token: &str| desk.sandbox.github().is_live(token.trim());
    assert_eq!([is_live(&dev), is_live(&narrow), is_live(&ops)], [false, false, true]);
    desk.sandbox
        .github()
        .answer_next("DELETE /installation/token", 1, Canned::new(500));
    let told = alone("raxx-mint --forget").failure(14);
    assert!(
        told.stderr.contains("raxx-ops-bot: ") && told.stderr.contains("it is still kept"),
        "{}",
        told.stderr
    );
    assert_eq!(alone("raxx-mint --list").success().lines().count(), 1);
    alone("raxx-mint --forget").success();
    assert_eq!(alone("raxx-mint --list").success(), "");
    assert!(!is_live(&ops));
}

#[test]
fn the_bots_identity_is_looked_up_once() {
    let desk = Desk::new();
    let line = "with-bot-token --git-identity raxx-dev-bot printenv GIT_AUTHOR_EMAIL";
    let first = desk.run(line).run().success();
    assert_eq!(desk.run(line).run().success(), first);
    let fresh = line.replace("--git", "--fresh --git");
    assert_eq!(desk.run(&fresh).run().success(), first);
    assert_eq!(desk.sandbox.journal().to("POST /graphql").len(), 1);
}
