//! Credentials from the system's keychain: GNOME's, on a bus of the test's own.

use std::fs;
use std::path::Path;

use tests::sandbox::Sandbox;

use crate::chain::{Run, shell};

/// Every way to a token, and what it ends with where there are no credentials.
const WAYS: [(&str, i32); 6] = [
    (
        "set -o pipefail; infisical-login | infisical-fetch --bot raxx-dev-bot | gh-app-jwt | gh-install-token",
        4,
    ),
    ("raxx-mint raxx-dev-bot", 3),
    ("raxx-mint --all-bots", 3),
    ("with-bot-token raxx-dev-bot true", 125),
    (
        "printf 'protocol=https\\nhost=%s\\n' $GIT_HOST | git-credential-raxx --bot raxx-dev-bot get",
        3,
    ),
    ("raxx-doctor raxx-dev-bot", 3),
];

/// A line of shell on a bus with a keychain that is open.
fn with_keychain(line: &str) -> Run {
    let unlock = "printf 'a password' | gnome-keyring-daemon --unlock --components=secrets > /dev/null 2>&1";
    let line = format!("{unlock}\n{line}").replace('\'', "'\\''");
    shell(&format!(
        "dbus-run-session -- bash -c '{line}' 2> >(grep -v ^dbus-daemon >&2)"
    ))
}

fn at(run: Run, home: &Path, sandbox: &Sandbox) -> Run {
    run.without("RAXX_CONFIG")
        .env("HOME", home)
        .env("XDG_RUNTIME_DIR", home)
        .env("RAXX_MINT_CACHE", "off")
        .env("GIT_HOST", sandbox.github().address().to_string())
        .env("INFISICAL_HOST", sandbox.infisical().base_url())
        .env("GITHUB_API_URL", sandbox.github().base_url())
        .env("INFISICAL_PROJECT_ID", sandbox.infisical().settings().project_id)
}

fn says_so(home: &Path) {
    let folder = home.join(".config/raxx");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), "keychain = true\n").unwrap();
}

#[test]
fn what_is_kept_serves_every_program_and_not_the_bots_command() {
    needs!("dbus-run-session", "gnome-keyring-daemon");
    let sandbox = Sandbox::start_with_pooled_keys();
    let identity = sandbox.identity();
    let home = tempfile::tempdir().unwrap();
    let keep = "printf $ID | raxx-keychain set INFISICAL_CLIENT_ID; printf $SECRET | raxx-keychain set INFISICAL_CLIENT_SECRET";
    let run = |line: &str| {
        let line = format!("set -e; {keep}; {line}");
        let run = at(with_keychain(&line), home.path(), &sandbox);
        run.env("ID", &identity.client_id)
            .env("SECRET", &identity.client_secret)
            .run()
    };
    // Nobody asks it unless the user's file says so.
    assert!(run("raxx-mint raxx-dev-bot").stderr.contains("are not set"));
    says_so(home.path());
    for (line, _) in WAYS {
        run(line).success();
    }
    let told = run("raxx-doctor raxx-dev-bot").success();
    assert!(
        told.contains("INFISICAL_CLIENT_SECRET: 64 characters, from the keychain"),
        "{told}"
    );
    // What a variable says goes before.
    let told = run("INFISICAL_CLIENT_SECRET=wrong raxx-mint raxx-dev-bot");
    assert!(told.stderr.contains("HTTP 401"), "{told}");
    // The command was not to have them: not by the programs that it starts.
    let told = run("with-bot-token raxx-dev-bot raxx-mint raxx-ops-bot");
    assert!(told.stderr.contains("are not set") && told.code == Some(3), "{told}");
    assert_eq!(
        run("with-bot-token raxx-dev-bot with-bot-token raxx-dev-bot echo bot").success(),
        "bot\n"
    );
    let told = run("with-bot-token raxx-dev-bot raxx-keychain get");
    assert!(
        told.stderr.contains("inside a bot's command") && told.code == Some(3),
        "{told}"
    );
    // Unless they were to be kept.
    let inner = "with-bot-token --keep-credentials raxx-dev-bot with-bot-token raxx-ops-bot echo ops";
    assert_eq!(run(inner).success(), "ops\n");
    // What a file or another name says is not contradicted inside.
    let inner = "printf $SECRET > \"$HOME/secret\"; INFISICAL_CLIENT_SECRET_FILE=$HOME/secret INFISICAL_UNIVERSAL_AUTH_CLIENT_ID=$ID \
                 with-bot-token --keep-credentials raxx-dev-bot sh -c \
                 \"printenv INFISICAL_CLIENT_SECRET INFISICAL_CLIENT_ID; with-bot-token raxx-ops-bot echo ops\"";
    assert_eq!(run(inner).success(), "ops\n");
    // A half is told as such, where it is to be had from.
    for line in [
        "raxx-mint raxx-dev-bot",
        "with-bot-token raxx-dev-bot true",
        "raxx-doctor raxx-dev-bot",
    ] {
        let told = run(&format!(
            "raxx-keychain forget INFISICAL_CLIENT_SECRET 2> /dev/null; {line}"
        ));
        assert!(
            format!("{told}").contains("`raxx-keychain set INFISICAL_CLIENT_SECRET`, or export it"),
            "{told}"
        );
        assert_ne!(told.code, Some(0), "{told}");
    }
    // Masked at a terminal, whole in a pipe, gone when they are forgotten.
    let told = run("raxx-keychain get | jq -r .INFISICAL_CLIENT_SECRET; raxx-keychain forget; raxx-keychain forget");
    assert_eq!(
        (told.stdout.trim(), told.code),
        (identity.client_secret.as_str(), Some(3)),
        "{told}"
    );
    for (line, code) in WAYS {
        let told = run(&format!("raxx-keychain forget > /dev/null 2>&1; {line}"));
        assert_eq!(told.code, Some(code), "{told}");
    }
}

#[test]
fn where_there_is_no_keychain_nothing_is_run_and_nothing_sent() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let home = tempfile::tempdir().unwrap();
    says_so(home.path());
    for (line, code) in WAYS {
        let told = at(shell(line), home.path(), &sandbox)
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
            .run();
        assert_eq!(told.code, Some(code), "{told}");
        assert!(
            format!("{told}").contains("the system's keychain is not available"),
            "{told}"
        );
    }
    assert!(sandbox.journal().to("/universal-auth").is_empty());
    // Who has the credentials in variables, or a session, needs none.
    let identity = sandbox.identity();
    let session = sandbox.infisical().open_session();
    for (line, _) in WAYS {
        let away = || at(shell(line), home.path(), &sandbox).env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
        let with = away().env("INFISICAL_CLIENT_ID", &identity.client_id);
        with.env("INFISICAL_CLIENT_SECRET", &identity.client_secret)
            .run()
            .success();
        away().env("INFISICAL_TOKEN", &session).run().success();
    }
    // A repository has no say in it.
    let repository = tempfile::tempdir().unwrap();
    fs::write(repository.path().join(".raxx.toml"), "keychain = true\n").unwrap();
    let told = at(shell("raxx-mint allow"), home.path(), &sandbox)
        .inside(repository.path())
        .run();
    assert!(
        told.stderr.contains("keychain may be set only in the user's own file"),
        "{told}"
    );
}
