//! The doctor: every mistake that it knows is planted once, and its line, cause and fix are read.

use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::infisical::{Cloudflare, Era, Folder, IdentityState, Reading, Settings};
use tests::keys::{BotKey, refused};
use tests::relay::answering;
use tests::sandbox::Sandbox;
use tests::script::Canned;
use tests::tls::Authority;

use crate::chain::{Run, Told, program, shell};
use crate::network::World;

const ALL: &str = "raxx-doctor";
const DEV: &str = "raxx-doctor --bot raxx-dev-bot";

/// A machine on which all is well.
struct Room {
    sandbox: Sandbox,
    runtime: TempDir,
}

impl Room {
    fn new() -> Self {
        Self {
            sandbox: Sandbox::start_with_pooled_keys(),
            runtime: tempfile::tempdir_in("/dev/shm").expect("Linux has memory there"),
        }
    }

    fn run(&self, line: &str) -> Run {
        equipped(program(line).against(&self.sandbox), self.runtime.path())
    }

    /// What the doctor says of the dev bot, but for what is well.
    fn trouble(&self) -> Told {
        trouble(self.run(DEV))
    }

    fn change_folder(&self, change: impl FnOnce(&mut Folder)) {
        let path = self.sandbox.bot("raxx-dev-bot").path();
        self.sandbox
            .infisical()
            .change(|settings| change(settings.folder(&path)));
    }

    fn put(&self, key: &str, value: &str) {
        self.change_folder(|folder| {
            folder.set(key, value);
        });
    }

    fn log_ins(&self) -> usize {
        self.sandbox.journal().to("POST /api/v1/auth").len()
    }
}

fn equipped(run: Run, runtime: &Path) -> Run {
    run.last_on_path(tests::tools::stand_ins())
        .env("XDG_RUNTIME_DIR", runtime)
        .env("LANG", "C.UTF-8")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .named(runtime.to_string_lossy(), "[runtime]")
}

/// Runs the doctor and keeps what is not well: the headings, marks, causes and fixes.
fn trouble(run: Run) -> Told {
    let mut told = run.run();
    let mut kept = String::new();
    let mut heading = "";
    let mut is_well = false;
    for line in told.stdout.lines() {
        match line.split_once(" ms  ") {
            Some((_, rest)) => is_well = rest.starts_with('✓'),
            None if line.starts_with(' ') => {}
            None => {
                (heading, is_well) = (line, true);
                continue;
            }
        }
        if !is_well {
            if !heading.is_empty() {
                kept.extend([heading, "\n"]);
                heading = "";
            }
            kept.extend([&days(line), "\n"]);
        }
    }
    told.stdout = kept;
    told
}

/// How long a certificate lives on depends on when the test runs.
fn days(line: &str) -> String {
    let words: Vec<_> = line.split(' ').collect();
    let mut out: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    for (position, word) in words.iter().enumerate().skip(1) {
        if word.starts_with("days") {
            "[some]".clone_into(&mut out[position - 1]);
        }
        if words[position - 1..].starts_with(&["clock", "says"]) {
            "[today]".clone_into(&mut out[position + 1]);
            "[now]".clone_into(&mut out[position + 2]);
        }
    }
    out.join(" ")
}

/// A check's line, without its time.
fn line_of(stdout: &str, name: &str) -> String {
    let lines = stdout.lines().filter_map(|line| line.split_once(" ms  "));
    let line = lines
        .map(|(_, rest)| rest)
        .find(|rest| rest[rest.find(' ').unwrap() + 1..].starts_with(&format!("{name}: ")));
    line.unwrap_or_else(|| panic!("{name} in {stdout}")).to_owned()
}

#[test]
fn a_healthy_machine() {
    let world = World::start();
    let runtime = tempfile::tempdir_in("/dev/shm").unwrap();
    let told = equipped(world.run(ALL), runtime.path())
        .named(world.proxy.url().replace("http://", ""), "[proxy]")
        .run();
    let stdout = &told.stdout;
    assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""), "{stdout}");
    let checks: Vec<_> = stdout.lines().filter_map(|line| line.split_once(" ms  ")).collect();
    assert!(checks.iter().all(|(_, rest)| rest.starts_with("✓ ")), "{stdout}");
    assert!(
        stdout.ends_with(&format!("\n{} checks, all well\n", checks.len())),
        "{stdout}"
    );
    for bot in world.sandbox.bots() {
        let fingerprint = format!("✓ private key: PKCS#1, RSA 2048, SHA256:{}", bot.key.fingerprint());
        assert!(stdout.contains(&fingerprint), "{stdout}");
    }
    assert_eq!(world.sandbox.github().live_tokens(), 0, "each token is revoked");
    assert_eq!(fs::read_dir(runtime.path()).unwrap().count(), 0, "nothing is made");
    let writes = world.sandbox.journal().entries();
    let writes = writes
        .iter()
        .filter(|entry| entry.method != "GET")
        .map(|entry| entry.path.as_str());
    assert!(
        writes.clone().all(|path| path.ends_with("/login")
            || path.ends_with("/access_tokens")
            || path == "/graphql"
            || path == "/installation/token"),
        "{:?}",
        writes.collect::<Vec<_>>()
    );
}

#[test]
fn one_bot_in_full() {
    let room = Room::new();
    let key = room.sandbox.bot("raxx-dev-bot").key.fingerprint();
    let user = room.sandbox.github().settings().app(3_501_352).bot_user_id;
    let mut told = room
        .run(DEV)
        .named(key, "[fingerprint]")
        .named(user.to_string(), "[user]")
        .run();
    let versions = ["gh: ", "git: ", "token: ", "rate limit: "];
    let is_steady = |line: &&str| !versions.iter().any(|name| line.contains(&format!("✓ {name}")));
    told.stdout = told
        .stdout
        .lines()
        .filter(is_steady)
        .map(|line| line.to_owned() + "\n")
        .collect();
    insta::assert_snapshot!(told);
}

#[test]
fn the_same_as_a_document() {
    let room = Room::new();
    let document = room.run(&format!("{DEV} --json")).run().document();
    assert_eq!(
        (&document["kind"], &document["healthy"]),
        (&json!("diagnosis"), &json!(true))
    );
    let lines = room.run(DEV).run().success();
    let named = document["checks"].as_array().unwrap().iter().map(|check| {
        assert!(check["milliseconds"].is_number() && check["mark"] == "ok", "{check}");
        check["name"].as_str().unwrap()
    });
    let shown: Vec<_> = lines.lines().filter_map(|line| line.split_once(" ms  ✓ ")).collect();
    assert_eq!(named.clone().count(), shown.len());
    for (name, (_, line)) in named.zip(shown) {
        assert!(line.starts_with(&format!("{name}: ")), "{name}: {line}");
    }
    room.put("APP_ID", "my app");
    let document: Value = serde_json::from_str(&room.run(&format!("{DEV} --json")).run().stdout).unwrap();
    let failed = document["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["mark"] == "failed")
        .unwrap();
    assert_eq!(
        (&document["healthy"], &failed["code"]),
        (&json!(false), &json!("bot_secrets_invalid"))
    );
    assert!(failed["cause"].is_string() && failed["fix"].is_string(), "{failed}");
}

#[test]
fn quietly_and_with_every_request() {
    let room = Room::new();
    room.put("PRIVATE_KEY_PEM", "none");
    let told = room.run(&format!("{DEV} --quiet")).run();
    assert!(
        told.stdout.contains("✗ private key") && !told.stdout.contains("fix:"),
        "{told}"
    );
    let told = room.run(&format!("{DEV} --verbose")).run();
    assert!(
        told.stderr.contains(" ms  POST ") && told.stderr.contains("/login: 200"),
        "{told}"
    );
}

#[test]
fn no_secret_is_shown() {
    let room = Room::new();
    let identity = room.sandbox.identity().clone();
    let key = room.sandbox.bot("raxx-dev-bot").key.pkcs1_pem();
    for line in [DEV.to_owned(), format!("{DEV} --json"), format!("{DEV} -v")] {
        let told = room.run(&line).run();
        let all = told.stdout.clone() + &told.stderr;
        assert!(!all.contains(&identity.client_secret) && !all.contains("ghs_"), "{all}");
        assert!(
            key.lines()
                .filter(|line| !line.starts_with('-'))
                .all(|line| !all.contains(line)),
            "{all}"
        );
    }
}

#[test]
fn the_bots_by_flag_by_variable_or_all() {
    let room = Room::new();
    let bots = |run: Run| {
        let stdout = run.run().success();
        stdout
            .lines()
            .filter_map(|line| line.strip_prefix("bot "))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(bots(room.run(ALL)), ["raxx-dev-bot", "raxx-ops-bot", "raxx-pm-bot"]);
    assert_eq!(
        bots(room.run(ALL).env("RAXX_BOTS", "raxx-pm-bot, raxx-dev-bot")),
        ["raxx-pm-bot", "raxx-dev-bot"]
    );
    assert_eq!(
        bots(
            room.run("raxx-doctor --bot raxx-ops-bot")
                .env("RAXX_BOTS", "raxx-pm-bot")
        ),
        ["raxx-ops-bot"]
    );
}

// Configuration.

#[test]
fn where_variables_come_from() {
    let room = Room::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    fs::write(&file, format!("{}\n", room.sandbox.identity().client_secret)).unwrap();
    let stdout = room
        .run(DEV)
        .without("INFISICAL_CLIENT_ID")
        .env("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", &room.sandbox.identity().client_id)
        .without("INFISICAL_CLIENT_SECRET")
        .env("INFISICAL_CLIENT_SECRET_FILE", &file)
        .without("INFISICAL_HOST")
        .env("INFISICAL_API_URL", room.sandbox.infisical().base_url() + "/api")
        .run()
        .success();
    assert_eq!(
        line_of(&stdout, "INFISICAL_CLIENT_ID"),
        "✓ INFISICAL_CLIENT_ID: 36 characters, from INFISICAL_UNIVERSAL_AUTH_CLIENT_ID, the fallback name"
    );
    assert_eq!(
        line_of(&stdout, "INFISICAL_CLIENT_SECRET"),
        format!(
            "✓ INFISICAL_CLIENT_SECRET: 64 characters, from the file of INFISICAL_CLIENT_SECRET_FILE: {}",
            file.display()
        )
    );
    assert!(line_of(&stdout, "INFISICAL_HOST").ends_with("from INFISICAL_API_URL, the fallback name"));
    assert_eq!(line_of(&stdout, "INFISICAL_ENV"), "✓ INFISICAL_ENV: prod, by default");
}

#[test]
fn variables_that_are_missing_or_empty() {
    let room = Room::new();
    let run = room
        .run(DEV)
        .without("INFISICAL_CLIENT_ID")
        .env("INFISICAL_PROJECT_ID", "")
        .env("INFISICAL_ENV", " ");
    insta::assert_snapshot!(trouble(run));
}

#[test]
fn stray_white_space_and_newlines() {
    let room = Room::new();
    let secret = &room.sandbox.identity().client_secret;
    let run = room
        .run(DEV)
        .env("INFISICAL_CLIENT_SECRET", format!("{secret}\n"))
        .env("INFISICAL_HOST", format!(" {}", room.sandbox.infisical().base_url()));
    let told = trouble(run);
    assert_eq!(told.code, Some(0), "it works all the same");
    insta::assert_snapshot!(told);
}

#[test]
fn quotes_around_a_secret_cost_no_log_in() {
    let room = Room::new();
    let run = room.run(DEV).env(
        "INFISICAL_CLIENT_SECRET",
        format!("'{}'", room.sandbox.identity().client_secret),
    );
    insta::assert_snapshot!(trouble(run));
    assert_eq!(room.log_ins(), 0);
}

#[test]
fn half_a_service_token() {
    let room = Room::new();
    insta::assert_snapshot!(trouble(room.run(DEV).env("CF_ACCESS_CLIENT_ID", "id.access")));
}

#[test]
fn a_host_in_the_clear() {
    let room = Room::new();
    insta::assert_snapshot!(trouble(room.run(DEV).env("INFISICAL_HOST", "http://vault.example")));
}

#[test]
fn a_host_with_a_path() {
    let room = Room::new();
    let run = room
        .run(DEV)
        .env("INFISICAL_HOST", room.sandbox.infisical().base_url() + "/vault");
    insta::assert_snapshot!(trouble(run));
}

#[test]
fn an_enterprise_server_without_its_path() {
    let room = Room::new();
    let run = room
        .run(DEV)
        .env("GITHUB_API_URL", format!("https://{}", unresolvable()));
    insta::assert_snapshot!(trouble(run.named(unresolvable(), "[name]")));
}

#[test]
fn an_envrc_that_is_open_or_tracked() {
    needs!("git");
    let room = Room::new();
    let here = tempfile::tempdir().unwrap();
    let envrc = here.path().join(".envrc");
    fs::write(&envrc, "export INFISICAL_CLIENT_SECRET=…\n").unwrap();
    let below = here.path().join("below");
    fs::create_dir(&below).unwrap();
    let run = || room.run(DEV).inside(here.path());
    fs::set_permissions(&envrc, Permissions::from_mode(0o600)).unwrap();
    let stdout = room.run(DEV).inside(&below).run().success();
    assert!(line_of(&stdout, ".envrc").ends_with("yours alone, not tracked by git"));
    fs::set_permissions(&envrc, Permissions::from_mode(0o644)).unwrap();
    insta::assert_snapshot!("envrc_open", trouble(run()));
    for arguments in [&["init", "--quiet"][..], &["add", ".envrc"]] {
        let git = Command::new("git")
            .arg("-C")
            .arg(here.path())
            .args(arguments)
            .status()
            .unwrap();
        assert!(git.success());
    }
    insta::assert_snapshot!("envrc_tracked", trouble(run()));
}

// Reachability.

/// A label of DNS has 63 octets at most (RFC 1035, 2.3.4), so that no resolver is asked.
fn unresolvable() -> String {
    format!("{}.example", "a".repeat(64))
}

#[test]
fn a_name_that_leads_nowhere() {
    let room = Room::new();
    let run = room
        .run(DEV)
        .env("INFISICAL_HOST", format!("https://{}", unresolvable()));
    insta::assert_snapshot!(trouble(run.named(unresolvable(), "[name]")));
}

#[test]
fn a_port_where_nobody_listens() {
    let room = Room::new();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let run = room.run(DEV).env("INFISICAL_HOST", format!("https://{address}"));
    insta::assert_snapshot!(trouble(run.named(address.to_string(), "[address]")));
}

#[test]
fn a_server_without_tls() {
    let room = Room::new();
    let plain = answering(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    let run = room.run(DEV).env("INFISICAL_HOST", format!("https://{plain}"));
    insta::assert_snapshot!(trouble(run.named(plain.to_string(), "[address]")));
}

#[test]
fn a_server_that_says_nothing() {
    let room = Room::new();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let run = room.run(DEV).env("INFISICAL_HOST", format!("https://{address}"));
    insta::assert_snapshot!(trouble(run.named(address.to_string(), "[address]")));
}

fn in_world(world: &World) -> (Run, TempDir) {
    let runtime = tempfile::tempdir_in("/dev/shm").unwrap();
    let run = equipped(world.run(DEV), runtime.path());
    (run.named(world.proxy.url().replace("http://", ""), "[proxy]"), runtime)
}

#[test]
fn a_certificate_of_an_unknown_authority() {
    let world = World::start();
    let (run, _runtime) = in_world(&world);
    insta::assert_snapshot!(trouble(run.without("SSL_CERT_FILE")));
}

fn in_days(days: i64) -> Date {
    TimeZone::UTC
        .to_datetime(Timestamp::now())
        .date()
        .saturating_add(days.days())
}

#[test]
fn a_certificate_that_has_ended() {
    let world = World::certified_by(&Authority::new().from(date(2019, 1, 1)).until(date(2020, 2, 3)));
    let (run, _runtime) = in_world(&world);
    insta::assert_snapshot!(trouble(run));
}

#[test]
fn a_certificate_that_ends_soon() {
    let world = World::certified_by(&Authority::new().until(in_days(10)));
    let (run, _runtime) = in_world(&world);
    let told = trouble(run);
    assert_eq!(told.code, Some(0));
    insta::assert_snapshot!(told);
}

#[test]
fn what_tls_and_proxy_are_in_use() {
    let world = World::start();
    let (run, _runtime) = in_world(&world);
    let stdout = run.run().success();
    assert_eq!(
        line_of(&stdout, "proxy"),
        format!(
            "✓ proxy: {}, by HTTPS_PROXY or its like",
            world.proxy.url().replace("http://", "")
        )
    );
    let tls = line_of(&stdout, "TLS");
    assert!(
        tls.starts_with("✓ TLS: TLSv1.3, certificate by “CN=raxx-mint test authority”, "),
        "{tls}"
    );
    assert!(tls.ends_with(" days left, 1 extra root in use"), "{tls}");
}

#[test]
fn a_proxy_that_refuses() {
    let world = World::start();
    let (run, _runtime) = in_world(&world);
    let run = run.env("INFISICAL_HOST", "https://vault.example");
    insta::assert_snapshot!(trouble(run));
}

#[test]
fn roots_that_are_none() {
    let room = Room::new();
    insta::assert_snapshot!(trouble(room.run(DEV).env("SSL_CERT_FILE", "/dev/null")));
}

#[test]
fn a_server_in_trouble() {
    let room = Room::new();
    let page = "<html><head><title>502 Bad Gateway</title></head></html>";
    room.sandbox
        .infisical()
        .answer_next("/api/status", 3, Canned::html(502, page));
    insta::assert_snapshot!(room.trouble());
}

#[test]
fn a_server_that_is_not_infisical() {
    let room = Room::new();
    room.sandbox
        .infisical()
        .answer_next("/api/status", 1, Canned::html(200, "<title>Welcome</title>"));
    insta::assert_snapshot!(room.trouble());
}

#[test]
fn a_clock_that_is_wrong() {
    let room = Room::new();
    room.sandbox
        .github()
        .change(|settings| settings.clock_offset = SignedDuration::from_mins(-20));
    let told = trouble(room.run(DEV));
    assert_eq!(told.code, Some(0), "the chain repairs it");
    let line = told.stdout.lines().find(|line| line.contains("clock")).unwrap();
    let seconds: i64 = line.split(' ').find_map(|word| word.parse().ok()).unwrap();
    assert!((1190..=1210).contains(&seconds), "{line}");
    assert!(
        line.contains(" s ahead of GitHub's") && told.stdout.contains("timedatectl"),
        "{told}"
    );
}

#[test]
fn a_clock_that_is_not_infisicals() {
    let room = Room::new();
    // In a year that this machine's clock will not show again.
    let status = Canned::new(200)
        .header("Date", "Wed, 01 Jan 2020 00:00:00 GMT")
        .json(&json!({"message": "Ok"}));
    room.sandbox.infisical().answer_next("/api/status", 1, status);
    let told = room.trouble();
    assert_eq!(told.code, Some(0));
    assert!(told.stdout.starts_with("reachability of Infisical\n"), "{told}");
    assert!(
        told.stdout.contains(" s ahead of Infisical's\n") && told.stdout.contains("fix:   set this machine's clock"),
        "{told}"
    );
}

// Cloudflare Access.

fn behind_access() -> Room {
    let room = Room::new();
    room.sandbox.infisical().change(|settings| {
        settings.cloudflare = Cloudflare::Required {
            client_id: "right.access".to_owned(),
            client_secret: "right".to_owned(),
        };
    });
    room
}

fn with_token(run: Run, id: &str) -> Run {
    run.env("CF_ACCESS_CLIENT_ID", id)
        .env("CF_ACCESS_CLIENT_SECRET", "right")
}

#[test]
fn access_in_front_and_let_through() {
    let room = behind_access();
    let stdout = with_token(room.run(DEV), "right.access").run().success();
    assert_eq!(
        line_of(&stdout, "service token"),
        "✓ service token: in front, and it lets this service token through"
    );
}

#[test]
fn access_in_front_and_no_token() {
    insta::assert_snapshot!(behind_access().trouble());
}

#[test]
fn access_in_front_and_a_token_that_is_not_on_the_policy() {
    let room = behind_access();
    insta::assert_snapshot!(trouble(with_token(room.run(DEV), "wrong.access")));
}

#[test]
fn a_service_token_that_nobody_asks_for() {
    let room = Room::new();
    let stdout = with_token(room.run(DEV), "right.access").run().success();
    assert!(line_of(&stdout, "service token").starts_with("✓ service token: nothing is in front"));
}

// Login.

#[test]
fn every_refusal_of_a_log_in_has_its_own_fix() {
    for (name, state) in [
        ("locked", IdentityState::Locked),
        ("secret_expired", IdentityState::SecretExpired),
        ("secret_used_up", IdentityState::SecretUsedUp),
        ("address_not_allowed", IdentityState::AddressNotAllowed),
    ] {
        let room = Room::new();
        room.sandbox
            .infisical()
            .change(|settings| settings.identities[0].state = state);
        insta::assert_snapshot!(format!("log_in_{name}"), room.trouble());
        assert_eq!(room.log_ins(), 1, "a refusal is not tried again");
    }
}

#[test]
fn a_wrong_secret() {
    let room = Room::new();
    insta::assert_snapshot!(trouble(room.run(DEV).env("INFISICAL_CLIENT_SECRET", "wrong")));
    assert_eq!(room.log_ins(), 1);
}

#[test]
fn an_identity_that_can_also_write() {
    for (name, era) in [("role_that_writes_old", Era::Old), ("role_that_writes", Era::New)] {
        let room = Room::new();
        room.sandbox.infisical().change(|settings| {
            settings.era = era;
            settings.identities[0].role = Some("member".to_owned());
        });
        insta::assert_snapshot!(name, room.trouble());
    }
}

/// The role alone does not tell: a privilege beside it may write, and a role may have ended.
#[test]
fn what_privileges_add_to_a_role_and_what_time_takes_away() {
    let rules = |actions: &str| json!([[actions, "secrets", {"secretPath": {"$glob": "/MooseQuest/**"}, "environment": {"$eq": "prod"}}]]);
    for (role, privilege, words) in [
        ("viewer", None, "✓ role: viewer, which only reads secrets"),
        (
            "no-access",
            Some("describeSecret,readValue"),
            "✓ role: no-access, rw, which only reads secrets",
        ),
        (
            "viewer",
            Some("edit"),
            "! role: the identity can also write: edit by the privilege rw in /MooseQuest/** of prod",
        ),
        (
            "no-access",
            Some("create,delete,readValue"),
            "create, delete by the privilege rw in /MooseQuest/** of prod",
        ),
        ("bot-reader", None, "✓ role: bot-reader, which only reads secrets"),
    ] {
        let room = Room::new();
        room.sandbox.infisical().change(|settings| {
            settings.identities[0].role = Some(role.to_owned());
            settings.identities[0].privileges = privilege.map(rules).into_iter().collect();
        });
        let told = room.run(DEV).run();
        assert!(told.stdout.contains(words), "{role} {privilege:?}: {told}");
    }
    // Where the sum cannot be asked for, only the role is known, and one that has ended is none.
    for (ends, words) in [
        ("2020-01-01T00:00:00.000Z", "– role: none is in force any more"),
        (
            "2220-01-01T00:00:00.000Z",
            "! role: member: the identity can also write",
        ),
    ] {
        let room = Room::new();
        room.sandbox.infisical().change(|settings| {
            settings.era = Era::Old;
            settings.identities[0].role = Some("member".to_owned());
            settings.identities[0].role_ends = Some(ends.to_owned());
        });
        let told = room.run(DEV).run();
        assert!(told.stdout.contains(words), "{ends}: {told}");
    }
}

#[test]
fn a_role_that_cannot_be_known() {
    for (name, role) in [("custom", Some("bot-reader".to_owned())), ("hidden", None)] {
        let room = Room::new();
        room.sandbox.infisical().change(|settings| {
            // It does not add a custom role's rights up.
            settings.era = Era::Old;
            settings.identities[0].role = role;
        });
        insta::assert_snapshot!(format!("role_{name}"), room.trouble());
    }
}

// The bots' secrets.

#[test]
fn a_project_or_environment_that_is_not_the_one_is_named_with_those_that_are_there() {
    type Case = (&'static str, [&'static str; 2], fn(&mut Settings));
    let mut told = String::new();
    let cases: [Case; 5] = [
        ("a slug", ["INFISICAL_PROJECT_ID", "bots-nfv-r"], |_| {}),
        (
            "another id",
            ["INFISICAL_PROJECT_ID", "00000000-0000-4000-8000-000000000000"],
            |_| {},
        ),
        ("another type", ["INFISICAL_ENV", "prod"], |settings| {
            settings.project_type = "kms".to_owned();
        }),
        ("another environment", ["INFISICAL_ENV", "production"], |_| {}),
        ("no member", ["INFISICAL_ENV", "prod"], |settings| {
            settings.identities[0].state = IdentityState::NotInProject;
        }),
    ];
    for (name, [variable, value], change) in cases {
        let room = Room::new();
        room.sandbox.infisical().change(change);
        let found = room.run(DEV).env(variable, value).run();
        assert_ne!(found.code, Some(0), "{found}");
        let lines = found
            .stdout
            .lines()
            .skip_while(|line| !line.contains(" ms  ✗ project: "));
        let lines: Vec<_> = lines.take(3).map(|line| line.split(" ms  ").last().unwrap()).collect();
        let project = room.sandbox.infisical().settings().project_id;
        let _ = write!(told, "{name}:\n{}\n", lines.join("\n").replace(&project, "PROJECT"));
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_session_that_was_given_and_has_ended_is_told() {
    let room = Room::new();
    // {"identityId":"x","exp":1000000000.5}
    let token = "e30.eyJpZGVudGl0eUlkIjoieCIsImV4cCI6MTAwMDAwMDAwMC41fQ.c2ln";
    let run = room
        .run(DEV)
        .without("INFISICAL_CLIENT_ID")
        .without("INFISICAL_CLIENT_SECRET");
    let told = run.env("INFISICAL_TOKEN", token).run();
    assert_ne!(told.code, Some(0), "{told}");
    let line = line_of(&told.stdout, "login");
    assert_eq!(
        line,
        "! login: the session that was given in INFISICAL_TOKEN ended on 2001-09-09 01:46 UTC"
    );
}

#[test]
fn a_session_of_few_uses_is_spent_on_what_a_mint_does() {
    let room = Room::new();
    room.sandbox
        .infisical()
        .change(|settings| settings.identities[0].session_uses = Some(1));
    let told = room.run(DEV).run();
    assert_eq!(told.code, Some(0), "{told}");
    assert!(line_of(&told.stdout, "secrets").starts_with('✓'), "{told}");
    assert!(line_of(&told.stdout, "role").starts_with('–'), "{told}");
}

#[test]
fn a_folder_that_is_not_there() {
    for (name, era) in [("old", Era::Old), ("new", Era::New)] {
        let room = Room::new();
        room.sandbox.infisical().change(|settings| settings.era = era);
        let run = room.run("raxx-doctor --bot raxx-qa-bot");
        insta::assert_snapshot!(format!("no_folder_{name}"), trouble(run));
    }
}

#[test]
fn a_folder_that_may_not_be_read() {
    let room = Room::new();
    room.sandbox
        .infisical()
        .change(|settings| settings.identities[0].reading = Reading::Nothing);
    insta::assert_snapshot!(room.trouble());
}

/// Some servers refuse a list of all folders where one of them may not be read.
#[test]
fn an_identity_that_reads_the_bots_folders_only() {
    let room = Room::new();
    let refuse_list = || {
        let refusal = json!({
            "statusCode": 403,
            "message": "You are not allowed to read on secrets",
            "error": "PermissionDenied",
        });
        let canned = Canned::new(403).json(&refusal);
        room.sandbox.infisical().answer_next("/api/v3/secrets/raw", 1, canned);
    };
    refuse_list();
    insta::assert_snapshot!(trouble(room.run(ALL)));
    refuse_list();
    let stdout = room
        .run(ALL)
        .env("RAXX_BOTS", "raxx-dev-bot raxx-pm-bot")
        .run()
        .success();
    assert!(stdout.contains("✓ viewer: raxx-pm-bot[bot]"), "{stdout}");
}

#[test]
fn keys_that_are_missing_or_misnamed() {
    let room = Room::new();
    room.change_folder(|folder| {
        folder
            .remove("APP_ID")
            .set("app-id", "3501352")
            .remove("INSTALLATION_ID");
    });
    insta::assert_snapshot!(room.trouble());
}

#[test]
fn values_that_are_hidden() {
    let room = Room::new();
    room.change_folder(|folder| {
        folder.hide("PRIVATE_KEY_PEM");
    });
    insta::assert_snapshot!(room.trouble());
}

#[test]
fn an_id_that_is_not_a_number() {
    let room = Room::new();
    room.put("INSTALLATION_ID", "raxx-dev-bot");
    insta::assert_snapshot!(room.trouble());
}

#[test]
fn keys_that_cannot_sign() {
    for (name, pem) in [
        ("truncated", refused::truncated()),
        ("short", refused::rsa_1024()),
        ("openssh", refused::openssh()),
        ("elliptic", refused::ec_pkcs8()),
        ("public", refused::public_key()),
        ("text", "3501352".to_owned()),
    ] {
        let room = Room::new();
        room.put("PRIVATE_KEY_PEM", &pem);
        insta::assert_snapshot!(format!("key_{name}"), room.trouble());
    }
}

#[test]
fn one_bots_trouble_is_not_the_others() {
    let room = Room::new();
    room.put("PRIVATE_KEY_PEM", "none");
    let told = room.run(ALL).run();
    assert_eq!(told.code, Some(13));
    assert!(told.stdout.contains("✓ viewer: raxx-ops-bot[bot]") && !told.stdout.contains("✓ viewer: raxx-dev-bot"));
}

// GitHub.

#[test]
fn another_bots_secrets() {
    let room = Room::new();
    let ops = room.sandbox.bot("raxx-ops-bot").clone();
    room.put("APP_ID", &ops.app_id.to_string());
    room.put("INSTALLATION_ID", &ops.installation_id.to_string());
    room.put("PRIVATE_KEY_PEM", &ops.key.pkcs1_pem());
    insta::assert_snapshot!(room.trouble());
}

#[test]
fn another_apps_key() {
    let room = Room::new();
    room.put("PRIVATE_KEY_PEM", &BotKey::generate().pkcs8_pem());
    let told = room.trouble();
    insta::assert_snapshot!(told);
}

#[test]
fn an_installation_of_another_app() {
    let room = Room::new();
    room.put("INSTALLATION_ID", "102");
    insta::assert_snapshot!(room.trouble());
}

#[test]
fn an_installation_that_is_suspended() {
    let room = Room::new();
    room.sandbox
        .github()
        .change(|settings| settings.installation(101).suspended = true);
    insta::assert_snapshot!(room.trouble());
}

#[test]
fn a_version_that_github_does_not_know() {
    let room = Room::new();
    insta::assert_snapshot!(trouble(room.run(&format!("{DEV} --github-api-version 2021-01-01"))));
}

#[test]
fn few_requests_left() {
    let room = Room::new();
    let body = json!({"resources": {"core": {"limit": 5000, "remaining": 12, "reset": 1_800_000_000, "used": 4988}}});
    room.sandbox
        .github()
        .answer_next("/rate_limit", 1, Canned::new(200).json(&body));
    insta::assert_snapshot!(room.trouble());
}

#[test]
fn a_server_without_limits_or_graphql() {
    let room = Room::new();
    room.sandbox.github().answer_next(
        "/rate_limit",
        1,
        Canned::new(404).json(&json!({"message": "Not Found"})),
    );
    let refusal = json!({"message": "Resource not accessible by integration"});
    room.sandbox
        .github()
        .answer_next("/graphql", 1, Canned::new(403).json(&refusal));
    let told = room.trouble();
    assert_eq!(told.code, Some(0));
    insta::assert_snapshot!(told);
}

#[test]
fn a_token_that_could_not_be_revoked() {
    let room = Room::new();
    room.sandbox
        .github()
        .answer_next("DELETE", 1, Canned::new(500).json(&json!({"message": "Server Error"})));
    let mut told = room.trouble();
    let end = told.stdout.find("ends at ").expect("when the token ends");
    told.stdout.truncate(end);
    insta::assert_snapshot!(told);
}

#[test]
fn github_that_cannot_be_reached() {
    let room = Room::new();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let run = room.run(DEV).env("GITHUB_API_URL", format!("https://{address}"));
    insta::assert_snapshot!(trouble(run.named(address.to_string(), "[address]")));
}

// This machine.

#[test]
fn no_place_for_tokens() {
    let room = Room::new();
    insta::assert_snapshot!("place_none", trouble(room.run(DEV).env("XDG_RUNTIME_DIR", "/nowhere")));
    let disk = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let run = room.run(DEV).env("XDG_RUNTIME_DIR", disk.path());
    let on_disk = trouble(run.named(disk.path().to_string_lossy(), "[disk]"));
    assert!(on_disk.stdout.contains("is not in memory but on a disk"), "{on_disk}");
    fs::create_dir(room.runtime.path().join("raxx-mint")).unwrap();
    fs::set_permissions(room.runtime.path().join("raxx-mint"), Permissions::from_mode(0o755)).unwrap();
    insta::assert_snapshot!("place_open", room.trouble());
    let stdout = room.run(DEV).env("RAXX_MINT_CACHE", "off").run().success();
    assert_eq!(
        line_of(&stdout, "reuse of tokens"),
        "✓ reuse of tokens: off, by RAXX_MINT_CACHE: each call mints a token"
    );
    insta::assert_snapshot!(
        "place_relative",
        trouble(room.run(DEV).env("RAXX_MINT_CACHE", "tokens"))
    );
}

#[test]
fn programs_that_are_missing() {
    let room = Room::new();
    let empty = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(trouble(room.run(DEV).env("PATH", empty.path())));
}

#[test]
fn helpers_that_answer_before_ours() {
    needs!("git");
    let room = Room::new();
    let home = tempfile::tempdir().unwrap();
    let settings = home.path().join("gitconfig");
    let host = room.sandbox.github().address().to_string();
    let run = |content: &str| {
        fs::write(&settings, content).unwrap();
        room.run(DEV)
            .env("GIT_CONFIG_GLOBAL", &settings)
            .named(settings.to_string_lossy(), "[settings]")
    };
    let ours = format!("[credential \"https://{host}\"]\n\thelper = raxx --bot raxx-dev-bot\n");
    let store = "[credential]\n\thelper = store --file=/somewhere\n";
    insta::assert_snapshot!(trouble(run(&format!("{store}{ours}"))));
    let emptied = format!("[credential \"https://{host}\"]\n\thelper =\n\thelper = raxx --bot raxx-dev-bot\n");
    for (settings, line) in [
        (
            format!("{store}{emptied}"),
            "✓ credential helpers: ours alone is asked for ",
        ),
        (format!("{ours}{store}"), "! credential helpers: store (file:"),
        (store.to_owned(), "✓ credential helpers: store (file:"),
        (
            "[credential \"https://elsewhere.example\"]\n\thelper = store\n".to_owned(),
            "✓ credential helpers: none for ",
        ),
        (
            format!("[credential \"https://{host}\"]\n\thelper = !/gone/git-credential-raxx --bot raxx-dev-bot\n"),
            "! credential helpers: ours for ",
        ),
    ] {
        let stdout = run(&settings).run().success();
        assert!(line_of(&stdout, "credential helpers").starts_with(line), "{stdout}");
    }
}

/// What git would send before it asks any helper, on this machine and in the repository it is asked in.
#[test]
fn every_other_way_by_which_git_is_the_operator() {
    needs!("git");
    let room = Room::new();
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let host = room.sandbox.github().address().to_string();
    let netrc = home.join(".netrc");
    let ssh = "printf 'Host work\n HostName 127.0.0.1\n' > ssh; git config core.sshCommand \"ssh -F $PWD/ssh\"; ";
    let alias = format!("{ssh}git remote add o git@work:O/R");
    for (planted, way, is_stopped) in [
        (
            "echo machine 127.0.0.1 login o password hunter2 > ../.netrc".to_owned(),
            "a netrc names 127.0.0.1: ",
            false,
        ),
        (
            format!("git config http.https://{host}/O/R.git.extraHeader 'Authorization: hunter2'"),
            "a header is sent to 127.0.0.1: ",
            false,
        ),
        (
            "git config --global http.cookieFile jar".to_owned(),
            "cookies are sent to 127.0.0.1: http.cookiefile ",
            false,
        ),
        (
            format!("git config http.https://{host}.sslCert hunter2"),
            "a client certificate is shown to 127.0.0.1: ",
            true,
        ),
        (
            format!("git remote add o https://o:hunter2@{host}/O/R"),
            "a credential stands in a URL of 127.0.0.1: remote.o.url ",
            false,
        ),
        (
            format!("git config --global url.https://o:hunter2@{host}/.insteadOf gh:"),
            "a credential stands in a URL of 127.0.0.1: url.https://…@",
            false,
        ),
        (
            "git remote add o git@127.0.0.1:O/R".to_owned(),
            "127.0.0.1 is reached over ssh: remote.o.url ",
            false,
        ),
        (alias, "127.0.0.1 is reached over ssh: remote.o.url ", false),
    ] {
        if planted.contains("ssh -F") && !tests::tools::has("ssh") {
            continue;
        }
        let _ = (
            fs::remove_file(&netrc),
            fs::remove_file(home.join(".gitconfig")),
            fs::remove_dir_all(home.join("work")),
        );
        let line = format!("git init -q work; cd work; {planted}");
        let at_home = |run: Run| {
            run.env("HOME", home)
                .env("GIT_CONFIG_NOSYSTEM", "1")
                .without("GIT_CONFIG_GLOBAL")
        };
        at_home(shell(&line)).inside(home).run().success();
        let look = || {
            let told = at_home(room.run(DEV)).inside(&home.join("work")).run().success();
            assert!(!told.contains("hunter2"), "{told}");
            line_of(&told, "other ways to be the operator")
        };
        let found = look();
        let mark = if is_stopped { "!" } else { "✓" };
        assert!(
            found.starts_with(&format!("{mark} other ways to be the operator: {way}")),
            "{found}"
        );
        // With our helper, as by hand: it would be asked too late.
        let helper = format!("git config --global credential.https://{host}.helper 'raxx --bot raxx-dev-bot'");
        at_home(shell(&helper)).inside(home).run().success();
        let found = look();
        assert!(
            found.starts_with(&format!("! other ways to be the operator: {way}")),
            "{found}"
        );
    }
}

/// What the doctor says of the door is what the door does.
#[test]
fn what_the_door_puts_aside_and_where_it_stops() {
    needs!("git");
    let room = Room::new();
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let stops = "with-bot-token --git stops there";
    let puts_aside = "with-bot-token --git puts it aside";
    let alias = "printf 'Host work\\n HostName 127.0.0.1\\n' > ssh; git config core.sshCommand \"ssh -F $PWD/ssh\"; git remote add o git@work:O/R";
    for (planted, certificate, words) in [
        ("git remote add o git@127.0.0.1:O/R", "", puts_aside),
        (alias, "", stops),
        (
            "git config url.git@127.0.0.1:.pushInsteadOf https://127.0.0.1/",
            "",
            stops,
        ),
        ("true", "/a.pem", puts_aside),
    ] {
        if planted == alias && !tests::tools::has("ssh") {
            continue;
        }
        let _ = fs::remove_dir_all(home.join("work"));
        let at_home = |run: Run| {
            run.env("HOME", home)
                .env("GIT_CONFIG_NOSYSTEM", "1")
                .without("GIT_CONFIG_GLOBAL")
        };
        let line = format!("git init -q work; cd work; {planted}");
        at_home(shell(&line)).inside(home).run().success();
        let run = at_home(room.run(DEV))
            .inside(&home.join("work"))
            .env("GIT_SSL_CERT", certificate);
        let told = run.run().success();
        assert!(
            line_of(&told, "other ways to be the operator").contains(words),
            "{planted}: {told}"
        );
    }
}

#[test]
fn tokens_of_the_operators_in_the_environment_are_named() {
    let room = Room::new();
    let run = room.run(DEV).env("GH_PAT", "x").env("NOTES", "see ghp_0123456789");
    let told = run.run().success();
    let found = line_of(&told, "operator's tokens");
    assert!(found.starts_with("✓ operator's tokens: GH_PAT, NOTES: "), "{told}");
    assert!(!told.contains("ghp_"), "{told}");
}

#[test]
fn a_session_that_lives_for_days_is_warned_of() {
    let room = Room::new();
    for (seconds, is_warned) in [(600, false), (3_600, false), (2_592_000, true)] {
        room.sandbox
            .infisical()
            .change(|settings| settings.session_lifetime = std::time::Duration::from_secs(seconds));
        let told = room.run(DEV).run().success();
        let line = line_of(&told, "login");
        assert_eq!(line.starts_with('!'), is_warned, "{seconds}: {told}");
    }
}

// How it is shown.

/// Escape sequences begin so (ECMA-48, CSI).
const ESCAPE: &str = "\x1b[";

fn on_a_terminal(room: &Room) -> Run {
    let run = shell(&format!("script --quiet --return --command '{DEV}' /dev/null"));
    equipped(run.against(&room.sandbox).stdin(""), room.runtime.path())
}

#[test]
fn colours_on_a_terminal_only() {
    let room = Room::new();
    let shown = |run: Run| run.run().success();
    assert!(!shown(room.run(DEV)).contains(ESCAPE));
    assert!(
        !shown(room.run(DEV).env("TERM", "xterm")).contains(ESCAPE),
        "into a pipe"
    );
    assert!(shown(on_a_terminal(&room).env("TERM", "xterm")).contains("\x1b[1m\x1b[32m✓"));
    let plain = shown(on_a_terminal(&room).env("TERM", "xterm").env("NO_COLOR", "1"));
    assert!(
        !plain.contains("\x1b[32m") && plain.contains("✓ INFISICAL_HOST"),
        "{plain}"
    );
    assert!(!shown(on_a_terminal(&room).env("TERM", "dumb")).contains(ESCAPE));
}

#[test]
fn who_reads_the_first_lines_only_ends_nothing() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let line = "set -o pipefail; raxx-doctor raxx-dev-bot | head -1";
    let told = shell(line).against(&sandbox).run();
    assert_eq!(
        (told.code, told.stdout.as_str(), told.stderr.as_str()),
        (Some(0), "configuration\n", ""),
        "{told}"
    );
}

#[test]
fn words_where_there_is_no_utf8() {
    let room = Room::new();
    let stdout = room.run(DEV).env("LANG", "C").run().success();
    assert!(
        stdout.contains(" ms  ok   INFISICAL_HOST: ") && !stdout.contains('✓'),
        "{stdout}"
    );
    let stdout = room
        .run(DEV)
        .env("LC_ALL", "de_DE.utf8")
        .env("LANG", "C")
        .run()
        .success();
    assert!(stdout.contains("✓ INFISICAL_HOST"), "{stdout}");
    room.put("PRIVATE_KEY_PEM", "none");
    assert!(
        room.run(DEV)
            .without("LANG")
            .run()
            .stdout
            .contains(" ms  FAIL private key: ")
    );
}

/// A guard that with-bot-token does not understand keeps every command from running.
#[test]
fn a_guard_that_is_neither_on_nor_off() {
    let room = Room::new();
    for (value, well, line) in [
        ("1", true, "✓ RAXX_REQUIRE_BOT: 1"),
        ("0", true, "✓ RAXX_REQUIRE_BOT: not in force"),
        ("maybe", false, "✗ RAXX_REQUIRE_BOT"),
    ] {
        let told = room.run(DEV).env("RAXX_REQUIRE_BOT", value).run();
        assert_eq!(told.code == Some(0), well, "{told}");
        assert!(line_of(&told.stdout, "RAXX_REQUIRE_BOT").starts_with(line), "{told}");
    }
}

#[test]
fn a_log_in_of_ghs_own_is_named_wherever_gh_looks_for_it() {
    let room = Room::new();
    let home = tempfile::tempdir().unwrap();
    let host = room.sandbox.github().address().to_string();
    for (variable, value, folder) in [
        ("HOME", "", ".config/gh"),
        ("XDG_CONFIG_HOME", "x", "x/gh"),
        ("GH_CONFIG_DIR", "g", "g"),
    ] {
        let folder = home.path().join(folder);
        fs::create_dir_all(&folder).unwrap();
        let run = || room.run(DEV).env(variable, home.path().join(value)).run().success();
        fs::write(
            folder.join("hosts.yml"),
            "elsewhere.example:\n    oauth_token: gho_secret\n",
        )
        .unwrap();
        assert!(!run().contains("gh's own login"), "{variable}");
        fs::write(
            folder.join("hosts.yml"),
            format!("{host}:\n    oauth_token: gho_secret\n"),
        )
        .unwrap();
        let stdout = run();
        assert!(
            line_of(&stdout, "gh's own login").contains("gh without it is the operator"),
            "{stdout}"
        );
        assert!(!stdout.contains("gho_"), "{stdout}");
    }
    // A pipe that nobody writes into, in place of the file or of a netrc, keeps nobody waiting for ever.
    for pipe in ["g/hosts.yml", ".netrc"] {
        let pipe = home.path().join(pipe);
        let _ = fs::remove_file(&pipe);
        shell(&format!("mkfifo {}", pipe.display())).run().success();
    }
    let run = room.run(DEV).env("GH_CONFIG_DIR", home.path().join("g"));
    let stdout = run.env("HOME", home.path()).run().success();
    assert!(!stdout.contains("gh's own login"), "{stdout}");
}
