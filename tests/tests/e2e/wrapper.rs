//! with-bot-token: a command as a bot, and never as the operator by accident.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::sandbox::Sandbox;

use crate::chain::{Run, program, shell};
use crate::network::World;

const WRAPPER: &str = "with-bot-token raxx-dev-bot";

/// The operator's own tokens, which must reach no bot's command.
const OPERATORS: [&str; 4] = [
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "GH_ENTERPRISE_TOKEN",
    "GITHUB_ENTERPRISE_TOKEN",
];

/// With the operator's tokens in the environment, and all that a dispatcher may have.
fn with_everything(run: Run) -> Run {
    let run = OPERATORS.iter().fold(run, |run, name| run.env(name, "the-operators"));
    run.env("CF_ACCESS_CLIENT_ID", "the-dispatchers")
        .env("CF_ACCESS_CLIENT_SECRET", "the-dispatchers")
        .env("INFISICAL_ENV", "prod")
        .env("INFISICAL_CUSTOM_HEADERS", "X-Door=the-dispatchers")
        .env("KEPT", "as it is")
}

/// A variable's value in what `env` printed.
pub(crate) fn value<'a>(environment: &'a str, name: &str) -> Option<&'a str> {
    environment
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
}

#[test]
fn the_command_has_the_bots_token_and_nothing_of_the_dispatchers_or_operators() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let told = with_everything(program(&format!("{WRAPPER} env")).against(&sandbox)).run();
    let environment = told.success();
    for gone in ["INFISICAL_", "CF_ACCESS_", "the-operators", "the-dispatchers"] {
        assert!(!environment.contains(gone), "{gone}: {environment}");
    }
    let host = sandbox.github().address().to_string();
    assert_eq!(value(&environment, "GH_HOST"), Some(host.as_str()));
    let token = value(&environment, "GH_ENTERPRISE_TOKEN").expect("a token");
    assert!(sandbox.github().is_live(token));
    assert_eq!(value(&environment, "GITHUB_ENTERPRISE_TOKEN"), Some(token));
    assert_eq!(value(&environment, "GH_TOKEN"), None, "it is no token of github.com");
    assert_eq!(value(&environment, "KEPT"), Some("as it is"));
}

#[test]
fn github_com_has_variables_of_its_own() {
    let world = World::start();
    let run = world
        .run(&format!("{WRAPPER} env"))
        .env("GH_TOKEN", "the-operators")
        .env("GH_HOST", "ghe.example.com");
    let environment = run.run().success();
    let token = value(&environment, "GH_TOKEN").expect("a token");
    assert!(world.sandbox.github().is_live(token));
    assert_eq!(value(&environment, "GITHUB_TOKEN"), Some(token));
    assert_eq!(value(&environment, "GH_HOST"), None, "gh would go there instead");
    assert_eq!(value(&environment, "GH_ENTERPRISE_TOKEN"), None);
}

#[test]
fn what_is_to_be_kept_is_kept() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let kept = |flags: &str| {
        let line = format!("with-bot-token {flags} raxx-dev-bot env");
        let environment = with_everything(program(&line).against(&sandbox)).run().success();
        assert!(!environment.contains("the-operators"), "{environment}");
        let is_dispatchers = |line: &&str| line.starts_with("INFISICAL_") || line.starts_with("CF_ACCESS_");
        environment.lines().filter(is_dispatchers).count()
    };
    assert_eq!(kept("--keep INFISICAL_HOST --keep INFISICAL_ENV"), 2);
    assert_eq!(kept("--keep-credentials"), 8);
    for name in OPERATORS.into_iter().chain(["GH_HOST"]) {
        let told = program(&format!("with-bot-token --keep {name} raxx-dev-bot env"))
            .run()
            .failure(125);
        let why = "the bot's own token stands in the variables that gh reads";
        assert!(told.stderr.contains(why), "{told}");
    }
}

/// By the name of a variable, and by the shape of what is in it, whatever its name.
#[test]
fn the_operators_tokens_are_taken_out_by_name_and_by_shape_and_can_be_kept() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let operators = [
        ("GITHUB_PERSONAL_ACCESS_TOKEN", "secret-of-theirs"),
        ("COPILOT_GITHUB_TOKEN", "secret-of-theirs"),
        ("GH_PAT", "secret-of-theirs"),
        ("HOMEBREW_GITHUB_API_TOKEN", "secret-of-theirs"),
        ("MY_SECRET", "ghp_secretoftheirs"),
        ("NODE_AUTH_TOKEN", "github_pat_secretoftheirs"),
        (
            "COMPOSER_AUTH",
            "{\"github-oauth\":{\"github.com\":\"gho_secretoftheirs\"}}",
        ),
        ("REMOTE", "https://x:ghs_secretoftheirs@github.com/O/R"),
    ];
    let run = |flags: &str| {
        let run = program(&format!("with-bot-token {flags} raxx-dev-bot env")).against(&sandbox);
        let run = operators.iter().fold(run, |run, (name, value)| run.env(name, value));
        run.env("GITHUB_ACTOR", "kept").env("NPM_TOKEN", "kept").run().success()
    };
    let environment = run("");
    assert!(!environment.contains("secret"), "{environment}");
    for name in ["GITHUB_ACTOR", "NPM_TOKEN"] {
        assert_eq!(value(&environment, name), Some("kept"));
    }
    let kept = run("--keep GH_PAT --keep MY_SECRET");
    assert_eq!(value(&kept, "GH_PAT"), Some("secret-of-theirs"));
    assert_eq!(value(&kept, "MY_SECRET"), Some("ghp_secretoftheirs"));
    assert_eq!(kept.matches("secret").count(), 2, "{kept}");
    assert!(
        !run("--keep-credentials").contains("secret-of"),
        "they are not the dispatcher's"
    );
}

/// What `git -c` hands to an alias of a shell's, from which the wrapper may be called.
#[test]
fn a_header_of_the_operators_is_taken_out_of_what_a_git_around_it_was_told() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let header = "'http.https://github.com/.extraheader'='AUTHORIZATION: basic b3A6cHc='";
    for (parameters, stays) in [(header, false), ("'user.name'='x'", true)] {
        let run = program("with-bot-token raxx-dev-bot sh -c").arg("echo left: $GIT_CONFIG_PARAMETERS");
        let run = run.against(&sandbox).env("GIT_CONFIG_PARAMETERS", parameters);
        let told = run.run().success();
        assert_eq!(told.contains(parameters), stays, "{told}");
    }
}

/// A setting of git's that holds a token becomes one that says nothing: git would not start without it.
#[test]
fn a_token_in_gits_own_variables_is_emptied_and_git_still_starts() {
    needs!("git");
    let sandbox = Sandbox::start_with_pooled_keys();
    let settings = [
        ("GIT_CONFIG_COUNT", "3"),
        ("GIT_CONFIG_KEY_0", "raxx.kept"),
        ("GIT_CONFIG_VALUE_0", "one"),
        ("GIT_CONFIG_KEY_1", "http.https://github.com/.extraheader"),
        ("GIT_CONFIG_VALUE_1", "Authorization: token ghp_secret"),
        ("GIT_CONFIG_KEY_2", "url.https://ghp_secret@github.com/.insteadof"),
        ("GIT_CONFIG_VALUE_2", "gh:"),
    ];
    let run = program("with-bot-token raxx-dev-bot git config --list").against(&sandbox);
    let run = run.env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", "/nowhere");
    let told = settings
        .iter()
        .fold(run, |run, (name, value)| run.env(name, value))
        .run()
        .success();
    assert!(told.contains("raxx.kept=one") && !told.contains("secret"), "{told}");
}

/// A wrapper in a wrapper: it is the bot that is asked for, or nothing is run.
#[test]
fn inside_a_bots_command_it_is_the_bot_that_is_asked_for_or_nothing() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let run = |outer: &str, inner: &str| {
        program(&format!("with-bot-token {outer} with-bot-token {inner} sh -c"))
            .against(&sandbox)
            .env("GH_PAT", "the-operators")
            .arg("echo ran as $RAXX_ACTING_AS with $GH_ENTERPRISE_TOKEN by $GIT_AUTHOR_NAME")
            .run()
    };
    // The outer one's token, by whatever the bot is called.
    for inner in ["raxx-dev-bot", "/MooseQuest/raxx-dev-bot", "--require-bot raxx-dev-bot"] {
        let told = run("raxx-dev-bot", inner);
        assert_eq!(told.stderr, "", "{told}");
        assert!(told.success().starts_with("ran as raxx-dev-bot with ghs_"), "{inner}");
    }
    for inner in [
        "raxx-ops-bot",
        "/Another/raxx-dev-bot/x",
        "/Another/raxx-dev-bot",
        "--github-api-url https://api.github.com raxx-dev-bot",
        "--repo raxx raxx-dev-bot",
        "--permission contents=read raxx-dev-bot",
        "--fresh raxx-dev-bot",
        "--revoke raxx-dev-bot",
        "--renew raxx-dev-bot",
        "--git raxx-dev-bot",
        "--git-identity raxx-dev-bot",
    ] {
        let told = run("raxx-dev-bot", inner).failure(125);
        assert!(!told.stderr.contains("operator"), "there is none: {told}");
        assert!(told.stderr.contains("--keep-credentials"), "{told}");
    }
    // The outer one's token is gone: without any, gh would take the operator's own login.
    let gone = "env -u GH_ENTERPRISE_TOKEN -u GITHUB_ENTERPRISE_TOKEN";
    let told = run(&format!("raxx-dev-bot {gone}"), "--require-bot raxx-dev-bot").failure(125);
    assert!(
        told.stderr.contains("already runs here, but without its token"),
        "{told}"
    );
    // A login shell or direnv has put the operator's in its place, or beside it.
    for again in ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "GH_TOKEN"] {
        let told = run(&format!("raxx-dev-bot env {again}=the-operators"), "raxx-dev-bot").failure(125);
        assert!(told.stderr.contains("without its token"), "{told}");
    }
    let inner = "with-bot-token --require-bot raxx-dev-bot sh -c";
    for outer in ["raxx-dev-bot", "--renew raxx-dev-bot"] {
        let runtime = tempfile::tempdir_in("/dev/shm").unwrap();
        let nested = |again: &str| {
            program(&format!(
                "with-bot-token {outer} env GH_PAT=the-operators {again} {inner}"
            ))
            .against(&sandbox)
            .env("XDG_RUNTIME_DIR", runtime.path())
            .arg("env")
            .run()
        };
        assert!(!nested("A=b").success().contains("the-operators"), "{outer}");
        nested("GH_TOKEN=the-operators").failure(125);
        if outer.starts_with("--renew") {
            nested("GH_CONFIG_DIR=/tmp/raxx-run-nowhere").failure(125);
        }
    }
    // With credentials the inner one is minted for, and nothing of the outer one's stays.
    let told = run("--keep-credentials --git-identity raxx-dev-bot", "raxx-ops-bot").success();
    let (_, rest) = told.split_once("ran as raxx-ops-bot with ").expect("the inner one");
    let (token, name) = rest.split_once(" by").unwrap();
    assert!(sandbox.github().is_live(token));
    assert_eq!(name, "\n", "not the outer one's name");
}

/// Compiles a few lines of C, since no safe Rust and no shell can make such an environment.
pub(crate) fn compiled(folder: &TempDir, source: &str) -> String {
    let (source_file, binary) = (folder.path().join("program.c"), folder.path().join("program"));
    fs::write(&source_file, source).unwrap();
    let compiler = Command::new("cc").arg("-o").args([&binary, &source_file]).status();
    assert!(compiler.expect("the C compiler that builds aws-lc").success());
    binary.to_str().unwrap().to_owned()
}

#[test]
fn a_variable_that_stands_twice_is_gone_both_times() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let folder = tempfile::tempdir().unwrap();
    let twice = compiled(
        &folder,
        r#"
        #include <string.h>
        #include <unistd.h>
        extern char **environ;
        int main(int argc, char **argv) {
            char *twice[100] = {"GH_TOKEN=one", "INFISICAL_CLIENT_SECRET_OLD=one", "KEPT=one"};
            int n = 3;
            for (char **e = environ; *e && n < 90; e++) twice[n++] = *e;
            twice[n++] = "GH_TOKEN=two"; twice[n++] = "INFISICAL_CLIENT_SECRET_OLD=two"; twice[n++] = "KEPT=two";
            environ = twice;
            execvp(argv[1], argv + 1);
            return 99;
        }"#,
    );
    let run = |line: &str| shell(&format!("{twice} {line}")).against(&sandbox).run().success();
    let count = |environment: &str, start: &str| environment.lines().filter(|line| line.starts_with(start)).count();
    let before = run("env");
    assert_eq!(
        (count(&before, "GH_TOKEN="), count(&before, "KEPT=")),
        (2, 2),
        "{before}"
    );
    let after = run(&format!("{WRAPPER} env"));
    assert_eq!(
        (count(&after, "GH_TOKEN="), count(&after, "INFISICAL_")),
        (0, 0),
        "{after}"
    );
    assert_eq!((count(&after, "KEPT="), value(&after, "KEPT")), (1, Some("one")));
}

#[test]
fn the_command_is_the_same_process_and_a_normal_one() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let run = |line: &str| shell(line).against(&sandbox).run().success();
    let pids = run(&format!("echo $$; exec {WRAPPER} sh -c 'echo $$'"));
    let pids: Vec<_> = pids.lines().collect();
    assert_eq!(pids[0], pids[1]);
    // Blocked and ignored signals, SIGPIPE among them, and open files: as without the wrapper.
    for look in ["grep -E '^Sig(Blk|Ign)' /proc/self/status", "ls /proc/self/fd"] {
        assert_eq!(run(&format!("{WRAPPER} {look}")), run(look));
    }
    let folder = tempfile::tempdir().unwrap();
    let dumpable = compiled(
        &folder,
        "#include <sys/prctl.h>\nint main(void) { return prctl(PR_GET_DUMPABLE) == 1 ? 0 : 1; }",
    );
    run(&format!("{WRAPPER} {dumpable}"));
}

#[test]
fn the_terminal_is_the_commands() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let on_a_terminal = |line: &str| {
        shell(&format!("script --quiet --return --command '{line}' /dev/null"))
            .against(&sandbox)
            .stdin("")
            .run()
            .success()
    };
    let look = "sh -c \"test -t 1 && stty -g < /dev/tty\"";
    assert_eq!(on_a_terminal(&format!("{WRAPPER} {look}")), on_a_terminal(look));
}

#[test]
fn exit_codes_are_those_of_env() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let run = |line: &str| shell(line).against(&sandbox).run();
    assert_eq!(run(&format!("{WRAPPER} true")).code, Some(0));
    assert_eq!(run(&format!("{WRAPPER} sh -c 'exit 7'")).code, Some(7));
    // exec: the shell would turn the signal into a code.
    assert_eq!(run(&format!("exec {WRAPPER} sh -c 'kill -TERM $$'")).code, None);
    insta::assert_snapshot!("not_found", run(&format!("{WRAPPER} no-such-program")).failure(127));
    insta::assert_snapshot!("not_runnable", run(&format!("{WRAPPER} /dev/null")).failure(126));
    insta::assert_snapshot!("usage", run("with-bot-token raxx-dev-bot").failure(125));
    insta::assert_snapshot!("usage_dashes", run("with-bot-token raxx-dev-bot --").failure(125));
    insta::assert_snapshot!(
        "usage_bot",
        run("with-bot-token MooseQuest/raxx-dev-bot true").failure(125)
    );
}

#[test]
fn the_command_is_not_run_after_a_failure() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let folder = tempfile::tempdir().unwrap();
    let ran = folder.path().join("ran");
    let run = |flags: &str| {
        program(&format!("with-bot-token {flags} raxx-dev-bot touch"))
            .arg(ran.to_str().unwrap())
            .against(&sandbox)
            .named(ran.to_str().unwrap(), "[file]")
            .env("GH_TOKEN", "the-operators")
    };
    insta::assert_snapshot!(
        "wrong_secret",
        run("").env("INFISICAL_CLIENT_SECRET", "wrong").run().failure(125)
    );
    let told = run("--error-format json").env("INFISICAL_CLIENT_SECRET", "wrong").run();
    let failure: Value = serde_json::from_str(&told.failure(125).stderr).expect("one object");
    assert_eq!(
        (&failure["code"], &failure["exit_code"]),
        (&json!("infisical_login_http"), &json!(125))
    );
    run("--repo no-such-repository").run().failure(125);
    assert!(!ran.exists());
}

#[test]
fn flags_after_the_bots_name_are_the_commands() {
    let sandbox = Sandbox::start_with_pooled_keys();
    for (line, shown) in [
        ("raxx-dev-bot echo --repo x --help", "--repo x --help\n"),
        ("raxx-dev-bot -- echo -- x", "-- x\n"),
        ("-- raxx-dev-bot echo -v", "-v\n"),
        ("/MooseQuest/raxx-dev-bot echo path", "path\n"),
    ] {
        let told = program(&format!("with-bot-token {line}")).against(&sandbox).run();
        assert_eq!(told.success(), shown, "{line}");
    }
}

#[test]
fn the_scope_reaches_github() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let line = "with-bot-token --repo handbook --permission pull-requests=read raxx-dev-bot true";
    program(line).against(&sandbox).run().success();
    assert_eq!(
        sandbox.journal().to("/access_tokens")[0].json(),
        json!({ "repositories": ["handbook"], "permissions": { "pull_requests": "read" } })
    );
}

const CREDENTIALS: [&str; 3] = ["INFISICAL_CLIENT_ID", "INFISICAL_CLIENT_SECRET", "INFISICAL_PROJECT_ID"];

fn without_credentials(sandbox: &Sandbox, line: &str) -> Run {
    let run = program(line).against(sandbox).env("GH_TOKEN", "the-operators");
    CREDENTIALS.iter().fold(run, |run, name| run.without(name))
}

#[test]
fn without_any_credentials_the_command_runs_as_the_operator() {
    let sandbox = Sandbox::start_with_pooled_keys();
    for flags in ["", "--quiet", "--git-identity --repo raxx"] {
        let line = format!("with-bot-token {flags} raxx-dev-bot env");
        let told = without_credentials(&sandbox, &line).env("RAXX_REQUIRE_BOT", "0").run();
        assert_eq!(
            told.stderr,
            "INFISICAL_* env vars not set; falling back to operator PAT\n"
        );
        let environment = told.success();
        assert_eq!(value(&environment, "GH_TOKEN"), Some("the-operators"));
        assert!(value(&environment, "INFISICAL_HOST").is_some(), "as it was");
    }
    let json = without_credentials(&sandbox, "with-bot-token --error-format json raxx-dev-bot true").run();
    insta::assert_snapshot!("fall_back_json", json);
    assert!(sandbox.journal().entries().is_empty());
}

#[test]
fn with_some_credentials_all_missing_ones_are_told() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let line = format!("{WRAPPER} echo ran");
    let id = &sandbox.identity().client_id;
    let run = || without_credentials(&sandbox, &line);
    insta::assert_snapshot!("only_the_id", run().env(CREDENTIALS[0], id).run().failure(125));
    insta::assert_snapshot!("only_the_project", run().env(CREDENTIALS[2], "x").run().failure(125));
    insta::assert_snapshot!("only_a_session", run().env("INFISICAL_TOKEN", "x").run().failure(125));
    let file = run().env("INFISICAL_CLIENT_SECRET_FILE", "/nowhere/secret");
    insta::assert_snapshot!("only_a_file", file.run().failure(125));
    assert!(sandbox.journal().entries().is_empty());
}

#[test]
fn a_bot_that_is_required_is_never_the_operator() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let flag = without_credentials(&sandbox, "with-bot-token --require-bot raxx-dev-bot echo ran");
    insta::assert_snapshot!("required", flag.run().failure(125));
    let line = format!("{WRAPPER} echo ran");
    let variable = |value: &str| {
        without_credentials(&sandbox, &line)
            .env("RAXX_REQUIRE_BOT", value)
            .run()
    };
    let told = variable("1").failure(125);
    assert!(told.stderr.contains("and a bot is required"), "{told}");
    insta::assert_snapshot!("required_unclear", variable("yes").failure(125));
}
