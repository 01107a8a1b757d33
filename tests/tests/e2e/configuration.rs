//! Where the configuration comes from, and what is wrong with it.

use std::fs;

use serde_json::json;
use tests::sandbox::Sandbox;

use crate::chain::{Told, program};

const MINT: &str = "raxx-mint --bot raxx-dev-bot";

fn without_anything(line: &str) -> Told {
    program(line).run().failure(3)
}

#[test]
fn credentials_that_are_not_set() {
    insta::assert_snapshot!("none", without_anything("infisical-login"));
    insta::assert_snapshot!("none_mint", without_anything(MINT));
    let sandbox = Sandbox::start_with_pooled_keys();
    for (name, variable) in [
        ("no_id", "INFISICAL_CLIENT_ID"),
        ("no_secret", "INFISICAL_CLIENT_SECRET"),
        ("no_project", "INFISICAL_PROJECT_ID"),
    ] {
        insta::assert_snapshot!(name, program(MINT).against(&sandbox).without(variable).run().failure(3));
        let empty = program(MINT).against(&sandbox).env(variable, "").run().failure(3);
        assert!(empty.stderr.contains(&format!("{variable} is not set")), "{empty}");
    }
    assert!(
        sandbox.journal().entries().is_empty(),
        "no request for what this machine lacks"
    );
}

/// Every program that would send them, and what it ends with where it cannot.
const SENDERS: [(&str, i32); 6] = [
    ("infisical-login", 3),
    (MINT, 3),
    ("raxx-mint --all-bots", 3),
    ("with-bot-token raxx-dev-bot true", 125),
    (
        "git-credential-raxx --bot raxx-dev-bot --github-api-url https://api.github.com get",
        3,
    ),
    ("raxx-doctor --bot raxx-dev-bot", 3),
];

#[test]
fn what_cannot_be_a_credential_is_not_sent_by_any_program() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let folder = tempfile::tempdir().unwrap();
    let kinds = [
        "'0a1b2c3d'",
        "op://Private/raxx-agent-dispatcher/client-secret",
        "INFISICAL_CLIENT_SECRET=0a1b2c3d",
        "${SECRET}",
        "<client secret, shown once>",
        "changeme",
        "two words",
    ];
    let variables = [
        "INFISICAL_CLIENT_SECRET",
        "INFISICAL_CLIENT_ID",
        "CF_ACCESS_CLIENT_SECRET",
    ];
    // Every program meets every variable; the kinds take turns.
    let mut turn = kinds.iter().cycle();
    for (line, code) in SENDERS {
        for variable in variables {
            // The other half of a service token makes it one that is sent.
            let run = || {
                let run = program(line)
                    .against(&sandbox)
                    .stdin("protocol=https\nhost=github.com\n\n");
                run.env("CF_ACCESS_CLIENT_ID", "id.access")
            };
            let file = folder.path().join("secret");
            fs::write(&file, turn.next().unwrap()).unwrap();
            let by_value = run().env(variable, turn.next().unwrap());
            let by_file = run().without(variable).env(&format!("{variable}_FILE"), &file);
            for told in [by_value.run(), by_file.run()] {
                assert_eq!(told.code, Some(code), "{told}");
                let said = format!("{}{}", told.stdout, told.stderr);
                assert!(said.contains(variable) && !said.contains("0a1b2c3d"), "{told}");
            }
        }
    }
    let sent = sandbox.journal().to("/api/v1/auth");
    assert!(sent.is_empty(), "{sent:?}");
}

#[test]
fn a_proxy_that_is_no_url_is_refused_and_nothing_of_it_shown() {
    let sandbox = Sandbox::start_with_pooled_keys();
    for url in [
        "http://user:hunter2/x@proxy.example:3128",
        "http://hunter2#x:y@proxy.example",
        "http://proxy.example:70000",
        "http://proxy.example:hunter2",
        "socks5://proxy.example:1080",
    ] {
        for variable in ["HTTPS_PROXY", "all_proxy"] {
            let run = program(MINT)
                .against(&sandbox)
                .env("INFISICAL_HOST", "https://vault.invalid");
            let told = run.env(variable, url).run().failure(3);
            assert!(told.stderr.contains(&format!("{variable} cannot be used")), "{told}");
            assert!(
                !told.stderr.contains("hunter2") && !told.stderr.contains("proxy.example"),
                "{told}"
            );
        }
    }
}

#[test]
fn one_that_counts_is_judged_and_no_other() {
    let sandbox = Sandbox::start_with_pooled_keys();
    // Beside an id and a secret a session's token is none of anybody's affair, and half a service token is not sent.
    for (line, _) in SENDERS {
        let run = program(line)
            .against(&sandbox)
            .stdin("protocol=https\nhost=github.com\n\n");
        let run = run
            .env("INFISICAL_TOKEN", "changeme")
            .env("CF_ACCESS_CLIENT_SECRET", "changeme");
        let told = run.env("GITHUB_API_URL", sandbox.github().base_url()).run();
        assert_ne!(told.code, Some(3), "{told}");
        assert_ne!(told.code, Some(125), "{told}");
    }
    // Where an id is one that cannot be, the token beside it does not stand in for it, and the doctor says so as well.
    let session = sandbox.infisical().open_session();
    for (line, code) in SENDERS {
        let run = program(line)
            .against(&sandbox)
            .stdin("protocol=https\nhost=github.com\n\n");
        let run = run
            .env("INFISICAL_CLIENT_ID", "<client-id>")
            .without("INFISICAL_CLIENT_SECRET");
        assert_eq!(run.env("INFISICAL_TOKEN", &session).run().code, Some(code), "{line}");
    }
    // Each name that serves is judged.
    for variable in [
        "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET",
        "INFISICAL_UNIVERSAL_AUTH_CLIENT_ID",
        "INFISICAL_TOKEN",
    ] {
        for (line, code) in SENDERS {
            let mut run = program(line)
                .against(&sandbox)
                .stdin("protocol=https\nhost=github.com\n\n");
            let replaced: &[&str] = match variable {
                "INFISICAL_TOKEN" => &["INFISICAL_CLIENT_ID", "INFISICAL_CLIENT_SECRET"],
                "INFISICAL_UNIVERSAL_AUTH_CLIENT_ID" => &["INFISICAL_CLIENT_ID"],
                _ => &["INFISICAL_CLIENT_SECRET"],
            };
            for name in replaced {
                run = run.without(name);
            }
            let told = run.env(variable, "${SECRET}").run();
            assert_eq!(told.code, Some(code), "{told}");
            assert!(format!("{}{}", told.stdout, told.stderr).contains(variable), "{told}");
        }
    }
}

#[test]
fn an_address_that_is_none_is_told_as_such_and_asked_for_nothing() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let cases = [
        ("https:/vault.raxx.app", "lacks a part of https://"),
        ("https//vault.raxx.app", "lacks a part of https://"),
        ("https://vault.raxx.app:99999", "its port is none"),
        (
            "https://app.infisical.com/organization/projects",
            "a page of Infisical's web interface",
        ),
        ("https://eu.infisical.com/login", "set it to https://eu.infisical.com"),
        (
            "https://vault.raxx.app/projects/secret-management/1/overview",
            "set it to https://vault.raxx.app",
        ),
        (
            "https://vault.raxx.app/organization/projects",
            "set it to https://vault.raxx.app",
        ),
        ("\"https://vault.raxx.app\"", "without the quotes"),
    ];
    for (host, says) in cases {
        for line in ["infisical-login", MINT, "raxx-doctor"] {
            let told = program(line).against(&sandbox).env("INFISICAL_HOST", host).run();
            assert_eq!(told.code, Some(3), "{told}");
            assert!(
                format!("{}{}", told.stdout, told.stderr).contains(says),
                "{says}: {told}"
            );
        }
    }
    assert!(sandbox.infisical().journal().to("/api/v1/auth").is_empty());
    // Below which path a proxy puts a server of one's own is its affair.
    for path in ["/secret-manager", "/projects", "/admin", "/infisical"] {
        let host = sandbox.infisical().base_url() + path;
        let told = program("infisical-login")
            .against(&sandbox)
            .env("INFISICAL_HOST", host)
            .run();
        assert!(!told.stderr.contains("web interface"), "{told}");
    }
}

#[test]
fn secrets_come_from_files_too() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        fs::write(folder.path().join(name), content).unwrap();
        folder.path().join(name)
    };
    let run = |name: &str, content: &str| {
        let path = file(name, content);
        let shown = path.to_str().unwrap().to_owned();
        program(MINT)
            .against(&sandbox)
            .without("INFISICAL_CLIENT_SECRET")
            .named(shown, "[file]")
            .env("INFISICAL_CLIENT_SECRET_FILE", path)
            .run()
    };
    run("good", &format!("{}\n", sandbox.identity().client_secret)).success();
    insta::assert_snapshot!("file_empty", run("empty", "\n").failure(3));
    insta::assert_snapshot!("file_large", run("large", &"x".repeat(70_000)).failure(3));
    let missing = program(MINT)
        .against(&sandbox)
        .without("INFISICAL_CLIENT_SECRET")
        .env("INFISICAL_CLIENT_SECRET_FILE", "/nowhere/secret");
    insta::assert_snapshot!("file_missing", missing.run().failure(3));
    let both = program(MINT)
        .against(&sandbox)
        .env("INFISICAL_CLIENT_SECRET_FILE", "/nowhere/secret");
    insta::assert_snapshot!("file_and_variable", both.run().failure(3));
}

#[test]
fn the_names_of_infisicals_own_cli_serve_as_well() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let identity = sandbox.identity();
    program(MINT)
        .against(&sandbox)
        .without("INFISICAL_CLIENT_ID")
        .without("INFISICAL_CLIENT_SECRET")
        .without("INFISICAL_HOST")
        .env("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", &identity.client_id)
        .env("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", &identity.client_secret)
        .env("INFISICAL_API_URL", format!("{}/api", sandbox.infisical().base_url()))
        .env("INFISICAL_CUSTOM_HEADERS", "X-Front-Door=open  X-Other=1=2")
        .run()
        .success();
    let login = &sandbox.journal().to("/login")[0];
    assert_eq!(
        (login.header("x-front-door"), login.header("x-other")),
        (Some("open"), Some("1=2"))
    );
}

/// What their CLI reads today, and how it takes a value of several words.
#[test]
fn the_newer_names_of_infisicals_cli_lead_to_the_same_server_environment_and_headers() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let run = |program_line: &str, host: &str, headers: &str| {
        program(program_line)
            .against(&sandbox)
            .without("INFISICAL_HOST")
            .env(host, sandbox.infisical().base_url())
            .env("INFISICAL_API_URL", "http://127.0.0.1:9")
            .env("INFISICAL_ENVIRONMENT", "staging")
            .env("INFISICAL_CUSTOM_HEADERS", headers)
            .run()
    };
    let headers = "X-Front-Door=\"open, please\"\tX-Other='1=2'  X-Plain=3";
    for host in ["INFISICAL_DOMAIN", "INFISICAL_HOST"] {
        let asked = sandbox.journal().entries().len();
        let told = run(MINT, host, headers);
        // There is no such environment in the sandbox; that it was asked for is the point.
        assert!(told.stderr.contains("environment staging"), "{told}");
        let entries = sandbox.journal().entries();
        for request in entries.iter().skip(asked) {
            assert_eq!(
                ["x-front-door", "x-other", "x-plain"].map(|name| request.header(name)),
                [Some("open, please"), Some("1=2"), Some("3")]
            );
        }
        assert!(entries.len() > asked);
    }
    for bad in [
        "X-Front-Door=\"open",
        "X-Front-Door=\"open\"now",
        "=x",
        "X-Front-Door",
        "Authorization=x",
        "X-A=1 authorization='Bearer x'",
    ] {
        let asked = sandbox.journal().entries().len();
        let told = run(MINT, "INFISICAL_DOMAIN", bad).failure(3);
        assert!(
            told.stderr.contains("INFISICAL_CUSTOM_HEADERS cannot be used"),
            "{bad}: {told}"
        );
        assert_eq!(sandbox.journal().entries().len(), asked, "{bad}");
    }
}

#[test]
fn a_session_from_elsewhere_needs_no_credentials() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let session = program("infisical-login").against(&sandbox).run().document();
    let told = program("infisical-login")
        .against(&sandbox)
        .without("INFISICAL_CLIENT_ID")
        .without("INFISICAL_CLIENT_SECRET")
        .env("INFISICAL_TOKEN", session["access_token"].as_str().unwrap())
        .run()
        .document();
    assert_eq!(told["access_token"], session["access_token"]);
    // The token says itself when it ends, within the second in which it was made.
    let [given, asked] =
        [&told, &session].map(|it| it["expires_at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap());
    assert!(given.duration_since(asked).as_secs().abs() <= 2, "{given} {asked}");
    assert_eq!(
        sandbox.journal().to("/login").len(),
        1,
        "the second session was not asked for"
    );
}

#[test]
fn a_host_is_taken_as_people_write_it() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let base = sandbox.infisical().base_url();
    for host in [
        base.clone(),
        format!("{base}/"),
        format!("{base}/api"),
        format!("{base}/api/"),
    ] {
        let session = program("infisical-login")
            .against(&sandbox)
            .env("INFISICAL_HOST", &host)
            .run()
            .document();
        assert_eq!(session["host"], json!(base), "{host}");
        let session = program("infisical-login --infisical-host")
            .arg(&host)
            .against(&sandbox)
            .without("INFISICAL_HOST")
            .run()
            .document();
        assert_eq!(session["host"], json!(base), "{host}");
    }
}

#[test]
fn values_that_cannot_be_used() {
    let sandbox = Sandbox::start_with_pooled_keys();
    for (name, variable, value) in [
        ("plain_http", "INFISICAL_HOST", "http://vault.raxx.app"),
        (
            "password_in_url",
            "INFISICAL_HOST",
            "https://user:hunter2@vault.raxx.app",
        ),
        (
            "github_with_query",
            "GITHUB_API_URL",
            "https://api.github.com?token=hunter2",
        ),
        ("proxy", "HTTPS_PROXY", "socks5://hunter2"),
        ("roots_missing", "SSL_CERT_FILE", "/nowhere/roots.pem"),
        ("roots_empty", "SSL_CERT_FILE", "/dev/null"),
        ("custom_headers", "INFISICAL_CUSTOM_HEADERS", "hunter2"),
    ] {
        let told = program(MINT).against(&sandbox).env(variable, value).run().failure(3);
        assert!(!told.stderr.contains("hunter2"), "{told}");
        insta::assert_snapshot!(format!("invalid_{name}"), told);
    }
}

#[test]
fn a_command_line_that_cannot_be_followed() {
    insta::assert_snapshot!(
        "unknown_flag",
        program("raxx-mint --bots raxx-dev-bot").run().failure(2)
    );
    insta::assert_snapshot!(
        "unknown_flag_json",
        program("gh-app-jwt --bogus --error-format json").run().failure(2)
    );
    insta::assert_snapshot!("no_bot_json", program("raxx-mint --error-format=json").run().failure(2));
    insta::assert_snapshot!("no_bot_mint", program("raxx-mint").run().failure(2));
}
