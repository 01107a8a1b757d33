//! The GitHub Action, run as a runner runs it: inputs in variables, outputs and state in files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use jiff::SignedDuration;
use tests::programs;

use crate::chain::{Run, Told, shell};
use crate::early::wait_until;
use crate::git::Workshop;

/// A job on a runner, whose `git` and GitHub are a workshop's.
struct Job {
    workshop: Workshop,
    runner: tempfile::TempDir,
}

impl Job {
    fn new() -> Self {
        Self {
            workshop: Workshop::new(),
            runner: tempfile::tempdir().unwrap(),
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.runner.path().join(name)
    }

    /// One of the action's scripts, with what a runner sets.
    fn script(&self, script: &str) -> Run {
        let action = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("action");
        let process = self.file("process");
        let run = shell(&format!(
            "echo $$ > {}; exec node {}/{script}.mjs",
            process.display(),
            action.display()
        ));
        let secrets = ["INFISICAL_CLIENT_ID", "INFISICAL_CLIENT_SECRET", "INFISICAL_PROJECT_ID"];
        // A runner has none of ours in its environment; they are inputs.
        let run = secrets
            .iter()
            .chain(&["INFISICAL_HOST", "GITHUB_API_URL"])
            .fold(self.workshop.environment(run), |run, name| run.without(name));
        ["GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_ENV"]
            .into_iter()
            .fold(run, |run, name| {
                fs::OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(self.file(name))
                    .unwrap();
                run.env(name, self.file(name))
            })
            .env("RUNNER_TEMP", self.runner.path())
            .env("NODE_EXTRA_CA_CERTS", self.workshop.home.path().join("root.pem"))
    }

    /// The first script, with these inputs beside those that have to be there.
    fn main(&self, inputs: &[(&str, &str)]) -> Told {
        self.with_inputs(inputs).run()
    }

    fn with_inputs(&self, inputs: &[(&str, &str)]) -> Run {
        let all: BTreeMap<_, _> = self.workshop.variables().into_iter().collect();
        let programs = programs::directory().display().to_string();
        let defaults = [
            ("bot", "raxx-dev-bot"),
            ("project-id", &all["INFISICAL_PROJECT_ID"]),
            ("client-id", &all["INFISICAL_CLIENT_ID"]),
            ("client-secret", &all["INFISICAL_CLIENT_SECRET"]),
            ("infisical-host", &all["INFISICAL_HOST"]),
            ("github-api-url", &all["GITHUB_API_URL"]),
            ("env", "prod"),
            ("path-prefix", "/MooseQuest/"),
            ("programs", &programs),
        ];
        let inputs = defaults.iter().chain(inputs);
        inputs.fold(self.script("main"), |run, (name, value)| {
            run.env(&format!("INPUT_{}", name.to_uppercase()), value)
        })
    }

    /// The last script, with the state that the first has left.
    fn post(&self) -> Told {
        self.said("GITHUB_STATE")
            .into_iter()
            .fold(self.script("post"), |run, (name, value)| {
                run.env(&format!("STATE_{name}"), value)
            })
            .run()
    }

    /// What was written into one of the runner's files, by name.
    fn said(&self, file: &str) -> BTreeMap<String, String> {
        let text = fs::read_to_string(self.file(file)).unwrap();
        let mut said = BTreeMap::new();
        let mut lines = text.lines();
        while let Some((name, delimiter)) = lines.next().and_then(|line| line.split_once("<<")) {
            let value: Vec<_> = lines.by_ref().take_while(|line| *line != delimiter).collect();
            said.insert(name.to_owned(), value.join("\n"));
        }
        said
    }

    fn is_live(&self, token: &str) -> bool {
        self.workshop.sandbox.github().is_live(token)
    }
}

#[test]
fn a_job_is_the_bot_until_its_end() {
    needs!("node", "git");
    let job = Job::new();
    let gits_file = job.workshop.home.path().join(".gitconfig");
    assert!(!gits_file.exists());
    let inputs = [
        ("repositories", "raxx"),
        ("permissions", "contents=write\nmetadata=read"),
        ("git", "true"),
    ];
    let log = job.main(&inputs).success();
    let outputs = job.said("GITHUB_OUTPUT");
    let token = &outputs["token"];
    assert!(job.is_live(token), "{log}");
    assert_eq!(outputs["app-slug"], "raxx-dev-bot");
    assert!(outputs["bot-email"].starts_with(&format!("{}+raxx-dev-bot[bot]@", outputs["bot-user-id"])));
    assert!(
        log.contains(&format!("until {}", outputs["expires-at"])) && log.contains("requests are left"),
        "{log}"
    );
    assert!(
        !log.contains("::warning::") && job.said("GITHUB_ENV").is_empty(),
        "{log}"
    );

    // git, without a wrapper, commits and pushes as the bot.
    let line = "git clone -q \"$URL\" \"$HOME/here\" && cd \"$HOME/here\" && git commit -q --allow-empty -m one && git push -q";
    job.workshop.environment(shell(line)).run().success();
    assert_eq!(job.workshop.arrived("--format=%ae").trim(), outputs["bot-email"]);

    assert!(job.post().success().contains("the token is revoked"));
    assert!(!job.is_live(token));
    assert!(!gits_file.exists());
    let left: Vec<_> = fs::read_dir(job.runner.path())
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    assert_eq!(left.len(), 4, "the runner's own files only: {left:?}");
    // A token that is gone already counts as revoked.
    assert!(job.post().success().contains("the token is revoked"));
}

#[test]
fn secrets_are_masked_before_anything_else_is_printed() {
    needs!("node", "git");
    let job = Job::new();
    let log = job.main(&[("git", "false"), ("export", "true")]).success();
    let variables: BTreeMap<_, _> = job.workshop.variables().into_iter().collect();
    let token = job.said("GITHUB_OUTPUT")["token"].clone();
    let mut masked: Vec<&str> = vec![];
    for line in log.lines() {
        if let Some(secret) = line.strip_prefix("::add-mask::") {
            masked.push(secret);
            continue;
        }
        assert!(masked.contains(&variables["INFISICAL_CLIENT_SECRET"].as_str()), "{log}");
        for secret in [
            &variables["INFISICAL_CLIENT_SECRET"],
            &variables["INFISICAL_CLIENT_ID"],
            &token,
        ] {
            assert!(!line.contains(secret.as_str()), "{log}");
        }
    }
    assert!(masked.contains(&token.as_str()), "{log}");
    assert!(log.contains("::warning::the token may do all"), "{log}");
    // Asked for, and for an Enterprise Server, which the sandbox is.
    assert_eq!(job.said("GITHUB_ENV")["GH_ENTERPRISE_TOKEN"], token);
    job.post().success();
}

#[test]
fn a_token_can_be_left_alive_and_a_bad_input_leaves_none() {
    needs!("node", "git");
    let job = Job::new();
    job.main(&[("git", "false"), ("skip-revoke", "true")]).success();
    assert!(job.post().success().contains("is left alive"));
    assert!(job.is_live(&job.said("GITHUB_OUTPUT")["token"]));

    for (input, value, words) in [
        ("client-secret", "", "the input client-secret is empty"),
        ("client-secret", "wrong", "Infisical login failed: HTTP 401"),
        ("bot", "raxx-none-bot", "::error::"),
        ("git", "maybe", "neither true nor false"),
        (
            "programs",
            "/nowhere",
            "there is no raxx-mint and git-credential-raxx in /nowhere",
        ),
        ("permissions", "contents=all", "::error::"),
    ] {
        let job = Job::new();
        let live = job.workshop.sandbox.github().live_tokens();
        let told = job.main(&[(input, value)]);
        assert_eq!(told.code, Some(1), "{input}: {told}");
        assert!(
            told.stdout.contains("::error::") && told.stdout.contains(words),
            "{input}: {told}"
        );
        assert!(!told.stdout.contains("defect"), "{told}");
        // A runner runs the last script all the same.
        assert_eq!(job.post().success(), "", "{input}");
        assert_eq!(job.workshop.sandbox.github().live_tokens(), live, "{input}");
    }
}

/// What a checkout leaves in a repository, git sends before it asks anybody.
#[test]
fn a_checkout_that_keeps_its_own_credential_is_warned_of() {
    needs!("node", "git");
    let job = Job::new();
    let checkout = job.runner.path().join("work");
    let line = format!(
        "git init -q {0} && git -C {0} config http.https://github.com/.extraheader 'AUTHORIZATION: basic x'",
        checkout.display()
    );
    job.workshop.environment(shell(&line)).run().success();
    let run = job.with_inputs(&[("git", "true")]);
    let log = run.env("GITHUB_WORKSPACE", &checkout).run().success();
    assert!(log.contains("persist-credentials: false"), "{log}");
    job.post().success();
}

/// Whatever else fails in between, and whatever the clock says.
#[test]
fn the_token_is_revoked_whatever_fails_in_between() {
    needs!("node", "git");
    // git's own file cannot be written, or says something else behind our line.
    for (spoil, words) in [
        ("mkdir ~/.gitconfig", "git's configuration cannot be written"),
        (
            "printf '[include]\\n\\tpath = x\\n[user]\\n\\temail = me@example.com\\n' > ~/.gitconfig",
            "commit as somebody else",
        ),
        (
            "printf '[include]\\n\\tpath = x\\n[credential]\\n\\thelper = store\\n' > ~/.gitconfig",
            "ask another helper",
        ),
    ] {
        let job = Job::new();
        job.workshop.environment(shell(spoil)).run().success();
        let told = job.main(&[("git", "true")]);
        assert!(told.code == Some(1) && told.stdout.contains(words), "{spoil}: {told}");
        let token = job.said("GITHUB_OUTPUT")["token"].clone();
        assert!(job.is_live(&token));
        let post = job.post().success();
        assert!(post.contains("the token is revoked"), "{spoil}: {post}");
        assert!(!job.is_live(&token));
    }
    // GitHub's answers are odd, this machine's clock is behind, and the programs are gone at the end.
    let job = Job::new();
    job.workshop
        .sandbox
        .github()
        .change(|settings| settings.clock_offset = SignedDuration::from_hours(-2));
    job.main(&[("git", "false")]).success();
    let token = job.said("GITHUB_OUTPUT")["token"].clone();
    let post = job.post().success();
    assert!(post.contains("the token is revoked") && !job.is_live(&token), "{post}");
}

/// The runner ends this process, and the answer that holds the token is yet to come.
#[test]
fn a_job_that_is_cancelled_while_it_mints_leaves_no_token() {
    needs!("node", "git");
    for signal in ["INT", "TERM"] {
        let job = Job::new();
        let before = job.workshop.sandbox.github().live_tokens();
        let answer = job.workshop.sandbox.github().hold_next("/access_tokens");
        let told = thread::scope(|scope| {
            let main = scope.spawn(|| job.main(&[("git", "true")]));
            wait_until(|| !job.workshop.sandbox.journal().to("/access_tokens").is_empty());
            let line = format!("kill -{signal} $(cat {})", job.file("process").display());
            shell(&line).run().success();
            drop(answer);
            main.join().unwrap()
        });
        assert!(
            told.code == Some(1) && told.stdout.contains("the job was cancelled"),
            "{told}"
        );
        job.post().success();
        assert_eq!(job.workshop.sandbox.github().live_tokens(), before, "{signal}: {told}");
    }
}
