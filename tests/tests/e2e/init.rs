//! `raxx-mint init`: questions at a terminal, each answer tried as it is given. `script` (util-linux) lends a terminal.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;
use tests::infisical::Cloudflare;
use tests::programs;
use tests::sandbox::Sandbox;

use crate::chain::program;

/// What somebody was asked and told, who gave these answers, each to the question that ends so.
fn dialog(sandbox: &Sandbox, home: &Path, flags: &str, set: &[(&str, &str)], answers: &[(&str, &str)]) -> String {
    programs::build();
    let mut child = Command::new("timeout")
        .args([
            // A question that is not asked would be waited for.
            "--foreground",
            "30",
            "script",
            "--quiet",
            "--return",
            "--command",
            &format!("raxx-mint init {flags}; echo ended $?"),
            "/dev/null",
        ])
        .env_clear()
        .env(
            "PATH",
            format!("{}:{}", programs::directory().display(), std::env::var("PATH").unwrap()),
        )
        .envs([("HOME", home.as_os_str()), ("XDG_RUNTIME_DIR", "/nowhere".as_ref())])
        .env("TMPDIR", env!("CARGO_TARGET_TMPDIR"))
        .envs(set.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = child.stdout.take().unwrap();
    let mut shown = vec![];
    let mut from = 0;
    for (question, answer) in answers {
        while !String::from_utf8_lossy(&shown[from..]).ends_with(&format!("{question}: ")) {
            let mut some = [0; 1024];
            let length = output.read(&mut some).unwrap();
            assert_ne!(
                length,
                0,
                "{question} was not asked: {}",
                String::from_utf8_lossy(&shown)
            );
            shown.extend_from_slice(&some[..length]);
        }
        from = shown.len();
        input.write_all(format!("{answer}\n").as_bytes()).unwrap();
    }
    output.read_to_end(&mut shown).unwrap();
    child.wait().unwrap();
    let shown = String::from_utf8(shown).unwrap().replace("\r\n", "\n");
    // A line of waiting is taken back before anything else is written.
    let shown: String = shown.split("\r\u{1b}[K").filter(|part| !part.ends_with(" …")).collect();
    shown
        .replace(&sandbox.infisical().base_url(), "http://infisical.test")
        .replace(&sandbox.github().base_url(), "http://github.test")
        .replace(&sandbox.infisical().settings().project_id, "[project]")
        .replace(&*home.to_string_lossy(), "[home]")
}

fn steady(text: &str) -> String {
    let lines = text.lines().map(|line| match line.split_once("request id: ") {
        Some((before, _)) => format!("{before}request id: [id]"),
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn home() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn from_nothing_to_a_file_that_serves_and_no_secret_in_it_or_on_the_terminal() {
    needs!("script");
    let sandbox = Sandbox::start_with_pooled_keys();
    let home = home();
    let identity = sandbox.identity();
    let project = sandbox.infisical().settings().project_id;
    let shown = dialog(
        &sandbox,
        home.path(),
        "",
        &[],
        &[
            ("Infisical's URL [https://app.infisical.com]", "ftp://x"),
            ("Infisical's URL [https://app.infisical.com]", "http://127.0.0.1:1"),
            (
                "Infisical's URL [https://app.infisical.com]",
                &format!("{}/api", sandbox.infisical().base_url()),
            ),
            ("Client ID of the machine identity (not shown)", "changeme"),
            ("Client ID of the machine identity (not shown)", &identity.client_id),
            ("Client Secret (not shown)", "wrong"),
            ("Client ID of the machine identity (not shown)", &identity.client_id),
            ("Client Secret (not shown)", &identity.client_secret),
            ("Project ID", &project),
            ("Environment's slug [prod]", "staging"),
            ("Folder of the bots' folders [/MooseQuest/]", ""),
            (&format!("Project ID [{project}]"), ""),
            ("Environment's slug [staging]", "prod"),
            ("Folder of the bots' folders [/MooseQuest/]", ""),
            (
                "Base URL of GitHub's REST API [https://api.github.com]",
                "http://127.0.0.1:1",
            ),
            (
                "Base URL of GitHub's REST API [https://api.github.com]",
                &sandbox.github().base_url(),
            ),
            (
                "Refuse to run commands as you where no bot credentials are set? (y/n) [y]",
                "perhaps",
            ),
            (
                "Refuse to run commands as you where no bot credentials are set? (y/n) [y]",
                "",
            ),
        ],
    );
    insta::assert_snapshot!("init", steady(&shown));
    let file = home.path().join(".config/raxx/config.toml");
    let written = fs::read_to_string(&file).unwrap();
    for secret in [&identity.client_id, &identity.client_secret] {
        assert!(!shown.contains(secret.as_str()) && !written.contains(secret.as_str()));
    }
    let written = written
        .replace(&sandbox.infisical().base_url(), "http://infisical.test")
        .replace(&sandbox.github().base_url(), "http://github.test")
        .replace(&project, "[project]");
    insta::assert_snapshot!("init_file", written);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    program("raxx-mint raxx-dev-bot")
        .without("RAXX_CONFIG")
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", "/nowhere")
        .env("INFISICAL_CLIENT_ID", &identity.client_id)
        .env("INFISICAL_CLIENT_SECRET", &identity.client_secret)
        .run()
        .success();
    program("with-bot-token raxx-dev-bot true")
        .without("RAXX_CONFIG")
        .env("HOME", home.path())
        .run()
        .failure(125);
}

#[test]
fn what_is_configured_is_what_enter_stands_for_and_nothing_that_was_written_is_lost() {
    needs!("script");
    let sandbox = Sandbox::start_with_pooled_keys();
    let home = home();
    let file = home.path().join(".config/raxx/config.toml");
    let before = "# mine\nrequire-bot = false\n[bots.raxx-dev-bot]\npermissions = { contents = \"read\" }\n[bots.raxx-new-bot]\n";
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, before).unwrap();
    let set = sandbox.environment();
    let set: Vec<_> = set.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let enter = [
        "Infisical's URL",
        "Project ID",
        "Environment's slug",
        "Folder of the bots' folders",
        "Base URL of GitHub's REST API",
    ];
    let mut answers: Vec<_> = vec![];
    for (question, known) in enter.iter().zip([
        sandbox.infisical().base_url(),
        sandbox.infisical().settings().project_id,
        "prod".to_owned(),
        "/MooseQuest/".to_owned(),
        sandbox.github().base_url(),
    ]) {
        answers.push((format!("{question} [{known}]"), ""));
    }
    answers.push((
        "Refuse to run commands as you where no bot credentials are set? (y/n) [n]".to_owned(),
        "",
    ));
    let answers: Vec<_> = answers
        .iter()
        .map(|(question, answer)| (question.as_str(), *answer))
        .collect();
    let shown = dialog(&sandbox, home.path(), "", &set, &answers);
    insta::assert_snapshot!("init_again", shown);
    assert_eq!(fs::read_to_string(file.with_extension("toml.before")).unwrap(), before);
    let written = fs::read_to_string(&file).unwrap();
    assert!(
        written.contains("require-bot = false\n") && written.contains("[bots.raxx-new-bot]\n"),
        "{written}"
    );
    assert!(
        written.contains("[bots.raxx-dev-bot.permissions]\ncontents = \"read\"\n"),
        "{written}"
    );
    let entries = fs::read_dir(file.parent().unwrap()).unwrap().count();
    assert_eq!(entries, 2, "the file and what was there");
}

/// The answers that lead to the end where the credentials are there already.
fn rest(sandbox: &Sandbox, folder: &'static str) -> Vec<(String, &'static str)> {
    let known = [
        ("Infisical's URL", sandbox.infisical().base_url(), ""),
        ("Project ID", sandbox.infisical().settings().project_id, ""),
        ("Environment's slug", "prod".to_owned(), ""),
        ("Folder of the bots' folders", "/MooseQuest/".to_owned(), folder),
        ("Base URL of GitHub's REST API", sandbox.github().base_url(), ""),
    ];
    let mut answers: Vec<_> = known
        .into_iter()
        .map(|(question, known, answer)| (format!("{question} [{known}]"), answer))
        .collect();
    let last = "Refuse to run commands as you where no bot credentials are set? (y/n) [y]";
    answers.push((last.to_owned(), ""));
    answers
}

fn borrowed<'a>(answers: &'a [(String, &'a str)]) -> Vec<(&'a str, &'a str)> {
    answers
        .iter()
        .map(|(question, answer)| (question.as_str(), *answer))
        .collect()
}

#[test]
fn two_lines_that_are_pasted_at_once_are_not_shown() {
    needs!("script");
    let sandbox = Sandbox::start_with_pooled_keys();
    let home = home();
    let identity = sandbox.identity();
    let set = sandbox.environment();
    let set: Vec<_> = set
        .iter()
        .filter(|(name, _)| !name.starts_with("INFISICAL_CLIENT"))
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let mut answers = rest(&sandbox, "");
    let pasted = format!("{}\n{}", identity.client_id, identity.client_secret);
    answers.insert(
        1,
        (
            "Client ID of the machine identity (not shown)".to_owned(),
            pasted.as_str(),
        ),
    );
    let shown = dialog(&sandbox, home.path(), "", &set, &borrowed(&answers));
    assert!(
        shown.contains("ended 0") && !shown.contains(&identity.client_secret),
        "{shown}"
    );
    // The same before it is asked for: with the answer to the question before.
    let url = format!("{}\n{pasted}", sandbox.infisical().base_url());
    let mut answers = rest(&sandbox, "");
    answers[0].1 = &url;
    let hold = sandbox.infisical().hold_next("/api/status");
    drop(hold);
    let shown = dialog(&sandbox, home.path(), "", &set, &borrowed(&answers));
    assert!(shown.contains("ended 0"), "{shown}");
}

#[test]
fn a_service_token_is_asked_for_where_cloudflare_access_is_in_front() {
    needs!("script");
    let sandbox = Sandbox::start_with_pooled_keys();
    sandbox.infisical().change(|settings| {
        settings.cloudflare = Cloudflare::Required {
            client_id: "0a1b.access".to_owned(),
            client_secret: "0c1d2e3f".to_owned(),
        };
    });
    let home = home();
    let set = sandbox.environment();
    let set: Vec<_> = set.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut answers = rest(&sandbox, "");
    answers.insert(
        1,
        ("Client ID of the service token (not shown)".to_owned(), "0a1b.access"),
    );
    answers.insert(
        2,
        ("Client Secret of the service token (not shown)".to_owned(), "0c1d2e3f"),
    );
    let shown = dialog(&sandbox, home.path(), "", &set, &borrowed(&answers));
    let left = "Still to be exported: CF_ACCESS_CLIENT_ID, CF_ACCESS_CLIENT_SECRET";
    assert!(shown.contains(left) && !shown.contains("0c1d2e3f"), "{shown}");
}

#[test]
fn a_folder_in_which_no_name_would_be_found_is_not_taken() {
    needs!("script");
    let sandbox = Sandbox::start_with_pooled_keys();
    let set = sandbox.environment();
    let set: Vec<_> = set.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for wrong in ["/", "/MooseQuest/raxx-dev-bot"] {
        let home = home();
        let mut answers = rest(&sandbox, wrong);
        let project = sandbox.infisical().settings().project_id;
        answers.insert(4, (format!("Project ID [{project}]"), ""));
        answers.insert(5, ("Environment's slug [prod]".to_owned(), ""));
        answers.insert(6, (format!("Folder of the bots' folders [{wrong}]"), "/MooseQuest"));
        let shown = dialog(&sandbox, home.path(), "", &set, &borrowed(&answers));
        assert!(
            shown.contains("no bot's folder is right below") && shown.contains("answer /MooseQuest"),
            "{shown}"
        );
        assert!(shown.contains("ended 0"), "{shown}");
    }
}

#[test]
fn what_cannot_end_well_ends_before_the_first_question() {
    needs!("script");
    let sandbox = Sandbox::start_with_pooled_keys();
    let home = home();
    let taken = home.path().join("taken");
    fs::write(&taken, "").unwrap();
    let below = taken.join("config.toml");
    for (set, flags, told) in [
        (("RAXX_CONFIG", "off"), "", "no configuration file is read"),
        (("RAXX_CONFIG", below.to_str().unwrap()), "", "cannot be written"),
        (
            ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere"),
            "--keychain",
            "the system's keychain is not available",
        ),
    ] {
        let shown = dialog(&sandbox, home.path(), flags, &[set], &[]);
        assert!(shown.contains(told) && shown.contains("ended 3"), "{shown}");
        assert!(!shown.contains("Infisical's URL"), "{shown}");
    }
    // One that is new is made.
    let new = home.path().join("new/raxx.toml");
    let set = sandbox.environment();
    let mut set: Vec<_> = set.iter().map(|(name, value)| (*name, value.as_str())).collect();
    set.push(("RAXX_CONFIG", new.to_str().unwrap()));
    let answers = rest(&sandbox, "");
    let shown = dialog(&sandbox, home.path(), "", &set, &borrowed(&answers));
    assert!(shown.contains("ended 0") && new.exists(), "{shown}");
}

#[test]
fn what_stands_in_the_way_of_what_was_written_is_told() {
    needs!("script");
    let sandbox = Sandbox::start_with_pooled_keys();
    let home = home();
    let set = sandbox.environment();
    let mut set: Vec<_> = set.iter().map(|(name, value)| (*name, value.as_str())).collect();
    set.push(("INFISICAL_ENV", "staging"));
    let mut answers = rest(&sandbox, "");
    answers[2] = ("Environment's slug [staging]".to_owned(), "prod");
    let shown = dialog(&sandbox, home.path(), "", &set, &borrowed(&answers));
    assert!(
        shown.contains("INFISICAL_ENV is set to something else, and goes before what was written: unset it."),
        "{shown}"
    );
}

#[test]
fn broken_off_it_writes_nothing_and_leaves_the_terminal_as_it_was() {
    needs!("script");
    let sandbox = Sandbox::start_with_pooled_keys();
    let home = home();
    let url = sandbox.infisical().base_url();
    for keys in ["\u{3}", "\u{4}"] {
        let answers = [
            ("Infisical's URL [https://app.infisical.com]", url.as_str()),
            ("Client ID of the machine identity (not shown)", keys),
        ];
        let shown = dialog(&sandbox, home.path(), "; stty -a | grep -o ' echo '", &[], &answers);
        assert!(
            shown.contains("input ended before every question was answered"),
            "{shown}"
        );
        assert!(shown.contains(" echo "), "{shown}");
    }
    assert!(!home.path().join(".config").exists());
    let nobody = program("raxx-mint init")
        .without("RAXX_CONFIG")
        .env("HOME", home.path())
        .named(home.path().to_string_lossy(), "[home]");
    insta::assert_snapshot!("init_without_a_terminal", nobody.run().failure(2));
}
