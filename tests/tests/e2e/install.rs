//! The helper puts itself into git's configuration, whatever is there, and takes itself out to the letter.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use crate::chain::{Run, Told, program, shell};
use crate::git::Workshop;
use crate::identity::gits;

const PUSH: &str = "git clone -q \"$URL\" work && cd work && git commit -q --allow-empty -m second && git push -q";

fn install(workshop: &Workshop, flags: &str) -> Run {
    let line = format!("git-credential-raxx install {flags}");
    workshop.environment(program(&line)).inside(workshop.home.path())
}

fn uninstall(workshop: &Workshop, flags: &str) -> Run {
    let line = format!("git-credential-raxx uninstall {flags}");
    workshop.environment(program(&line)).inside(workshop.home.path())
}

fn push(workshop: &Workshop) -> Told {
    let identity =
        "export GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x; rm -rf work;";
    workshop
        .environment(shell(&format!("{identity} {PUSH}")))
        .inside(workshop.home.path())
        .run()
}

/// What people have in their file, by what wrote it.
fn files(host: &str, trap: &str) -> [(&'static str, String); 6] {
    let trap = trap.replace('"', "\\\"");
    [
        ("nothing", String::new()),
        (
            "gh auth setup-git",
            format!("[credential \"https://{host}\"]\n\thelper =\n\thelper = \"{trap}\"\n"),
        ),
        (
            "README of before",
            format!(
                "[credential]\n\thelper = \"{trap}\"\n[credential \"https://{host}\"]\n\thelper = \n\thelper = raxx --bot \
                 raxx-ops-bot\n[user]\n\tname = x\n"
            ),
        ),
        ("a helper for all", format!("[credential]\n\thelper = \"{trap}\"")),
        (
            "a helper by the bare host",
            format!("; theirs\n[credential \"https://{host}/\"]\n\thelper = \"{trap}\"\n"),
        ),
        (
            "a header for the host",
            format!("[http]\n\textraHeader = X-Theirs: yes\n[credential]\n\thelper = \"{trap}\"\n"),
        ),
    ]
}

#[test]
fn whatever_is_there_ours_alone_is_asked_and_what_was_there_comes_back() {
    needs!("git");
    let workshop = Workshop::new();
    let (trap, trace) = workshop.trap();
    let file = workshop.home.path().join(".gitconfig");
    for (who, content) in files(&workshop.host(), &trap) {
        fs::write(&file, &content).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let shown = install(&workshop, "--bot raxx-dev-bot --dry-run").run().success();
        assert!(shown.contains("would change:\n+[credential"), "{who}: {shown}");
        assert_eq!(fs::read_to_string(&file).unwrap(), content, "{who}");
        let said = install(&workshop, "--bot raxx-dev-bot").run().success();
        assert!(said.contains("has changed:\n+[credential"), "{who}: {said}");
        assert!(!said.contains("\n-"), "{who}: {said}");
        push(&workshop).success();
        assert!(!trace.exists(), "{who}: the operator's helper was asked");
        let again = install(&workshop, "--bot raxx-dev-bot").run().success();
        assert!(again.contains("nothing to change"), "{who}: {again}");
        let change = install(&workshop, "--bot raxx-dev-bot --permission contents=read").run();
        let change = change.success();
        assert!(
            change.contains("\n-") && change.contains("contents=read"),
            "{who}: {change}"
        );
        assert_eq!(push(&workshop).code, Some(128), "{who}: it may read only");
        uninstall(&workshop, "").run().success();
        let newline = if content.is_empty() || content.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        assert_eq!(
            fs::read_to_string(&file).unwrap(),
            format!("{content}{newline}"),
            "{who}"
        );
        let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o640, "{who}");
    }
    let said = uninstall(&workshop, "").run().success();
    assert!(said.contains("nothing to change"), "{said}");
}

#[test]
fn what_was_put_behind_it_is_overtaken() {
    needs!("git");
    let workshop = Workshop::new();
    let (trap, trace) = workshop.trap();
    install(&workshop, "--bot raxx-dev-bot").run().success();
    let file = workshop.home.path().join(".gitconfig");
    let more = fs::read_to_string(&file).unwrap() + &format!("[credential]\n\thelper = \"\"\n\thelper = \"{trap}\"\n");
    fs::write(&file, more).unwrap();
    let said = install(&workshop, "--bot raxx-dev-bot").run().success();
    assert!(said.contains("is the last again"), "{said}");
    push(&workshop).success();
    assert!(!trace.exists());
    // Of a repository's own it is told, and mended there.
    let work = workshop.home.path().join("work");
    let told = install(&workshop, "--bot raxx-dev-bot").inside(&work).run();
    assert_eq!(told.stderr, "");
    workshop
        .environment(shell(&format!("git config credential.helper '{trap}'")))
        .inside(&work)
        .run()
        .success();
    let told = install(&workshop, "--bot raxx-dev-bot").inside(&work).run();
    assert!(
        told.stderr.contains("git also asks !touch (file:.git/config)"),
        "{told}"
    );
    let told = install(&workshop, "--bot raxx-dev-bot --local").inside(&work).run();
    assert_eq!(told.stderr, "");
    assert!(told.success().contains("/work/.git/config has changed"));
    let fetch = workshop.environment(shell("git fetch -q")).inside(&work).run();
    fetch.success();
    assert!(!trace.exists());
}

/// A helper behind ours is told what has served. A git that can be told not to have it kept is told so; an older one stops.
#[test]
fn no_token_is_handed_to_a_helper_that_keeps() {
    needs!("git");
    for git in gits() {
        let workshop = Workshop::new();
        install(&workshop, "--bot raxx-dev-bot").run().success();
        let path = format!(
            "{}:{}:{}",
            tests::programs::directory().display(),
            git.display(),
            std::env::var("PATH").unwrap()
        );
        let kept = workshop.home.path().join(".git-credentials");
        for helper in ["store", "!cat >>.git-credentials; echo"] {
            let line = format!(
                "git init -q there; git -C there config credential.helper '{helper}'; git -C there fetch \"$URL\""
            );
            let told = workshop
                .environment(shell(&line))
                .inside(workshop.home.path())
                .env("PATH", &path)
                .run();
            let token = fs::read_to_string(&kept).unwrap_or_default();
            assert!(
                !token.contains("password=") && !token.contains("ghs_"),
                "{token} {told}"
            );
            if told.code != Some(0) {
                let words = "the bot's token to a helper that may keep it";
                assert!(told.stderr.contains(words) && told.stderr.contains("install"), "{told}");
            }
        }
    }
}

#[test]
fn one_bot_for_an_owner_another_for_a_repository() {
    needs!("git");
    let workshop = Workshop::new();
    // In either order, since each is put in its place.
    install(&workshop, "--bot raxx-ops-bot --for MooseQuest/raxx")
        .run()
        .success();
    install(&workshop, "--bot raxx-dev-bot").run().success();
    install(&workshop, "--bot raxx-pm-bot --for MooseQuest/")
        .run()
        .success();
    for (url, bot) in [
        ("MooseQuest/raxx", "raxx-ops-bot"),
        ("MooseQuest/raxx.git", "raxx-ops-bot"),
        ("MooseQuest/raxx-docs", "raxx-pm-bot"),
        ("Other/thing", "raxx-dev-bot"),
    ] {
        workshop.sandbox.journal().clear();
        let host = workshop.host();
        let line = format!("git ls-remote https://{host}/{url}; true");
        workshop
            .environment(shell(&line))
            .inside(workshop.home.path())
            .run()
            .success();
        let fetched = workshop.sandbox.journal().to("GET /api/v3/secrets/raw");
        let asked: Vec<_> = fetched.iter().map(|request| request.query.clone()).collect();
        assert!(
            asked.iter().all(|path| path.contains(bot)) && !asked.is_empty(),
            "{url}: {asked:?}"
        );
    }
    uninstall(&workshop, "--for MooseQuest").run().success();
    let left = fs::read_to_string(workshop.home.path().join(".gitconfig")).unwrap();
    assert!(!left.contains("raxx-pm-bot") && left.contains("raxx-ops-bot") && left.contains("raxx-dev-bot"));
}

#[test]
fn the_file_that_git_itself_would_write() {
    needs!("git");
    let workshop = Workshop::new();
    let home = workshop.home.path();
    let written = |run: Run| {
        let said = run.run().success();
        said.split(" has changed").next().unwrap().to_owned()
    };
    let own = home.join("settings");
    let run = install(&workshop, "--bot raxx-dev-bot").env("GIT_CONFIG_GLOBAL", &own);
    assert_eq!(written(run), own.to_string_lossy());
    // A link into a folder of dotfiles stays one.
    fs::create_dir(home.join("dotfiles")).unwrap();
    fs::write(home.join("dotfiles/gitconfig"), "").unwrap();
    symlink("dotfiles/gitconfig", home.join(".gitconfig")).unwrap();
    let file = home.join("dotfiles/gitconfig").canonicalize().unwrap();
    assert_eq!(
        written(install(&workshop, "--bot raxx-dev-bot")),
        file.to_string_lossy()
    );
    assert!(home.join(".gitconfig").is_symlink());
    fs::remove_file(home.join(".gitconfig")).unwrap();
    let other = home.join(".config/git/config");
    fs::create_dir_all(other.parent().unwrap()).unwrap();
    fs::write(&other, "").unwrap();
    assert_eq!(
        written(install(&workshop, "--bot raxx-dev-bot")),
        other.to_string_lossy()
    );
}

#[test]
fn what_cannot_be_installed_is_said_and_nothing_is_written() {
    needs!("git");
    let workshop = Workshop::new();
    let home = workshop.home.path();
    let refused = |flags: &str, code: i32, words: &str| {
        let told = install(&workshop, flags).run().failure(code);
        assert!(told.stderr.contains(words), "{flags}: {told}");
        assert_eq!(told.stdout, "", "{flags}");
        assert!(!home.join(".gitconfig").exists(), "{flags}");
    };
    refused("", 2, "required");
    refused("--bot raxx-dev-bot --bot raxx-ops-bot", 2, "one bot only");
    refused("--all-bots", 2, "one bot only");
    refused("--token-env GH_TOKEN", 2, "one bot only");
    refused("--bot raxx-dev-bot --for a/b/c", 2, "OWNER or OWNER/NAME");
    refused("--bot raxx-dev-bot --local", 2, "no repository");
    fs::write(home.join(".gitconfig.lock"), "").unwrap();
    refused("--bot raxx-dev-bot", 3, ".gitconfig.lock");
    fs::remove_file(home.join(".gitconfig.lock")).unwrap();
    let told = install(&workshop, "--bot raxx-dev-bot")
        .arg("--repo=a\nb")
        .run()
        .failure(2);
    assert!(told.stderr.contains("control character"), "{told}");
    // What git would send before it asks anybody.
    let host = workshop.host();
    for (setting, words) in [
        (
            format!("http.https://{host}/MooseQuest/raxx.extraHeader=X: y"),
            "a header is sent to localhost",
        ),
        (
            format!("http.https://{host}/.sslCert=/a"),
            "a client certificate is shown to localhost",
        ),
        (
            format!("remote.origin.url=https://o:secret@{host}/a/b"),
            "a credential stands in a URL of localhost: remote.origin.url",
        ),
        (
            format!("remote.origin.url=https::https://o:secret@{host}/a/b"),
            "a credential stands in a URL of localhost: remote.origin.url",
        ),
        (
            format!("remote.origin.url=ftp::https://o:secret@{host}/a/b"),
            "a credential stands in a URL of localhost: remote.origin.url",
        ),
        (
            // git-lfs makes https of it.
            format!("remote.origin.url=git://o:secret@{host}/a/b"),
            "a credential stands in a URL of localhost: remote.origin.url",
        ),
        (
            format!("url.https://o:secret@{host}/.insteadOf=https://{host}/"),
            "a credential stands in a URL of localhost",
        ),
        (
            "url.git@localhost:.pushInsteadOf=https://localhost/".to_owned(),
            "localhost is reached over ssh",
        ),
        (
            format!("http.https://{host}/.cookieFile=/a"),
            "cookies are sent to localhost",
        ),
        ("credential.helper=".to_owned(), "an empty helper for localhost"),
    ] {
        let (key, value) = setting.rsplit_once('=').unwrap();
        let run = install(&workshop, "--bot raxx-dev-bot --dry-run");
        let run = run
            .env("GIT_CONFIG_COUNT", "1")
            .env("GIT_CONFIG_KEY_0", key)
            .env("GIT_CONFIG_VALUE_0", value);
        let told = run.run();
        let told = told.failure(3);
        assert!(
            told.stderr.contains(words) && !told.stderr.contains("secret"),
            "{key}: {told}"
        );
    }
}

/// git 2.46 and newer can be told not to have a credential kept.
#[test]
fn the_newest_words_of_the_protocol_mark_a_token_as_not_to_be_kept() {
    let workshop = Workshop::new();
    let get = |more: &str| {
        let input = format!("protocol=https\nhost={}\n{more}\n", workshop.host());
        let helper = program("git-credential-raxx --bot raxx-dev-bot get");
        workshop.environment(helper).stdin(input).run().success()
    };
    let answer = get("capability[]=state\ncapability[]=authtype\n");
    let lines: Vec<_> = answer.lines().collect();
    assert_eq!(lines[..3], ["capability[]=authtype", "authtype=Basic", "ephemeral=1"]);
    assert!(
        lines[3].starts_with("credential=") && lines[4].starts_with("password_expiry_utc="),
        "{answer}"
    );
    assert!(!answer.contains("password=") && !get("capability[]=state\n").contains("ephemeral"));
}

/// What the operator sets after the helper was installed, or in a file that comes later.
#[test]
fn what_is_set_later_stops_it_or_is_put_aside() {
    needs!("git");
    for git in gits() {
        // Before 2.46 git asks the helper only after its first request.
        let asks_at_once = git_version(&git) >= (2, 46);
        let path = format!(
            "{}:{}:{}",
            tests::programs::directory().display(),
            git.display(),
            std::env::var("PATH").unwrap()
        );
        for (flags, planted, is_seen_at_once) in [
            ("", "git config http.https://$HOST/.extraHeader 'X-Operator: 1'", false),
            (
                "",
                "git config --global http.https://$HOST/.extraHeader 'X-Operator: 1'",
                false,
            ),
            (
                "",
                "git config --global http.https://$HOST/MooseQuest.extraHeader 'X-Operator: 1'",
                false,
            ),
            (
                "--for MooseQuest",
                "git config --global http.https://$HOST/MooseQuest.extraHeader 'X-Operator: 1'",
                false,
            ),
            ("", "git config credential.helper 'cache-of-mine'", true),
            ("--for MooseQuest", "git config credential.helper cache-of-mine", true),
            (
                "--for MooseQuest/raxx",
                "git config --global credential.helper cache-of-mine",
                true,
            ),
        ] {
            let workshop = Workshop::new();
            let here = workshop.home.path();
            let run = |line: &str| {
                workshop
                    .environment(shell(line))
                    .inside(here)
                    .env("PATH", &path)
                    .env("HOST", workshop.host())
                    .run()
            };
            run(&format!(
                "git init -q .; git-credential-raxx install --bot raxx-dev-bot {flags}"
            ))
            .success();
            run("git ls-remote -q \"$URL\"").success();
            workshop.sandbox.journal().clear();
            run(planted).success();
            let told = run("git ls-remote -q \"$URL\"").failure(128);
            assert!(told.stderr.contains("error: git would "), "{planted}: {told}");
            let asked = workshop.sandbox.journal().entries();
            let is_sent = asked.iter().any(|entry| entry.header("x-operator").is_some());
            assert!(!is_sent || !asks_at_once, "{planted}: {told}");
            assert!(
                asks_at_once || is_seen_at_once || is_sent,
                "{planted}: the documentation says that it is sent"
            );
        }
    }
}

fn git_version(git: &Path) -> (u32, u32) {
    let told = std::process::Command::new(git.join("git"))
        .arg("--version")
        .output()
        .unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    let mut numbers = told.split([' ', '.']).filter_map(|word| word.parse().ok());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

/// Where the program is no more, or is called with a flag that it does not know, git asks nobody else.
#[test]
fn a_helper_that_is_gone_stops_git_whatever_its_path() {
    needs!("git");
    for name in ["plain", "a b", "it's", "q\"uote#;", "ä"] {
        let workshop = Workshop::new();
        let folder = workshop.home.path().join(name);
        fs::create_dir(&folder).unwrap();
        let copy = folder.join("git-credential-raxx");
        fs::copy(tests::programs::path("git-credential-raxx"), &copy).unwrap();
        let run = |line: &str| {
            let run = workshop.environment(shell(line)).inside(workshop.home.path());
            run.env("ASK", workshop.home.path().join("ask"))
                .env("COPY", &copy)
                .run()
        };
        run("printf '#!/bin/sh\\necho operator > asked\\necho operator' > ask; chmod +x ask").success();
        run("\"$COPY\" install --bot raxx-dev-bot --repo=raxx").success();
        run("git ls-remote -q \"$URL\"").success();
        let doctor = run("raxx-doctor").stdout;
        assert!(doctor.contains("ours alone is asked"), "{name}: {doctor}");
        fs::remove_file(&copy).unwrap();
        let told = run("GIT_ASKPASS=$ASK git ls-remote -q \"$URL\"").failure(128);
        assert!(!workshop.home.path().join("asked").exists(), "{name}: {told}");
    }
}

/// Whoever else writes into the file, or has written it.
#[test]
fn the_file_is_treated_as_gits_own_programs_treat_it() {
    needs!("git");
    let workshop = Workshop::new();
    let home = workshop.home.path();
    let file = home.join(".gitconfig");
    let run = |line: &str| {
        workshop
            .environment(shell(line))
            .inside(home)
            .env("HOST", workshop.host())
            .run()
    };
    // Into our sections, since git puts a setting to its like.
    install(&workshop, "--bot raxx-dev-bot").run().success();
    run("git config --global --add url.https://$HOST/.insteadOf gh:; git config --global credential.https://$HOST/.username me").success();
    run("git ls-remote -q gh:MooseQuest/raxx").success();
    uninstall(&workshop, "").run().success();
    let kept = run("git config url.https://$HOST/.insteadOf; git config credential.https://$HOST/.username").success();
    assert_eq!(kept, "gh:\nme\n");
    // A link that leads to nothing yet.
    fs::remove_file(&file).unwrap();
    symlink("dotfiles", &file).unwrap();
    install(&workshop, "--bot raxx-dev-bot").run().success();
    assert!(file.is_symlink() && home.join("dotfiles").exists());
    fs::remove_file(&file).unwrap();
    // Another system's line ends.
    let block = fs::read_to_string(home.join("dotfiles")).unwrap();
    fs::write(&file, block.replace('\n', "\r\n")).unwrap();
    uninstall(&workshop, "").run().success();
    assert_eq!(fs::read_to_string(&file).unwrap(), "");
    // What git cannot read is not added to.
    fs::write(&file, "[a").unwrap();
    let told = install(&workshop, "--bot raxx-dev-bot").run().failure(3);
    assert!(told.stderr.contains("git cannot read its configuration"), "{told}");
    fs::write(&file, b"[user]\n\tname = J\xf6rg\n").unwrap();
    let told = install(&workshop, "--bot raxx-dev-bot").run().failure(3);
    assert!(told.stderr.contains("no UTF-8 text"), "{told}");
    assert!(!home.join(".gitconfig.lock").exists());
    fs::remove_file(&file).unwrap();
    // Wherever it is: in the other file of the user's, too.
    fs::create_dir_all(home.join(".config/git")).unwrap();
    fs::write(home.join(".config/git/config"), &block).unwrap();
    fs::write(&file, "[user]\n\tname = x\n").unwrap();
    let said = uninstall(&workshop, "").run().success();
    assert!(said.contains("/.config/git/config has changed"), "{said}");
    let told = install(&workshop, "--bot raxx-dev-bot")
        .env("GIT_CONFIG_GLOBAL", "")
        .run()
        .failure(3);
    assert!(told.stderr.contains("GIT_CONFIG_GLOBAL is empty"), "{told}");
    // A value that begins with a dash.
    install(&workshop, "--bot raxx-dev-bot --path-prefix=-MooseQuest")
        .run()
        .success();
    let told = run("git ls-remote \"$URL\"").failure(128);
    assert!(told.stderr.contains("/-MooseQuest/raxx-dev-bot"), "{told}");
}

#[test]
fn credentials_that_a_repository_brings_are_found() {
    needs!("git");
    let workshop = Workshop::new();
    let home = workshop.home.path();
    let host = workshop.host();
    for planted in [
        format!("git config --file .gitmodules submodule.x.url https://o:secret@{host}/a/b"),
        format!("mkdir .git/remotes; echo 'URL: https://o:secret@{host}/a/b' > .git/remotes/old"),
        format!("git config branch.main.remote https://o:secret@{host}/a/b"),
        "git remote add origin ssh://git@[localhost]/MooseQuest/raxx".to_owned(),
        format!(
            "git config http.https://{host}/.sslCert x; git config --file .gitmodules submodule.x.url https://o:secret@{host}/a/b"
        ),
    ] {
        let line = format!("rm -rf there; git init -q there; cd there; {planted}");
        workshop.environment(shell(&line)).inside(home).run().success();
        let told = install(&workshop, "--bot raxx-dev-bot")
            .inside(&home.join("there"))
            .run()
            .failure(3);
        assert!(
            told.stderr.contains("nothing was installed") && !told.stderr.contains("secret"),
            "{planted}: {told}"
        );
        // Each has its way out.
        let causes = told.stderr.matches(" localhost: ").count() + told.stderr.matches("over ssh: ").count();
        assert!(causes >= 1 && told.stderr.contains("fix:   "), "{planted}: {told}");
    }
}
