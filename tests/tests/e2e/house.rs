//! The house as design.md draws it: who imports whom, and what stands where.

use std::process::Command;

use serde_json::Value;

/// Imports run one way, towards the front of this list; what stands on one line does not import its neighbours.
const FLOORS: [&[&str]; 6] = [
    &["plumbing"],
    &["servers", "token-cache", "git-door"],
    &[
        "infisical-login",
        "infisical-fetch",
        "gh-app-jwt",
        "gh-install-token",
        "raxx-keychain",
    ],
    &["raxx-mint"],
    &["with-bot-token", "git-credential-raxx", "raxx-doctor", "raxx-provision"],
    &["raxx-pages"],
];

fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").expect("cargo runs the tests");
    let output = Command::new(cargo)
        .args(arguments)
        .args(["--offline", "--locked", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_signer_has_no_network_in_its_tree() {
    let tree = cargo(&[
        "tree",
        "--package",
        "gh-app-jwt",
        "--edges",
        "normal",
        "--prefix",
        "none",
    ]);
    assert!(tree.contains("jsonwebtoken "), "{tree}");
    for network in ["ureq", "rustls", "webpki", "servers", "tiny_http"] {
        assert!(!tree.contains(network), "{network} in {tree}");
    }
}

#[test]
fn imports_run_one_way() {
    let metadata: Value = serde_json::from_str(&cargo(&["metadata", "--no-deps", "--format-version", "1"])).unwrap();
    let floor = |name: &str| FLOORS.iter().position(|floor| floor.contains(&name));
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let Some(own) = floor(name) else {
            assert_eq!(name, "tests", "a crate that the plan does not know");
            continue;
        };
        for dependency in package["dependencies"].as_array().unwrap() {
            if dependency["kind"] == "dev" {
                continue;
            }
            let imported = dependency["name"].as_str().unwrap();
            assert_ne!(imported, "tests", "{name}");
            assert!(
                floor(imported).is_none_or(|theirs| theirs < own),
                "{name} imports {imported}"
            );
        }
    }
}

#[test]
fn every_crate_says_what_it_is_in_one_place() {
    let metadata: Value = serde_json::from_str(&cargo(&["metadata", "--no-deps", "--format-version", "1"])).unwrap();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        assert!(
            package["description"].as_str().is_some_and(|text| text.len() > 20),
            "{name} has no description"
        );
        let folder = std::path::Path::new(package["manifest_path"].as_str().unwrap())
            .parent()
            .unwrap()
            .to_owned();
        let readme = std::fs::read_to_string(folder.join("README.md")).unwrap_or_default();
        assert!(readme.len() > 100, "{name} has no README.md");
        let library = std::fs::read_to_string(folder.join("src/lib.rs"))
            .or_else(|_| std::fs::read_to_string(folder.join("src/main.rs")))
            .unwrap();
        assert!(
            library.starts_with("#![doc = include_str!(\"../README.md\")]\n"),
            "{name}: its docs are its README"
        );
    }
}
