//! Steps 3 and 4: the signature, the exchange, and every way in which GitHub refuses.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::github::{Settings, TokenShape};
use tests::keys::{BotKey, refused};
use tests::sandbox::Sandbox;
use tests::script::Canned;

use crate::chain::{Run, Told, program, shell};

fn secrets(sandbox: &Sandbox) -> Value {
    let bot = sandbox.bot("raxx-dev-bot");
    json!({ "APP_ID": bot.app_id, "INSTALLATION_ID": bot.installation_id, "PRIVATE_KEY_PEM": bot.key.pkcs1_pem() })
}

/// Signs these secrets and hands the JWT to a `gh-install-token` that is yet to be run.
fn exchange_of(secrets: &Value, flags: &str, sandbox: &Sandbox) -> Run {
    let jwt = program("gh-app-jwt").stdin(secrets.to_string()).run().success();
    program(&format!("gh-install-token {flags}"))
        .against(sandbox)
        .stdin(jwt)
}

fn exchange(flags: &str, sandbox: &Sandbox) -> Run {
    exchange_of(&secrets(sandbox), flags, sandbox)
}

fn changed(change: impl FnOnce(&mut Settings)) -> Sandbox {
    let sandbox = Sandbox::start_with_pooled_keys();
    sandbox.github().change(change);
    sandbox
}

fn refused_by(change: impl FnOnce(&mut Settings)) -> Told {
    exchange("", &changed(change)).run().failure(14)
}

fn refused_with(answer: Canned) -> Told {
    let sandbox = Sandbox::start_with_pooled_keys();
    sandbox.github().answer_next("/access_tokens", 3, answer);
    exchange("", &sandbox).run().failure(14)
}

fn message(status: u16, message: &str) -> Canned {
    Canned::new(status).json(
        &json!({ "message": message, "documentation_url": "https://docs.github.com", "status": status.to_string() }),
    )
}

#[test]
fn a_token_of_either_shape_is_good_for_the_api() {
    for (shape, lengths) in [(TokenShape::Classic, 40..=40), (TokenShape::Stateless, 400..=700)] {
        let sandbox = changed(|settings| settings.token_shape = shape);
        let token = exchange("", &sandbox).run().document();
        let value = token["token"].as_str().unwrap();
        assert!(
            lengths.contains(&value.len()) && sandbox.github().is_live(value),
            "{shape:?}: {}",
            value.len()
        );
        assert_eq!(
            (&token["app_id"], &token["installation_id"]),
            (&json!("3501352"), &json!("101"))
        );
        assert_eq!(token["github_api_url"], json!(sandbox.github().base_url()));
        assert_eq!(token["permissions"]["contents"], json!("write"));
        assert!(token.get("repositories").is_none(), "only when scoped");
    }
}

#[test]
fn the_scope_is_sent_as_github_names_it() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let id = sandbox.github().settings().installations[0].repositories[1].id;
    let flags = format!("--repo raxx --repository-id {id} --permission pull-requests=read --permission contents=write");
    let token = exchange(&flags, &sandbox).run().document();
    assert_eq!(
        token["permissions"],
        json!({ "contents": "write", "pull_requests": "read" })
    );
    assert_eq!(
        token["repositories"],
        json!(["MooseQuest/raxx", "MooseQuest/raxx-mint"])
    );
    let sent = sandbox.journal().to("POST /app")[0].json();
    let expected = json!({ "repositories": ["raxx"], "repository_ids": [id],
        "permissions": { "pull_requests": "read", "contents": "write" } });
    assert_eq!(sent, expected);
}

#[test]
fn an_unscoped_exchange_has_no_body_and_the_headers_that_github_asks_for() {
    let sandbox = Sandbox::start_with_pooled_keys();
    exchange("", &sandbox).run().success();
    let request = &sandbox.journal().to("POST /app")[0];
    assert!(request.body.is_empty());
    assert_eq!(request.header("accept"), Some("application/vnd.github+json"));
    assert_eq!(request.header("x-github-api-version"), Some("2022-11-28"));
    exchange("--github-api-version 2026-03-10", &sandbox).run().success();
    let request = &sandbox.journal().to("POST /app")[1];
    assert_eq!(request.header("x-github-api-version"), Some("2026-03-10"));
}

#[test]
fn an_enterprise_server_and_a_client_id() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let mut secrets = secrets(&sandbox);
    secrets["APP_ID"] = json!(sandbox.github().settings().apps[0].client_id);
    let base = format!("{}/api/v3/", sandbox.github().base_url());
    let token = exchange_of(&secrets, "", &sandbox)
        .env("GITHUB_API_URL", &base)
        .run()
        .document();
    assert_eq!(token["github_api_url"], json!(base.trim_end_matches('/')));
    assert_eq!(
        sandbox.journal().entries()[0].path,
        "/api/v3/app/installations/101/access_tokens"
    );
}

#[test]
fn a_scope_that_the_installation_does_not_have() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let cases = [
        ("unknown_permission", "--permission teleportation=read"),
        ("level_too_high", "--permission issues=write"),
        ("unknown_repository", "--repo raxx --repo nope"),
    ];
    for (name, flags) in cases {
        insta::assert_snapshot!(name, exchange(flags, &sandbox).run().failure(14));
    }
}

#[test]
fn a_scope_that_cannot_be_asked_for() {
    let sandbox = Sandbox::start_with_pooled_keys();
    for (name, flags) in [
        ("repository_with_owner", "--repo MooseQuest/raxx"),
        ("permission_without_level", "--permission contents"),
        ("permission_with_odd_level", "--permission contents=all"),
        ("version_that_is_no_date", "--github-api-version latest"),
        ("repository_id_with_letters", "--repository-id raxx"),
    ] {
        insta::assert_snapshot!(name, exchange(flags, &sandbox).run().failure(2));
    }
    assert!(sandbox.journal().entries().is_empty());
}

#[test]
fn another_apps_key() {
    insta::assert_snapshot!(refused_by(
        |settings| settings.app(3_501_352).key = Some(BotKey::pooled(3))
    ));
}

#[test]
fn an_app_without_a_key() {
    insta::assert_snapshot!(refused_by(|settings| settings.app(3_501_352).key = None));
}

#[test]
fn a_suspended_installation() {
    insta::assert_snapshot!(refused_by(|settings| settings.installation(101).suspended = true));
}

#[test]
fn ids_that_github_does_not_know() {
    let sandbox = Sandbox::start_with_pooled_keys();
    for (name, field, id) in [
        ("unknown_app", "APP_ID", 17),
        ("unknown_installation", "INSTALLATION_ID", 999),
        ("other_apps_installation", "INSTALLATION_ID", 102),
    ] {
        let mut secrets = secrets(&sandbox);
        secrets[field] = json!(id);
        insta::assert_snapshot!(name, exchange_of(&secrets, "", &sandbox).run().failure(14));
    }
}

#[test]
fn an_installation_id_cannot_name_another_path() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let mut secrets = secrets(&sandbox);
    secrets["INSTALLATION_ID"] = json!("101/../../../user");
    insta::assert_snapshot!(exchange_of(&secrets, "", &sandbox).run().failure(4));
    assert!(sandbox.journal().entries().is_empty());
}

#[test]
fn a_clock_that_is_wrong_is_told_by_how_much() {
    for (name, minutes, direction) in [
        ("clock_ahead", -11, " ahead of"),
        ("clock_slightly_ahead", -2, " ahead of"),
        ("clock_behind", 90, " behind"),
    ] {
        let told = refused_by(|settings| settings.clock_offset = SignedDuration::from_mins(minutes));
        let (_, after) = told.stderr.split_once("clock is ").expect("it is about the clock");
        let (amount, _) = after.split_once(direction).expect("which way it is off");
        // `11 min`, or `10 min 59 s` where the second turned between the two clocks.
        let numbers: Vec<i64> = amount.split(' ').filter_map(|word| word.parse().ok()).collect();
        let seconds = numbers[0] * 60 + numbers.get(1).unwrap_or(&0);
        assert!((seconds - minutes.abs() * 60).abs() <= 2, "{amount}");
        insta::assert_snapshot!(name, told.to_string().replace(amount, "[amount]"));
    }
}

#[test]
fn a_clock_error_without_githubs_date_is_still_told() {
    let text = "'Expiration time' claim ('exp') is too far in the future";
    let sandbox = Sandbox::start_with_pooled_keys();
    sandbox
        .github()
        .answer_next("/access_tokens", 1, message(401, text).header("Date", "yesterday"));
    insta::assert_snapshot!(exchange("", &sandbox).run().failure(14));
}

#[test]
fn messages_that_only_the_real_github_has() {
    for (name, answer) in [
        (
            "issued_at",
            message(
                401,
                "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
            ),
        ),
        ("bad_credentials", message(401, "Bad credentials")),
        ("requires_authentication", message(401, "Requires authentication")),
        (
            "rate_limit",
            message(403, "API rate limit exceeded for installation ID 101."),
        ),
        (
            "secondary_rate_limit",
            message(403, "You have exceeded a secondary rate limit.").header("Retry-After", "60"),
        ),
        (
            "ip_allow_list",
            message(
                403,
                "Although you appear to have the correct authorization credentials, the organization has an IP allow list enabled",
            ),
        ),
        ("api_version", message(400, "The API version is not supported.")),
        ("validation", message(422, "Validation Failed")),
        (
            "too_many_requests",
            message(429, "Too many requests").header("Retry-After", "3600"),
        ),
        ("server_error", message(500, "Server Error")),
        (
            "bad_gateway",
            Canned::html(502, "<html><head><title>Unicorn! · GitHub</title>"),
        ),
        (
            "moved",
            Canned::new(301).header("Location", "https://github.example.com/api/v3/app"),
        ),
        (
            "enterprise_html_404",
            Canned::html(404, "<title>Page not found</title>"),
        ),
        ("control_characters", message(403, "\u{1b}[31mred\u{7}\u{202e}")),
        ("long", message(403, &"a".repeat(600))),
        ("teapot", Canned::new(418)),
    ] {
        insta::assert_snapshot!(name, refused_with(answer));
    }
}

#[test]
fn a_success_that_is_no_token() {
    let sandbox = Sandbox::start_with_pooled_keys();
    sandbox
        .github()
        .answer_next("/access_tokens", 1, Canned::new(201).body(r#"{"token":"ghs_planted"}"#));
    let told = exchange("", &sandbox).run().failure(14);
    assert!(!told.stderr.contains("ghs_planted"), "{told}");
    insta::assert_snapshot!(told);
}

#[test]
fn keys_that_cannot_sign() {
    for (name, pem) in [
        ("openssh", refused::openssh()),
        ("ec", refused::ec_sec1()),
        ("public", refused::public_key()),
        ("encrypted", refused::encrypted_pkcs8()),
        ("rsa_1024", refused::rsa_1024()),
        ("truncated", refused::truncated()),
        ("no_pem", "hunter2".to_owned()),
    ] {
        let secrets = json!({ "APP_ID": 1, "INSTALLATION_ID": 1, "PRIVATE_KEY_PEM": pem });
        insta::assert_snapshot!(
            format!("key_{name}"),
            program("gh-app-jwt").stdin(secrets.to_string()).run().failure(13)
        );
    }
}

#[test]
fn a_token_is_revoked_and_a_second_time_counts_as_gone() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let document = exchange("", &sandbox).run().success();
    let token = serde_json::from_str::<Value>(&document).unwrap()["token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(sandbox.github().is_live(&token));
    let revoke = || {
        program("gh-install-token --revoke")
            .against(&sandbox)
            .stdin(document.clone())
            .run()
    };
    let first = revoke();
    assert_eq!(
        (first.code, first.stdout.as_str(), first.stderr.as_str()),
        (Some(0), "", ""),
        "{first}"
    );
    assert!(!sandbox.github().is_live(&token));
    insta::assert_snapshot!("revoked_already", revoke());
    sandbox
        .github()
        .answer_next("/installation/token", 1, message(500, "Server Error"));
    insta::assert_snapshot!("not_revoked", revoke().failure(14));
}

#[test]
fn a_minted_token_serves_a_request_as_in_the_readme() {
    needs!("curl");
    let sandbox = Sandbox::start_with_pooled_keys();
    let told = shell("curl -fsS -H \"Authorization: Bearer $(raxx-mint --bot raxx-dev-bot)\" $GITHUB_API_URL/installation/repositories")
        .against(&sandbox)
        .run();
    let repositories: Value = serde_json::from_str(&told.success()).unwrap();
    assert_eq!(repositories["total_count"], json!(3));
}

/// In its first seconds a token may be refused (auth-app.js#589, kargo#6630).
#[test]
fn a_token_that_github_does_not_know_yet_is_waited_for() {
    let probe = "GET /installation/repositories";
    let told = |status: u16, times: usize, line: &str| {
        let sandbox = Sandbox::start_with_pooled_keys();
        sandbox.github().answer_next(probe, times, Canned::new(status));
        let runtime = tempfile::tempdir_in("/dev/shm").unwrap();
        let run = program(line).against(&sandbox).env("XDG_RUNTIME_DIR", runtime.path());
        (run.run(), sandbox.journal().to(probe).len())
    };
    std::thread::scope(|scope| {
        for (status, times, line, probes) in [
            (401, 1, "raxx-mint --bot raxx-dev-bot --verify", 2),
            (403, 1, "with-bot-token --verify raxx-dev-bot true", 2),
            (404, 1, "with-bot-token --renew raxx-dev-bot true", 2),
            (500, 4, "raxx-mint --bot raxx-dev-bot --verify", 1),
            (404, 4, "raxx-mint --bot raxx-dev-bot --verify", 4),
            (404, 0, "raxx-mint --bot raxx-dev-bot", 0),
            (404, 0, "with-bot-token --revoke raxx-dev-bot true", 0),
        ] {
            scope.spawn(move || {
                let (told, asked) = told(status, times, line);
                assert_eq!(asked, probes, "{status} {told}");
                let is_told = told
                    .stderr
                    .contains("does not know the new token after 10 s; it is handed out all the same");
                assert_eq!(is_told, probes == 4, "{told}");
                told.success();
            });
        }
    });
}
