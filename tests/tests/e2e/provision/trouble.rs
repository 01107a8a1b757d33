//! The bad days: what exists is said, how to go on or undo, and nothing is lost that need not be.

use tests::github::OnInstall;
use tests::script::Canned;

use super::{Desk, MAKE, Sitting, attribute, browse, encoded};
use crate::chain::program;

/// GitHub's fault of some hours in September 2025.
fn everybody_is_refused() -> Canned {
    Canned::new(401).json(&serde_json::json!({"message": "Requires authentication"}))
}

const LOST: &str = "the App raxx-new-bot exists; its key may be in /MooseQuest/raxx-new-bot";

#[test]
fn a_server_in_trouble_for_a_while_is_asked_again() {
    let desk = Desk::new();
    let mut sitting = desk.start(MAKE);
    let back = sitting.click();
    desk.sandbox
        .github()
        .answer_next("/conversions", 1, everybody_is_refused());
    desk.sandbox
        .infisical()
        .answer_next("/secrets/batch", 1, Canned::new(500));
    browse("GET", &back, "");
    sitting.install();
    sitting.end().is(
        0,
        &[
            "GitHub API returned 401; trying GitHub again in 1 s.",
            "HTTP 500; trying to store the key again in 1 s.",
        ],
    );
}

/// A trouble that begins once the person has clicked, and how it ends where nobody can be asked.
fn row(trouble: fn(&Desk), code: i32, words: &[&str]) {
    let desk = Desk::new();
    let mut sitting = desk.start(&format!("{MAKE} --wait 0"));
    let back = sitting.click();
    trouble(&desk);
    browse("GET", &back, "");
    let ended = sitting.end().is(code, words);
    assert!(!desk.holds_a_key(&ended.told), "{}", ended.told);
    assert_eq!(ended.out, "");
}

#[test]
fn where_it_lasts_what_exists_is_said() {
    row(
        |desk| {
            desk.sandbox
                .github()
                .answer_next("/conversions", 9, everybody_is_refused());
        },
        14,
        &["an App may have been created: look at", "a fault of GitHub's"],
    );
    row(
        |desk| {
            desk.sandbox.github().answer_next(
                "/conversions",
                9,
                Canned::new(422).json(&serde_json::json!({"message": "Validation failed"})),
            );
        },
        14,
        &["“Validation failed”", "an App may have been created: look at"],
    );
    row(
        |desk| {
            desk.sandbox
                .infisical()
                .answer_next("/secrets/batch", 9, Canned::new(500));
        },
        11,
        &[LOST, "and go on with `raxx-provision raxx-new-bot --resume --app-id"],
    );
}

#[test]
fn a_good_answer_alone_does_not_say_that_a_key_is_stored() {
    row(
        |desk| {
            // A good status for half of it.
            let half = serde_json::json!({"secrets": [{"secretKey": "APP_ID", "secretValue": "1"}]});
            desk.sandbox
                .infisical()
                .answer_next("/secrets/batch", 9, Canned::new(200).json(&half));
        },
        11,
        &[
            "Infisical does not say that all of it was written to /MooseQuest/raxx-new-bot",
            LOST,
        ],
    );
    row(
        |desk| {
            // A good status for all of it, and nothing written.
            let all = serde_json::json!({"secrets": [{"secretKey": "APP_ID"}, {"secretKey": "PRIVATE_KEY_PEM"}]});
            desk.sandbox
                .infisical()
                .answer_next("/secrets/batch", 9, Canned::new(200).json(&all));
        },
        11,
        &["HTTP 404; the new App's key may be lost", LOST],
    );
    row(
        |desk| {
            // Something between changes what is stored.
            desk.sandbox
                .infisical()
                .change(|settings| settings.spoils = vec!["APP_ID".to_owned()]);
        },
        11,
        &["APP_ID", LOST],
    );
    row(
        |desk| {
            desk.sandbox
                .infisical()
                .answer_next("/secrets/batch", 9, Canned::html(200, "<h1>Hello</h1>"));
        },
        11,
        &[LOST],
    );
}

#[test]
fn where_whoever_writes_may_no_more_what_exists_is_said() {
    row(
        |desk| desk.sandbox.infisical().revoke_sessions(),
        11,
        &["the session has ended", "an App may have been created: look at"],
    );
    row(
        |desk| {
            // An approval policy of this very minute.
            desk.sandbox
                .infisical()
                .change(|settings| settings.approval_policy = true);
            desk.change_operator(|operator| operator.is_person = true);
        },
        11,
        &["an approval policy holds", "it waits as request", LOST],
    );
    row(
        |desk| desk.change_operator(|operator| operator.role = Some("viewer".to_owned())),
        11,
        &["whoever writes may not do this", LOST],
    );
    // The first line says it, where no other is shown.
    let desk = Desk::new();
    let mut sitting = desk.start(&format!("{MAKE} --wait 0 --quiet"));
    let back = sitting.click();
    desk.sandbox
        .infisical()
        .answer_next("/secrets/batch", 9, Canned::new(500));
    browse("GET", &back, "");
    sitting.end().is(11, &["HTTP 500; the new App's key may be lost"]);
}

#[test]
fn what_may_pass_is_waited_for_while_a_key_is_at_stake() {
    for odd in [
        Canned::new(403).json(&serde_json::json!({"statusCode": 403, "message": "no", "error": "PermissionDenied"})),
        Canned::html(200, "<h1>Hello</h1>"),
        Canned::new(413),
        Canned::new(302).header("Location", "https://login.example/"),
    ] {
        let desk = Desk::new();
        let mut sitting = desk.start(MAKE);
        let back = sitting.click();
        desk.sandbox.infisical().answer_next("/secrets/batch", 1, odd);
        browse("GET", &back, "");
        sitting.install();
        sitting
            .end()
            .is(0, &["trying to store the key again in 1 s.", "raxx-new-bot is ready."]);
    }
    // What became of an earlier try is no key, and is written over.
    let desk = Desk::new();
    let mut sitting = desk.start(MAKE);
    let back = sitting.click();
    desk.sandbox
        .infisical()
        .change(|settings| settings.spoils = vec!["PRIVATE_KEY_PEM".to_owned()]);
    browse("GET", &back, "");
    sitting.install();
    sitting.end().is(
        0,
        &["PRIVATE_KEY_PEM is in /MooseQuest/raxx-new-bot as something else than was written"],
    );
    // The folder, too.
    let desk = Desk::new();
    let mut sitting = desk.start(MAKE);
    let back = sitting.click();
    desk.sandbox.infisical().change(|settings| {
        settings.folders.remove(super::FOLDER);
    });
    browse("GET", &back, "");
    sitting.install();
    sitting.end().is(0, &["raxx-new-bot is ready."]);
}

/// An identity's sessions live for minutes, and a person clicks for longer.
#[test]
fn an_identity_logs_in_again() {
    let desk = Desk::new();
    let operator = desk.sandbox.infisical().settings().identities.last().unwrap().clone();
    let program = tests::programs::path("raxx-provision");
    let mut command = desk.command(&program.to_string_lossy());
    command
        .args(MAKE.split_whitespace())
        .env_remove("INFISICAL_TOKEN")
        .env("INFISICAL_CLIENT_ID", &operator.client_id)
        .env("INFISICAL_CLIENT_SECRET", &operator.client_secret)
        .stdin(std::process::Stdio::null());
    let mut sitting = Sitting::of(&mut command);
    let back = sitting.click();
    desk.sandbox.infisical().expire_sessions();
    browse("GET", &back, "");
    let page = sitting.address_in("click Install");
    desk.sandbox.infisical().revoke_sessions();
    let website = page.split("/apps/").next().unwrap();
    browse("POST", &format!("{website}/apps/raxx-new-bot/installations"), "");
    sitting.end().is(0, &["raxx-new-bot is ready."]);
}

#[test]
fn the_line_to_go_on_with_is_whole() {
    let desk = Desk::new();
    let flags = "--path-prefix /Other --dispatcher raxx-agent-dispatcher";
    let mut sitting = desk.start(&format!("{} {flags} --wait 0", MAKE.replace("--json", "")));
    let back = sitting.click();
    browse("GET", &back, "");
    let line = "raxx-provision raxx-new-bot --resume --path-prefix /Other --dispatcher raxx-agent-dispatcher";
    sitting
        .end()
        .is(14, &["nobody has clicked Install", &format!("`{line}`")]);
    let mut sitting = desk.start(&format!(
        "{} --no-browser",
        line.strip_prefix("raxx-provision ").unwrap()
    ));
    sitting.install();
    let ended = sitting.end().is(0, &["raxx-agent-dispatcher is made"]);
    assert!(ended.out.contains("export INFISICAL_CLIENT_SECRET="), "{}", ended.out);
    // Another folder's bot of that name is not to be retired by it.
    desk.sandbox
        .infisical()
        .answer_next("DELETE /secrets/PRIVATE_KEY_PEM", 1, Canned::new(500));
    let retire = "raxx-new-bot --retire --yes --wait 0 --path-prefix /Other";
    let line = "`raxx-provision raxx-new-bot --retire --path-prefix /Other` does what is left";
    desk.start(retire).end().is(11, &[line]);
}

#[test]
fn an_answer_that_is_lost_costs_nothing_where_the_work_was_done() {
    let desk = Desk::new();
    let mut sitting = desk.start(MAKE);
    let back = sitting.click();
    desk.sandbox.infisical().lose_next("POST /secrets/batch");
    browse("GET", &back, "");
    let page = sitting.address_in("click Install");
    desk.sandbox.infisical().lose_next("POST /secrets/batch");
    let website = page.split("/apps/").next().unwrap();
    browse("POST", &format!("{website}/apps/raxx-new-bot/installations"), "");
    sitting.end().is(0, &["raxx-new-bot is ready."]);
    // That of a conversion has the key in it, which GitHub does not give twice: another is made on the App's page.
    let desk = Desk::new();
    let mut sitting = desk.start(MAKE);
    let back = sitting.click();
    desk.sandbox.github().lose_next("/conversions");
    browse("GET", &back, "");
    let ended = sitting.end();
    let words = "for one that is there make a key on its page and go on with `raxx-provision raxx-new-bot --resume --app-id ID < key.pem`";
    ended.is(
        14,
        &[
            "GitHub's answer with the new App's key was lost",
            "look at MooseQuest's list of Apps",
            words,
        ],
    );
    let (id, pem) = {
        let app = desk.sandbox.github().settings().apps.last().unwrap().clone();
        (app.id, app.key.unwrap().pkcs1_pem())
    };
    let adopt = |line: &str| {
        let run = program(line).against(&desk.sandbox);
        run.env("INFISICAL_TOKEN", &desk.session).stdin(pem.as_str()).run()
    };
    let line = format!("raxx-provision raxx-new-bot --resume --app-id {id} --no-browser --wait 0");
    let told = adopt(&line.replace(&id.to_string(), "1"));
    assert!(
        told.code == Some(14) && desk.secret("PRIVATE_KEY_PEM").is_none(),
        "{told}"
    );
    let told = adopt(&line.replace("raxx-new-bot", "raxx-other-bot"));
    assert!(
        told.code == Some(2) && told.stderr.contains("is called raxx-new-bot, not"),
        "{told}"
    );
    let told = adopt(&line);
    assert!(told.stderr.contains("nobody has clicked Install"), "{told}");
    assert_eq!(desk.secret("PRIVATE_KEY_PEM"), Some(pem.clone()));
    let told = adopt(&line.replace(&format!("--app-id {id}"), "--app-id 1"));
    assert!(
        told.code == Some(12) && told.stderr.contains("nothing is written over"),
        "{told}"
    );
    // Whatever of it is there, what is missing is named, and can be given.
    let without = |name: &str| {
        desk.sandbox.infisical().change(|settings| {
            settings.folder(super::FOLDER).remove(name);
        });
    };
    let resume = "raxx-provision raxx-new-bot --resume --no-browser --wait 0";
    without("APP_ID");
    let told = adopt(resume);
    assert!(
        told.code == Some(12) && told.stderr.contains("name the App: `raxx-provision"),
        "{told}"
    );
    let told = adopt(&line);
    assert!(told.stderr.contains("nobody has clicked Install"), "{told}");
    assert_eq!(desk.secret("APP_ID"), Some(id.to_string()));
    without("PRIVATE_KEY_PEM");
    let told = adopt(resume);
    let words = format!("--app-id {id} < key.pem");
    assert!(told.code == Some(12) && told.stderr.contains(&words), "{told}");
    let told = adopt(&line);
    assert!(told.stderr.contains("nobody has clicked Install"), "{told}");
    assert_eq!(desk.secret("PRIVATE_KEY_PEM"), Some(pem.clone()));
    // What is there and is no key is none.
    desk.sandbox.infisical().change(|settings| {
        settings.folder(super::FOLDER).set("PRIVATE_KEY_PEM", "-----BEGIN RSA");
    });
    let told = adopt(resume);
    assert!(
        told.code == Some(12) && told.stderr.contains("there is no App's key in"),
        "{told}"
    );
    let told = adopt(&line);
    assert!(told.stderr.contains("nobody has clicked Install"), "{told}");
    assert_eq!(desk.secret("PRIVATE_KEY_PEM"), Some(pem.clone()));
    // An id that is there and empty is none.
    desk.sandbox.infisical().change(|settings| {
        settings.folder(super::FOLDER).set("INSTALLATION_ID", "");
    });
    let mut sitting = desk.start("raxx-new-bot --resume --no-browser");
    sitting.install();
    sitting.end().is(0, &["raxx-new-bot is ready."]);
}

#[test]
fn a_code_that_github_does_not_know_leaves_the_page_for_another_click() {
    let desk = Desk::new();
    let mut sitting = desk.start(MAKE);
    let page = sitting.address_in("then Create GitHub App");
    let back = Sitting::click_at(&page, "raxx-new-bot");
    let (address, query) = back.split_once('?').unwrap();
    let state = query.split('&').nth(1).unwrap();
    browse("GET", &format!("{address}?code=0123456789&{state}"), "");
    sitting.hears("The page is still there, for another click.");
    browse("GET", &back, "");
    sitting.install();
    sitting
        .end()
        .is(0, &["it was used, is older than an hour, or is another GitHub's"]);
}

#[test]
fn what_github_refuses_on_its_pages_can_be_sent_again() {
    let desk = Desk::new();
    desk.sandbox
        .github()
        .change(|settings| settings.website.organization_forbids = true);
    let mut sitting = desk.start(MAKE);
    let page = sitting.address_in("then Create GitHub App");
    let sent = |page: &str| {
        let start = browse("GET", page, "");
        let manifest = format!("manifest={}", encoded(&attribute(&start, "value")));
        browse("POST", &attribute(&start, "action"), &manifest)
    };
    assert!(sent(&page).starts_with("HTTP/1.1 404"));
    desk.sandbox
        .github()
        .change(|settings| settings.website.organization_forbids = false);
    assert!(sent(&page).contains("Create GitHub App for MooseQuest"));
    let back = Sitting::click_at(&page, "raxx-new-bot");
    browse("GET", &back, "");
    sitting.install();
    sitting.end().is(0, &["raxx-new-bot is ready."]);
}

#[test]
fn at_a_terminal_a_step_is_tried_as_often_as_the_person_wants() {
    needs!("script");
    let desk = Desk::new();
    let mut sitting = desk.at_a_terminal(&MAKE.replace("--yes", "").replace("--json", ""));
    sitting.answers("Make it? (y/n) [y]", "");
    let back = sitting.click();
    desk.change_operator(|operator| operator.role = Some("viewer".to_owned()));
    browse("GET", &back, "");
    sitting.hears("whoever writes may not do this");
    sitting.hears("If you stop now: the App raxx-new-bot exists; its key may be in");
    sitting.answers("Try to store the key again? (y/n, s: by another session) [y]", "y");
    sitting.hears("whoever writes may not do this");
    desk.change_operator(|operator| operator.role = Some("admin".to_owned()));
    // The session ends meanwhile: another is asked for, and not shown.
    desk.sandbox.infisical().revoke_sessions();
    sitting.answers("Try to store the key again? (y/n, s: by another session) [y]", "");
    sitting.answers("Try to store the key again? (y/n, s: by another session) [s]", "");
    // One that does not do is no last word.
    let reader = desk.sandbox.infisical().open_session();
    sitting.answers("Session token (not shown)", &reader);
    sitting.answers("Try to store the key again? (y/n, s: by another session) [y]", "s");
    let operator = desk.sandbox.infisical().settings().identities.last().unwrap().clone();
    let session = desk.sandbox.infisical().open_session_of(operator);
    sitting.answers("Session token (not shown)", &session);
    sitting.install();
    let ended = sitting.end().is(0, &["raxx-new-bot is ready."]);
    assert!(
        !ended.told.contains(&session) && !desk.holds_a_key(&ended.told),
        "{}",
        ended.told
    );
    // Who wants no more is told what is lost.
    let desk = Desk::new();
    let mut sitting = desk.at_a_terminal(&MAKE.replace("--json", ""));
    let back = sitting.click();
    desk.sandbox
        .infisical()
        .answer_next("/secrets/batch", 9, Canned::new(500));
    browse("GET", &back, "");
    // What was pasted once too often is no answer.
    sitting.answers("Try to store the key again? (y/n, s: by another session) [y]", &back);
    sitting.answers("Try to store the key again? (y/n, s: by another session) [y]", "n");
    sitting.end().is(11, &[LOST]);
    // Nor is what was typed before it was asked.
    let desk = Desk::new();
    let mut sitting = desk.at_a_terminal(&MAKE.replace("--json", ""));
    let back = sitting.click();
    desk.sandbox
        .infisical()
        .answer_next("/secrets/batch", 1, Canned::new(500));
    let hold = desk.sandbox.infisical().hold_next("/secrets/batch");
    browse("GET", &back, "");
    while desk.asked("POST /api/v4/secrets/batch") < 2 {
        std::thread::yield_now();
    }
    sitting.types("nono\nn\n");
    sitting.hears("nono\r\nn\r\n");
    drop(hold);
    sitting.answers("Try to store the key again? (y/n, s: by another session) [y]", "y");
    sitting.install();
    sitting.end().is(0, &["raxx-new-bot is ready."]);
    // Whoever ends the input wants no more either.
    let desk = Desk::new();
    let mut sitting = desk.at_a_terminal(&MAKE.replace("--json", ""));
    let back = sitting.click();
    desk.sandbox
        .infisical()
        .answer_next("/secrets/batch", 9, Canned::new(500));
    browse("GET", &back, "");
    sitting.answers("Try to store the key again? (y/n, s: by another session) [y]", "\u{4}");
    let ended = sitting.end().is(11, &[LOST]);
    assert!(!ended.told.contains("nothing was changed"), "{}", ended.told);
    // And who says no at first has done nothing.
    let desk = Desk::new();
    let mut sitting = desk.at_a_terminal(&MAKE.replace("--yes", ""));
    sitting.answers("Make it? (y/n) [y]", "n");
    sitting.end().is(2, &["nothing was done"]);
    assert!(!desk.sandbox.infisical().settings().folders.contains_key(super::FOLDER));
}

#[test]
fn a_browser_elsewhere_ends_at_an_address_that_is_pasted() {
    needs!("script");
    let desk = Desk::new();
    let mut sitting = desk.at_a_terminal(&MAKE.replace("--json", ""));
    let back = sitting.click();
    sitting.types("http://127.0.0.1:1/callback?code=0123\n");
    sitting.hears("That address does not do: it has no state, or several.");
    // A line that was begun and sent without its end keeps nobody waiting.
    sitting.types("abc\u{4}");
    assert!(browse("GET", &back.replace("/callback", "/"), "").starts_with("HTTP/1.1 404"));
    sitting.types("\n");
    sitting.hears("That address does not do");
    sitting.types(&format!("{back}\n"));
    sitting.install();
    sitting.end().is(0, &["raxx-new-bot is ready."]);
}

#[test]
fn an_installation_that_takes_days_is_gone_on_with() {
    for on_install in [OnInstall::Request, OnInstall::InstallOn("octo-person".to_owned())] {
        let desk = Desk::new();
        let words = match &on_install {
            OnInstall::Request => "an owner of the organization was asked",
            _ => "it is installed on octo-person",
        };
        desk.sandbox.github().change(|settings| {
            settings.website.on_install = on_install;
            settings.website.install_page_is_missing = 2;
        });
        let mut sitting = desk.start(MAKE);
        sitting.goes_through();
        // Nobody will answer: the time is over.
        sitting.signal("TERM");
        let told = sitting.end().told;
        assert!(told.contains("Interrupted: App and key are in their places"), "{told}");
        desk.start("raxx-new-bot --resume --no-browser --wait 0")
            .end()
            .is(14, &[words]);
        // An owner answers.
        desk.sandbox
            .github()
            .change(|settings| settings.website.on_install = OnInstall::Install);
        let mut sitting = desk.start("raxx-new-bot --resume --no-browser");
        sitting.install();
        sitting.end().is(0, &["It is installed on MooseQuest"]);
        assert!(desk.secret("INSTALLATION_ID").is_some());
        // What is whole is tried once more.
        let whole = desk.start("raxx-new-bot --resume").end();
        whole.is(
            0,
            &["holds all three already", "A first token was minted, and revoked."],
        );
    }
}

/// At each step: where the answer that is waited for is kept back, Ctrl-C says what exists, and how to go on.
#[test]
fn ctrl_c_at_each_step_says_what_exists() {
    let folder = "Interrupted: the folder /MooseQuest/raxx-new-bot is there, without a bot in it.";
    let trial = "Interrupted: in /MooseQuest/raxx-new-bot: the folder is there, without a bot in it; and a secret RAXX_PROVISION_TRIAL_…";
    let made = "Interrupted: an App may have been created: look at MooseQuest's list of Apps";
    let placed = "Interrupted: App and key are in their places; `raxx-provision raxx-new-bot --resume` goes on";
    let whole =
        "Interrupted: /MooseQuest/raxx-new-bot holds all three; `raxx-provision raxx-new-bot --resume` does the rest";
    for (step, words) in [
        ("GET /api/v2/folders", "Interrupted: nothing was made."),
        ("POST /secrets/batch", trial),
        ("POST /api/v2/folders", trial),
        ("the page", folder),
        ("/conversions", made),
        (
            "POST /secrets/batch key",
            "Interrupted: the App raxx-new-bot exists; its key may be in",
        ),
        ("GET /app/installations", placed),
        ("POST /secrets/batch installation", placed),
        ("/access_tokens", whole),
    ] {
        let desk = Desk::new();
        let (server, matcher) = match step.split(' ').collect::<Vec<_>>()[..] {
            ["POST", "/secrets/batch", ..] => ("infisical", "POST /secrets/batch"),
            ["GET", "/api/v2/folders"] => ("infisical", "GET /api/v2/folders"),
            ["POST", "/api/v2/folders"] => ("infisical", "POST /api/v2/folders"),
            _ => ("github", step),
        };
        let keep_back = || match server {
            "infisical" => desk.sandbox.infisical().hold_next(matcher),
            _ => desk.sandbox.github().hold_next(matcher),
        };
        let is_at_once = matches!(
            step,
            "GET /api/v2/folders" | "POST /api/v2/folders" | "POST /secrets/batch"
        );
        let mut held = is_at_once.then(keep_back);
        let mut sitting = desk.start(MAKE);
        if !is_at_once {
            let back = sitting.click();
            if step != "the page" {
                held = (step != "POST /secrets/batch installation").then(keep_back);
                browse("GET", &back, "");
            }
            if matches!(step, "POST /secrets/batch installation" | "/access_tokens") {
                let page = sitting.address_in("click Install");
                held = held.or_else(|| Some(keep_back()));
                let website = page.split("/apps/").next().unwrap();
                browse("POST", &format!("{website}/apps/raxx-new-bot/installations"), "");
            }
        }
        // What the journal has was done, or is kept back.
        let awaited = matcher;
        let least = if step == "POST /secrets/batch key" { 2 } else { 1 };
        let least = if step == "POST /secrets/batch installation" {
            3
        } else {
            least
        };
        while step != "the page" && desk.asked(awaited) < least {
            std::thread::yield_now();
        }
        // Each in its turn: all of them end it.
        sitting.signal(["INT", "TERM", "HUP", "QUIT"][step.len() % 4]);
        let ended = sitting.end();
        drop(held);
        assert_eq!(ended.code, None, "{step}: as by the signal: {}", ended.told);
        assert!(ended.told.contains(words), "{step}: {}", ended.told);
        assert!(!desk.holds_a_key(&ended.told), "{step}");
        // How it is said to go on does go on.
        if desk.secret("PRIVATE_KEY_PEM").is_some() {
            let mut sitting = desk.start("raxx-new-bot --resume --no-browser");
            if desk.secret("INSTALLATION_ID").is_none() {
                sitting.install();
            }
            sitting.end().is(0, &["raxx-new-bot is ready."]);
        } else {
            let again = desk.start("raxx-new-bot --resume").end();
            again.is(12, &["there is no App's key in"]);
        }
    }
}
