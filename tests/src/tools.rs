//! Programs of other people's that some tests need: git, gh, jq and the like.

use std::env;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::thread;

/// Set to 1 where nothing may be left untried, as the gate does.
const ALL_OF_THEM: &str = "RAXX_TESTS_NEED_ALL";

/// Whether PATH has a program of that name.
pub fn has(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|directory| directory.join(program).is_file())
}

/// Whether all of them are here. Where one is missing, that the running test was not tried is said by its name, past the
/// harness, which shows only what a failing test says.
///
/// # Panics
/// Where one is missing and nothing may be left untried.
pub fn are_here(programs: &[&str]) -> bool {
    let missing: Vec<_> = programs.iter().copied().filter(|program| !has(program)).collect();
    if missing.is_empty() {
        return true;
    }
    let test = thread::current().name().unwrap_or("a test").to_owned();
    let word = format!("not tried: {test}, which needs {}\n", missing.join(" and "));
    assert!(env::var_os(ALL_OF_THEM).is_none_or(|value| value != "1"), "{word}");
    // Where standard error is closed there is nobody to tell.
    let _ = std::io::stderr().write_all(word.as_bytes());
    false
}

/// A directory to stand last on PATH, in which a `gh` and a `git` say their version and can do nothing else: for what only
/// looks whether they are there.
pub fn stand_ins() -> &'static PathBuf {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let directory = crate::programs::directory().join("stand-ins");
        fs::create_dir_all(&directory).expect("a directory beside the programs");
        for program in ["gh", "git"] {
            let script = format!("#!/bin/sh\n[ \"$1\" != --version ] || echo {program} version 0\n");
            let path = directory.join(program);
            // By rename: another test's process may be running it.
            let new = directory.join(format!("{program}.{}", std::process::id()));
            fs::write(&new, script).expect("it can be written");
            fs::set_permissions(&new, fs::Permissions::from_mode(0o755)).expect("its mode can be set");
            fs::rename(&new, &path).expect("it can be put in place");
        }
        directory
    })
}
