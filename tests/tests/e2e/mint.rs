//! raxx-mint: the chain in one process.

use std::path::Path;

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::infisical::Reading;
use tests::keys::BotKey;
use tests::sandbox::Sandbox;
use tests::script::Canned;

use crate::chain::{program, shell};

const MINT: &str = "raxx-mint --bot raxx-dev-bot";

fn live(sandbox: &Sandbox, token: &str) -> bool {
    sandbox.github().is_live(token)
}

#[test]
fn the_token_alone_and_the_whole_document() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let token = program(MINT).against(&sandbox).run().success();
    assert!(token.ends_with('\n') && live(&sandbox, token.trim_end()), "{token}");
    let document = program("raxx-mint --path /MooseQuest/raxx-dev-bot --json")
        .against(&sandbox)
        .run()
        .document();
    assert_eq!(
        (&document["kind"], &document["bot"]),
        (&json!("installation-token"), &json!("raxx-dev-bot"))
    );
    assert!(live(&sandbox, document["token"].as_str().unwrap()));
}

#[test]
fn a_mint_is_three_requests_over_two_connections() {
    let sandbox = Sandbox::start_with_pooled_keys();
    program(MINT).against(&sandbox).run().success();
    let expected = [
        "POST /api/v1/auth/universal-auth/login -> 200",
        "GET /api/v3/secrets/raw -> 200",
        "POST /app/installations/101/access_tokens -> 201",
    ];
    assert_eq!(sandbox.journal().lines(), expected);
    assert_eq!(sandbox.journal().connections(), 2, "login and fetch share one");
}

#[test]
fn every_export_sets_a_live_token() {
    for line in [
        "eval \"$(raxx-mint --bot raxx-dev-bot --export)\"",
        ". <(raxx-mint --bot raxx-dev-bot --export=sh)",
        "set -a; . <(raxx-mint --bot raxx-dev-bot --export=dotenv)",
        "export $(raxx-mint --bot raxx-dev-bot --export=github-env)",
    ] {
        is_exported(line);
    }
}

#[test]
fn an_export_as_json_sets_a_live_token_through_jq() {
    needs!("jq");
    is_exported(
        "eval \"$(raxx-mint --bot raxx-dev-bot --export=json | jq -r 'to_entries[] | \"export \\(.key)=\\(.value)\"')\"",
    );
}

/// A line of shell sets the variables that gh reads; the sandbox is no github.com, so those of an Enterprise Server.
fn is_exported(line: &str) {
    let sandbox = Sandbox::start_with_pooled_keys();
    let host = sandbox.github().address().to_string();
    let told = shell(&format!("{line}; printf '%s %s' \"$GH_HOST\" \"$GH_ENTERPRISE_TOKEN\""))
        .against(&sandbox)
        .run()
        .success();
    let (named, token) = told.split_once(' ').unwrap();
    assert_eq!(named, host, "{line}");
    assert!(live(&sandbox, token), "{line}");
}

#[test]
fn exports_in_the_words_of_each_shell() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let host = sandbox.github().address().to_string();
    for format in ["sh", "fish", "powershell", "dotenv", "github-env", "json"] {
        let told = program(&format!("{MINT} --export={format}")).against(&sandbox).run();
        let start = told.stdout.find("ghs_").expect("a token");
        let token = told.stdout[start..start + 40].to_owned();
        insta::assert_snapshot!(
            format!("export_{format}"),
            told.stdout.replace(&token, "[token]").replace(&host, "[host]")
        );
    }
}

#[test]
fn github_actions_is_told_to_mask_the_token() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let told = program(&format!("{MINT} --export=github-env"))
        .against(&sandbox)
        .env("GITHUB_ACTIONS", "true")
        .run();
    let token = told
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("GH_ENTERPRISE_TOKEN="))
        .expect("the token");
    assert_eq!(told.stderr, format!("::add-mask::{token}\n"));
}

#[test]
fn a_tracing_shell_that_reads_the_token_does_not_show_it() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let told =
        shell("set -x; IFS= read -r GH_TOKEN < <(raxx-mint --bot raxx-dev-bot) && export GH_TOKEN; echo ${#GH_TOKEN}")
            .against(&sandbox)
            .run();
    assert!(!told.stderr.contains("ghs_"), "{told}");
    assert_eq!(told.success(), "40\n");
}

#[test]
fn a_wrong_clock_is_repaired_with_a_warning() {
    for minutes in [-30, 30] {
        let sandbox = Sandbox::start_with_pooled_keys();
        sandbox
            .github()
            .change(|settings| settings.clock_offset = SignedDuration::from_mins(minutes));
        let told = program(MINT).against(&sandbox).run();
        let direction = if minutes < 0 { "ahead of" } else { "behind" };
        assert!(
            told.stderr.starts_with("note: this machine's clock is ") && told.stderr.contains(direction),
            "{told}"
        );
        assert!(live(&sandbox, told.success().trim_end()));
        assert_eq!(sandbox.journal().to("/access_tokens").len(), 2);
    }
}

#[test]
fn a_clock_that_is_off_by_days_is_not_repaired() {
    let sandbox = Sandbox::start_with_pooled_keys();
    sandbox
        .github()
        .change(|settings| settings.clock_offset = SignedDuration::from_hours(72));
    let told = program(MINT).against(&sandbox).run().failure(14);
    assert!(told.stderr.contains("cause: this machine's clock is"), "{told}");
    assert_eq!(sandbox.journal().to("/access_tokens").len(), 1);
}

#[test]
fn several_bots_cost_one_login_and_one_fetch() {
    for line in [
        "raxx-mint --all-bots",
        "raxx-mint --bot raxx-dev-bot --bot raxx-ops-bot --bot raxx-pm-bot",
    ] {
        let sandbox = Sandbox::start_with_pooled_keys();
        let stdout = program(line).against(&sandbox).run().success();
        let documents: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let bots: Vec<_> = documents
            .iter()
            .map(|document| document["bot"].as_str().unwrap())
            .collect();
        assert_eq!(bots, ["raxx-dev-bot", "raxx-ops-bot", "raxx-pm-bot"]);
        assert!(
            documents
                .iter()
                .all(|document| live(&sandbox, document["token"].as_str().unwrap()))
        );
        let count = |path| sandbox.journal().to(path).len();
        assert_eq!(
            (count("/login"), count("/secrets"), count("/access_tokens")),
            (1, 1, 3),
            "{line}"
        );
    }
}

#[test]
fn one_bots_failure_does_not_cost_the_others_theirs() {
    let sandbox = Sandbox::start_with_pooled_keys();
    sandbox
        .github()
        .change(|settings| settings.installation(102).suspended = true);
    sandbox.infisical().change(|settings| {
        settings.folder("/MooseQuest/raxx-pm-bot").remove("PRIVATE_KEY_PEM");
    });
    let told = program("raxx-mint --all-bots").against(&sandbox).run();
    assert_eq!(told.code, Some(14), "the first failure's: {told}");
    let document: Value = serde_json::from_str(&told.stdout).expect("one line");
    assert_eq!(document["bot"], json!("raxx-dev-bot"));
    let failures: Vec<_> = told.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(
        failures,
        [
            "error: raxx-ops-bot: GitHub API returned 403",
            "error: raxx-pm-bot: bot secrets at /MooseQuest/raxx-pm-bot/ missing keys: PRIVATE_KEY_PEM",
        ]
    );
    let json = program("raxx-mint --all-bots --error-format json")
        .against(&sandbox)
        .run();
    let bots: Vec<_> = json
        .stderr
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["bot"].clone())
        .collect();
    assert_eq!(bots, [json!("raxx-ops-bot"), json!("raxx-pm-bot")]);
}

#[test]
fn exports_of_several_bots_are_refused() {
    let sandbox = Sandbox::start_with_pooled_keys();
    insta::assert_snapshot!(program("raxx-mint --all-bots --export").against(&sandbox).run());
    assert!(sandbox.journal().entries().is_empty());
}

/// Ways in which a mint fails, and what each shell does with what `--export` prints then: it stops where it is told to stop on
/// failures, and else goes on with a token that is neither the operator's nor empty.
#[test]
fn an_export_that_fails_never_leaves_the_operator() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let fails = [
        "raxx-mint --bot no-such-bot --export",
        "raxx-mint --bot raxx-dev-bot --export=sh --no-such-flag",
        "raxx-mint --all-bots --export",
        "INFISICAL_CLIENT_ID= raxx-mint --export --bot raxx-dev-bot",
        "INFISICAL_CLIENT_SECRET=wrong raxx-mint --bot raxx-dev-bot --export",
    ];
    let run = |program: &str, script: &str| {
        let run = shell(&format!("{program} -c \"$SCRIPT\""))
            .against(&sandbox)
            .env("SCRIPT", script);
        let names = [
            "GH_TOKEN",
            "GITHUB_TOKEN",
            "GH_ENTERPRISE_TOKEN",
            "GITHUB_ENTERPRISE_TOKEN",
        ];
        names.iter().fold(run, |run, name| run.env(name, "the-operators")).run()
    };
    let left = "for name in GH_TOKEN GITHUB_TOKEN GH_ENTERPRISE_TOKEN GITHUB_ENTERPRISE_TOKEN; do eval \"echo \\$$name\"; done";
    let shells = ["sh", "bash", "dash", "zsh"];
    for program in shells.into_iter().filter(|program| tests::tools::has(program)) {
        for mint in fails {
            let told = run(program, &format!("eval \"$({mint})\"\n{left}"));
            assert_eq!(
                told.stdout,
                "no-token-since-raxx-mint-failed\n".repeat(4),
                "{program}: {mint}: {told}"
            );
            for stops in [
                format!("set -e; eval \"$({mint})\"; echo on"),
                format!("eval \"$({mint} || echo false)\" || exit; echo on"),
            ] {
                let told = run(program, &stops);
                assert_ne!(told.code, Some(0), "{told}");
                assert_eq!(told.stdout, "", "{told}");
            }
        }
        run(program, "eval \"$(no-such-program || echo false)\" || exit; echo on").failure(1);
    }
    if tests::tools::has("fish") {
        let mint = "raxx-mint --bot no-such-bot --export=fish | source";
        let told = run("fish", &format!("{mint}; or echo stopped; echo $GH_TOKEN"));
        assert_eq!(told.stdout, "stopped\nno-token-since-raxx-mint-failed\n", "{told}");
    }
    for (format, last) in [
        ("dotenv", "GITHUB_ENTERPRISE_TOKEN=no-token-since-raxx-mint-failed\n"),
        (
            "github-env",
            "GITHUB_ENTERPRISE_TOKEN=no-token-since-raxx-mint-failed\n",
        ),
        ("powershell", "throw 'raxx-mint has no token'\n"),
        ("json", "\"GITHUB_TOKEN\":\"no-token-since-raxx-mint-failed\"}\n"),
    ] {
        let told = program(&format!("raxx-mint --bot no-such-bot --export={format}"))
            .against(&sandbox)
            .run();
        assert!(told.stdout.ends_with(last), "{told}");
    }
}

#[test]
fn verbose_shows_each_step_and_nothing_secret() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let told = program(&format!("{MINT} -v")).against(&sandbox).run();
    let shown = told.to_string().replace(told.stdout.trim_end(), "[token]");
    insta::assert_snapshot!(shown);
}

#[test]
fn a_failure_as_json_and_as_one_line() {
    let sandbox = Sandbox::start_with_pooled_keys();
    sandbox
        .infisical()
        .change(|settings| settings.identities[0].reading = Reading::Nothing);
    let json = program(&format!("{MINT} --error-format json"))
        .against(&sandbox)
        .run()
        .failure(11);
    let failure: Value = serde_json::from_str(&json.stderr).expect("one object");
    assert_eq!(
        (&failure["kind"], &failure["code"]),
        (&json!("failure"), &json!("infisical_fetch_http"))
    );
    assert_eq!(
        (&failure["exit_code"], &failure["http_status"]),
        (&json!(11), &json!(403))
    );
    assert_eq!(
        failure["summary"],
        json!("Infisical fetch failed at /MooseQuest/raxx-dev-bot: HTTP 403")
    );
    let quiet = program(&format!("{MINT} --quiet")).against(&sandbox).run().failure(11);
    assert_eq!(
        quiet.stderr,
        "error: Infisical fetch failed at /MooseQuest/raxx-dev-bot: HTTP 403\n"
    );
}

#[test]
fn what_passes_is_tried_again() {
    let sandbox = Sandbox::start_with_pooled_keys();
    sandbox
        .infisical()
        .answer_next("/login", 1, Canned::html(502, "<title>502 Bad Gateway</title>"));
    sandbox
        .infisical()
        .answer_next("/secrets", 2, Canned::new(429).header("Retry-After", "0"));
    sandbox.github().answer_next("/access_tokens", 1, Canned::new(503));
    program(MINT).against(&sandbox).run().success();
    let count = |path| sandbox.journal().to(path).len();
    assert_eq!((count("/login"), count("/secrets"), count("/access_tokens")), (2, 3, 2));
}

#[test]
fn what_lasts_is_told_after_two_more_tries() {
    let sandbox = Sandbox::start_with_pooled_keys();
    sandbox.infisical().answer_next("/login", 9, Canned::new(503));
    program(MINT).against(&sandbox).run().failure(10);
    assert_eq!(sandbox.journal().to("/login").len(), 3);
}

#[test]
fn a_rate_limit_that_outlasts_the_chain_is_told_at_once() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let text = "Rate limit exceeded. Please try again in 53 seconds";
    let limit = Canned::new(429)
        .header("Retry-After", "53")
        .json(&json!({ "statusCode": 429, "message": text, "error": "RateLimitExceeded" }));
    sandbox.infisical().answer_next("/login", 9, limit);
    insta::assert_snapshot!(program(MINT).against(&sandbox).run().failure(10));
    assert_eq!(sandbox.journal().to("/login").len(), 1);
}

#[test]
fn five_mints_of_one_moment_are_five_jwts_and_a_404_is_tried_once_more_with_another() {
    let sandbox = Sandbox::start_with_pooled_keys();
    sandbox.github().change(|settings| settings.single_use_jwts = true);
    std::thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| program(&format!("{MINT} --fresh")).against(&sandbox).run().success());
        }
    });
    assert_eq!(sandbox.journal().to("/access_tokens").len(), 5);
    sandbox.journal().clear();
    // As a GitHub does that takes a JWT for one that it has had.
    let not_found = Canned::new(404).json(&json!({ "message": "Not Found" }));
    sandbox.github().answer_next("/access_tokens", 1, not_found.clone());
    program(MINT).against(&sandbox).run().success();
    let sent: Vec<_> = sandbox.journal().to("/access_tokens");
    assert_eq!(sent.len(), 2);
    assert_ne!(sent[0].header("Authorization"), sent[1].header("Authorization"));
    sandbox.journal().clear();
    sandbox.github().answer_next("/access_tokens", 9, not_found);
    let told = program(MINT).against(&sandbox).run().failure(14);
    assert!(
        told.stderr.contains("installation 101 is not one of App 3501352's"),
        "{told}"
    );
    assert_eq!(
        sandbox.journal().to("/access_tokens").len(),
        2,
        "once more, and no more"
    );
}

/// What a server asks for in numbers is kept where it makes sense, and never makes a program panic, hurry or hang.
#[test]
fn a_delay_of_any_size_stops_nobody() {
    let far = "Fri, 31 Dec 9999 23:59:59 GMT";
    let past = "Thu, 01 Jan 1970 00:00:00 GMT";
    for (delay, tries) in [
        ("18446744073709551615", 1),
        ("99999999999999999999999999", 1),
        ("46", 1),
        (far, 1),
        ("0", 3),
        (past, 3),
        ("-1", 3),
        ("soon", 3),
        ("", 3),
    ] {
        let sandbox = Sandbox::start_with_pooled_keys();
        for status in [429, 503] {
            sandbox.journal().clear();
            let answer = Canned::new(status).header("Retry-After", delay);
            sandbox.infisical().answer_next("/login", tries, answer.clone());
            let started = std::time::Instant::now();
            let told = program("raxx-mint --bot raxx-dev-bot --error-format json")
                .against(&sandbox)
                .run()
                .failure(10);
            let failure: Value = serde_json::from_str(&told.stderr).expect("one object");
            assert_eq!(failure["http_status"], json!(status), "{delay}: {told}");
            assert_eq!(sandbox.journal().to("/login").len(), tries, "{delay}: {status}");
            // At least the two delays of our own, without their jitter.
            let least = std::time::Duration::from_millis(if tries == 3 { 600 } else { 0 });
            assert!(started.elapsed() >= least, "{delay}: at once");
            sandbox.infisical().answer_next("/login", 0, answer);
        }
    }
}

/// Neither a variable nor a server is needed to read how it is used.
#[test]
fn documents_of_this_version_are_printed_without_anything_set() {
    let list = program("raxx-mint docs").run().success();
    let names: Vec<_> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() > 4, "{list}");
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for name in names {
        let text = program(&format!("raxx-mint docs {name}")).run().success();
        let file = match name {
            "readme" => repository.join("README.md"),
            other => repository.join(format!("docs/{other}.md")),
        };
        assert_eq!(text, std::fs::read_to_string(file).unwrap(), "{name}");
    }
    program("raxx-mint docs nothing").run().failure(2);
}

#[test]
fn the_next_mint_takes_a_key_that_was_rotated() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let mint = || program(MINT).against(&sandbox).run();
    mint().success();
    let app_id = sandbox.bot("raxx-dev-bot").app_id;
    let new = BotKey::pooled(3);
    // On GitHub the old one is deleted; until Infisical has the new one, nothing signs.
    sandbox
        .github()
        .change(|settings| settings.app(app_id).key = Some(new.clone()));
    mint().failure(14);
    sandbox.infisical().change(|settings| {
        settings
            .folder("/MooseQuest/raxx-dev-bot")
            .set("PRIVATE_KEY_PEM", &new.pkcs1_pem());
    });
    mint().success();
}
