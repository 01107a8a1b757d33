//! The flags as they are documented in the programs themselves.

use crate::chain::program;

/// Arguments are shown to everybody by `ps`.
#[test]
fn no_flag_takes_a_secret() {
    for (name, code) in [
        ("infisical-login", 2),
        ("infisical-fetch", 2),
        ("raxx-mint", 2),
        ("raxx-doctor", 2),
        ("raxx-keychain", 2),
        ("raxx-provision", 2),
        ("with-bot-token", 125),
    ] {
        for flag in [
            "--client-secret",
            "--client-id",
            "--private-key",
            "--token",
            "--access-token",
        ] {
            let told = program(&format!("{name} {flag}=x")).run();
            assert_eq!(told.code, Some(code), "{told}");
            assert!(told.stderr.contains("unexpected argument"), "{told}");
        }
    }
}

#[test]
fn every_program_documents_its_flags() {
    for name in [
        "infisical-login",
        "infisical-fetch",
        "gh-app-jwt",
        "gh-install-token",
        "raxx-mint",
        "with-bot-token",
        "git-credential-raxx",
        "raxx-doctor",
        "raxx-keychain",
        "raxx-provision",
    ] {
        insta::assert_snapshot!(
            format!("{name}_help"),
            program(&format!("{name} --help")).run().success()
        );
        insta::assert_snapshot!(format!("{name}_h"), program(&format!("{name} -h")).run().success());
        let version = program(&format!("{name} --version")).run().success();
        assert_eq!(version, format!("{name} {}\n", env!("CARGO_PKG_VERSION")));
    }
}
