//! Commands that outlive their token, and what is left of them: nothing.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

use jiff::SignedDuration;
use tempfile::TempDir;
use tests::programs;
use tests::script::Canned;

use crate::early::wait_until;
use crate::git::Workshop;

/// A workshop with a runtime directory, and what runs in it.
pub(crate) struct Shift {
    pub(crate) workshop: Workshop,
    runtime: TempDir,
}

impl Shift {
    pub(crate) fn new() -> Self {
        Self {
            workshop: Workshop::new(),
            runtime: tempfile::tempdir_in("/dev/shm").expect("Linux has memory there"),
        }
    }

    pub(crate) fn start(&self, flags: &str, script: &str) -> Child {
        self.start_command(flags, &["sh", "-ec", &format!("cd \"$HOME\"; {script}")])
    }

    pub(crate) fn start_command(&self, flags: &str, command: &[&str]) -> Child {
        programs::build();
        // Who runs the tests may have these ignored (nohup, a shell's job in the background), and what is ignored stays so.
        Command::new("env")
            .arg("--default-signal=HUP,INT,QUIT")
            .arg(programs::path("with-bot-token"))
            .args(flags.split_whitespace())
            .args(["raxx-dev-bot", "--"])
            .args(command)
            .env_clear()
            .env("RAXX_CONFIG", "off")
            .env("PATH", std::env::var("PATH").unwrap_or_default())
            .envs(self.workshop.variables())
            .env("XDG_RUNTIME_DIR", self.runtime.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts")
    }

    pub(crate) fn home(&self, name: &str) -> PathBuf {
        self.workshop.home.path().join(name)
    }

    pub(crate) fn runtime(&self) -> &std::path::Path {
        self.runtime.path()
    }

    fn live_tokens(&self) -> usize {
        self.workshop.sandbox.github().live_tokens()
    }

    /// The folders of runs.
    fn folders(&self) -> usize {
        let entries = fs::read_dir(self.runtime.path().join("raxx-mint"));
        let names = entries.into_iter().flatten().map(|entry| entry.unwrap().file_name());
        names
            .filter(|name| name.to_string_lossy().starts_with("raxx-run-"))
            .count()
    }

    /// No live token, no file.
    pub(crate) fn is_left_clean(&self) {
        assert_eq!((self.live_tokens(), self.folders()), (0, 0), "live tokens, folders");
    }
}

pub(crate) fn ended(child: Child) -> (ExitStatus, String, String) {
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status, text(output.stdout), text(output.stderr))
}

pub(crate) fn send(signal: &str, child: &Child) {
    kill(signal, &child.id().to_string());
}

/// By the shell's own kill: not every machine has a program of that name.
fn kill(signal: &str, process: &str) {
    let sent = Command::new("sh")
        .args(["-c", "kill -s \"$0\" \"$1\"", signal, process])
        .status();
    assert!(sent.unwrap().success());
}

#[test]
fn gh_and_git_work_across_three_expiries() {
    needs!("gh", "git", "jq");
    let shift = Shift::new();
    shift
        .workshop
        .sandbox
        .github()
        .change(|settings| settings.token_lifetime = SignedDuration::from_secs(8));
    let script = r#"
        both() {
            gh api graphql -f 'query={viewer{login}}' --jq .data.viewer.login
            git -C work commit -q --allow-empty -m "$1"
            git -C work push -q
        }
        git clone -q "$URL" work
        for expiry in 1 2 3; do
            both "before $expiry"
            end=$(date -d "$(jq -r .expires_at "$GH_CONFIG_DIR/token.json")" +%s)
            while [ "$(date +%s)" -le "$end" ]; do sleep 0.1; done
        done
        both after
    "#;
    let (status, stdout, stderr) = ended(shift.start("--renew --git --git-identity", script));
    assert!(status.success(), "{stderr}");
    assert_eq!((stdout, stderr.as_str()), ("raxx-dev-bot[bot]\n".repeat(4), ""));
    assert_eq!(shift.workshop.arrived("--format=%an %s"), "raxx-dev-bot[bot] after\n");
    let mints = shift
        .workshop
        .sandbox
        .journal()
        .to("POST /api/v3/app/installations")
        .len();
    assert!(mints >= 4, "{mints} tokens for three expiries");
    shift.is_left_clean();
}

#[test]
fn a_signal_ends_the_command_and_leaves_nothing_behind() {
    for (name, number) in [("TERM", 15), ("INT", 2), ("HUP", 1)] {
        let shift = Shift::new();
        let child = shift.start("--renew", "echo $$ > pid.new; mv pid.new pid; exec sleep 600");
        wait_until(|| shift.home("pid").exists());
        assert_eq!((shift.live_tokens(), shift.folders()), (1, 1));
        let command = fs::read_to_string(shift.home("pid")).unwrap();
        send(name, &child);
        let (status, _, stderr) = ended(child);
        assert_eq!((status.signal(), stderr.as_str()), (Some(number), ""), "{name}");
        assert!(
            !fs::exists(format!("/proc/{}", command.trim())).unwrap(),
            "{name}: the command is gone"
        );
        shift.is_left_clean();
    }
}

#[test]
fn a_signal_reaches_the_command_once_and_its_answer_counts() {
    let shift = Shift::new();
    let script = "trap 'echo usr1 >> got' USR1; trap 'echo term >> got; exit 7' TERM; touch ready; \
                  while :; do sleep 0.05; done";
    let child = shift.start("--revoke", script);
    wait_until(|| shift.home("ready").exists());
    send("USR1", &child);
    let got = || fs::read_to_string(shift.home("got")).unwrap_or_default();
    wait_until(|| got() == "usr1\n");
    send("TERM", &child);
    let (status, _, _) = ended(child);
    assert_eq!((status.code(), got().as_str()), (Some(7), "usr1\nterm\n"));
    shift.is_left_clean();
}

#[test]
fn the_token_is_revoked_at_the_end_and_is_nobody_elses() {
    let shift = Shift::new();
    let (_, kept, _) = ended(shift.start("", "printenv GH_ENTERPRISE_TOKEN"));
    let (status, own, _) = ended(shift.start("--revoke", "printenv GH_ENTERPRISE_TOKEN; exit 3"));
    assert_eq!(status.code(), Some(3));
    let is_live = |token: &str| shift.workshop.sandbox.github().is_live(token.trim());
    assert_eq!([is_live(&kept), is_live(&own)], [true, false]);
}

#[test]
fn the_command_has_neither_token_nor_credentials_in_its_environment() {
    let shift = Shift::new();
    let script = "env; stat -c %a \"$GH_CONFIG_DIR\" \"$GH_CONFIG_DIR\"/hosts.yml \"$GH_CONFIG_DIR\"/token.json";
    let (status, stdout, stderr) = ended(shift.start("--renew --git", script));
    assert!(status.success(), "{stderr}");
    assert!(!stdout.contains("ghs_") && !stdout.contains("INFISICAL_"), "{stdout}");
    assert!(stdout.ends_with("700\n600\n600\n"), "{stdout}");
    shift.is_left_clean();
}

/// gh 2.100 and later look for a host without its port, those before it with its port.
#[test]
fn gh_finds_the_token_under_the_hosts_name_with_and_without_its_port() {
    let shift = Shift::new();
    let (status, stdout, stderr) = ended(shift.start("--renew", "cat \"$GH_CONFIG_DIR/hosts.yml\""));
    assert!(status.success(), "{stderr}");
    let hosts: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let host = shift.workshop.host();
    let tokens = [host.as_str(), "localhost"].map(|name| hosts[name]["oauth_token"].as_str().unwrap_or_default());
    assert!(
        tokens[0].starts_with("ghs_") && tokens[0] == tokens[1],
        "{:?}",
        hosts.as_object().unwrap().keys()
    );
}

#[test]
fn a_command_that_is_not_there_leaves_no_token() {
    let shift = Shift::new();
    for flags in ["--revoke", "--renew"] {
        let (status, _, stderr) = ended(shift.start_command(flags, &["no-such-command"]));
        assert_eq!(status.code(), Some(127), "{stderr}");
        shift.is_left_clean();
    }
}

#[test]
fn a_renewal_that_fails_is_tried_again_and_told_once() {
    let shift = Shift::new();
    shift
        .workshop
        .sandbox
        .github()
        .change(|settings| settings.token_lifetime = SignedDuration::from_secs(4));
    let script = "touch ready; first=$(cat \"$GH_CONFIG_DIR/token.json\"); \
                  while [ \"$first\" = \"$(cat \"$GH_CONFIG_DIR/token.json\")\" ]; do sleep 0.1; done";
    let child = shift.start("--renew", script);
    wait_until(|| shift.home("ready").exists());
    shift
        .workshop
        .sandbox
        .infisical()
        .answer_next("/login", 2, Canned::new(500));
    let (status, _, stderr) = ended(child);
    assert!(status.success(), "{stderr}");
    assert_eq!(
        stderr,
        "note: the token could not be renewed, and will be tried again: Infisical login failed: HTTP 500\n"
    );
    shift.is_left_clean();
}

#[test]
fn a_revocation_that_fails_is_told_and_the_commands_end_counts() {
    let shift = Shift::new();
    shift
        .workshop
        .sandbox
        .github()
        .answer_next("DELETE /api/v3/installation/token", 1, Canned::new(500));
    let (status, _, stderr) = ended(shift.start("--revoke", "exit 4"));
    assert_eq!(status.code(), Some(4));
    assert!(
        stderr.starts_with("note: the token could not be revoked and lives until "),
        "{stderr}"
    );
}

#[test]
fn the_folder_of_a_run_that_was_killed_is_swept_away() {
    let shift = Shift::new();
    let mut killed = shift.start("--renew", "echo $$ > pid.new; mv pid.new pid; exec sleep 600");
    wait_until(|| shift.home("pid").exists());
    let running = shift.start("--renew", "touch beside; exec sleep 600");
    wait_until(|| shift.home("beside").exists());
    assert_eq!(shift.folders(), 2, "one that is in use stays");
    killed.kill().unwrap();
    killed.wait().unwrap();
    let (status, _, stderr) = ended(shift.start("--renew", "true"));
    assert!(status.success(), "{stderr}");
    assert_eq!(shift.folders(), 1);
    send("TERM", &running);
    ended(running);
    assert_eq!(shift.folders(), 0);
    // Nothing could end the killed one's command.
    let orphan = fs::read_to_string(shift.home("pid")).unwrap();
    kill("TERM", orphan.trim());
}

#[test]
fn without_a_place_in_memory_there_is_no_token() {
    let shift = Shift::new();
    let output = Command::new(programs::path("with-bot-token"))
        .args(["--renew", "raxx-dev-bot", "true"])
        .env_clear()
        .env("RAXX_CONFIG", "off")
        .envs(shift.workshop.variables())
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(125), "{stderr}");
    assert!(
        stderr.starts_with("error: --renew has no place for the token\n  cause: /nowhere/raxx-mint cannot be made: "),
        "{stderr}"
    );
    assert!(shift.workshop.sandbox.journal().entries().is_empty());
}
