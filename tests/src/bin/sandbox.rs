//! `sandbox COMMAND`: runs a command against a fake Infisical and a fake GitHub.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use jiff::SignedDuration;
use tempfile::{NamedTempFile, TempDir};
use tests::distance;
use tests::faults::{Line, Plan};
use tests::github::TokenShape;
use tests::infisical::{Cloudflare, Era, Identity};
use tests::journal::Journal;
use tests::programs;
use tests::sandbox::Sandbox;
use tests::tls::{Authority, Front};

/// Runs a command against a fake Infisical and a fake GitHub on this machine.
///
/// Three bots are there: raxx-dev-bot, raxx-ops-bot and raxx-pm-bot, with keys made a moment
/// ago. The workspace's programs are built if they must be and come first on PATH; variables
/// that point at the real servers are taken away. Without a command, prints the variables as
/// `export` lines and serves until it is interrupted.
///
/// Examples:
///   sandbox raxx-mint raxx-dev-bot
///   sandbox with-bot-token raxx-dev-bot gh api /installation/repositories
///   sandbox sh -c 'infisical-login | infisical-fetch raxx-dev-bot'
///   sandbox raxx-provision raxx-new-bot --org MooseQuest --permission contents=write
///   sandbox --fault login=503x2 --fault exchange=hangupx1 raxx-mint --bot raxx-dev-bot -v
#[derive(Parser)]
#[command(name = "sandbox", verbatim_doc_comment)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
struct Options {
    /// Answer as an Infisical server of mid-2024 does (403 for wrong credentials, no /api/v4)
    #[arg(long)]
    old_infisical: bool,

    /// Mint tokens of the new shape: some 520 characters, `ghs_APPID_` and a JWT
    #[arg(long)]
    stateless_tokens: bool,

    /// Let GitHub answer 404 to a JWT that it has had before, as some have seen
    #[arg(long)]
    single_use_jwts: bool,

    /// Put Cloudflare Access in front of Infisical, and give the command no service token
    #[arg(long)]
    cloudflare_access: bool,

    /// Let GitHub's clock be ahead of this machine's by so many seconds (behind, when negative)
    #[arg(long, value_name = "SECONDS", default_value_t = 0, allow_negative_numbers = true)]
    clock_skew: i64,

    /// Let there be so many bots: those beyond the third are raxx-bot-004 and so on
    #[arg(long, value_name = "NUMBER", default_value_t = 3)]
    bots: usize,

    /// Answer without TLS, as it does for raxx-provision, whose pages your browser opens. With TLS, which gh wants,
    /// SSL_CERT_FILE names the root, and what curl, git and Node read
    #[arg(long)]
    plain: bool,

    /// Answer a round trip of so many milliseconds away, TCP's handshake included
    #[arg(long, value_name = "MILLISECONDS", conflicts_with = "plain")]
    distance: Option<u64>,

    /// Let calls fail: CALL=FAULT, or CALL=FAULTxCOUNT for the next so many (repeatable). Calls are
    /// login, fetch, exchange, revoke and viewer. Faults are a status such as 503, busy:SECONDS,
    /// hangup, silence, drip, cut-head, cut-body, garbage, html, empty, shape, redirect, huge and
    /// endless-head
    #[arg(long = "fault", value_name = "PLAN", verbatim_doc_comment)]
    faults: Vec<Plan>,

    /// When the command has ended, write to FILE what it asked, a line for each request: server,
    /// method, path, status and the client's end of the connection, with tabs between; requests
    /// with the same end shared a connection
    #[arg(long, value_name = "FILE", requires = "command", verbatim_doc_comment)]
    journal: Option<PathBuf>,

    /// The command, and its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

impl Options {
    /// A person's browser does not know the sandbox's root.
    fn is_plain(&self) -> bool {
        let is_for_a_browser = self.command.first().is_some_and(|program| program == "raxx-provision");
        self.plain || is_for_a_browser && self.distance.is_none()
    }
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    programs::build();
    let sandbox = Sandbox::start();
    apply(&options, &sandbox);
    let environment = environment(&options, &sandbox)?;
    let Some((program, arguments)) = options.command.split_first() else {
        serve(&environment.variables)?;
        return Ok(());
    };
    // Made before the command runs: that there is no such directory should not be learnt after ten minutes.
    let journal = options.journal.as_ref().map(|path| {
        let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
        anyhow::Ok((path, file))
    });
    let journal = journal.transpose()?;
    let status = run(&environment.variables, program, arguments)?;
    if let Some((path, file)) = journal {
        write_journal(file, sandbox.journal()).with_context(|| format!("cannot write {}", path.display()))?;
    }
    // `exit` runs no destructors, and there are files that go with these.
    drop((environment, sandbox));
    std::process::exit(exit_code(status));
}

/// What points at the sandbox, and the files that some of it names; dropped, they are gone.
struct Environment {
    variables: Vec<(&'static str, String)>,
    _runtime: Option<TempDir>,
    _root: Option<NamedTempFile>,
}

/// Where Linux has memory in the file system's place.
const MEMORY: &str = "/dev/shm";

fn environment(options: &Options, sandbox: &Sandbox) -> anyhow::Result<Environment> {
    let mut variables = sandbox.environment();
    let [infisical, github] = [true, false].map(|is_infisicals| {
        let address = if is_infisicals {
            sandbox.infisical().address()
        } else {
            sandbox.github().address()
        };
        let plans = options
            .faults
            .iter()
            .filter(|plan| plan.call.is_infisicals() == is_infisicals);
        let plans: Vec<_> = plans.cloned().collect();
        if plans.is_empty() {
            return address;
        }
        let line = Line::before(address);
        line.plan(plans);
        line.address()
    });
    variables.retain(|(name, _)| !matches!(*name, "INFISICAL_HOST" | "GITHUB_API_URL" | "XDG_RUNTIME_DIR"));
    variables.extend([
        ("INFISICAL_HOST", format!("http://{infisical}")),
        ("GITHUB_API_URL", format!("http://{github}")),
        // The operator's own, for raxx-provision; with the credentials above no other program takes it.
        (
            "INFISICAL_TOKEN",
            sandbox.infisical().open_session_of(Identity::operator()),
        ),
    ]);
    sandbox
        .github()
        .change(|settings| settings.website.origin = format!("http://{github}"));
    // The sandbox's tokens have no place among the operator's own, and what is configured for the operator's bots is not for these.
    let runtime = TempDir::new_in(MEMORY).ok();
    variables.push(("RAXX_CONFIG", "off".to_owned()));
    if let Some(runtime) = &runtime {
        let configuration = runtime.path().join("config.toml");
        std::fs::write(&configuration, "").context("no file for a configuration")?;
        variables.retain(|(name, _)| *name != "RAXX_CONFIG");
        variables.extend([
            ("XDG_RUNTIME_DIR", runtime.path().to_string_lossy().into_owned()),
            ("RAXX_CONFIG", configuration.to_string_lossy().into_owned()),
        ]);
    }
    if options.is_plain() {
        return Ok(Environment {
            variables,
            _runtime: runtime,
            _root: None,
        });
    }
    let authority = Authority::new();
    let mut root = NamedTempFile::new().context("no file for the root certificate")?;
    root.write_all(authority.root_pem().as_bytes())?;
    // It is no secret, and the command may become another user.
    root.as_file().set_permissions(Permissions::from_mode(0o644))?;
    let port = |server| {
        let address = Front::start(&authority, &["localhost", "127.0.0.1"], server).address();
        let milliseconds = options.distance.unwrap_or_default();
        match milliseconds {
            0 => address.port(),
            _ => distance::before(address, Duration::from_millis(milliseconds)).port(),
        }
    };
    // By address: a bare container may know no localhost.
    let infisical = format!("https://127.0.0.1:{}", port(infisical));
    // gh takes a host that is not GitHub's own for an Enterprise Server.
    let github = format!("https://127.0.0.1:{}/api/v3", port(github));
    let path = root.path().to_string_lossy().into_owned();
    let website = github.trim_end_matches("/api/v3").to_owned();
    sandbox.github().change(|settings| settings.website.origin = website);
    variables.retain(|(name, _)| !matches!(*name, "INFISICAL_HOST" | "GITHUB_API_URL"));
    variables.extend([
        ("INFISICAL_HOST", infisical),
        ("GITHUB_API_URL", github),
        ("SSL_CERT_FILE", path.clone()),
        ("CURL_CA_BUNDLE", path.clone()),
        ("GIT_SSL_CAINFO", path.clone()),
        ("NODE_EXTRA_CA_CERTS", path),
    ]);
    Ok(Environment {
        variables,
        _runtime: runtime,
        _root: Some(root),
    })
}

/// Runs the command to its end in an environment that points at the sandbox.
fn run(variables: &[(&'static str, String)], program: &OsStr, arguments: &[OsString]) -> anyhow::Result<ExitStatus> {
    let mut command = Command::new(program);
    command.args(arguments);
    for name in env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| is_operators_own(name))
    {
        command.env_remove(name);
    }
    command.envs(variables.iter().cloned()).env("PATH", search_path()?);
    command
        .status()
        .with_context(|| format!("cannot run {}", program.display()))
}

fn write_journal(mut file: File, journal: &Journal) -> io::Result<()> {
    for entry in journal.entries() {
        let (server, method, path, status, peer) = (entry.server, &entry.method, &entry.path, entry.status, entry.peer);
        writeln!(file, "{server}\t{method}\t{path}\t{status}\t{peer}")?;
    }
    Ok(())
}

fn apply(options: &Options, sandbox: &Sandbox) {
    sandbox.add_bots(options.bots.saturating_sub(sandbox.bots().len()));
    sandbox.infisical().change(|settings| {
        if options.old_infisical {
            settings.era = Era::Old;
        }
        if options.cloudflare_access {
            let client_id = format!("{:032x}.access", fastrand::u128(..));
            settings.cloudflare = Cloudflare::Required {
                client_id,
                client_secret: format!("{:064x}", fastrand::u128(..)),
            };
        }
    });
    sandbox.github().change(|settings| {
        settings.clock_offset = SignedDuration::from_secs(options.clock_skew);
        settings.single_use_jwts = options.single_use_jwts;
        if options.stateless_tokens {
            settings.token_shape = TokenShape::Stateless;
        }
    });
}

/// Variables that would lead a program to the real servers, or to another identity than the sandbox's; and proxies,
/// which cannot reach this machine's loopback.
fn is_operators_own(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    name.starts_with("INFISICAL_")
        || name.starts_with("CF_ACCESS_")
        || name.starts_with("RAXX_")
        || name == "XDG_RUNTIME_DIR"
        || matches!(name, "GH_TOKEN" | "GH_ENTERPRISE_TOKEN" | "GH_HOST")
        || matches!(name, "GITHUB_TOKEN" | "GITHUB_ENTERPRISE_TOKEN" | "GITHUB_API_URL")
        || matches!(upper.as_str(), "HTTP_PROXY" | "HTTPS_PROXY" | "ALL_PROXY")
}

/// The caller's PATH with the workspace's programs in front.
fn search_path() -> anyhow::Result<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::join_paths([programs::directory()].into_iter().chain(env::split_paths(&path)))
        .context("the directory of the workspace's programs cannot stand on PATH")
}

// The exports are this program's output, and there is nothing to mask: every value is the sandbox's own.
#[allow(clippy::print_stdout, clippy::print_stderr)]
fn serve(variables: &[(&'static str, String)]) -> anyhow::Result<()> {
    for (name, value) in variables {
        println!("export {name}={}", quoted(value));
    }
    println!("export PATH={}", quoted(&search_path()?.to_string_lossy()));
    eprintln!("sandbox: paste these lines into another shell; it serves until interrupted (Ctrl-C)");
    loop {
        thread::park();
    }
}

/// In single quotes, as a POSIX shell reads them.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

/// A shell's convention: 128 and the signal's number for a command that a signal ended.
fn exit_code(status: ExitStatus) -> i32 {
    status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
}
