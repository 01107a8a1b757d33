//! A bot and its folder by every spelling; and names that would drive a terminal.

use tests::sandbox::Sandbox;

use crate::chain::{program, shell};
use crate::kept::Desk;

/// ESC, BEL, a line break, and U+202E, which turns the direction of text around.
const EVIL: &str = "raxx\u{1b}[2J\u{7}\n\u{202e}\u{9b}bot";

fn cannot_drive_a_terminal(text: &str, what: &str) {
    let drives = |c: char| (c.is_control() && c != '\n' && c != '\r') || c == '\u{202e}';
    assert!(!text.contains(drives), "{what}: {text:?}");
    assert!(
        !text.contains("\u{202e}") && !text.lines().any(|line| line == "\u{9b}bot"),
        "{what}: {text:?}"
    );
}

#[test]
fn every_spelling_of_a_folder_is_the_same_bot() {
    for spelling in [
        "/MooseQuest/raxx-dev-bot",
        "MooseQuest/raxx-dev-bot",
        "/MooseQuest/raxx-dev-bot/",
        "//MooseQuest///raxx-dev-bot//",
    ] {
        let desk = Desk::new();
        let first = desk.run("raxx-mint --bot raxx-dev-bot").run().success();
        assert_eq!(
            desk.run("raxx-mint --path").arg(spelling).run().success(),
            first,
            "{spelling}"
        );
        desk.run("raxx-mint --forget --path").arg(spelling).run().success();
        assert!(!desk.sandbox.github().is_live(first.trim()), "{spelling}");
    }
    let desk = Desk::new();
    desk.run("raxx-mint --bot raxx-dev-bot/").run().success();
    desk.run("raxx-mint --forget --bot raxx-dev-bot/").run().success();
    assert_eq!(desk.sandbox.github().live_tokens(), 0);
}

#[test]
fn a_bot_that_has_nothing_kept_is_told_with_those_that_have_and_nothing_is_revoked() {
    let desk = Desk::new();
    let nothing = desk
        .run("raxx-mint --forget --bot raxx-dev-bot")
        .named(desk.runtime.path().to_string_lossy(), "[runtime]");
    insta::assert_snapshot!("nothing_kept_at_all", nothing.run().failure(3));
    desk.run("raxx-mint --bot raxx-dev-bot").run().success();
    for (name, flags) in [
        ("nothing_kept_for_a_bot", "--bot raxx-dev-bott --bot raxx-dev-bot"),
        (
            "nothing_kept_for_a_path",
            "--path /MooseQuest/raxx-dev --path /MooseQuest/raxx-dev-bot",
        ),
    ] {
        insta::assert_snapshot!(name, desk.run(&format!("raxx-mint --forget {flags}")).run().failure(3));
    }
    assert_eq!(desk.sandbox.github().live_tokens(), 1);
    // Nothing kept and nobody named: there is nothing to do, and nothing was misspelt.
    desk.run("raxx-mint --forget").run().success();
    desk.run("raxx-mint --forget").run().success();
}

#[test]
fn a_bot_that_is_named_twice_is_one() {
    let desk = Desk::new();
    let token = desk.run("raxx-mint --bot raxx-dev-bot").run().success();
    for flags in [
        "--bot raxx-dev-bot --bot raxx-dev-bot",
        "--bot raxx-dev-bot --path /MooseQuest/raxx-dev-bot/",
        "--path /MooseQuest/raxx-dev-bot --path MooseQuest/raxx-dev-bot",
    ] {
        assert_eq!(
            desk.run(&format!("raxx-mint {flags}")).run().success(),
            token,
            "{flags}"
        );
        let told = desk.run(&format!("raxx-mint {flags} --export=json")).run().success();
        assert!(told.contains(token.trim()), "{flags}: {told}");
        let session = desk.run("infisical-login").run().success();
        let secrets = desk
            .run(&format!("infisical-fetch {flags}"))
            .stdin(session)
            .run()
            .document();
        assert_eq!(secrets["path"], "/MooseQuest/raxx-dev-bot", "{flags}");
        let host = desk.sandbox.github().address();
        let helper = desk.run(&format!("git-credential-raxx {flags} get"));
        let answer = helper.stdin(format!("protocol=https\nhost={host}\n")).run().success();
        assert!(answer.contains(token.trim()), "{flags}: {answer}");
    }
}

#[test]
fn bots_of_several_folders_never_cost_the_whole_project() {
    let sandbox = Sandbox::start_with_pooled_keys();
    sandbox.infisical().change(|settings| {
        let dev = settings.folder("/MooseQuest/raxx-dev-bot").clone();
        for path in ["/Other/raxx-dev-bot", "/alone", "/alone-too"] {
            settings.folders.insert(path.to_owned(), dev.clone());
        }
    });
    for (paths, asked) in [
        (
            "/MooseQuest/raxx-dev-bot /Other/raxx-dev-bot",
            vec!["/MooseQuest/raxx-dev-bot", "/Other/raxx-dev-bot"],
        ),
        ("/alone /alone-too", vec!["/alone", "/alone-too"]),
        (
            "/MooseQuest/raxx-dev-bot /alone /MooseQuest/raxx-ops-bot",
            vec!["/MooseQuest", "/alone"],
        ),
    ] {
        sandbox.journal().clear();
        let flags = format!(" {paths}").replace(' ', " --path ");
        let told = program(&format!("raxx-mint{flags}")).against(&sandbox).run().success();
        assert_eq!(told.lines().count(), paths.split(' ').count(), "{told}");
        let mut folders: Vec<_> = sandbox
            .journal()
            .to("/secrets")
            .iter()
            .map(|entry| {
                let query = entry.query.split('&').find_map(|pair| pair.strip_prefix("secretPath="));
                query.unwrap().replace("%2F", "/")
            })
            .collect();
        folders.sort_unstable();
        assert_eq!(folders, asked, "{paths}");
    }
}

#[test]
fn a_scope_that_contradicts_itself_is_refused_in_either_order_and_repetition_changes_nothing() {
    let desk = Desk::new();
    let write = desk
        .run("raxx-mint --bot raxx-dev-bot --permission contents=write")
        .run()
        .success();
    for flags in [
        "--permission contents=read --permission contents=write",
        "--permission contents=write --permission contents=read",
    ] {
        for way in [
            "raxx-mint --bot raxx-dev-bot",
            "git-credential-raxx --bot raxx-dev-bot get",
        ] {
            let host = desk.sandbox.github().address();
            let run = desk
                .run(&format!("{way} {flags}"))
                .stdin(format!("protocol=https\nhost={host}\n"));
            let told = run.run();
            assert_eq!(told.code, Some(2), "{told}");
            assert!(
                !told.stdout.contains("ghs_") && told.stderr.contains("--permission asks for contents="),
                "{told}"
            );
        }
        desk.run(&format!("with-bot-token {flags} raxx-dev-bot echo ran"))
            .run()
            .failure(125);
    }
    let again = "raxx-mint --bot raxx-dev-bot --permission contents=write --permission contents=write";
    assert_eq!(desk.run(again).run().success(), write);
    let read = desk
        .run("raxx-mint --bot raxx-dev-bot --permission contents=read")
        .run()
        .success();
    assert_ne!(read, write);
}

#[test]
fn a_bot_is_named_bare_by_flag_and_by_path_to_every_program() {
    needs!("git");
    let sandbox = Sandbox::start_with_pooled_keys();
    let session = program("infisical-login").against(&sandbox).run().success();
    let file = tempfile::NamedTempFile::new().unwrap();
    let config = file.path();
    for named in [
        "raxx-ops-bot",
        "--bot raxx-ops-bot",
        "/MooseQuest/raxx-ops-bot",
        "--path /MooseQuest/raxx-ops-bot",
    ] {
        let fetched = program(&format!("infisical-fetch {named}"))
            .against(&sandbox)
            .stdin(session.clone())
            .run();
        assert_eq!(fetched.document()["APP_ID"], "3501353", "{named}");
        let minted = program(&format!("raxx-mint {named} --json"))
            .against(&sandbox)
            .run()
            .document();
        assert_eq!(minted["bot"], "raxx-ops-bot", "{named}");
        let install = program(&format!("git-credential-raxx install {named} --dry-run"));
        let told = install
            .against(&sandbox)
            .env("GIT_CONFIG_GLOBAL", config)
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .run();
        let flag = if named.contains('/') {
            "--path=/MooseQuest/raxx-ops-bot"
        } else {
            "--bot=raxx-ops-bot"
        };
        assert!(told.stdout.contains(flag), "{named}: {told}");
        // The doctor and the wrapper have no --path: a path stands where a name does.
        let named = named.replace("--path ", "");
        let doctor = program(&format!("raxx-doctor {named}")).against(&sandbox).run();
        assert!(doctor.stdout.contains("\nbot raxx-ops-bot\n"), "{named}: {doctor}");
        assert!(!doctor.stdout.contains("\nbot raxx-dev-bot\n"), "{named}: {doctor}");
        let wrapped = program(&format!("with-bot-token {named} printenv RAXX_ACTING_AT"))
            .against(&sandbox)
            .run();
        assert_eq!(wrapped.success(), "/MooseQuest/raxx-ops-bot\n", "{named}");
    }
}

#[test]
fn a_name_that_is_nearly_known_is_suggested() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let told = |line: &str| {
        let run = program(line)
            .against(&sandbox)
            .env("RAXX_BOTS", "raxx-dev-bot, raxx-ops-bot");
        run.run().stderr
    };
    for (line, suggestion) in [
        ("raxx-mint raxx-dve-bot", "perhaps raxx-dev-bot is meant; "),
        ("with-bot-token raxx-ops-bto true", "perhaps raxx-ops-bot is meant; "),
        (
            "raxx-mint raxx-dev-bot --permission content=read",
            "perhaps contents is meant; ",
        ),
        (
            "raxx-mint raxx-dev-bot --permission pull-request=read",
            "perhaps pull_requests is meant; ",
        ),
        (
            "raxx-mint raxx-dev-bot --exprot",
            "a similar argument exists: '--export'",
        ),
        ("raxx-mint raxx-dev-bot --export=fihs", "a similar value exists: 'fish'"),
    ] {
        let told = told(line);
        assert!(
            told.contains(suggestion) && !told.contains("to pass "),
            "{line}: {told}"
        );
    }
    for line in ["raxx-mint nobody", "raxx-mint raxx-dev-bot --permission quantum=read"] {
        let told = told(line);
        assert!(told.contains("fix:") && !told.contains("perhaps"), "{line}: {told}");
    }
    // One that is known is not taken for another.
    sandbox.infisical().change(|settings| {
        settings.folders.remove("/MooseQuest/raxx-ops-bot");
    });
    assert!(!told("raxx-mint raxx-ops-bot").contains("perhaps"));
}

#[test]
fn where_the_secrets_are_is_told_to_every_program_alike() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let settings = sandbox.infisical().settings();
    let there = format!(
        "--project-id {} --env prod --path-prefix /MooseQuest",
        settings.project_id
    );
    for line in [
        format!("raxx-mint raxx-dev-bot {there}"),
        format!("with-bot-token {there} raxx-dev-bot true"),
        format!("with-bot-token {there} --bot raxx-dev-bot true"),
        format!("raxx-doctor raxx-dev-bot {there}"),
    ] {
        let run = program(&line)
            .against(&sandbox)
            .without("INFISICAL_PROJECT_ID")
            .env("INFISICAL_ENV", "staging");
        let told = run.env("INFISICAL_PATH_PREFIX", "/nowhere").run();
        assert_eq!(told.code, Some(0), "{told}");
    }
    // A project alone is no credential to run as the operator with.
    let alone = program("with-bot-token --project-id x raxx-dev-bot true").run();
    assert_eq!(alone.code, Some(125), "{alone}");
}

#[test]
fn a_name_from_infisical_or_from_a_flag_cannot_drive_a_terminal() {
    let desk = Desk::new();
    desk.sandbox.infisical().change(|settings| {
        let dev = settings.folder("/MooseQuest/raxx-dev-bot").clone();
        settings.folders.insert(format!("/MooseQuest/{EVIL}"), dev.clone());
        settings.folders.insert(format!("/MooseQuest/{EVIL}-two"), dev);
        settings.folder(&format!("/MooseQuest/{EVIL}-three")).set("APP_ID", "1");
    });
    let session = desk.run("infisical-login").run().success();
    let path = format!("/MooseQuest/{EVIL}");
    let runs = [
        desk.run("raxx-mint --all-bots"),
        desk.run("raxx-mint --path").arg(&path),
        desk.run("raxx-mint --bot").arg(EVIL),
        desk.run("raxx-mint --bot raxx-dev-bot --bot").arg(EVIL),
        desk.run("raxx-mint --bot").arg(&format!("{EVIL}-three")),
        desk.run("raxx-mint --bot").arg(&format!("{EVIL}-four")),
        desk.run("raxx-mint --bot").arg(&format!("a/{EVIL}")),
        desk.run("raxx-mint --repo").arg(EVIL),
        desk.run("raxx-mint --bot x --permission").arg(EVIL),
        desk.run("raxx-mint").arg(EVIL),
        desk.run("raxx-mint --list"),
        desk.run("raxx-mint --list --json"),
        desk.run("raxx-mint --forget --bot").arg(&format!("{EVIL}-four")),
        desk.run("infisical-fetch --all-bots").stdin(session.clone()),
        desk.run("infisical-fetch --path").arg(&path).stdin(session),
        desk.run("raxx-doctor"),
        desk.run("raxx-doctor --json"),
        desk.run("raxx-doctor --bot").arg(EVIL),
        desk.run("with-bot-token").arg(&format!("{EVIL}-four")).arg("true"),
        desk.run("with-bot-token raxx-dev-bot").arg(EVIL),
        desk.run("raxx-mint --bot raxx-dev-bot --fresh")
            .env("INFISICAL_ENV", EVIL.replace('\n', "")),
        desk.run("raxx-mint --bot raxx-dev-bot --fresh")
            .env("INFISICAL_PROJECT_ID", EVIL.replace('\n', "")),
        desk.run("raxx-mint --bot raxx-dev-bot --fresh")
            .env("INFISICAL_HOST", EVIL.replace('\n', "")),
        desk.run("raxx-mint --bot raxx-dev-bot --fresh")
            .env("RAXX_MINT_CACHE", EVIL.replace('\n', "")),
        desk.run("raxx-mint --all-bots --error-format json -v"),
    ];
    for run in runs {
        let told = run.run();
        cannot_drive_a_terminal(&told.stdout, &told.to_string());
        cannot_drive_a_terminal(&told.stderr, &told.to_string());
    }
}

#[test]
fn of_a_variable_that_stands_twice_the_chain_reads_what_the_command_has() {
    let desk = Desk::new();
    // Only a program can make such an environment: no shell lets a name stand twice.
    let folder = tempfile::tempdir().unwrap();
    let twice = crate::wrapper::compiled(
        &folder,
        r#"
        #include <unistd.h>
        extern char **environ;
        int main(int argc, char **argv) {
            char *twice[100] = {"INFISICAL_ENV=prod"};
            int n = 1;
            for (char **e = environ; *e && n < 90; e++) twice[n++] = *e;
            twice[n++] = "INFISICAL_ENV=staging";
            environ = twice;
            execvp(argv[1], argv + 1);
            return 99;
        }"#,
    );
    let line = format!("{twice} with-bot-token --keep INFISICAL_ENV raxx-dev-bot printenv INFISICAL_ENV");
    assert_eq!(desk.at(shell(&line)).run().success(), "prod\n");
    let asked = &desk.sandbox.journal().to("/secrets")[0];
    assert!(asked.query.contains("environment=prod"), "{}", asked.query);
}

#[test]
fn a_prefix_tells_two_bots_of_one_name_apart_when_they_are_forgotten() {
    let desk = Desk::new();
    desk.sandbox.infisical().change(|settings| {
        let dev = settings.folder("/MooseQuest/raxx-dev-bot").clone();
        settings.folders.insert("/Other/raxx-dev-bot".to_owned(), dev);
    });
    let ours = desk.run("raxx-mint --bot raxx-dev-bot").run().success();
    let other = desk
        .run("raxx-mint --bot raxx-dev-bot --path-prefix /Other")
        .run()
        .success();
    desk.run("raxx-mint --forget --bot raxx-dev-bot --path-prefix Other/")
        .run()
        .success();
    let is_live = |token: &str| desk.sandbox.github().is_live(token.trim());
    assert_eq!([is_live(&ours), is_live(&other)], [true, false]);
    desk.run("raxx-mint --forget --bot raxx-dev-bot").run().success();
    assert!(!is_live(&ours));
}

#[test]
fn a_folder_that_is_not_there_does_not_cost_the_bots_of_another_theirs() {
    let desk = Desk::new();
    let flags = "--path /Nowhere/a --path /Nowhere/b --path /MooseQuest/raxx-dev-bot";
    let told = desk.run(&format!("raxx-mint {flags}")).run();
    assert_eq!(told.stdout.lines().count(), 1, "{told}");
    assert!(
        told.stdout.contains("raxx-dev-bot") && told.stderr.matches("error: ").count() == 2,
        "{told}"
    );
}
