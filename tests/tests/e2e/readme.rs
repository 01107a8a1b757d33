//! What the README shows, run as it stands there.

use std::fs;
use std::path::Path;

use crate::chain::shell;
use crate::git::Workshop;

/// The blocks of shell below a heading.
fn blocks(heading: &str) -> Vec<String> {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    let section = readme
        .split("\n## ")
        .find(|section| section.starts_with(heading))
        .unwrap();
    let parts = section.split("```sh\n").skip(1);
    parts.map(|part| part.split_once("```").unwrap().0.to_owned()).collect()
}

#[test]
fn completions_and_pages_are_put_in_their_places() {
    let home = tempfile::tempdir().unwrap();
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    // What every archive and package is made with.
    shell("packaging/share.sh \"$HOME/.local\"")
        .inside(here)
        .env("HOME", home.path())
        .run()
        .success();
    for file in [
        "man/man1/raxx-doctor.1",
        "bash-completion/completions/with-bot-token",
        "fish/vendor_completions.d/raxx-mint.fish",
        "zsh/site-functions/_git-credential-raxx",
        "doc/raxx-mint/LICENSE-MIT",
    ] {
        assert!(home.path().join(".local/share").join(file).is_file(), "{file}");
    }
}

#[test]
fn daily_use_works_line_by_line() {
    needs!("gh", "git");
    let workshop = Workshop::new();
    let runtime = tempfile::tempdir_in("/dev/shm").unwrap();
    // In a clone with something to commit, as a person would be.
    let before = "git config --global user.name x; git config --global user.email x@example.com\n\
                  with-bot-token --git raxx-dev-bot git clone -q \"$URL\" \"$HOME/here\"\n\
                  cd \"$HOME/here\"; echo one > file; git add file; git commit -qm one; echo two > file\n";
    let blocks = blocks("Daily use");
    assert!(blocks.len() >= 5, "{blocks:?}");
    for block in blocks {
        // The sandbox is no github.com, and needs another folder for each block.
        let block = block.replace("https://github.com", &format!("https://{}", workshop.host()));
        let _ = fs::remove_dir_all(workshop.home.path().join("here"));
        let _ = fs::remove_file(workshop.home.path().join(".gitconfig"));
        let run = workshop.environment(shell(&format!("set -eo pipefail\n{before}{block}")));
        run.env("XDG_RUNTIME_DIR", runtime.path()).run().success();
    }
}
