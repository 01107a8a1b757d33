//! git and gh themselves, run as a bot.

use std::fs;

use tests::sandbox::Sandbox;
use tests::script::Canned;

use crate::chain::program;
use crate::network::World;
use crate::wrapper::value;

#[test]
fn git_commits_as_the_bot() {
    needs!("git");
    let sandbox = Sandbox::start_with_pooled_keys();
    let folder = tempfile::tempdir().unwrap();
    let committed = |flags: &str| {
        let script = "git init -q && git commit -q --allow-empty -m x && git log -1 --format='%an <%ae>%n%cn <%ce>'";
        program(&format!("with-bot-token {flags} raxx-dev-bot git -C"))
            .arg(folder.path().to_str().unwrap())
            .arg("-c")
            .arg(&format!("alias.one=!{script}"))
            .arg("one")
            .against(&sandbox)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_AUTHOR_NAME", "Operator")
            .env("GIT_AUTHOR_EMAIL", "operator@example.com")
            .env("GIT_COMMITTER_NAME", "Operator")
            .env("GIT_COMMITTER_EMAIL", "operator@example.com")
            .run()
    };
    let id = sandbox.github().settings().app(3_501_352).bot_user_id;
    let bot = format!("raxx-dev-bot[bot] <{id}+raxx-dev-bot[bot]@users.noreply.127.0.0.1>\n");
    assert_eq!(committed("--git-identity").success(), bot.repeat(2));
    let operator = "Operator <operator@example.com>\n".repeat(2);
    assert_eq!(committed("").success(), operator);
    // Two more tries.
    sandbox.github().answer_next("/graphql", 3, Canned::new(502));
    let told = committed("--git-identity");
    assert_eq!(
        told.stderr,
        "note: git takes its own identity, since the bot's could not be looked up: GitHub API returned 502\n"
    );
    assert_eq!(told.success(), operator);
}

#[test]
fn the_address_on_github_com() {
    let world = World::start();
    let environment = world
        .run("with-bot-token --git-identity raxx-dev-bot env")
        .run()
        .success();
    let email = value(&environment, "GIT_AUTHOR_EMAIL").expect("an address");
    assert!(
        email.ends_with("+raxx-dev-bot[bot]@users.noreply.github.com"),
        "{email}"
    );
    assert_eq!(value(&environment, "GIT_COMMITTER_NAME"), Some("raxx-dev-bot[bot]"));
}

/// `gh` itself, as Debian has it, over TLS: it speaks no plain HTTP.
#[test]
fn gh_is_the_bot() {
    needs!("gh");
    let sandbox = Sandbox::start_with_pooled_keys();
    let authority = tests::tls::Authority::new();
    let front = tests::tls::Front::start(&authority, &["localhost"], sandbox.github().address());
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root.pem");
    fs::write(&root, authority.root_pem()).unwrap();
    let told = program("with-bot-token raxx-dev-bot gh api graphql -f query={viewer{login}} --jq .data.viewer.login")
        .against(&sandbox)
        .env(
            "GITHUB_API_URL",
            format!("https://localhost:{}/api/v3", front.address().port()),
        )
        .env("SSL_CERT_FILE", &root)
        .env("GH_CONFIG_DIR", folder.path())
        .env("GH_ENTERPRISE_TOKEN", "the-operators")
        .run();
    assert_eq!(told.success(), "raxx-dev-bot[bot]\n");
}
