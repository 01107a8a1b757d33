//! The flags as they are documented in the programs themselves.

use crate::chain::program;

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
