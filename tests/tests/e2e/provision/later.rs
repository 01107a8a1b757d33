//! What comes after: the dispatcher, another key, the end.

use tests::infisical::{Identity, Reading};
use tests::keys::BotKey;
use tests::script::Canned;

use super::{Desk, MAKE};
use crate::chain::program;

#[test]
fn a_key_is_rotated_once_github_knows_it() {
    let desk = Desk::new();
    let bot = desk.sandbox.bot("raxx-dev-bot").clone();
    let rotate = |pem: &str, flags: &str| {
        let run = program(&format!("raxx-provision raxx-dev-bot --rotate {flags}")).against(&desk.sandbox);
        run.env("INFISICAL_TOKEN", &desk.session).stdin(pem).run()
    };
    let stored = || desk.secret_in(&bot.path(), "PRIVATE_KEY_PEM").unwrap();
    let before = stored();
    let new = BotKey::pooled(3);
    for (pem, code, words) in [
        (bot.key.pkcs1_pem(), 12, "that is the key that is there already"),
        // GitHub does not know it.
        (new.pkcs1_pem(), 14, "GitHub API returned 401"),
        ("nonsense".to_owned(), 13, "what was given is no key that can be used"),
        (String::new(), 2, "there is no key on standard input"),
    ] {
        let told = rotate(&pem, "");
        assert!(told.code == Some(code) && told.stderr.contains(words), "{told}");
        assert!(
            pem.lines().nth(1).is_none_or(|line| !told.stderr.contains(line)),
            "{told}"
        );
        assert_eq!(stored(), before);
    }
    desk.sandbox
        .github()
        .change(|settings| settings.app(bot.app_id).key = Some(new.clone()));
    let told = rotate(&new.pkcs1_pem(), "--dry-run");
    assert!(told.code == Some(0) && stored() == before, "{told}");
    // A good answer for nothing: the old key is not to be deleted then.
    let good = serde_json::json!({"secret": {"secretKey": "PRIVATE_KEY_PEM", "secretValue": "<hidden-by-infisical>"}});
    desk.sandbox
        .infisical()
        .answer_next("PATCH /secrets/PRIVATE_KEY_PEM", 1, Canned::new(200).json(&good));
    let told = rotate(&new.pkcs1_pem(), "");
    let words = "/MooseQuest/raxx-dev-bot does not hold the new key";
    assert!(told.code == Some(11) && told.stderr.contains(words), "{told}");
    assert!(!told.stderr.contains("Now delete the old one"), "{told}");
    // Its answer is lost on the way, which counts for nothing; and what stands around the key is nobody's to store.
    desk.sandbox.infisical().lose_next("PATCH /secrets/PRIVATE_KEY_PEM");
    let around = format!(
        "password: hunter2\r\n{}and more\n",
        new.pkcs1_pem().replace('\n', "\r\n")
    );
    let told = rotate(&around, "--json");
    assert!(
        told.code == Some(0) && told.stderr.contains("Now delete the old one"),
        "{told}"
    );
    let page = "/organizations/MooseQuest/settings/apps/raxx-dev-bot";
    assert!(told.stderr.contains(page), "{told}");
    let document: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(document["kind"], "rotated-key");
    assert!(document["delete_at"].as_str().unwrap().ends_with(page), "{document}");
    assert_eq!(stored(), new.pkcs1_pem());
    program("raxx-mint raxx-dev-bot").against(&desk.sandbox).run().success();
}

#[test]
fn a_key_is_pasted_at_a_terminal_and_not_shown() {
    needs!("script");
    let desk = Desk::new();
    let bot = desk.sandbox.bot("raxx-dev-bot").clone();
    let new = BotKey::pooled(3);
    desk.sandbox
        .github()
        .change(|settings| settings.app(bot.app_id).key = Some(new.clone()));
    let mut sitting = desk.at_a_terminal("raxx-dev-bot --rotate");
    sitting.hears("Paste the new key, from -----BEGIN to -----END, and press Enter (not shown):");
    sitting.types(&new.pkcs1_pem());
    let ended = sitting.end().is(0, &["Now delete the old one"]);
    assert!(!desk.holds_a_key(&ended.told), "{}", ended.told);
    assert_eq!(desk.secret_in(&bot.path(), "PRIVATE_KEY_PEM"), Some(new.pkcs1_pem()));
}

#[test]
fn a_retired_bot_has_no_token_no_installation_and_no_secret() {
    let desk = Desk::new();
    let bot = desk.sandbox.bot("raxx-dev-bot").clone();
    let token = program("raxx-mint raxx-dev-bot").against(&desk.sandbox).run().success();
    let retire = |flags: &str| desk.start(&format!("raxx-dev-bot --retire {flags}")).end();
    let dry = retire("--dry-run").is(
        0,
        &[
            "uninstall it from MooseQuest, and so end all its tokens",
            "delete INSTALLATION_ID",
        ],
    );
    assert_eq!(dry.out, "");
    retire("").is(2, &["there is no terminal to ask at"]);
    assert!(desk.sandbox.github().is_live(token.trim()));
    assert!(desk.secret_in(&bot.path(), "PRIVATE_KEY_PEM").is_some());
    // Infisical fails in the middle: what is left to do is done by the same line again.
    desk.sandbox.infisical().answer_next(
        "DELETE /secrets/PRIVATE_KEY_PEM",
        1,
        Canned::new(403).json(&serde_json::json!({"statusCode": 403, "message": "no"})),
    );
    retire("--yes").is(11, &["`raxx-provision raxx-dev-bot --retire` does what is left"]);
    assert!(!desk.sandbox.github().is_live(token.trim()));
    let ended = retire("--yes --json").is(0, &["raxx-dev-bot is retired; its folder is gone", "Delete GitHub App"]);
    let document = ended.document();
    assert_eq!(document["kind"], "retired-bot");
    assert!(
        document["delete_at"]
            .as_str()
            .unwrap()
            .ends_with("/organizations/MooseQuest/settings/apps/raxx-dev-bot"),
        "{document}"
    );
    assert!(!desk.sandbox.infisical().settings().folders.contains_key(&bot.path()));
    let installations = desk.sandbox.github().settings().installations;
    assert!(installations.iter().all(|it| it.app_id != bot.app_id));
    retire("--yes").is(12, &["there is no bot in /MooseQuest/raxx-dev-bot"]);
    // Others are left alone.
    program("raxx-mint raxx-ops-bot").against(&desk.sandbox).run().success();
}

/// Where GitHub cannot be asked for its App, a key may be the last that there is: no script deletes it.
#[test]
fn what_cannot_be_asked_is_not_retired_without_a_persons_word() {
    let stays = |desk: &Desk| assert!(desk.secret_in("/MooseQuest/raxx-dev-bot", "PRIVATE_KEY_PEM").is_some());
    let retire = "raxx-dev-bot --retire --yes";
    for (trouble, words) in [
        ("clock", "clock"),
        ("app", "GitHub API returned"),
        ("key", "PRIVATE_KEY_PEM"),
        ("base", "GitHub"),
        ("no id", "HTTP 404"),
    ] {
        let desk = Desk::new();
        let own = desk.sandbox.bot("raxx-dev-bot").clone();
        let in_folder = |change: fn(&mut tests::infisical::Folder)| {
            desk.sandbox
                .infisical()
                .change(|settings| change(settings.folder(&own.path())));
        };
        match trouble {
            "clock" => desk
                .sandbox
                .github()
                .change(|settings| settings.clock_offset = jiff::SignedDuration::from_hours(30)),
            "app" => desk
                .sandbox
                .github()
                .change(|settings| settings.apps.retain(|app| app.id != own.app_id)),
            "key" => in_folder(|folder| {
                folder.set("PRIVATE_KEY_PEM", "lost");
            }),
            "base" => desk.sandbox.github().answer_next(
                "",
                9,
                Canned::new(404).json(&serde_json::json!({"message": "Not Found"})),
            ),
            _ => in_folder(|folder| {
                folder.remove("APP_ID");
            }),
        }
        for line in [retire, "raxx-dev-bot --retire --dry-run"] {
            let ended = desk.start(line).end();
            assert!(
                ended.code != Some(0) && ended.told.contains(words),
                "{trouble}: {}",
                ended.told
            );
            assert!(
                ended
                    .told
                    .contains("delete /MooseQuest/raxx-dev-bot in Infisical by hand"),
                "{}",
                ended.told
            );
            stays(&desk);
        }
        if trouble == "app" && tests::tools::are_here(&["script"]) {
            for (answer, code) in [("n", 14), ("y", 0)] {
                let mut sitting = desk.at_a_terminal(retire);
                sitting.answers(
                    "Is its App gone for good, so that its secrets can go too? (y/n) [n]",
                    answer,
                );
                sitting.end().is(code, &[]);
            }
            assert_eq!(desk.secret_in("/MooseQuest/raxx-dev-bot", "PRIVATE_KEY_PEM"), None);
        }
    }
    // By a clock that is wrong by less it is asked, as a mint does.
    let desk = Desk::new();
    desk.sandbox
        .github()
        .change(|settings| settings.clock_offset = jiff::SignedDuration::from_mins(10));
    desk.start(retire).end().is(0, &["It is uninstalled from MooseQuest."]);
    // A wrong environment is no bot that is gone.
    let desk = Desk::new();
    desk.start(&format!("{retire} --env production"))
        .end()
        .is(11, &["not there"]);
}

#[test]
fn a_retirement_deletes_the_bots_own_and_nothing_else() {
    let desk = Desk::new();
    desk.sandbox.infisical().change(|settings| {
        settings.folder("/MooseQuest/raxx-pm-bot").set("NOTE", "ours");
    });
    let ended = desk.start("raxx-pm-bot --retire --yes").end();
    ended.is(0, &["its folder holds other things and stays"]);
    assert_eq!(desk.secret_in("/MooseQuest/raxx-pm-bot", "APP_ID"), None);
    assert_eq!(
        desk.secret_in("/MooseQuest/raxx-pm-bot", "NOTE"),
        Some("ours".to_owned())
    );
    // A good answer alone does not say that anything is gone.
    let good = serde_json::json!({"secret": {"secretKey": "INSTALLATION_ID", "secretValue": ""}});
    desk.sandbox
        .infisical()
        .answer_next("DELETE /secrets/INSTALLATION_ID", 1, Canned::new(200).json(&good));
    let ended = desk.start("raxx-ops-bot --retire --yes --wait 0").end();
    ended.is(11, &["INSTALLATION_ID is still in /MooseQuest/raxx-ops-bot"]);
    // The folder cannot be deleted: all else is done, and said.
    desk.sandbox.infisical().answer_next(
        "DELETE /api/v2/folders",
        1,
        Canned::new(403).json(&serde_json::json!({"statusCode": 403, "message": "no", "error": "PermissionDenied"})),
    );
    let ended = desk.start("raxx-ops-bot --retire --yes").end();
    ended.is(
        11,
        &[
            "raxx-ops-bot is retired; its folder stays, and has to be looked at by hand",
            "settings/apps/raxx-ops-bot/advanced, Delete GitHub App",
            "all but the folder /MooseQuest/raxx-ops-bot is done",
        ],
    );
    if tests::tools::are_here(&["script"]) {
        for (typed, code) in [("yes", 2), ("raxx-dev-bot", 0)] {
            let mut sitting = desk.at_a_terminal("raxx-dev-bot --retire");
            sitting.answers("To retire it, type its name, raxx-dev-bot [no]", typed);
            sitting.end().is(code, &[]);
        }
    }
}

#[test]
fn the_dispatcher_reads_the_bots_folders_and_nothing_else() {
    let line = MAKE.replace("--json", "--dispatcher raxx-agent-dispatcher");
    let desk = Desk::new();
    let mut sitting = desk.start(&line);
    sitting.goes_through();
    let ended = sitting
        .end()
        .is(0, &["raxx-agent-dispatcher is made. This is shown once"]);
    let value = |name: &str| {
        let prefix = format!("export {name}='");
        let line = ended.out.lines().find_map(|line| line.strip_prefix(&prefix));
        line.unwrap_or_else(|| panic!("{}", ended.out))
            .trim_end_matches('\'')
            .to_owned()
    };
    let (id, secret) = (value("INFISICAL_CLIENT_ID"), value("INFISICAL_CLIENT_SECRET"));
    assert!(!ended.told.contains(&secret), "{}", ended.told);
    let identity = desk.sandbox.infisical().settings().identities.last().unwrap().clone();
    assert_eq!(identity.reading, Reading::Below(vec!["/MooseQuest".to_owned()]));
    assert_eq!(identity.role.as_deref(), Some("no-access"));
    // The doctor was the dispatcher.
    let logins = desk.sandbox.journal().to("POST /api/v1/auth/universal-auth/login");
    assert!(
        logins
            .iter()
            .any(|login| String::from_utf8_lossy(&login.body).contains(&id))
    );
    let mint = program("raxx-mint raxx-new-bot").against(&desk.sandbox);
    mint.env("INFISICAL_CLIENT_ID", id)
        .env("INFISICAL_CLIENT_SECRET", secret)
        .run()
        .success();
}

#[test]
fn a_dispatcher_that_could_do_more_gets_no_secret() {
    let line = MAKE.replace("--json", "--dispatcher raxx-agent-dispatcher");
    let rule = |subject: &str, actions: &[&str], inverted: bool| {
        serde_json::json!({"subject": subject, "action": actions, "inverted": inverted,
            "conditions": {"environment": {"$eq": "prod"}, "secretPath": {"$glob": "/MooseQuest/**"}}})
    };
    let of_secrets = ["describeSecret", "readValue"];
    for permissions in [
        vec![rule("secrets", &of_secrets, false)],
        vec![rule("secrets", &of_secrets, true), rule("secrets", &of_secrets, false)],
        vec![
            rule("secrets", &["describeSecret", "readValue", "edit"], false),
            rule("secrets", &of_secrets, false),
        ],
        vec![
            rule("secrets", &of_secrets, false),
            rule("secret-folders", &["create"], false),
        ],
    ] {
        let desk = Desk::new();
        let privilege = serde_json::json!({"privilege": {"permissions": permissions}});
        desk.sandbox.infisical().answer_next(
            "/identity-project-additional-privilege",
            1,
            Canned::new(200).json(&privilege),
        );
        let mut sitting = desk.start(&line);
        sitting.goes_through();
        let ended = sitting
            .end()
            .is(11, &["the identity is not the one that was asked for"]);
        assert_eq!((ended.out.as_str(), desk.asked("/client-secrets")), ("", 0));
    }
    // Nor one whose sessions would live for days.
    let desk = Desk::new();
    let auth = serde_json::json!({"identityUniversalAuth": {"clientId": "x", "accessTokenTTL": 2_592_000, "accessTokenMaxTTL": 2_592_000}});
    desk.sandbox
        .infisical()
        .answer_next("POST /universal-auth/identities", 1, Canned::new(200).json(&auth));
    let mut sitting = desk.start(&line);
    sitting.goes_through();
    let ended = sitting
        .end()
        .is(11, &["its sessions would live for 2592000 s, not for 600"]);
    assert_eq!((ended.out.as_str(), desk.asked("/client-secrets")), ("", 0));
    Desk::new()
        .start(&format!("{line} --path-prefix /"))
        .end()
        .is(2, &["a dispatcher would read the whole environment"]);
    // What the server left out by itself.
    let desk = Desk::new();
    desk.sandbox
        .infisical()
        .change(|settings| settings.drops_conditions = true);
    let mut sitting = desk.start(&line);
    sitting.goes_through();
    let ended = sitting.end();
    let ended = ended.is(
        11,
        &[
            "has left out a condition",
            "holds all three; the identity raxx-agent-dispatcher may be there without a client secret that anybody has: delete it",
        ],
    );
    assert_eq!((ended.out.as_str(), desk.asked("/client-secrets")), ("", 0));
    // One of that name has come meanwhile; later it is made for the bot that is whole.
    desk.sandbox
        .infisical()
        .change(|settings| settings.drops_conditions = false);
    let resume = "raxx-new-bot --resume --dispatcher raxx-agent-dispatcher";
    desk.start(resume)
        .end()
        .is(12, &["the identity raxx-agent-dispatcher is there already"]);
    desk.sandbox
        .infisical()
        .change(|settings| settings.identities.retain(|identity| identity.name.is_empty()));
    let ended = desk.start(resume).end().is(0, &["raxx-new-bot is ready."]);
    assert!(ended.out.contains("export INFISICAL_CLIENT_SECRET='"), "{}", ended.out);
}

#[test]
fn a_bot_that_the_dispatcher_cannot_read_is_told_by_the_doctor() {
    let desk = Desk::new();
    desk.sandbox.infisical().change(|settings| {
        settings.identities[0] = Identity {
            reading: Reading::Below(vec!["/Elsewhere".to_owned()]),
            ..settings.identities[0].clone()
        };
    });
    let mut sitting = desk.start(MAKE);
    sitting.goes_through();
    sitting
        .end()
        .is(12, &["✗ ", "the bot is made, and the doctor finds something wrong"]);
    assert!(desk.secret("INSTALLATION_ID").is_some());
}

#[test]
fn a_dispatchers_credentials_go_into_the_keychain_and_over_no_others() {
    needs!("dbus-run-session", "gnome-keyring-daemon");
    let desk = Desk::new();
    let home = tempfile::tempdir().unwrap();
    let configuration = home.path().join("config.toml");
    std::fs::write(&configuration, "keychain = true\n").unwrap();
    let programs = tests::programs::directory();
    let make = MAKE.replace("--json", "--dispatcher raxx-agent-dispatcher --keychain");
    let again = make
        .replace("raxx-new-bot", "raxx-newer-bot")
        .replace("raxx-agent-dispatcher", "another");
    // The same keychain for all of them: made, used, and left as it is by a second one.
    let line = format!(
        "printf 'a password' | gnome-keyring-daemon --unlock --components=secrets > /dev/null 2>&1\n\
         raxx-provision {make} || exit 90\n\
         unset INFISICAL_TOKEN INFISICAL_CLIENT_ID INFISICAL_CLIENT_SECRET\n\
         RAXX_CONFIG={} raxx-mint raxx-new-bot > /dev/null || exit 91\n\
         INFISICAL_TOKEN={} raxx-provision {again}; [ $? = 12 ]",
        configuration.display(),
        desk.session
    );
    let mut command = desk.command("dbus-run-session");
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    command
        .args(["--", "bash", "-c", &line])
        .env("PATH", path)
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .stdin(std::process::Stdio::null());
    let mut sitting = super::Sitting::of(&mut command);
    sitting.goes_through();
    let ended = sitting.end().is(
        0,
        &[
            "its credentials are in the keychain",
            "the keychain holds a dispatcher's credentials already",
        ],
    );
    let secret = desk
        .sandbox
        .infisical()
        .settings()
        .identities
        .last()
        .unwrap()
        .client_secret
        .clone();
    assert!(
        !format!("{}{}", ended.out, ended.told).contains(&secret),
        "{}",
        ended.told
    );
}
