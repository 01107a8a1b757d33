//! The connection to GitHub that is opened while the login is under way.

use std::thread;
use std::time::{Duration, Instant};

use tests::faults::{Fault, Line};
use tests::sandbox::Sandbox;
use tests::tls::{Authority, Front};

use crate::chain::program;
use crate::network::World;

const MINT: &str = "raxx-mint --bot raxx-dev-bot";

/// Long enough for the slowest machine; a test waits for a condition, never for the time.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn wait_until(condition: impl Fn() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < PATIENCE, "it did not happen");
        thread::yield_now();
    }
}

#[test]
fn it_stands_before_the_log_in_is_answered_and_carries_nothing_before_the_jwt() {
    let world = World::start();
    let answer = world.sandbox.infisical().hold_next("/login");
    thread::scope(|scope| {
        let mint = scope.spawn(|| world.run(MINT).run());
        wait_until(|| world.github.handshakes() == 1);
        assert_eq!(world.github.records(), 1, "the end of the handshake, and no request");
        drop(answer);
        mint.join().unwrap().success();
    });
    let requests: Vec<_> = world.sandbox.journal().entries();
    let asked: Vec<_> = requests
        .iter()
        .map(|entry| (entry.server, entry.method.as_str()))
        .collect();
    assert_eq!(asked, [("infisical", "POST"), ("infisical", "GET"), ("github", "POST")]);
    assert_eq!(world.github.connections(), 1, "the exchange takes it");
    assert_eq!(world.infisical.connections(), 1, "login and fetch share one");
}

#[test]
fn a_request_leaves_in_one_write() {
    let world = World::start();
    world.run(MINT).run().success();
    assert_eq!(world.infisical.records(), 3, "the end of the handshake, login, fetch");
    assert_eq!(
        world.github.records(),
        2,
        "the end of the handshake, the exchange with its body"
    );
}

#[test]
fn where_it_fails_the_exchange_connects_as_usual() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let authority = Authority::new();
    let front = Front::start(&authority, &["127.0.0.1"], sandbox.github().address());
    let line = Line::before(front.address());
    // The client's first words, whatever they are.
    line.fail_next("", 1, Fault::Hangup);
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root.pem");
    std::fs::write(&root, authority.root_pem()).unwrap();
    let told = program(&format!("{MINT} -v"))
        .against(&sandbox)
        .env("GITHUB_API_URL", line.to_string().replace("http:", "https:"))
        .env("SSL_CERT_FILE", &root)
        .run();
    assert!(!told.stderr.contains("again"), "no try was lost: {}", told.stderr);
    told.success();
    assert_eq!(front.handshakes(), 1);
}

#[test]
fn many_bots_share_eight_connections() {
    let world = World::start();
    world.sandbox.add_bots(20);
    let told = world.run("raxx-mint --all-bots").run();
    let bots = world.sandbox.bots().len() + 20;
    assert_eq!(told.success().lines().count(), bots);
    let to_github = world.github.connections();
    assert!((2..=8).contains(&to_github), "{to_github} connections");
    assert_eq!(
        world.sandbox.journal().entries().len(),
        1 + 1 + bots,
        "one login, one fetch"
    );
}
