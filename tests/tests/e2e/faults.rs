//! Every call, every fault, every program that makes the call: how it ends, after how many tries, and what it says.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use tests::faults::{Call, Fault, Line, Plan};
use tests::sandbox::Sandbox;

use crate::chain::{Run, Told, program, shell};

/// How a call ends that meets a fault every time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// After one try: the answer counts, whatever it is.
    AtOnce,
    /// After three.
    AfterThree,
    /// After as many seconds as a request may take.
    InTime,
    /// It is no fault for this call.
    Well,
}

/// What a fault does to most calls.
fn faults() -> Vec<(String, Fault, End)> {
    let mut all = vec![];
    let mut add = |name: &str, fault: Fault, end: End| all.push((name.to_owned(), fault, end));
    let named = |name: &str| name.parse::<Fault>().unwrap();
    for (name, end) in [
        ("hangup", End::AfterThree),
        ("cut-head", End::AfterThree),
        ("cut-body", End::AtOnce),
        ("garbage", End::AtOnce),
        ("html", End::AtOnce),
        ("empty", End::AtOnce),
        ("shape", End::AtOnce),
        ("redirect", End::AtOnce),
        ("huge", End::AtOnce),
        ("endless-head", End::AtOnce),
        ("busy:0", End::AfterThree),
        ("busy:-1", End::AfterThree),
        ("busy:soon", End::AfterThree),
        ("busy:99999999999999999999", End::AtOnce),
        ("busy:Mon, 01 Jan 2001 00:00:00 GMT", End::AfterThree),
        ("busy:Fri, 31 Dec 9999 23:59:59 GMT", End::AtOnce),
        ("silence", End::InTime),
        ("drip", End::InTime),
    ] {
        add(name, named(name), end);
    }
    for status in [
        204, 206, 301, 303, 307, 400, 402, 403, 405, 409, 410, 413, 418, 422, 451, 500, 501, 505, 520, 599,
    ] {
        add(&status.to_string(), named(&status.to_string()), End::AtOnce);
    }
    for status in [502, 503, 504] {
        add(&status.to_string(), named(&status.to_string()), End::AfterThree);
    }
    let json = "content-type: application/json\r\n";
    let raw = |text: &str| Fault::Answer(text.as_bytes().to_vec());
    let lengths = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ";
    for (name, fault) in [
        ("deep", Fault::status(200, json, "[".repeat(100_000).as_bytes())),
        ("a string", Fault::status(200, json, b"\"yes\"")),
        ("not UTF-8", Fault::status(200, json, b"{\"token\":\"\xff\xfe\"}")),
        ("UTF-16", Fault::status(200, json, b"\xff\xfe{\0}\0")),
        (
            "says that it is compressed",
            Fault::status(200, "content-encoding: gzip\r\n", &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0]),
        ),
        ("longer than it says", raw(&format!("{lengths}2\r\n\r\n{{}}{{}}"))),
        ("shorter than it says", raw(&format!("{lengths}200\r\n\r\n{{}}"))),
        ("a length that is none", raw(&format!("{lengths}many\r\n\r\n{{}}"))),
        (
            "two lengths",
            raw(&format!("{lengths}2\r\ncontent-length: 5\r\n\r\n{{}}")),
        ),
        (
            "a chunk that is none",
            raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
        ),
        ("HTTP/2", raw("HTTP/2 200\r\ncontent-length: 2\r\n\r\n{}")),
    ] {
        add(name, fault, End::AtOnce);
    }
    all
}

/// Programs, by the call that they make, with the exit code where it fails; none where the call is not what they are for.
const PROGRAMS: [(Call, &str, Option<i32>); 13] = [
    (Call::Login, "infisical-login", Some(10)),
    (Call::Login, "raxx-mint --fresh --bot raxx-dev-bot", Some(10)),
    (Call::Login, "with-bot-token --fresh raxx-dev-bot touch ran", Some(125)),
    (
        Call::Login,
        "git-credential-raxx --fresh --bot raxx-dev-bot get",
        Some(10),
    ),
    (
        Call::Fetch,
        "infisical-login | infisical-fetch --bot raxx-dev-bot",
        Some(11),
    ),
    (Call::Fetch, "raxx-mint --fresh --bot raxx-dev-bot", Some(11)),
    (
        Call::Exchange,
        "infisical-login | infisical-fetch --bot raxx-dev-bot | gh-app-jwt | gh-install-token",
        Some(14),
    ),
    (Call::Exchange, "raxx-mint --fresh --bot raxx-dev-bot", Some(14)),
    (
        Call::Exchange,
        "with-bot-token --revoke raxx-dev-bot touch ran",
        Some(125),
    ),
    (Call::Exchange, "raxx-mint --all-bots --json", Some(14)),
    (
        Call::Revoke,
        "raxx-mint --fresh --bot raxx-dev-bot --json | gh-install-token --revoke",
        Some(14),
    ),
    (Call::Revoke, "with-bot-token --revoke raxx-dev-bot true", None),
    (
        Call::Viewer,
        "with-bot-token --fresh --git-identity raxx-dev-bot true",
        None,
    ),
];

/// What is no fault for a call, or another one, by the meaning of the call.
fn end(call: Call, name: &str, end: End) -> End {
    match (call, name) {
        // A revocation has no body: its status is all.
        (Call::Revoke, "204" | "cut-body") => End::Well,
        // A token that GitHub may have made is told of by one JWT only, and a JWT that is refused may be signed once more.
        _ => end,
    }
}

struct Cell<'a> {
    call: Call,
    line: &'a str,
    code: Option<i32>,
    name: String,
    fault: Fault,
    end: End,
}

/// A sandbox with a line to each of its servers.
struct Bench {
    sandbox: Sandbox,
    infisical: Line,
    github: Line,
}

impl Bench {
    fn new() -> Self {
        let sandbox = Sandbox::start_with_pooled_keys();
        Self {
            infisical: Line::before(sandbox.infisical().address()),
            github: Line::before(sandbox.github().address()),
            sandbox,
        }
    }

    fn line(&self, call: Call) -> &Line {
        if call.is_infisicals() {
            &self.infisical
        } else {
            &self.github
        }
    }

    fn at(&self, run: Run, here: &Path) -> Run {
        run.against(&self.sandbox)
            .env("INFISICAL_HOST", self.infisical.to_string())
            .env("GITHUB_API_URL", self.github.to_string())
            // What one login was told is told to the next for some seconds: each cell has a place of its own.
            .env("TMPDIR", here)
            .inside(here)
    }

    fn run(&self, line: &str, here: &Path) -> Told {
        let host = self.github.address();
        let run = if line.contains('|') {
            shell(&format!("set -o pipefail; {line}"))
        } else {
            program(line)
        };
        self.at(run, here)
            .stdin(format!("protocol=https\nhost={host}\n\n"))
            .run()
    }

    /// What is wrong with a cell; nothing, where it is as it should be.
    fn walk(&self, cell: &Cell<'_>) -> Result<(), String> {
        let line = self.line(cell.call);
        let plan = |count| {
            vec![Plan {
                call: cell.call,
                fault: cell.fault.clone(),
                count,
            }]
        };
        line.plan(plan(usize::MAX));
        let started = Instant::now();
        let here = tempfile::tempdir().unwrap();
        let told = self.run(cell.line, here.path());
        let (took, met) = (started.elapsed(), line.met());
        line.plan(vec![]);
        let mut wrong = String::new();
        let mut check = |is_right: bool, what: &str| {
            if !is_right {
                let _ = writeln!(wrong, "  {what}");
            }
        };
        let bots = if cell.line.contains("--all-bots") { 3 } else { 1 };
        let tries = match cell.end {
            End::AfterThree => 3 * bots,
            End::AtOnce | End::InTime | End::Well => bots,
        };
        // Several bots at once share the time of a chain, and what one has learnt.
        let is_right = if bots == 1 {
            met == tries
        } else {
            (bots..=tries).contains(&met)
        };
        check(is_right, &format!("{met} tries, not {tries}"));
        let limit = if cell.end == End::InTime { 17 } else { 8 };
        check(took < Duration::from_secs(limit), &format!("it took {took:?}"));
        let is_well = cell.end == End::Well || cell.code.is_none();
        check(
            told.code == Some(if is_well { 0 } else { cell.code.unwrap_or(0) }),
            "the exit code",
        );
        check(
            !told.stderr.contains("panic") && !told.stderr.contains("defect"),
            "a defect",
        );
        if cell.code.is_some() && cell.end != End::Well {
            check(
                told.stderr.contains("\n  cause: ") && told.stderr.contains("\n  fix:   "),
                "no cause or fix",
            );
            let expected = if cell.line.ends_with(" get") { "quit=true\n" } else { "" };
            check(told.stdout == expected, "standard output");
            check(!here.path().join("ran").exists(), "the command was run");
        } else if cell.end != End::Well {
            check(told.stderr.starts_with("note: "), "no note");
        }
        for secret in self.secrets() {
            check(!told.stderr.contains(&secret), "a secret");
        }
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(format!(
                "{}: {}: {}\n{wrong}{told}\n",
                cell.name, cell.end as u8, cell.line
            ))
        }
    }

    fn secrets(&self) -> Vec<String> {
        let mut secrets = vec![self.sandbox.identity().client_secret.clone(), "ghs_".to_owned()];
        for entry in self.sandbox.journal().entries() {
            let credential = entry.header("authorization").and_then(|value| value.split_once(' '));
            secrets.extend(credential.map(|(_, credential)| credential.to_owned()));
        }
        self.sandbox.journal().clear();
        secrets
    }
}

/// Cells that wait for a request to time out take their time: so many at once.
const SIDE_BY_SIDE: usize = 24;

#[test]
fn every_fault_ends_every_call_as_it_should() {
    let mut cells: Vec<_> = PROGRAMS
        .iter()
        .flat_map(|&(call, line, code)| {
            faults().into_iter().map(move |(name, fault, most)| Cell {
                call,
                line,
                code,
                end: end(call, &name, most),
                name,
                fault,
            })
        })
        .collect();
    // The slow ones first.
    cells.sort_by_key(|cell| cell.end != End::InTime);
    tests::programs::build();
    let count = cells.len();
    let cells = Mutex::new(cells.into_iter());
    let wrong = Mutex::new(vec![]);
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                let bench = Bench::new();
                loop {
                    let Some(cell) = cells.lock().unwrap().next() else {
                        break;
                    };
                    if bench.walk(&cell).is_err() {
                        wrong.lock().unwrap().push(cell);
                    }
                }
            });
        }
    });
    // Where the machine is busy, a program may find that there is no time left for its last try. Alone it has all the time.
    let bench = Bench::new();
    let again = wrong.into_inner().unwrap().into_iter();
    let wrong: Vec<_> = again.filter_map(|cell| bench.walk(&cell).err()).collect();
    let told = include_str!("../../../docs/security.md");
    assert!(
        told.contains(&format!("{count} cells")),
        "docs/security.md: {count} cells"
    );
    assert!(
        wrong.is_empty(),
        "{} of {count} cells:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
