//! The workspace's own programs: where they are, and how they get there on a fresh clone.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The directory of the programs of the running profile: `target/debug`, `target/release`, …
pub fn directory() -> PathBuf {
    let running = std::env::current_exe().expect("the path of the running program");
    let directory = running.parent().expect("a program stands in a directory");
    // Cargo puts tests one level deeper than programs.
    let directory = if directory.ends_with("deps") {
        directory.parent().expect("deps stands in one")
    } else {
        directory
    };
    directory.to_owned()
}

/// The path of a program, which [`build`] makes.
pub fn path(name: &str) -> PathBuf {
    directory().join(name).with_extension(std::env::consts::EXE_EXTENSION)
}

/// Builds the workspace's programs, once a process, in the profile that is running.
///
/// `cargo run --package tests` and `cargo test --package tests` build no other package's programs; this does. Without
/// the variable `CARGO`, which Cargo sets for what it runs, it takes the programs as they are.
pub fn build() {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        if let Some(cargo) = std::env::var_os("CARGO") {
            let status = cargo_build(Path::new(&cargo), &directory())
                .status()
                .expect("cargo to start");
            assert!(status.success(), "cargo build failed: {status}");
        }
    });
}

fn cargo_build(cargo: &Path, directory: &Path) -> Command {
    let mut build = Command::new(cargo);
    // This package stays out: its program may be the one that is running.
    build.args([
        "build",
        "--quiet",
        "--workspace",
        "--exclude",
        "tests",
        "--bins",
        "--target-dir",
    ]);
    build.arg(
        directory
            .parent()
            .expect("a profile's directory stands in the target directory"),
    );
    build
        .arg("--manifest-path")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("Cargo.toml"));
    let profile = directory.file_name().expect("a profile's directory has a name");
    build
        .arg("--profile")
        .arg(if profile == "debug" { "dev".as_ref() } else { profile });
    build
}
