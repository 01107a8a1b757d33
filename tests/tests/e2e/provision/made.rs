//! A bot is made: with two clicks, as it was asked for, and nobody else's.

use std::io::Write;
use std::net::TcpStream;

use serde_json::Value;
use tests::proxy::ConnectProxy;
use tests::tls::{Authority, Front};

use super::{Desk, FOLDER, MAKE, Sitting, attribute, browse, browse_by};
use crate::chain::program;

#[test]
fn from_nothing_to_a_token_with_two_clicks_and_the_key_in_its_place_alone() {
    let desk = Desk::new();
    let mut sitting = desk.start(MAKE);
    let back = sitting.click();
    assert!(browse("GET", &back, "").contains("Go on in the terminal"));
    sitting.install();
    let ended = sitting.end().is(
        0,
        &["A first token was minted, and revoked.", "checks, and none failed."],
    );
    let document = ended.document();
    assert_eq!(document["kind"], "provisioned-bot");
    let app = desk.sandbox.github().settings().apps.last().unwrap().clone();
    assert_eq!(app.slug, "raxx-new-bot");
    let asked = [
        ("contents".to_owned(), "write".to_owned()),
        ("metadata".to_owned(), "read".to_owned()),
    ];
    assert_eq!(app.permissions, asked.into());
    assert_eq!(desk.secret("APP_ID"), Some(app.id.to_string()));
    assert_eq!(
        desk.secret("PRIVATE_KEY_PEM"),
        Some(app.key.as_ref().unwrap().pkcs1_pem())
    );
    assert_eq!(document["installation_id"], desk.secret("INSTALLATION_ID").unwrap());
    let folder = desk.sandbox.infisical().settings().folders[FOLDER].clone();
    assert_eq!(folder.secrets.len(), 3, "the trial is gone");
    assert!(!desk.holds_a_key(&format!("{}{}", ended.out, ended.told)));
    assert_eq!(desk.sandbox.github().live_tokens(), 0, "the first token is revoked");
    program("raxx-mint raxx-new-bot").against(&desk.sandbox).run().success();
}

#[test]
fn whoever_comes_to_the_page_without_the_state_is_sent_away() {
    let desk = Desk::new();
    let mut sitting = desk.start(MAKE);
    let back = sitting.click();
    let (address, query) = back.split_once('?').unwrap();
    let code = query.split('&').next().unwrap();
    for wrong in [
        format!("{address}?{code}"),
        format!("{address}?{code}&state=another"),
        address.to_owned(),
        format!("{address}?{query}&{code}"),
        address.replace("/callback", "/favicon.ico"),
    ] {
        let answer = browse("GET", &wrong, "");
        assert!(answer.starts_with("HTTP/1.1 4"), "{wrong}: {answer}");
    }
    // A name that leads to this machine by a trick of the DNS.
    let answer = browse_by("GET", &back, "evil.example", "");
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    // Somebody who says much and sends nothing, and others who say nothing, keep nobody waiting.
    let host = back.split('/').nth(2).unwrap();
    let mut idle: Vec<_> = (0..20).map(|_| TcpStream::connect(host).unwrap()).collect();
    for request in [
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n",
        "POST /callback HTTP/1.1\r\nContent-Length: 100000\r\n\r\n",
        "GET / HTTP/1.1\r\nX: ",
    ] {
        idle.pop().unwrap().write_all(request.as_bytes()).unwrap();
        let mut one = TcpStream::connect(host).unwrap();
        one.write_all(request.as_bytes()).unwrap();
        idle.push(one);
    }
    assert_eq!(desk.asked("/app-manifests"), 0);
    browse("GET", &back, "");
    sitting.install();
    sitting.end().is(0, &[]);
}

#[test]
fn an_app_that_is_not_the_one_that_was_asked_for_is_not_stored() {
    let desk = Desk::new();
    desk.sandbox
        .github()
        .change(|settings| settings.website.logged_in_as = Some("octo-person".to_owned()));
    let mut sitting = desk.start(MAKE);
    let back = sitting.click();
    browse("GET", &back, "");
    let ended = sitting.end();
    let ended = ended.is(14, &["it belongs to octo-person, not to MooseQuest", "delete it on"]);
    assert_eq!(desk.secret("PRIVATE_KEY_PEM"), None);
    assert!(!desk.holds_a_key(&ended.told), "{}", ended.told);
}

#[test]
fn another_name_than_was_asked_for_is_said_and_serves() {
    let desk = Desk::new();
    desk.sandbox.github().change(|settings| {
        let mut taken = settings.apps[0].clone();
        taken.slug = "raxx-new-bot".to_owned();
        taken.owner = "octo-other".to_owned();
        taken.id += 100;
        taken.is_public = true;
        settings.apps.push(taken);
    });
    let mut sitting = desk.start(MAKE);
    let page = sitting.address_in("then Create GitHub App");
    let back = Sitting::click_at(&page, "raxx new bot 2");
    browse("GET", &back, "");
    sitting.install();
    sitting.end().is(
        0,
        &[
            "An App of that name is there already, octo-other's",
            "The App is called raxx-new-bot-2, not raxx-new-bot: its commits will say raxx-new-bot-2[bot], and so its folder is called.",
        ],
    );
    assert!(desk.secret("APP_ID").is_none());
    program("raxx-mint raxx-new-bot-2")
        .against(&desk.sandbox)
        .run()
        .success();
    // Where a bot of that name is there, its secrets are left alone, and the key is stored all the same.
    let desk = Desk::new();
    let before = desk.secret_in("/MooseQuest/raxx-dev-bot", "PRIVATE_KEY_PEM");
    desk.sandbox
        .github()
        .change(|settings| settings.apps.retain(|app| app.slug != "raxx-dev-bot"));
    let mut sitting = desk.start(MAKE);
    let page = sitting.address_in("then Create GitHub App");
    browse("GET", &Sitting::click_at(&page, "raxx-dev-bot"), "");
    sitting.install();
    sitting.end().is(
        12,
        &[
            "Its key goes into /MooseQuest/raxx-new-bot all the same",
            "named raxx-new-bot",
        ],
    );
    assert_eq!(desk.secret_in("/MooseQuest/raxx-dev-bot", "PRIVATE_KEY_PEM"), before);
    assert!(desk.secret("PRIVATE_KEY_PEM").is_some());
}

#[test]
fn an_app_of_ones_own() {
    let desk = Desk::new();
    let line = MAKE.replace("--org MooseQuest", "--personal octo-person");
    let mut sitting = desk.start(&line);
    sitting.goes_through();
    sitting.end().is(0, &["the App raxx-new-bot of octo-person"]);
    assert_eq!(
        desk.sandbox.github().settings().apps.last().unwrap().owner,
        "octo-person"
    );
    for (line, words) in [
        (
            MAKE.replace("MooseQuest", "octo-person"),
            "octo-person is a person's account",
        ),
        (
            MAKE.replace("--org MooseQuest", "--personal MooseQuest"),
            "MooseQuest is an organization",
        ),
    ] {
        Desk::new().start(&line).end().is(2, &[words]);
    }
    let line = format!("{} --dry-run", MAKE.replace("MooseQuest", "MooseQest"));
    Desk::new()
        .start(&line)
        .end()
        .is(0, &["GitHub shows no account MooseQest to everybody"]);
}

/// Nothing is made by any of these lines: how each ends, and with which words.
fn nothing_is_made(rows: &[(&Desk, String, i32, &str)]) {
    for (desk, line, code, words) in rows {
        let ended = desk.start(line).end().is(*code, &[words]);
        assert_eq!(ended.out, "", "{line}");
        assert_eq!(desk.asked("/settings/apps"), 0, "{line}");
        assert!(desk.secret("PRIVATE_KEY_PEM").is_none(), "{line}");
    }
}

#[test]
fn what_would_fail_later_fails_before_there_is_an_app() {
    let of_role = |role: &str| Desk::with(|operator| operator.role = Some(role.to_owned()));
    let (viewer, developer, silent) = (of_role("viewer"), of_role("member"), Desk::with(|it| it.role = None));
    let person = Desk::with(|operator| {
        operator.is_person = true;
        operator.role = Some("viewer".to_owned());
    });
    let held = Desk::with(|operator| operator.is_person = true);
    held.sandbox
        .infisical()
        .change(|settings| settings.approval_policy = true);
    let there = Desk::new();
    there.sandbox.infisical().change(|settings| {
        settings.folder(FOLDER).set("APP_ID", "1");
    });
    let desk = Desk::new();
    desk.sandbox.infisical().change(|settings| {
        let mut dispatcher = tests::infisical::Identity::new();
        dispatcher.name = "raxx-agent-dispatcher".to_owned();
        settings.identities.insert(0, dispatcher);
    });
    let outsider = Desk::with(|operator| operator.state = tests::infisical::IdentityState::NotInProject);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let with = |flags: &str| format!("{} {flags}", MAKE.replace("--json", ""));
    nothing_is_made(&[
        (
            &viewer,
            MAKE.to_owned(),
            11,
            "whoever writes may not write secrets there",
        ),
        (
            &person,
            MAKE.to_owned(),
            11,
            "whoever writes may not write secrets there",
        ),
        (&silent, MAKE.to_owned(), 11, "whoever writes may not do this"),
        (
            &developer,
            with("--dispatcher raxx-agent-dispatcher"),
            11,
            "whoever writes may not make an identity's client secret",
        ),
        (&outsider, MAKE.to_owned(), 11, "no member of the project"),
        (&held, MAKE.to_owned(), 11, "an approval policy holds"),
        (&there, MAKE.to_owned(), 12, "is there already"),
        (
            &desk,
            with("--dispatcher raxx-agent-dispatcher"),
            12,
            "the identity raxx-agent-dispatcher is there already",
        ),
        (&desk, with("--env nowhere"), 11, "not there"),
        (
            &desk,
            with("--project-id 7c0d6200-2824-465a-af00-000000000000"),
            11,
            "not there",
        ),
        (
            &desk,
            with(&format!("--port {}", taken.local_addr().unwrap().port())),
            3,
            "name another port with --port",
        ),
    ]);
}

#[test]
fn what_cannot_be_is_refused_at_once() {
    let desk = Desk::new();
    let with = |flags: &str| format!("{} {flags}", MAKE.replace("--json", ""));
    let long = "x".repeat(35);
    nothing_is_made(&[
        (
            &desk,
            MAKE.replace("--permission contents=write", ""),
            2,
            "no permission is named",
        ),
        (&desk, MAKE.replace("--yes", ""), 2, "there is no terminal to ask at"),
        (&desk, with("--permission workflows=read"), 2, "workflows=write only"),
        (
            &desk,
            with("--permission issues=read,pages=read"),
            2,
            "repeat the flag for each",
        ),
        (&desk, with("--wait 10m"), 2, "a number of minutes"),
        (&desk, with("--app-id 5"), 2, "cannot be used with"),
        (&desk, with("--homepage javascript:x"), 2, "no page's address"),
        (&desk, with("--homepage example.com"), 2, "no page's address"),
        (
            &desk,
            with("--json --dispatcher another"),
            2,
            "both want standard output",
        ),
        (&desk, MAKE.replace("raxx-new-bot", &long), 2, "34 at most"),
        (&desk, MAKE.replace("raxx-new-bot", "Raxx.Bot"), 2, "lower-case letters"),
        (
            &desk,
            MAKE.replace("MooseQuest", "https://github.com/Moose/"),
            2,
            "write Moose",
        ),
        (&desk, MAKE.replace("MooseQuest", "Moose!"), 2, "no login of GitHub's"),
    ]);
}

#[test]
fn a_dry_run_tells_all_of_it_and_writes_nothing() {
    for is_person in [false, true] {
        let desk = Desk::with(|operator| operator.is_person = is_person);
        let line = format!(
            "{} --dry-run --dispatcher raxx-agent-dispatcher",
            MAKE.replace("--json", "")
        );
        let ended = desk.start(&line).end();
        let project = desk.sandbox.infisical().base_url();
        ended.is(
            0,
            &[
                "the App raxx-new-bot of MooseQuest, with contents=write, metadata=read",
                &format!("In Infisical ({project}, prod): APP_ID, PRIVATE_KEY_PEM and INSTALLATION_ID into the new folder {FOLDER}"),
                "In Infisical all of that may be done, by the roles and privileges in the project.",
                "the machine identity raxx-agent-dispatcher, which reads /MooseQuest/** and nothing else",
                "You will click twice",
            ],
        );
        let writes = desk.sandbox.journal().entries();
        let writes = writes
            .iter()
            .filter(|entry| entry.method != "GET" && !entry.path.ends_with("/checkAuth"));
        assert_eq!(writes.count(), 0);
    }
    let line = format!("{MAKE} --dry-run --permission contnts=write");
    Desk::new()
        .start(&line)
        .end()
        .is(0, &["GitHub may know no permission contnts: perhaps contents is meant"]);
    // A prefix that is wrong would make a tree of its own.
    Desk::new()
        .start(&format!("{MAKE} --dry-run --path-prefix /MooseQest"))
        .end()
        .is(
            0,
            &["/MooseQest is not there yet either, and is made too: is --path-prefix right?"],
        );
    // Who may not see their own rights is told so.
    let silent = Desk::new();
    silent.sandbox.infisical().answer_next(
        "/permissions/audit",
        1,
        tests::script::Canned::new(403)
            .json(&serde_json::json!({"statusCode": 403, "message": "no", "error": "PermissionDenied"})),
    );
    silent
        .start(&format!("{MAKE} --dry-run"))
        .end()
        .is(0, &["Infisical does not tell beforehand: a trial secret will"]);
}

/// A clock that is wrong keeps nobody from a bot: as with a mint, GitHub's counts.
#[test]
fn by_a_wrong_clock_a_bot_is_made_too() {
    for minutes in [-10, 10] {
        let desk = Desk::new();
        desk.sandbox
            .github()
            .change(|settings| settings.clock_offset = jiff::SignedDuration::from_mins(minutes));
        let mut sitting = desk.start(MAKE);
        sitting.goes_through();
        let told = sitting.end().told;
        assert!(told.contains("A first token was minted, and revoked."), "{told}");
        assert!(desk.secret("INSTALLATION_ID").is_some());
    }
}

/// The address that stands in `ps`, as an argument of what opens the browser, is good once.
#[test]
fn the_address_that_others_can_see_leads_to_the_form_once() {
    let desk = Desk::new();
    let home = tempfile::tempdir().unwrap();
    let seen = home.path().join("seen");
    let opener = home.path().join("xdg-open");
    std::fs::write(
        &opener,
        format!(
            "#!/bin/sh\necho \"$1\" > '{0}.new'; mv '{0}.new' '{0}'\n",
            seen.display()
        ),
    )
    .unwrap();
    std::fs::set_permissions(&opener, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let program = tests::programs::path("raxx-provision");
    let mut command = desk.command(&program.to_string_lossy());
    command
        .args(MAKE.replace("--no-browser", "").split_whitespace())
        .env("PATH", format!("{}:/usr/bin:/bin", home.path().display()))
        .stdin(std::process::Stdio::null());
    let mut sitting = Sitting::of(&mut command);
    let page = sitting.address_in("then Create GitHub App");
    while !seen.exists() {
        std::thread::yield_now();
    }
    let ticket = std::fs::read_to_string(&seen).unwrap().trim().to_owned();
    assert_ne!(ticket, page);
    let path = page.strip_prefix("http://").unwrap().split_once('/').unwrap().1;
    let led = browse("GET", &ticket, "");
    assert!(
        led.starts_with("HTTP/1.1 303") && led.contains(&format!("Location: /{path}\r\n")),
        "{led}"
    );
    for wrong in [ticket.as_str(), &format!("{ticket}x")] {
        let answer = browse("GET", wrong, "");
        assert!(
            answer.starts_with("HTTP/1.1 40") && !answer.contains("state="),
            "{answer}"
        );
    }
    assert!(browse("GET", &page, "").contains("state="));
    sitting.signal("INT");
    sitting.end();
}

#[test]
fn the_form_goes_to_each_githubs_own_website() {
    let desk = Desk::new();
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root.pem");
    std::fs::write(&root, authority.root_pem()).unwrap();
    for (api, names, form) in [
        (
            "https://api.github.com",
            "api.github.com",
            "https://github.com/organizations/MooseQuest/settings/apps/new",
        ),
        (
            "https://api.octo.ghe.com",
            "api.octo.ghe.com",
            "https://octo.ghe.com/organizations/MooseQuest/settings/apps/new",
        ),
        (
            "https://github.octo.example/api/v3",
            "github.octo.example",
            "https://github.octo.example/organizations/MooseQuest/settings/apps/new",
        ),
    ] {
        let front = Front::start(&authority, &[names], desk.sandbox.github().address());
        let proxy = ConnectProxy::start([(format!("{names}:443").as_str(), front.address())]);
        let program = tests::programs::path("raxx-provision");
        let mut command = desk.command(&program.to_string_lossy());
        let folder = names.replace('.', "-");
        let line = MAKE.replace("raxx-new-bot", &folder);
        command
            .args(line.split_whitespace())
            .stdin(std::process::Stdio::null())
            .env("GITHUB_API_URL", api)
            .env("HTTPS_PROXY", proxy.url())
            .env("SSL_CERT_FILE", &root);
        let mut sitting = Sitting::of(&mut command);
        let page = sitting.address_in("then Create GitHub App");
        let start = browse("GET", &page, "");
        let action = attribute(&start, "action");
        assert_eq!(action.split('?').next().unwrap(), form);
        let manifest: Value = serde_json::from_str(&attribute(&start, "value")).unwrap();
        assert!(
            manifest["redirect_url"]
                .as_str()
                .unwrap()
                .starts_with("http://127.0.0.1:")
        );
    }
}
