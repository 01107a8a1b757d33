//! Completions and man pages: as the programs are, and completing the names of bots without the network.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use tests::programs;

use crate::chain::{program, shell};
use crate::kept::Desk;

fn docs() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs"))
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let files = ["completions", "man"].into_iter().flat_map(|part| {
        let entries = fs::read_dir(folder.join(part)).expect("written by `cargo pages`");
        entries.map(move |entry| {
            let entry = entry.unwrap();
            let name = format!("{part}/{}", entry.file_name().to_string_lossy());
            (name, fs::read_to_string(entry.path()).unwrap())
        })
    });
    files.collect()
}

#[test]
fn they_are_as_the_programs_are() {
    let fresh = tempfile::tempdir().unwrap();
    fs::copy(docs().join("runbook.md"), fresh.path().join("runbook.md")).unwrap();
    program("raxx-pages")
        .arg(fresh.path().to_str().unwrap())
        .run()
        .success();
    let runbook = |folder: &Path| fs::read_to_string(folder.join("runbook.md")).unwrap();
    assert_eq!(runbook(fresh.path()), runbook(docs()), "run `cargo pages`");
    let (fresh, kept) = (files(fresh.path()), files(docs()));
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&fresh), names(&kept), "run `cargo pages`");
    let stale: Vec<_> = fresh
        .iter()
        .filter(|(name, page)| kept[*name] != **page)
        .map(|(name, _)| name)
        .collect();
    assert!(stale.is_empty(), "run `cargo pages`: {stale:?}");
}

/// What bash offers for the last of `words`.
fn offered(function: &str, words: &[&str]) -> String {
    let (last, before) = words.split_last().unwrap();
    let file = docs().join("completions").join(format!("{}.bash", words[0]));
    format!(
        "source '{}'; COMP_WORDS=({}); COMP_CWORD={}; {function} {} '{last}' '{}'; echo \"${{COMPREPLY[@]}}\"",
        file.display(),
        words.join(" "),
        before.len(),
        words[0],
        before[before.len() - 1],
    )
}

#[test]
fn bots_of_the_variable() {
    let complete = |function, words: &[&str]| {
        let run = shell(&offered(function, words)).env("RAXX_BOTS", "raxx-dev-bot,raxx-ops-bot");
        run.run().success().trim_end().to_owned()
    };
    for (name, function) in [
        ("raxx-mint", "_raxx__mint"),
        ("raxx-doctor", "_raxx__doctor"),
        ("infisical-fetch", "_infisical__fetch"),
        ("git-credential-raxx", "_git__credential__raxx"),
    ] {
        assert_eq!(complete(function, &[name, "--bot", "raxx-d"]), "raxx-dev-bot");
    }
    for (name, function) in [
        ("raxx-mint", "_raxx__mint"),
        ("raxx-doctor", "_raxx__doctor"),
        ("infisical-fetch", "_infisical__fetch"),
    ] {
        assert_eq!(complete(function, &[name, "raxx-d"]), "raxx-dev-bot");
        assert_eq!(complete(function, &[name, "--verbose", "raxx-d"]), "raxx-dev-bot");
    }
    assert_eq!(complete("_raxx__mint", &["raxx-mint", "doc"]), "docs");
    let install = ["git-credential-raxx", "install", "--bot", "raxx-d"];
    assert_eq!(complete("_git__credential__raxx", &install), "raxx-dev-bot");
    let wrapper = "_with__bot__token";
    assert_eq!(
        complete(wrapper, &["with-bot-token", "--git", "raxx"]),
        "raxx-dev-bot raxx-ops-bot"
    );
    assert_eq!(complete(wrapper, &["with-bot-token", "--git-i"]), "--git-identity");
    let commands = complete(wrapper, &["with-bot-token", "raxx-dev-bot", "with-bot"]);
    assert!(commands.starts_with("with-bot-token"), "{commands}");
}

#[test]
fn what_follows_the_bot_is_completed_as_the_command_itself() {
    // bash-completion's function by its newer and its older name; alone, bash knows commands and files.
    let line = offered(
        "_with__bot__token",
        &["with-bot-token", "--git", "raxx-dev-bot", "git", "chec"],
    );
    for function in ["_comp_command_offset", "_command_offset"] {
        let line = format!("{function}() {{ COMPREPLY=(\"the command is word $1\"); }}; {line}");
        let told = shell(&line).env("RAXX_BOTS", "raxx-dev-bot").run().success();
        assert_eq!(told, "the command is word 3\n");
    }
    let line = offered(
        "_with__bot__token",
        &["with-bot-token", "raxx-dev-bot", "cat", "/etc/host"],
    );
    let told = shell(&line).env("RAXX_BOTS", "raxx-dev-bot").run().success();
    assert!(told.contains("/etc/hosts"), "{told}");
}

#[test]
fn zsh_completes_a_bot_and_what_follows_it() {
    needs!("script", "zsh", "git");
    programs::build();
    let home = tempfile::tempdir().unwrap();
    let mut child = std::process::Command::new("script")
        .args(["--quiet", "--command", "zsh -f -i", "/dev/null"])
        .env_clear()
        .env("RAXX_CONFIG", "off")
        .env(
            "PATH",
            format!("{}:{}", programs::directory().display(), std::env::var("PATH").unwrap()),
        )
        .envs([("HOME", home.path().as_os_str()), ("TERM", "dumb".as_ref())])
        .env("RAXX_BOTS", "raxx-dev-bot raxx-ops-bot")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = child.stdout.take().unwrap();
    let start = format!(
        "fpath=('{}' $fpath); autoload -U compinit; compinit -u -D; PROMPT=re''ady\n",
        docs().join("completions").display()
    );
    // Each line is completed, taken back and never run.
    let lines = [
        "with-bot-token --git raxx-dev-bot git checko\t\u{15}",
        "with-bot-token raxx-o\t\u{15}",
        "with-bot-token --repo /etc/host\t\u{15}",
    ];
    input.write_all(start.as_bytes()).unwrap();
    // What is typed before there is a prompt is the terminal's to edit, not the shell's.
    let mut shown = vec![];
    while !String::from_utf8_lossy(&shown).contains("ready") {
        let mut some = [0; 1024];
        let length = output.read(&mut some).unwrap();
        assert_ne!(length, 0, "{}", String::from_utf8_lossy(&shown));
        shown.extend_from_slice(&some[..length]);
    }
    input.write_all(format!("{}exit\n", lines.concat()).as_bytes()).unwrap();
    output.read_to_end(&mut shown).unwrap();
    child.wait().unwrap();
    let shown = String::from_utf8_lossy(&shown);
    assert!(shown.contains("git checkout"), "{shown}");
    assert!(shown.contains("with-bot-token raxx-ops-bot"), "{shown}");
    assert!(!shown.contains("--repo /etc/hosts"), "{shown}");
}

#[test]
fn nothing_offers_files_where_a_scope_is_meant() {
    for flag in [
        "--repo",
        "--permission",
        "--repository-id",
        "--env",
        "--path-prefix",
        "--min-ttl",
        "--github-api-url",
    ] {
        let told = shell(&offered("_raxx__mint", &["raxx-mint", flag, "/etc/host"]))
            .run()
            .success();
        assert_eq!(told.trim(), "/etc/host", "{flag}");
    }
}

#[test]
fn bots_of_a_configuration_file() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("config.toml");
    fs::write(&file, "[bots.raxx-new-bot]\n[bots.raxx-dev-bot]\n").unwrap();
    let line = offered("_with__bot__token", &["with-bot-token", "raxx"]);
    assert_eq!(
        shell(&line).env("RAXX_CONFIG", &file).run().success(),
        "raxx-dev-bot raxx-new-bot\n"
    );
}

#[test]
fn bots_whose_tokens_are_kept_and_no_request() {
    let desk = Desk::new();
    desk.run("raxx-mint --bot raxx-ops-bot").run().success();
    let asked = desk.asked();
    let line = offered("_raxx__mint", &["raxx-mint", "--bot", "raxx"]);
    assert_eq!(desk.at(shell(&line)).run().success(), "raxx-ops-bot\n");
    assert_eq!(desk.asked(), asked);
}

#[test]
fn a_page_for_every_program() {
    let pages = files(docs());
    for entry in fs::read_dir(docs().join("man")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().replace(".1", "");
        let verb = [
            "-install",
            "-uninstall",
            "-docs",
            "-allow",
            "-deny",
            "-init",
            "-bots",
            "-get",
            "-set",
            "-forget",
        ]
        .iter()
        .find_map(|verb| name.strip_suffix(verb));
        assert!(programs::path(verb.unwrap_or(&name)).exists(), "{name}");
        let page = &pages[&format!("man/{name}.1")];
        for section in [
            "NAME",
            "SYNOPSIS",
            "OPTIONS",
            "\"EXIT STATUS\"",
            "EXAMPLES",
            "\"SEE ALSO\"",
        ] {
            assert!(page.contains(&format!(".SH {section}\n")), "{name} lacks {section}");
        }
        let reads_variables = name != "gh-app-jwt" && !name.starts_with("raxx-keychain");
        assert_eq!(page.contains(".SH ENVIRONMENT\n"), reads_variables, "{name}");
        // As typed: a line of its own for each.
        let examples = page.split(".SH EXAMPLES\n").nth(1).unwrap();
        assert!(examples.split("\n.SH").next().unwrap().contains(".nf\n  "), "{name}");
    }
}
