//! The real host names, over TLS and through a proxy, without leaving loopback.

use std::fmt::Write as _;
use std::net::{SocketAddr, TcpListener};

use jiff::civil::date;
use tempfile::TempDir;
use tests::faults::{Fault, Line};
use tests::proxy::ConnectProxy;
use tests::relay::answering;
use tests::sandbox::Sandbox;
use tests::script::Canned;
use tests::tls::{Authority, Flaw, Front};

use crate::chain::{Run, program, shell};

const MINT: &str = "raxx-mint --bot raxx-dev-bot";

/// The sandbox under the names app.infisical.com and api.github.com.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) infisical: Front,
    pub(crate) github: Front,
    pub(crate) proxy: ConnectProxy,
    folder: TempDir,
}

impl World {
    pub(crate) fn start() -> Self {
        Self::certified_by(&Authority::new())
    }

    pub(crate) fn certified_by(authority: &Authority) -> Self {
        let sandbox = Sandbox::start_with_pooled_keys();
        let infisical = Front::start(authority, &["app.infisical.com"], sandbox.infisical().address());
        let github = Front::start(authority, &["api.github.com"], sandbox.github().address());
        let table = [
            ("app.infisical.com:443", infisical.address()),
            ("api.github.com:443", github.address()),
        ];
        let proxy = ConnectProxy::start(table);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("root.pem"), authority.root_pem()).unwrap();
        Self {
            sandbox,
            infisical,
            github,
            proxy,
            folder,
        }
    }

    /// With the default servers, reached through the proxy, trusted by the extra root.
    pub(crate) fn run(&self, line: &str) -> Run {
        self.at(program(line))
    }

    fn at(&self, run: Run) -> Run {
        run.against(&self.sandbox)
            .without("INFISICAL_HOST")
            .without("GITHUB_API_URL")
            .env("HTTPS_PROXY", self.proxy.url())
            .env("SSL_CERT_FILE", self.folder.path().join("root.pem"))
    }
}

#[test]
fn the_default_servers_over_tls_through_a_proxy() {
    let world = World::start();
    let export = world.run(&format!("{MINT} --export")).run().success();
    let token = export
        .strip_prefix("export GH_TOKEN='")
        .and_then(|rest| rest.strip_suffix("'\n"))
        .expect("for github.com");
    assert!(world.sandbox.github().is_live(token));
    let mut asked = world.proxy.asked();
    asked.sort_unstable();
    assert_eq!(asked, ["api.github.com:443", "app.infisical.com:443"]);
    assert_eq!(
        (world.infisical.handshakes(), world.github.handshakes()),
        (1, 1),
        "login and fetch share one"
    );
}

#[test]
fn a_certificate_of_an_unknown_authority() {
    let world = World::start();
    insta::assert_snapshot!(world.run(MINT).without("SSL_CERT_FILE").run().failure(10));
    assert_eq!(
        (world.infisical.connections(), world.infisical.handshakes()),
        (1, 0),
        "tried once"
    );
    assert!(world.sandbox.journal().entries().is_empty());
}

#[test]
fn a_certificate_for_another_name() {
    let world = World::start();
    let table = [("app.infisical.com:443", world.github.address())];
    let proxy = ConnectProxy::start(table);
    insta::assert_snapshot!(world.run(MINT).env("HTTPS_PROXY", proxy.url()).run().failure(10));
}

/// An alert of TLS 1.0: the versions that the client offers will not do (RFC 5246, section 7.2).
const ALERT_OF_VERSION: &[u8] = &[21, 3, 1, 0, 2, 2, 70];

/// What may be wrong with a server's TLS, and a server that has it.
fn troubles_of_tls() -> Vec<(&'static str, SocketAddr, Authority)> {
    let front = |authority: &Authority, names: &[&str]| {
        let plain = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        Front::start(authority, names, plain).address()
    };
    let of = |name, authority: Authority| (name, front(&authority, &["app.infisical.com"]), authority);
    let plain = |name, bytes| (name, answering(bytes), Authority::new());
    let another = Authority::new();
    let several = Authority::new();
    vec![
        of(
            "a certificate that has ended",
            Authority::new().from(date(2019, 1, 1)).until(date(2020, 2, 3)),
        ),
        of(
            "a certificate that is not good yet",
            Authority::new().from(date(2099, 1, 2)),
        ),
        (
            "a certificate for other names",
            front(&several, &["a.example", "*.b.example"]),
            several,
        ),
        (
            "a certificate of an unknown authority",
            front(&another, &["app.infisical.com"]),
            Authority::new(),
        ),
        of("a certificate for clients", Authority::new().with(Flaw::ForClients)),
        of(
            "an authority's own certificate",
            Authority::new().with(Flaw::Authoritys),
        ),
        of(
            "a server that wants a client certificate",
            Authority::new().with(Flaw::WantsClientCertificate),
        ),
        plain("a server of old TLS", ALERT_OF_VERSION),
        plain(
            "a server without TLS",
            b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n",
        ),
        plain("a server that hangs up", b""),
    ]
}

/// The clock's time as a word.
fn without_the_time(text: &str) -> String {
    let told: Vec<_> = text.split("this machine's clock says ").collect();
    let rest = told
        .iter()
        .skip(1)
        .map(|rest| format!("this machine's clock says NOW{}", &rest["2026-11-25 19:12 UTC".len()..]));
    told.iter()
        .take(1)
        .map(|first| (*first).to_owned())
        .chain(rest)
        .collect()
}

#[test]
fn each_trouble_with_tls_has_its_own_cause_and_fix() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let folder = tempfile::tempdir().unwrap();
    let mut all = String::new();
    for (name, server, authority) in troubles_of_tls() {
        let root = folder.path().join(name);
        std::fs::write(&root, authority.root_pem()).unwrap();
        let proxy = ConnectProxy::start([("app.infisical.com:443", server)]);
        let run = |line: &str| {
            let run = program(line).against(&sandbox).without("INFISICAL_HOST");
            run.env("HTTPS_PROXY", proxy.url()).env("SSL_CERT_FILE", &root).run()
        };
        let mint = run(MINT).failure(10);
        let place = proxy.url().replace("http://", "");
        let _ = write!(
            all,
            "{name}:\n{}\n",
            without_the_time(&mint.stderr).replace(&place, "PROXY")
        );
        // The doctor says the same of the way, before anything is sent.
        let doctor = run("raxx-doctor");
        let cause = mint
            .stderr
            .lines()
            .find_map(|line| line.strip_prefix("  cause: "))
            .unwrap();
        let cause = without_the_time(cause);
        assert!(without_the_time(&doctor.stdout).contains(&cause), "{name}: {doctor}");
    }
    assert!(sandbox.journal().entries().is_empty());
    insta::assert_snapshot!(all);
}

/// What stands in front of servers, as each answers.
fn front_doors() -> [(&'static str, Canned); 12] {
    let page = |status: u16| {
        Canned::new(status)
            .header("content-type", "text/html; charset=UTF-8")
            .header("cf-ray", "8f1-FRA")
    };
    let title = "<html><head><title>Just a moment...</title></head></html>";
    let redirect = |to: &str| Canned::new(302).header("location", to);
    [
        (
            "Cloudflare's bot check",
            page(403).header("cf-mitigated", "challenge").body(title.to_owned()),
        ),
        (
            "Cloudflare's browser integrity check",
            Canned::new(403)
                .header("content-type", "text/plain; charset=UTF-8")
                .body("error code: 1010".to_owned()),
        ),
        (
            "Cloudflare's firewall",
            Canned::new(403)
                .header("content-type", "text/plain")
                .body("error code: 1020".to_owned()),
        ),
        (
            "Cloudflare without a server",
            Canned::new(409)
                .header("content-type", "text/plain")
                .body("error code: 1001".to_owned()),
        ),
        (
            "Cloudflare's firewall, to a browser",
            page(403).body("<html><head><title>Attention Required! | Cloudflare</title></head></html>".to_owned()),
        ),
        (
            "a mesh's refusal",
            Canned::new(403)
                .header("content-type", "text/plain")
                .body("RBAC: access denied".to_owned()),
        ),
        (
            "a router without a route",
            Canned::new(404)
                .header("content-type", "text/plain")
                .body("404 page not found".to_owned()),
        ),
        ("an empty refusal", Canned::new(401)),
        (
            "one of several ways to log in",
            Canned::new(401).header("www-authenticate", "Negotiate, Basic realm=\"staff\""),
        ),
        (
            "basic authentication",
            Canned::new(401)
                .header("www-authenticate", "Basic realm=\"staff\"")
                .header("content-type", "text/html"),
        ),
        (
            "a load balancer's login",
            redirect("https://sso.example/authorize?client_id=abc&redirect_uri=x&response_type=code&state=s3cret"),
        ),
        ("a login by SAML", redirect("https://idp.example/sso?SAMLRequest=fZJ")),
    ]
}

#[test]
fn each_front_door_is_named_for_what_it_is() {
    let mut all = String::new();
    for (name, canned) in front_doors() {
        let sandbox = Sandbox::start_with_pooled_keys();
        sandbox.infisical().answer_next("/api/v1/auth", 1, canned.clone());
        let told = program("infisical-login").against(&sandbox).run().failure(10);
        let _ = write!(all, "{name}:\n{}\n", told.stderr);
        let cause = told.stderr.lines().find(|line| line.starts_with("  cause:")).unwrap();
        let cause = cause.trim_start().split(" (").next().unwrap();
        // The doctor meets it first.
        sandbox.infisical().answer_next("/api/status", 1, canned.clone());
        let doctor = program("raxx-doctor --bot raxx-dev-bot").against(&sandbox).run();
        assert!(
            doctor.stdout.contains(cause) && doctor.code != Some(0),
            "{name}: {cause}: {doctor}"
        );
        // An Enterprise Server stands behind the same doors.
        sandbox.github().answer_next("/access_tokens", 1, canned);
        let told = program(MINT).against(&sandbox).run().failure(14);
        let words = cause.split("127.0.0.1").next().unwrap();
        assert!(told.stderr.contains(words), "{name}: {words}: {told}");
        assert!(!all.contains("s3cret"), "{all}");
    }
    insta::assert_snapshot!(all);
}

#[test]
fn a_refusal_behind_cloudflare_is_not_the_service_tokens() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let nginx = Canned::html(403, "<html><head><title>403 Forbidden</title></head></html>").header("cf-ray", "8f1-FRA");
    sandbox.infisical().answer_next("/login", 1, nginx);
    let run = program("infisical-login").against(&sandbox);
    let told = run
        .env("CF_ACCESS_CLIENT_ID", "id.access")
        .env("CF_ACCESS_CLIENT_SECRET", "x")
        .run()
        .failure(10);
    assert!(
        told.stderr
            .contains("what stands in front of Infisical refuses the request"),
        "{told}"
    );
}

#[test]
fn a_limit_of_cloudflares_is_a_limit() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let limited = Canned::new(429)
        .header("retry-after", "60")
        .header("content-type", "text/plain");
    sandbox
        .infisical()
        .answer_next("/login", 1, limited.body("error code: 1015".to_owned()));
    let told = program("infisical-login").against(&sandbox).run().failure(10);
    assert!(
        told.stderr.contains("too many requests") && told.stderr.contains("in 60 s"),
        "{told}"
    );
}

#[test]
fn each_way_in_which_a_proxy_refuses_has_its_own_cause_and_fix() {
    let world = World::start();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let proxies = [
        (
            "407",
            answering(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n"),
        ),
        ("403", answering(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")),
        (
            "503",
            answering(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"),
        ),
        ("hangs up", answering(b"")),
        ("is away", closed),
    ];
    let mut all = String::new();
    let mut tell = |name: &str, url: &str, proxy: &str| {
        let told = world.run(MINT).env("HTTPS_PROXY", url).run().failure(10);
        assert!(!told.stderr.contains("hunter2"), "{told}");
        let _ = write!(all, "{name}:\n{}\n", told.stderr.replace(proxy, "PROXY"));
    };
    for (name, proxy) in proxies {
        tell(name, &format!("http://{proxy}"), &proxy.to_string());
    }
    let proxy = answering(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n").to_string();
    tell(
        "407 in spite of a password",
        &format!("http://user:hunter2@{proxy}"),
        &proxy,
    );
    let proxy = answering(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").to_string();
    tell("speaks no TLS", &format!("https://{proxy}"), &proxy);
    let another = Authority::new();
    let front = Front::start(&another, &["127.0.0.1"], answering(b""))
        .address()
        .to_string();
    tell("has a certificate of its own", &format!("https://{front}"), &front);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = silent.local_addr().unwrap().to_string();
    tell("says nothing", &format!("http://{proxy}"), &proxy);
    let told = world
        .run(MINT)
        .env("ALL_PROXY", "http://proxy.invalid:3128")
        .without("HTTPS_PROXY")
        .run()
        .failure(10);
    // Why is the resolver's word, of this machine's.
    assert!(
        told.stderr
            .contains("  cause: the proxy proxy.invalid:3128 cannot be reached: its name cannot be looked up: "),
        "{told}"
    );
    assert!(
        told.stderr
            .contains("  fix:   check ALL_PROXY, and that proxy.invalid:3128 is up; "),
        "{told}"
    );
    insta::assert_snapshot!(all);
}

#[test]
fn exceptions_from_the_proxy_are_not_asked_of_it() {
    let world = World::start();
    // Without the proxy the name leads nowhere: a top-level domain that never exists (RFC 6761).
    let run = world
        .run(MINT)
        .env("NO_PROXY", ".invalid,other.example")
        .env("INFISICAL_HOST", "https://vault.invalid");
    insta::assert_snapshot!(run.run().failure(10));
    let asked = world.proxy.asked();
    assert!(asked.iter().all(|place| place == "api.github.com:443"), "{asked:?}");
}

/// What stands in NO_PROXY, and the host that is asked for. Names below a top-level domain that never exists (RFC 6761), and an
/// address that no connection leaves this machine for.
const EXCEPTIONS: [(&str, &str); 28] = [
    ("vault.example.invalid", "vault.example.invalid"),
    ("VAULT.Example.Invalid", "vault.example.invalid"),
    ("vault.example.invalid", "vault.example.invalid:8443"),
    ("vault.example.invalid:8443", "vault.example.invalid:8443"),
    ("vault.example.invalid:443", "vault.example.invalid"),
    ("vault.example.invalid.", "vault.example.invalid"),
    ("vault.example.invalid", "vault.example.invalid."),
    ("example.invalid", "vault.example.invalid"),
    (".example.invalid", "vault.example.invalid"),
    (".example.invalid", "example.invalid"),
    (".vault.example.invalid", "vault.example.invalid"),
    ("invalid", "vault.example.invalid"),
    ("ample.invalid", "vault.example.invalid"),
    ("vault.*", "vault.example.invalid"),
    ("*", "vault.example.invalid"),
    ("other.invalid,vault.example.invalid", "vault.example.invalid"),
    ("other.invalid vault.example.invalid", "vault.example.invalid"),
    ("other.invalid , vault.example.invalid", "vault.example.invalid"),
    ("", "vault.example.invalid"),
    ("other.invalid,*", "vault.example.invalid"),
    ("*.", "vault.example.invalid"),
    ("255.255.255.255", "255.255.255.255"),
    ("255.0.0.0/8", "255.255.255.255"),
    ("255.255.255.0/24", "255.255.255.255"),
    ("255.255.255.254/32", "255.255.255.255"),
    ("254.0.0.0/7", "255.255.255.255"),
    ("255.", "255.255.255.255"),
    ("*.255", "255.255.255.255"),
];

/// Which of these variables name the proxy; all others name one that is not there.
const PROXY_VARIABLES: [(&[&str], &[&str]); 8] = [
    (&["HTTPS_PROXY"], &[]),
    (&["https_proxy"], &["HTTPS_PROXY", "ALL_PROXY"]),
    (&["HTTPS_PROXY"], &["ALL_PROXY", "all_proxy"]),
    (&["all_proxy"], &["ALL_PROXY"]),
    (&["ALL_PROXY"], &[]),
    (&["ALL_PROXY"], &["HTTPS_PROXY"]),
    (&["HTTP_PROXY"], &[]),
    (&["http_proxy"], &[]),
];

#[test]
fn what_goes_through_a_proxy_is_what_curl_would_send_through_it() {
    needs!("curl");
    let version = shell("curl -q --version").run().success();
    let mut numbers = version
        .split([' ', '.'])
        .skip(1)
        .map(|number| number.parse::<u32>().unwrap_or_default());
    let knows_networks = (numbers.next(), numbers.next()) >= (Some(7), Some(86));
    let sandbox = Sandbox::start_with_pooled_keys();
    let gone = "http://127.0.0.1:1";
    // Each has a proxy of its own, so that they can be tried side by side: a name that leads nowhere is looked up several times.
    let alike = |host: &str, variables: &dyn Fn(&str) -> Vec<(&'static str, String)>| {
        let is_asked = |run: Run| {
            let proxy = ConnectProxy::start([]);
            let variables = variables(&proxy.url()).into_iter();
            // Logins with the same proof wait for one another.
            let run = run.env("INFISICAL_CLIENT_ID", proxy.url().replace("http://", ""));
            variables.fold(run, |run, (name, value)| run.env(name, value)).run();
            !proxy.asked().is_empty()
        };
        let curl = is_asked(shell(&format!("curl -q --silent --max-time 20 https://{host}/")));
        let run = program("infisical-login").against(&sandbox);
        let ours = is_asked(run.env("INFISICAL_HOST", format!("https://{host}")));
        assert_eq!(ours, curl, "{host} {:?}", variables("PROXY"));
    };
    std::thread::scope(|scope| {
        let alike = &alike;
        for (number, (exceptions, host)) in EXCEPTIONS.iter().enumerate() {
            // It learnt networks, and dots at an end, with 7.86.
            if !knows_networks && (exceptions.contains('/') || exceptions.ends_with('.') || host.ends_with('.')) {
                continue;
            }
            let name = ["NO_PROXY", "no_proxy"][number % 2];
            scope.spawn(move || {
                alike(host, &|url| {
                    vec![("HTTPS_PROXY", url.to_owned()), (name, (*exceptions).to_owned())]
                });
            });
        }
        for (ours, others) in PROXY_VARIABLES {
            scope.spawn(move || {
                alike("vault.example.invalid", &|url| {
                    let others = others.iter().map(|name| (*name, gone.to_owned()));
                    ours.iter().map(|name| (*name, url.to_owned())).chain(others).collect()
                });
            });
        }
        for write in [
            |url: &str| format!("{url}/"),
            |url: &str| url.replace("http://", ""),
            |url: &str| url.replace("//", "//u:p%40@"),
        ] {
            scope.spawn(move || alike("vault.example.invalid", &|url| vec![("HTTPS_PROXY", write(url))]));
        }
    });
}

#[test]
fn a_star_in_front_of_a_domain_is_taken_for_the_domain() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let proxy = ConnectProxy::start([]);
    let run = program("infisical-login")
        .against(&sandbox)
        .env("HTTPS_PROXY", proxy.url());
    run.env("NO_PROXY", "*.invalid")
        .env("INFISICAL_HOST", "https://vault.invalid")
        .run()
        .failure(10);
    assert_eq!(proxy.asked(), [""; 0]);
}

#[test]
fn loopback_is_never_asked_of_a_proxy() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let proxy = ConnectProxy::start([]);
    program(MINT)
        .against(&sandbox)
        .env("HTTPS_PROXY", proxy.url())
        .env("ALL_PROXY", proxy.url())
        .run()
        .success();
    assert!(proxy.asked().is_empty());
}

#[test]
fn nobody_listens() {
    let sandbox = Sandbox::start_with_pooled_keys();
    // A port that was free a moment ago, and that this process keeps from others without listening on it.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let host = format!("http://127.0.0.1:{port}");
    let run = program(MINT).against(&sandbox).named(&host, "http://nobody.test");
    insta::assert_snapshot!(run.env("INFISICAL_HOST", &host).run().failure(10));
}

#[test]
fn a_connection_that_breaks_is_made_again() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let line = Line::before(sandbox.infisical().address());
    line.fail_next("GET /api/v3", 1, Fault::Hangup);
    program(MINT)
        .against(&sandbox)
        .env("INFISICAL_HOST", line.to_string())
        .run()
        .success();
    let lines = sandbox.journal().lines();
    assert_eq!(
        lines.iter().filter(|line| line.starts_with("POST /api/v1")).count(),
        1,
        "one login: {lines:?}"
    );
}

#[test]
fn an_answer_without_end() {
    let sandbox = Sandbox::start_with_pooled_keys();
    let answer = Canned::new(200).body(vec![b' '; 5 * 1024 * 1024]);
    sandbox.infisical().answer_next("/login", 1, answer);
    insta::assert_snapshot!(program(MINT).against(&sandbox).run().failure(10));
}

/// Once there is a status it is the answer: what breaks off behind it is no broken connection, and nothing is sent again.
#[test]
fn an_answer_that_breaks_off_behind_its_head_is_that_answer() {
    for status in [400, 401, 403, 404, 422, 500, 418] {
        let sandbox = Sandbox::start_with_pooled_keys();
        let line = Line::before(sandbox.infisical().address());
        line.fail_next("POST /api/v1/auth", 9, Fault::CutBody);
        let answer = Canned::new(status).json(&serde_json::json!({ "message": "a word that is not heard" }));
        sandbox.infisical().answer_next("/login", 9, answer);
        let told = program(MINT)
            .against(&sandbox)
            .env("INFISICAL_HOST", line.to_string())
            .run()
            .failure(10);
        let first = format!("error: Infisical login failed: HTTP {status}\n");
        assert!(told.stderr.starts_with(&first), "{told}");
        assert_eq!(sandbox.journal().to("/login").len(), 1, "{status}");
    }
    // A token whose answer is lost is one that nobody knows: it must not become three.
    let sandbox = Sandbox::start_with_pooled_keys();
    let line = Line::before(sandbox.github().address());
    line.fail_next("POST /app/installations", 9, Fault::CutBody);
    let told = program(MINT)
        .against(&sandbox)
        .env("GITHUB_API_URL", line.to_string())
        .run()
        .failure(14);
    assert!(told.stderr.contains("the answer (HTTP 201) broke off"), "{told}");
    assert_eq!(sandbox.journal().to("/access_tokens").len(), 1);
}

#[test]
fn a_page_in_githubs_place_is_no_enterprise_server() {
    let world = World::start();
    let page = Canned::html(404, "<title>Page not found</title>");
    world.sandbox.github().answer_next("/access_tokens", 2, page);
    let told = world.run(MINT).run().failure(14);
    assert!(!told.stderr.contains("/api/v3"), "{told}");
}

/// A pipe gives what it has once: for the mint, the lookup of the identity and the revocation together.
#[test]
fn roots_from_a_pipe_serve_a_whole_run() {
    let world = World::start();
    let line = "SSL_CERT_FILE=<(cat \"$SSL_CERT_FILE\") with-bot-token --revoke --git-identity raxx-dev-bot printenv GIT_AUTHOR_NAME";
    let told = world.at(shell(line)).run();
    assert_eq!(
        (told.stdout.as_str(), told.stderr.as_str()),
        ("raxx-dev-bot[bot]\n", ""),
        "{told}"
    );
    assert_eq!(world.sandbox.github().live_tokens(), 0);
}
