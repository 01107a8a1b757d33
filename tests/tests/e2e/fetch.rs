//! Step 2, and every way in which a bot's secrets are not to be had.

use std::fmt::Write as _;

use serde_json::json;
use tests::infisical::{Era, Folder, IdentityState, Reading, Settings};
use tests::sandbox::Sandbox;
use tests::script::Canned;

use crate::chain::{Run, Told, program};

const DEV: &str = "/MooseQuest/raxx-dev-bot";

fn session(sandbox: &Sandbox) -> String {
    program("infisical-login").against(sandbox).run().success()
}

fn fetch(line: &str, sandbox: &Sandbox) -> Run {
    program(&format!("infisical-fetch {line}"))
        .against(sandbox)
        .stdin(session(sandbox))
}

fn changed(change: impl FnOnce(&mut Settings)) -> Sandbox {
    let sandbox = Sandbox::start_with_pooled_keys();
    sandbox.infisical().change(change);
    sandbox
}

fn dev_folder(change: impl FnOnce(&mut Folder)) -> Told {
    let sandbox = changed(|settings| change(settings.folder(DEV)));
    fetch("--bot raxx-dev-bot", &sandbox).run().failure(12)
}

#[test]
fn a_bot_is_found_by_path_and_by_name() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let bot = sandbox.bot("raxx-dev-bot");
    let expected = json!({ "kind": "bot-secrets", "path": DEV, "APP_ID": bot.app_id.to_string(),
        "INSTALLATION_ID": bot.installation_id.to_string(), "PRIVATE_KEY_PEM": bot.key.pkcs1_pem() });
    let ways = [
        "--path /MooseQuest/raxx-dev-bot",
        "--path /MooseQuest/raxx-dev-bot/",
        "--path MooseQuest/raxx-dev-bot",
        "--bot raxx-dev-bot",
        "--bot raxx-dev-bot --path-prefix MooseQuest",
        "--bot raxx-dev-bot --env prod",
    ];
    for way in ways {
        assert_eq!(fetch(way, &sandbox).run().document(), expected, "{way}");
    }
}

#[test]
fn old_new_and_future_servers_give_the_same_document() {
    for era in [Era::Old, Era::New, Era::Future] {
        let sandbox = changed(|settings| settings.era = era);
        let secrets = fetch("--bot raxx-ops-bot", &sandbox).run().document();
        assert_eq!(secrets["APP_ID"], json!("3501353"), "{era:?}");
        let asked: Vec<_> = sandbox
            .journal()
            .to("/secrets")
            .iter()
            .map(|request| request.path.clone())
            .collect();
        let expected: &[_] = match era {
            Era::Old | Era::New => &["/api/v3/secrets/raw"],
            Era::Future => &["/api/v3/secrets/raw", "/api/v4/secrets"],
        };
        assert_eq!(asked, expected, "{era:?}");
    }
}

#[test]
fn imported_secrets_count_and_own_ones_win() {
    let sandbox = changed(|settings| {
        settings
            .folder("/shared")
            .set("PRIVATE_KEY_PEM", "imported key")
            .set("APP_ID", "999");
        settings
            .folder(DEV)
            .remove("PRIVATE_KEY_PEM")
            .imports
            .push("/shared".to_owned());
    });
    for line in ["--bot raxx-dev-bot", "--bot raxx-dev-bot --bot raxx-ops-bot"] {
        let stdout = fetch(line, &sandbox).run().success();
        let secrets: serde_json::Value = serde_json::from_str(stdout.lines().next().unwrap()).unwrap();
        assert_eq!(
            (&secrets["PRIVATE_KEY_PEM"], &secrets["APP_ID"]),
            (&json!("imported key"), &json!("3501352")),
            "{line}"
        );
    }
}

#[test]
fn a_folder_that_does_not_exist() {
    for era in [Era::Old, Era::New] {
        let sandbox = changed(|settings| settings.era = era);
        let told = fetch("--path /MooseQuest/nope", &sandbox).run();
        insta::assert_snapshot!(
            format!("no_folder_{era:?}"),
            told.failure(if era == Era::Old { 12 } else { 11 })
        );
        let told = fetch("--bot raxx-dev-bot --env staging", &sandbox).run();
        insta::assert_snapshot!(
            format!("no_environment_{era:?}"),
            told.failure(if era == Era::Old { 12 } else { 11 })
        );
    }
}

#[test]
fn a_project_that_does_not_exist() {
    for era in [Era::Old, Era::New] {
        let sandbox = changed(|settings| settings.era = era);
        let told = fetch(
            "--bot raxx-dev-bot --project-id 11111111-1111-4111-8111-111111111111",
            &sandbox,
        )
        .run();
        insta::assert_snapshot!(format!("no_project_{era:?}"), told.failure(11));
    }
}

#[test]
fn an_identity_without_access() {
    for era in [Era::Old, Era::New] {
        let outside = changed(|settings| {
            settings.era = era;
            settings.identities[0].state = IdentityState::NotInProject;
        });
        insta::assert_snapshot!(
            format!("not_in_project_{era:?}"),
            fetch("--bot raxx-dev-bot", &outside).run().failure(11)
        );
        let unreadable = changed(|settings| {
            settings.era = era;
            settings.identities[0].reading = Reading::Nothing;
        });
        insta::assert_snapshot!(
            format!("not_readable_{era:?}"),
            fetch("--bot raxx-dev-bot", &unreadable).run().failure(11)
        );
    }
}

#[test]
fn a_session_that_has_ended() {
    for era in [Era::Old, Era::New] {
        let sandbox = changed(|settings| settings.era = era);
        let run = fetch("--bot raxx-dev-bot", &sandbox);
        sandbox.infisical().expire_sessions();
        insta::assert_snapshot!(format!("expired_{era:?}"), run.run().failure(11));
        let run = fetch("--bot raxx-dev-bot", &sandbox);
        sandbox.infisical().revoke_sessions();
        insta::assert_snapshot!(format!("revoked_{era:?}"), run.run().failure(11));
    }
}

type Change = Box<dyn FnOnce(&mut Settings)>;

/// What a server of 2026 was recorded to refuse a session or a listing for, beside what the tests around it have.
fn refusals_of_2026() -> Vec<(&'static str, Change)> {
    fn of(name: &'static str, change: impl FnOnce(&mut Settings) + 'static) -> (&'static str, Change) {
        (name, Box::new(change))
    }
    let state = |name, state| of(name, move |settings| settings.identities[0].state = state);
    let reading = |name, reading| of(name, move |settings| settings.identities[0].reading = reading);
    vec![
        state(
            "its address is not one for sessions",
            IdentityState::SessionAddressNotAllowed,
        ),
        state("it was deactivated", IdentityState::Inactive),
        state(
            "its client secret was revoked meanwhile",
            IdentityState::SecretRevokedMeanwhile,
        ),
        of("its session has no uses left", |settings| {
            settings.identities[0].session_uses = Some(0);
        }),
        reading("it may see names only", Reading::Names),
        reading(
            "it may read another folder only",
            Reading::Below(vec!["/MooseQuest/raxx-ops-bot".to_owned()]),
        ),
        of("its folder is empty", |settings| settings.folder(DEV).secrets.clear()),
        of("the project is of another type", |settings| {
            settings.project_type = "cert-manager".into();
        }),
        of("a reference may not be followed", |settings| {
            settings.folder("/Shared").set("PEM", "x");
            settings.folder(DEV).set("PRIVATE_KEY_PEM", "${prod.Shared.PEM}");
            settings.identities[0].reading = Reading::Below(vec!["/MooseQuest".to_owned()]);
        }),
        of("a reference leads nowhere", |settings| {
            settings.folder(DEV).set("APP_ID", "${NOWHERE}");
        }),
    ]
}

#[test]
fn each_refusal_of_2026_has_its_cause_and_fix() {
    let mut told = String::new();
    for (name, change) in refusals_of_2026() {
        let sandbox = Sandbox::start_with_pooled_keys();
        let step = fetch("--bot raxx-dev-bot", &sandbox);
        sandbox.infisical().change(change);
        let chain = program("raxx-mint --bot raxx-dev-bot").against(&sandbox);
        let [step, chain] = [step.run(), chain.run()].map(|told| {
            let lines = told.stderr.lines().filter(|line| !line.starts_with("  request id:"));
            lines.flat_map(|line| [line, "\n"]).collect::<String>()
        });
        // A session that the chain opens anew has its own uses.
        if !name.contains("uses") {
            assert_eq!(step, chain, "{name}");
        }
        let project = sandbox.infisical().settings().project_id;
        let _ = write!(told, "{name}:\n{}\n", chain.replace(&project, "PROJECT"));
    }
    insta::assert_snapshot!(told);
}

#[test]
fn of_all_bots_one_that_refers_to_what_may_not_be_read_costs_no_other() {
    let sandbox = changed(|settings| {
        settings.folder("/Shared").set("PEM", "x");
        settings.folder(DEV).set("PRIVATE_KEY_PEM", "${prod.Shared.PEM}");
        settings.identities[0].reading = Reading::Below(vec!["/MooseQuest".to_owned()]);
    });
    let runs = [
        fetch("--all-bots", &sandbox),
        program("raxx-mint --all-bots").against(&sandbox),
    ];
    for run in runs {
        let told = run.run();
        assert_eq!((told.code, told.stdout.lines().count()), (Some(11), 2), "{told}");
        assert!(
            told.stderr.contains("raxx-dev-bot") && told.stderr.contains("'PEM'"),
            "{told}"
        );
    }
}

#[test]
fn an_identity_that_sees_names_only_is_told_so_for_all_bots_too() {
    let sandbox = changed(|settings| settings.identities[0].reading = Reading::Names);
    insta::assert_snapshot!(fetch("--all-bots", &sandbox).run().failure(12));
}

#[test]
fn a_folder_that_only_imports_is_not_left_out_of_all_bots_in_silence() {
    let sandbox = changed(|settings| {
        settings.folder("/MooseQuest/raxx-twin-bot").imports = vec![DEV.to_owned()];
    });
    let told = fetch("--all-bots", &sandbox).run();
    assert!(
        told.stderr.contains("imports a whole bot") && told.stderr.contains("--bot"),
        "{told}"
    );
    let quiet = fetch("--all-bots", &Sandbox::start_with_pooled_keys()).run();
    assert_eq!(quiet.stderr, "");
    assert_eq!(
        fetch("--bot raxx-twin-bot", &sandbox).run().document()["APP_ID"],
        json!("3501352")
    );
}

#[test]
fn a_session_that_was_given_cannot_be_mended_by_a_log_in() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let token = sandbox.infisical().open_session();
    sandbox.infisical().revoke_sessions();
    let credentials = ["INFISICAL_CLIENT_ID", "INFISICAL_CLIENT_SECRET"];
    for (line, code) in [
        ("raxx-mint --bot raxx-dev-bot", 11),
        ("with-bot-token raxx-dev-bot true", 125),
    ] {
        let mut run = program(line).against(&sandbox).env("INFISICAL_TOKEN", &token);
        for name in credentials {
            run = run.without(name);
        }
        let told = run.run().failure(code);
        assert!(told.stderr.contains("set INFISICAL_TOKEN to a live"), "{told}");
        assert!(!told.stderr.contains("infisical-login"), "{told}");
    }
}

#[test]
fn a_token_that_is_not_infisicals() {
    for era in [Era::Old, Era::New] {
        let sandbox = changed(|settings| settings.era = era);
        let session = json!({ "host": sandbox.infisical().base_url(), "access_token": "abc" });
        let told = program("infisical-fetch --bot raxx-dev-bot")
            .against(&sandbox)
            .stdin(session.to_string())
            .run();
        insta::assert_snapshot!(format!("malformed_token_{era:?}"), told.failure(11));
    }
}

#[test]
fn secrets_that_are_missing_or_misnamed() {
    insta::assert_snapshot!(
        "missing_pem",
        dev_folder(|folder| {
            folder.remove("PRIVATE_KEY_PEM");
        })
    );
    insta::assert_snapshot!(
        "misnamed",
        dev_folder(|folder| {
            folder.remove("APP_ID").set("app-id", "3501352");
            folder.remove("INSTALLATION_ID").set("installationId", "101");
            folder.remove("PRIVATE_KEY_PEM").set("private-key-pem", "key");
        })
    );
    insta::assert_snapshot!(
        "misnamed_by_what_cannot_be_seen",
        dev_folder(|folder| {
            folder.remove("APP_ID").set("APP_ID\u{200b}", "3501352");
            folder.remove("INSTALLATION_ID").set("INSTALLATION_ID ", "101");
            folder.remove("PRIVATE_KEY_PEM").set("PRIVATE\u{a0}KEY_PEM", "key");
        })
    );
    insta::assert_snapshot!(
        "other_secrets_only",
        dev_folder(|folder| {
            *folder = Folder::default();
            folder.set("SLACK_TOKEN", "x");
        })
    );
}

#[test]
fn secrets_that_cannot_be_used() {
    insta::assert_snapshot!(
        "hidden",
        dev_folder(|folder| {
            folder.hide("PRIVATE_KEY_PEM").hide("APP_ID");
        })
    );
    insta::assert_snapshot!(
        "empty",
        dev_folder(|folder| {
            folder.set("PRIVATE_KEY_PEM", " \n");
        })
    );
    insta::assert_snapshot!(
        "ids_swapped_with_the_key",
        dev_folder(|folder| {
            folder.set("INSTALLATION_ID", "-----BEGIN RSA PRIVATE KEY-----");
        })
    );
    insta::assert_snapshot!(
        "app_id_is_a_name",
        dev_folder(|folder| {
            folder.set("APP_ID", "raxx-dev-bot");
        })
    );
}

#[test]
fn ids_lose_the_space_and_quotes_that_came_with_them() {
    let sandbox = changed(|settings| {
        settings
            .folder(DEV)
            .set("APP_ID", " \"3501352\"\n")
            .set("INSTALLATION_ID", "101 ");
    });
    let secrets = fetch("--bot raxx-dev-bot", &sandbox).run().document();
    assert_eq!(
        (&secrets["APP_ID"], &secrets["INSTALLATION_ID"]),
        (&json!("3501352"), &json!("101"))
    );
}

#[test]
fn an_answer_that_is_no_list() {
    for (name, answer) in [
        ("not_json", Canned::new(200).body("secretValue: hunter2")),
        (
            "no_routes",
            Canned::new(404).json(&json!({ "message": "Route GET:/api not found", "statusCode": 404 })),
        ),
        (
            "html",
            Canned::html(503, "<title>503 Service Temporarily Unavailable</title>"),
        ),
        (
            "moved",
            Canned::new(302).header(
                "Location",
                "https://team.cloudflareaccess.com/cdn-cgi/access/login/x?kid=1",
            ),
        ),
    ] {
        let sandbox = Sandbox::start_with_pooled_keys();
        let run = fetch("--bot raxx-dev-bot", &sandbox);
        sandbox.infisical().answer_next("/secrets", 3, answer);
        insta::assert_snapshot!(format!("answer_{name}"), run.run().failure(11));
    }
}

#[test]
fn several_bots_cost_one_request_and_one_does_not_cost_the_others_theirs() {
    let sandbox = changed(|settings| {
        settings.folder("/MooseQuest/raxx-ops-bot").remove("APP_ID");
    });
    let told = fetch("--bot raxx-pm-bot --bot raxx-ops-bot --bot raxx-dev-bot", &sandbox).run();
    assert_eq!(told.code, Some(12), "{told}");
    let paths: Vec<serde_json::Value> = told
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["path"].clone())
        .collect();
    assert_eq!(
        paths,
        [json!("/MooseQuest/raxx-pm-bot"), json!(DEV)],
        "in the order asked for"
    );
    assert!(
        told.stderr
            .starts_with("error: raxx-ops-bot: bot secrets at /MooseQuest/raxx-ops-bot/ missing keys: APP_ID\n"),
        "{told}"
    );
    assert_eq!(
        sandbox.journal().to("/secrets").len(),
        2,
        "one recursive request, and a second look at the one that lacks a key"
    );
}

#[test]
fn an_identity_that_may_not_list_the_folder_above_still_gets_its_bots() {
    let sandbox = changed(|settings| {
        settings.identities[0].reading = Reading::Below(vec![DEV.to_owned(), "/MooseQuest/raxx-ops-bot".to_owned()]);
    });
    let both = || fetch("--bot raxx-dev-bot --bot raxx-ops-bot", &sandbox).run().success();
    assert_eq!(both().lines().count(), 2);
    // A server that refuses the list of the folder above, where this one leaves out what may not be read.
    let refusal =
        json!({"statusCode": 403, "message": "You are not allowed to read on secrets", "error": "PermissionDenied"});
    let refused = Canned::new(403).json(&refusal);
    sandbox.infisical().answer_next("/api/v3/secrets/raw", 1, refused);
    assert_eq!(both().lines().count(), 2);
}

#[test]
fn a_path_with_a_servers_words_in_it_is_no_other_refusal() {
    let sandbox = Sandbox::start_with_pooled_keys();
    for line in [
        "--path /projects/raxx-dev-bot",
        "--path /malformed/raxx-dev-bot",
        "--bot raxx-dev-bot --env project",
        "--bot raxx-dev-bot --env usage-limit",
    ] {
        let told = fetch(line, &sandbox).run().failure(11);
        assert!(
            told.stderr
                .contains("cause: the folder does not exist in the environment "),
            "{told}"
        );
    }
}

#[test]
fn all_bots_are_the_folders_that_hold_bot_secrets() {
    let sandbox = changed(|settings| {
        settings.folder("/MooseQuest/website").set("DATABASE_URL", "x");
    });
    let stdout = fetch("--all-bots", &sandbox).run().success();
    assert_eq!(stdout.lines().count(), 3, "{stdout}");
    let none = fetch("--all-bots --path-prefix /MooseQuest/website", &sandbox).run();
    insta::assert_snapshot!("no_bots", none.failure(12));
}

#[test]
fn a_command_line_that_names_no_bot_or_no_name() {
    let sandbox = Sandbox::start_with_pooled_keys();
    insta::assert_snapshot!("no_bot", fetch("", &sandbox).run().failure(2));
    insta::assert_snapshot!(
        "path_as_name",
        fetch("--bot MooseQuest/raxx-dev-bot", &sandbox).run().failure(2)
    );
}
