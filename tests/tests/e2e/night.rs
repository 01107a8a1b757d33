//! A night's worth of faults in fast motion: tokens of seconds, commands that run on, servers that come and go.
//!
//! `RAXX_TESTS_NIGHT=1000` makes it go on until so many tokens have been minted.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use tests::faults::{Line, Plan};
use tests::programs;
use tests::sandbox::Sandbox;

use crate::early::wait_until;
use crate::renew::send;

/// How long a token lives here, in seconds: the six-hundredth part of an hour.
const LIFE: f64 = 6.0;
/// What a slow machine may take for a step that takes no time.
const SLACK: Duration = Duration::from_secs(1);
/// Between two faults there may be no try in a break that is shorter: the longest delay, and what a mint takes.
const BREATH: Duration = Duration::from_secs(1);
const LOOK_EVERY: Duration = Duration::from_millis(20);
const COMMANDS_IN_ALL: f64 = 3.0;
const COMMANDS: usize = 3;
const FEWEST_MINTS: usize = 9;

/// What may be wrong for a while. A server that says nothing holds a request for 15 s, which no fast motion makes less. An exchange
/// whose answer is lost leaves a token that nobody knows, so that none could be counted at the end.
const FAULTS: [&str; 8] = [
    "login=hangup",
    "login=503",
    "fetch=500",
    "fetch=cut-body",
    "exchange=502",
    "fetch=cut-head",
    "exchange=html",
    "login=busy:1",
];

struct Running {
    child: Child,
    document: PathBuf,
    /// Since when its token has been dead, and for how long at most.
    dead_since: Option<Instant>,
    longest: Duration,
}

impl Running {
    fn start(sandbox: &Sandbox, weather: &Weather, folder: &Path, number: usize) -> Self {
        let told = folder.join(format!("told-{number}"));
        let script = "printf %s \"$GH_CONFIG_DIR\" > \"$TOLD.new\"; mv \"$TOLD.new\" \"$TOLD\"; exec sleep 6000";
        let child = Command::new(programs::path("with-bot-token"))
            .args(["--renew", "--quiet", "raxx-dev-bot", "sh", "-c", script])
            .env_clear()
            .env("RAXX_CONFIG", "off")
            .env("PATH", std::env::var("PATH").unwrap())
            .envs(sandbox.environment())
            .env("INFISICAL_HOST", weather.infisical.to_string())
            .env("GITHUB_API_URL", weather.github.to_string())
            .env("XDG_RUNTIME_DIR", folder)
            .env("TOLD", &told)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        wait_until(|| told.exists());
        Self {
            child,
            document: PathBuf::from(std::fs::read_to_string(told).unwrap()).join("token.json"),
            dead_since: None,
            longest: Duration::ZERO,
        }
    }

    fn look(&mut self, sandbox: &Sandbox) {
        let document = std::fs::read_to_string(&self.document).unwrap();
        let document: serde_json::Value = serde_json::from_str(&document).expect("never half a document");
        if sandbox.github().is_live(document["token"].as_str().unwrap()) {
            self.dead_since = None;
            return;
        }
        let since = self.dead_since.get_or_insert_with(Instant::now);
        self.longest = self.longest.max(since.elapsed());
    }
}

/// Half the time something is wrong, for up to three seconds.
struct Weather {
    infisical: Line,
    github: Line,
    is_faulty: bool,
    until: Instant,
    /// When what is wrong began, short breaks included: a try may be as far away as they are long.
    began: Instant,
    was_a_breath: bool,
    longest: Duration,
    in_all: Duration,
}

impl Weather {
    fn new(sandbox: &Sandbox) -> Self {
        Self {
            infisical: Line::before(sandbox.infisical().address()),
            github: Line::before(sandbox.github().address()),
            is_faulty: false,
            until: Instant::now(),
            began: Instant::now(),
            was_a_breath: false,
            longest: Duration::ZERO,
            in_all: Duration::ZERO,
        }
    }

    fn change(&mut self) {
        if Instant::now() < self.until {
            return;
        }
        let length = Duration::from_millis(fastrand::u64(200..3000));
        self.is_faulty = !self.is_faulty;
        let is_a_breath = !self.is_faulty && length < BREATH;
        self.until = Instant::now() + length;
        if !self.is_faulty {
            self.was_a_breath = is_a_breath;
            self.infisical.plan(vec![]);
            self.github.plan(vec![]);
            return;
        }
        if !self.was_a_breath {
            self.began = Instant::now();
        }
        self.longest = self.longest.max(self.until - self.began);
        self.in_all += length;
        let plan: Plan = FAULTS[fastrand::usize(..FAULTS.len())].parse().unwrap();
        let line = if plan.call.is_infisicals() {
            &self.infisical
        } else {
            &self.github
        };
        line.plan(vec![plan]);
    }
}

#[test]
fn a_night_of_faults_in_fast_motion() {
    programs::build();
    let sandbox = Sandbox::start_with_pooled_keys();
    sandbox
        .github()
        .change(|settings| settings.token_lifetime = SignedDuration::try_from_secs_f64(LIFE).unwrap());
    let mut weather = Weather::new(&sandbox);
    let runtime = tempfile::tempdir_in("/dev/shm").unwrap();
    let start = |number| Running::start(&sandbox, &weather, runtime.path(), number);
    let mut all: Vec<_> = (0..COMMANDS).map(start).collect();
    let wanted = std::env::var("RAXX_TESTS_NIGHT")
        .ok()
        .and_then(|wanted| wanted.parse().ok());
    let wanted: usize = wanted.unwrap_or(FEWEST_MINTS);
    let mints = || {
        sandbox
            .journal()
            .to("POST /app/installations")
            .iter()
            .filter(|entry| entry.status == 201)
            .count()
    };
    let started = Instant::now();
    while mints() < wanted {
        weather.change();
        for running in &mut all {
            running.look(&sandbox);
        }
        std::thread::park_timeout(LOOK_EVERY);
    }
    let took = started.elapsed();
    for running in &mut all {
        send("TERM", &running.child);
        running.child.wait().unwrap();
    }
    for running in &all {
        let (dead, fault) = (running.longest, weather.longest);
        assert!(
            dead <= fault + SLACK,
            "dead for {dead:?}, the longest fault was {fault:?}"
        );
    }
    assert_eq!(sandbox.github().live_tokens(), 0);
    // A token is due after three quarters of its life; a try that fails is made again after a twentieth of it at the soonest, each
    // with two more tries of its call.
    let due = took.as_secs_f64() / (LIFE * 0.75) + 1.0;
    let tries = weather.in_all.as_secs_f64() / (LIFE / 20.0);
    let log_ins = sandbox.journal().to("POST /api/v1/auth/universal-auth/login").len();
    let most = COMMANDS_IN_ALL * (2.0 * due + 3.0 * tries);
    assert!(
        f64::from(u32::try_from(log_ins).unwrap()) <= most,
        "{log_ins} logins in {took:?}, not {most}"
    );
}
