//! What a process may not have: open files, room in a file, an output, rights for others.

use std::path::Path;

use tests::sandbox::Sandbox;

use crate::chain::{Run, shell};

const MINTS: [&str; 4] = [
    "raxx-mint --bot raxx-dev-bot",
    "raxx-mint --all-bots --json",
    "with-bot-token raxx-dev-bot true",
    "printf 'protocol=http\\nhost=x\\n' | git-credential-raxx --bot raxx-dev-bot get",
];

fn with_a_runtime_directory(sandbox: &Sandbox, line: &str, runtime: &Path) -> Run {
    shell(line).against(sandbox).env("XDG_RUNTIME_DIR", runtime)
}

#[test]
fn too_few_open_files_are_told_as_such_or_are_enough() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let runtime = tempfile::tempdir_in("/dev/shm").unwrap();
    for files in 5..12 {
        for program in MINTS {
            let line = format!("ulimit -n {files}; {program}");
            let told = with_a_runtime_directory(&sandbox, &line, runtime.path())
                .env("RAXX_MINT_CACHE", "off")
                .run();
            // With fewest bash itself cannot make a pipe, nor the loader open a library.
            let never_ran = told.stderr.starts_with("bash: ") || told.stderr.contains("loading shared libraries");
            if told.code == Some(0) || never_ran {
                continue;
            }
            assert!(told.stderr.contains("Too many open files"), "{told}");
            assert!(
                !told.stderr.contains("network") && !told.stderr.contains("defect"),
                "{told}"
            );
        }
    }
}

#[test]
fn a_file_that_may_not_grow_ends_nobody() {
    let sandbox = Sandbox::start_with_pooled_keys();
    for program in MINTS {
        let runtime = tempfile::tempdir_in("/dev/shm").unwrap();
        let line = format!("ulimit -f 0; {program}");
        with_a_runtime_directory(&sandbox, &line, runtime.path())
            .run()
            .success();
    }
    let before = sandbox.github().live_tokens();
    let programs = [
        "with-bot-token --renew raxx-dev-bot true",
        "with-bot-token --revoke --git raxx-dev-bot true",
    ];
    // Several times, since the kernel's signal for such a write races with the write's own error.
    for program in programs.into_iter().cycle().take(20) {
        let runtime = tempfile::tempdir_in("/dev/shm").unwrap();
        let line = format!("ulimit -f 0; {program}");
        let told = with_a_runtime_directory(&sandbox, &line, runtime.path()).run();
        let told = told.failure(125);
        assert!(told.stderr.contains("File too large"), "{told}");
    }
    assert_eq!(
        sandbox.github().live_tokens(),
        before,
        "what is not run with is revoked"
    );
}

#[test]
fn an_output_that_is_closed_loses_nothing_without_a_word() {
    let sandbox = Sandbox::start_with_pooled_keys();
    for program in [
        "raxx-mint --bot raxx-dev-bot",
        "raxx-mint --bot raxx-dev-bot --json",
        "infisical-login",
        "infisical-fetch --bot raxx-dev-bot",
        "git-credential-raxx --bot raxx-dev-bot capability < /dev/null",
        "raxx-doctor --json",
    ] {
        let session = if program.contains("fetch") {
            "infisical-login | "
        } else {
            ""
        };
        let told = shell(&format!("{session}{program} >&-")).against(&sandbox).run();
        assert_ne!(told.code, Some(0), "{told}");
        assert!(told.stderr.contains("standard output is closed"), "{told}");
        shell(&format!("{session}{program} > /dev/null"))
            .against(&sandbox)
            .run()
            .success();
    }
}

/// For this user all, for others nothing, whatever the umask.
#[test]
fn whatever_the_umask_folders_and_files_are_this_users() {
    needs!("git");
    let sandbox = Sandbox::start_with_pooled_keys();
    for umask in ["777", "277", "077", "022", "000"] {
        let runtime = tempfile::tempdir_in("/dev/shm").unwrap();
        let look = "find \"$XDG_RUNTIME_DIR\" ! -type l -printf '%m %y %P\\n'";
        let line = format!(
            "umask {umask}; raxx-mint --bot raxx-dev-bot > /dev/null; with-bot-token --git raxx-dev-bot true; with-bot-token --renew \
             --git raxx-dev-bot sh -c \"{}\"",
            look.replace('"', "\\\"")
        );
        let found = with_a_runtime_directory(&sandbox, &line, runtime.path())
            .run()
            .success();
        assert!(found.lines().count() > 8, "{found}");
        for entry in found.lines().filter(|entry| !entry.ends_with(" d ")) {
            let is_right = entry.starts_with("700 d") || entry.starts_with("600 f");
            // A lock holds nothing.
            assert!(is_right || entry.contains(".lock"), "umask {umask}: {entry}");
        }
    }
}
