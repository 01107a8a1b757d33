//! git itself, over smart HTTP and TLS, as a bot.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;
use tests::sandbox::Sandbox;
use tests::tls::{Authority, Front};

use crate::chain::{Run, program, shell};

/// A sandbox whose GitHub git can reach, a home of the operator's, and a directory to work in.
pub(crate) struct Workshop {
    pub(crate) sandbox: Sandbox,
    front: Front,
    pub(crate) home: TempDir,
}

impl Workshop {
    pub(crate) fn new() -> Self {
        let sandbox = Sandbox::start_with_pooled_keys();
        let authority = Authority::new();
        let front = Front::start(&authority, &["localhost"], sandbox.github().address());
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("root.pem"), authority.root_pem()).unwrap();
        let workshop = Self { sandbox, front, home };
        // Without git there is nobody to read it either.
        if tests::tools::has("git") {
            workshop.fill("raxx");
        }
        workshop
    }

    /// Puts one commit into a repository, past the server.
    fn fill(&self, name: &str) {
        let bare = self.sandbox.github().repository("MooseQuest", name);
        let script = "git init -q -b main . && git -c user.name=x -c user.email=x@example.com commit -q --allow-empty \
                      -m first && git push -q \"$0\" main";
        let seed = tempfile::tempdir().unwrap();
        let status = Command::new("sh")
            .args(["-c", script])
            .arg(&bare)
            .current_dir(seed.path())
            .status();
        assert!(status.unwrap().success());
    }

    pub(crate) fn host(&self) -> String {
        format!("localhost:{}", self.front.address().port())
    }

    fn url(&self) -> String {
        format!("https://{}/MooseQuest/raxx.git", self.host())
    }

    /// What points everything at the sandbox, over TLS.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let root = self.home.path().join("root.pem").to_string_lossy().into_owned();
        let mut variables = self.sandbox.environment();
        variables.retain(|(name, _)| *name != "GITHUB_API_URL");
        variables.extend([
            ("GITHUB_API_URL", format!("https://{}/api/v3", self.host())),
            ("SSL_CERT_FILE", root.clone()),
            ("GIT_SSL_CAINFO", root),
            ("HOME", self.home.path().to_string_lossy().into_owned()),
            // What is left there for other processes stays below the build's own folder.
            ("TMPDIR", env!("CARGO_TARGET_TMPDIR").to_owned()),
            ("GIT_CONFIG_NOSYSTEM", "1".to_owned()),
            ("GIT_ASKPASS", "false".to_owned()),
            ("URL", self.url()),
        ]);
        variables
    }

    pub(crate) fn environment(&self, run: Run) -> Run {
        let run = run.against(&self.sandbox).named(self.host(), "github.test");
        self.variables()
            .into_iter()
            .fold(run, |run, (name, value)| run.env(name, value))
    }

    /// A line of shell in the operator's home, run as the dev bot.
    fn as_bot(&self, flags: &str, script: &str) -> Run {
        self.environment(program(&format!("with-bot-token {flags} raxx-dev-bot sh -ec")))
            .arg(&format!("cd \"$HOME\"; {script}"))
    }

    fn operator(&self, script: &str) -> String {
        self.environment(shell(&format!("cd \"$HOME\"; {script}")))
            .run()
            .success()
    }

    pub(crate) fn arrived(&self, format: &str) -> String {
        let bare = self.sandbox.github().repository("MooseQuest", "raxx");
        let log = Command::new("git")
            .arg("-C")
            .arg(bare)
            .args(["log", "-1", format, "main"])
            .output()
            .unwrap();
        String::from_utf8(log.stdout).unwrap()
    }

    /// A helper of the operator's that leaves a trace when it is asked.
    pub(crate) fn trap(&self) -> (String, PathBuf) {
        let trace = self.home.path().join("asked");
        let helper = format!(
            "!touch {}; echo username=operator; echo password=operator",
            trace.display()
        );
        (helper, trace)
    }
}

const COMMIT: &str = "git clone -q \"$URL\" work; cd work; git commit -q --allow-empty -m second; git push -q";

#[test]
fn clone_commit_and_push_as_the_bot() {
    needs!("git");
    let workshop = Workshop::new();
    workshop.as_bot("--git --git-identity", COMMIT).run().success();
    assert_eq!(workshop.arrived("--format=%an %s"), "raxx-dev-bot[bot] second\n");
    assert!(
        !workshop.home.path().join(".gitconfig").exists(),
        "no file of the user's is touched"
    );
    assert!(
        !fs::read_to_string(workshop.home.path().join("work/.git/config"))
            .unwrap()
            .contains("ghs_")
    );
}

#[test]
fn the_operators_helpers_headers_and_ssh_remotes_do_not_win() {
    needs!("git");
    let workshop = Workshop::new();
    let (helper, trace) = workshop.trap();
    let host = workshop.host();
    for (name, value) in [
        ("credential.helper", helper.as_str()),
        (&format!("credential.https://{host}.helper"), &helper),
        (
            &format!("http.https://{host}/.extraHeader"),
            "Authorization: Basic b3BlcmF0b3I6b3BlcmF0b3I=",
        ),
    ] {
        workshop.operator(&format!("git config --global '{name}' '{value}'"));
    }
    workshop.as_bot("--git --git-identity", COMMIT).run().success();
    workshop
        .as_bot(
            "--git",
            &format!("cd work; git config credential.helper '{helper}'; git fetch -q"),
        )
        .run()
        .success();
    for remote in [
        "git@localhost:MooseQuest/raxx.git",
        "ssh://git@localhost/MooseQuest/raxx",
    ] {
        workshop
            .as_bot("--git", &format!("git ls-remote {remote}"))
            .run()
            .success();
    }
    assert!(!trace.exists(), "the operator's helper was asked");
}

#[test]
fn where_the_operators_settings_lead_to_ssh_git_stops() {
    needs!("git");
    let workshop = Workshop::new();
    let host = workshop.host();
    workshop.operator(&format!(
        "git config --global url.git@localhost:.insteadOf https://{host}/"
    ));
    let told = workshop.as_bot("--git", "git ls-remote \"$URL\"").run().failure(128);
    assert!(
        told.stderr
            .contains("git would reach localhost over ssh, as the operator"),
        "{}",
        told.stderr
    );
    // Other hosts are the operator's affair, by whatever means they use.
    let own = workshop
        .as_bot("--git", "git ls-remote git@elsewhere.test:a/b || true")
        .env("GIT_SSH_COMMAND", "echo own ssh to >&2; false");
    let told = own.run();
    assert!(told.stderr.contains("own ssh to"), "{}", told.stderr);
}

#[test]
fn settings_that_the_environment_has_already_stay() {
    needs!("git");
    let workshop = Workshop::new();
    let told = workshop
        .as_bot(
            "--git",
            "git config raxx.test; git config url.https://\"$GH_HOST\"/.insteadOf",
        )
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "raxx.test")
        .env("GIT_CONFIG_VALUE_0", "kept")
        .run();
    assert_eq!(told.success(), "kept\nssh://git@localhost/\n");
    let told = workshop
        .as_bot("--git", "true")
        .env("GIT_CONFIG_COUNT", "many")
        .run()
        .failure(125);
    assert!(told.stderr.contains("GIT_CONFIG_COUNT is no number"), "{}", told.stderr);
}

#[test]
fn a_token_that_may_only_read_cannot_push() {
    needs!("git");
    let workshop = Workshop::new();
    let told = workshop
        .as_bot("--git --git-identity --permission contents=read", COMMIT)
        .run();
    assert_eq!(told.code, Some(128), "{told}");
    assert!(told.stderr.contains("denied to raxx-dev-bot[bot]"), "{}", told.stderr);
    let elsewhere = workshop.as_bot("--git --repo handbook", "git ls-remote \"$URL\"").run();
    assert_eq!(elsewhere.code, Some(128), "{elsewhere}");
}

#[test]
fn the_helper_in_gits_configuration() {
    needs!("git");
    let workshop = Workshop::new();
    let (trap, trace) = workshop.trap();
    let host = workshop.host();
    workshop.operator(&format!(
        "git config --global credential.helper '{trap}'; git config --global credential.https://{host}.helper ''; \
         git config --global --add credential.https://{host}.helper 'raxx --bot raxx-dev-bot --scope-to-repo'; \
         git config --global credential.https://{host}.useHttpPath true; \
         git config --global user.name Operator; git config --global user.email operator@example.com; {COMMIT}"
    ));
    assert_eq!(workshop.arrived("--format=%s"), "second\n");
    let mint = workshop.sandbox.journal().to("POST /api/v3/app/installations");
    assert_eq!(mint[0].json()["repositories"], serde_json::json!(["raxx"]));
    // A failing mint: git asks nobody else.
    workshop
        .sandbox
        .infisical()
        .change(|settings| settings.identities[0].client_secret = "another".to_owned());
    let told = workshop
        .environment(shell("cd \"$HOME/work\"; git fetch"))
        .run()
        .failure(128);
    assert!(
        told.stderr.contains("error: Infisical login failed: HTTP 401"),
        "{}",
        told.stderr
    );
    assert!(!trace.exists(), "the operator's helper was asked");
}

#[test]
fn a_refused_token_is_minted_anew() {
    needs!("git");
    let workshop = Workshop::new();
    let runtime = tempfile::tempdir_in("/dev/shm").unwrap();
    let run = |script: &str| {
        let host = workshop.host();
        let line = format!(
            "cd \"$HOME\"; git -c credential.https://{host}.helper= -c credential.https://{host}.helper='raxx --bot \
             raxx-dev-bot' {script}"
        );
        workshop
            .environment(shell(&line))
            .env("XDG_RUNTIME_DIR", runtime.path())
            .run()
    };
    run("ls-remote \"$URL\"").success();
    let mints = || workshop.sandbox.journal().to("POST /api/v3/app/installations").len();
    run("ls-remote \"$URL\"").success();
    assert_eq!(mints(), 1, "reused");
    let list = workshop
        .environment(program("raxx-mint --bot raxx-dev-bot"))
        .env("XDG_RUNTIME_DIR", runtime.path());
    let token = list.run().success();
    workshop.sandbox.github().revoke(token.trim());
    run("ls-remote \"$URL\"");
    run("ls-remote \"$URL\"").success();
    assert_eq!(mints(), 2);
}

fn asked(workshop: &Workshop, operation: &str, input: &str) -> Run {
    workshop
        .environment(program(&format!("git-credential-raxx --bot raxx-dev-bot {operation}")))
        .stdin(input)
}

#[test]
fn it_answers_for_its_host_over_https_and_is_silent_otherwise() {
    let workshop = Workshop::new();
    let host = workshop.host();
    let answer = asked(&workshop, "get", &format!("protocol=https\nhost={host}\n\n"))
        .run()
        .success();
    let lines: Vec<_> = answer.lines().map(|line| line.split_once('=').unwrap()).collect();
    let [
        ("username", "x-access-token"),
        ("password", token),
        ("password_expiry_utc", end),
    ] = lines[..]
    else {
        panic!("{answer}")
    };
    assert!(workshop.sandbox.github().is_live(token));
    let left = end.parse::<i64>().unwrap() - jiff::Timestamp::now().as_second();
    assert!((3_500..=3_600).contains(&left), "{left} s");
    let before = workshop.sandbox.journal().entries().len();
    for (operation, input) in [
        ("get", format!("protocol=http\nhost={host}\n")),
        ("get", "protocol=https\nhost=gitlab.com\n".to_owned()),
        ("get", format!("protocol=https\nhost={host}.evil.test\n")),
        ("get", format!("protocol=https\nhost=evil.test\n\nhost={host}\n")),
        (
            "store",
            format!("protocol=https\nhost={host}\nusername=a\npassword=b\n"),
        ),
        (
            "erase",
            format!("protocol=https\nhost={host}\nusername=a\npassword=b\n"),
        ),
        ("a-later-word", format!("protocol=https\nhost={host}\n")),
    ] {
        let told = asked(&workshop, operation, &input).run();
        assert_eq!(told.success(), "", "{operation} {input}");
    }
    assert_eq!(
        asked(&workshop, "capability", "").run().success(),
        "version 0\ncapability authtype\n"
    );
    assert_eq!(workshop.sandbox.journal().entries().len(), before);
}

/// A path may be of any bytes; another host's is none of our business.
#[test]
fn a_path_that_is_no_text_stops_nobody() {
    let workshop = Workshop::new();
    let input = |host: &str| {
        let mut input = format!("protocol=https\nhost={host}\npath=").into_bytes();
        input.extend(b"caf\xe9.git\n");
        input
    };
    let get = |host: &str| {
        let helper = program("git-credential-raxx --bot raxx-dev-bot get");
        workshop.environment(helper).stdin(input(host)).run().success()
    };
    assert_eq!(get("elsewhere.test"), "");
    assert!(get(&workshop.host()).contains("password=ghs_"));
}

/// git ends its request with an empty line, and may keep its end of the pipe open.
#[test]
fn an_open_pipe_keeps_nobody_waiting_and_an_odd_request_is_refused() {
    let workshop = Workshop::new();
    let host = workshop.host();
    let line = format!(
        "mkfifo \"$HOME\"/pipe; exec 3<>\"$HOME\"/pipe; printf 'protocol=https\\nhost={host}\\n\\n' >&3; timeout 20 git-credential-raxx \
         --bot raxx-dev-bot get <&3"
    );
    let answer = workshop.environment(shell(&line)).run().success();
    assert!(answer.contains("password=ghs_"), "{answer}");
    for (input, words) in [
        (format!("protocol=https\nhost={host}\r\n\n"), "a carriage return"),
        (format!("protocol=https\r\nhost={host}\n\n"), "a carriage return"),
        (
            format!("protocol=https\nhost={host}\npath={}\n\n", "x".repeat(1024 * 1024)),
            "longer than 1 MiB",
        ),
        (
            "x=y\n".repeat(300_000) + &format!("protocol=https\nhost={host}\n\n"),
            "longer than 1 MiB",
        ),
    ] {
        let told = asked(&workshop, "get", &input).run();
        assert_eq!((told.code, told.stdout.as_str()), (Some(4), "quit=true\n"), "{told}");
        assert!(told.stderr.contains(words), "{told}");
    }
    for file in ["/dev/zero", "pipe-without-a-writer"] {
        let line = format!(
            "cd \"$HOME\"; mkfifo pipe-without-a-writer; printf 'protocol=https\\nhost={host}\\n\\n' | timeout 20 \
             git-credential-raxx --token-file {file} get"
        );
        let told = workshop.environment(shell(&line)).run();
        assert_eq!((told.code, told.stdout.as_str()), (Some(3), "quit=true\n"), "{told}");
        assert!(told.stderr.contains("the token's file cannot be used"), "{told}");
    }
}

#[test]
fn a_failure_tells_git_to_ask_nobody_else() {
    let workshop = Workshop::new();
    let input = format!("protocol=https\nhost={}\n", workshop.host());
    for (run, code) in [
        (asked(&workshop, "get", &input).without("INFISICAL_CLIENT_ID"), 3),
        (asked(&workshop, "get", &input).arg("--scope-to-repo"), 3),
        (asked(&workshop, "get --bot raxx-ops-bot", &input), 2),
        (asked(&workshop, "get --no-such-flag", &input), 2),
    ] {
        let told = run.run();
        assert_eq!((told.code, told.stdout.as_str()), (Some(code), "quit=true\n"), "{told}");
        assert!(told.stderr.starts_with("error: "), "{told}");
    }
}

#[test]
fn a_documents_file_of_another_program_serves_too() {
    let workshop = Workshop::new();
    let document = workshop
        .environment(program("raxx-mint --bot raxx-dev-bot --json"))
        .run()
        .success();
    let file = workshop.home.path().join("token.json");
    fs::write(&file, &document).unwrap();
    let get = || {
        let helper = program(&format!("git-credential-raxx get --token-file {}", file.display()));
        let input = format!("protocol=https\nhost={}\n\n", workshop.host());
        workshop.environment(helper).stdin(input).run()
    };
    let token: serde_json::Value = serde_json::from_str(&document).unwrap();
    assert!(get().success().contains(token["token"].as_str().unwrap()));
    let ended = document.replace(token["expires_at"].as_str().unwrap(), "2026-01-01T00:00:00Z");
    fs::write(&file, ended).unwrap();
    let told = get();
    assert_eq!((told.code, told.stdout.as_str()), (Some(3), "quit=true\n"), "{told}");
    assert!(
        told.stderr.contains("the token in it ended at 2026-01-01T00:00:00Z"),
        "{told}"
    );
}
