//! Who writes: the operator's own session, which is asked for and never opened behind anybody's back.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use infisical_login::{CLIENT_ID, CLIENT_SECRET, LoginFlags, TOKEN};
use plumbing::documents::InfisicalSession;
use plumbing::{BaseUrl, BearerToken, Code, Context, Failure, Report, file};
use serde::Deserialize;
use servers::http::{Client, Method};
use servers::infisical::{Infisical, WAY};
use zeroize::Zeroizing;

/// Infisical's own CLI asks for a login where its session has ended, and waits: it is not waited for.
const CLIS_TIME: Duration = Duration::from_secs(10);

/// Who writes where nobody else does.
pub(crate) const ENVIRONMENTS: &str = "the machine identity of the environment";

/// In bytes; Infisical's have some hundred.
const LARGEST_TOKEN: u64 = 64 * 1024;

/// A session that may write, and whose it is, in words.
pub(crate) struct Operator {
    pub(crate) session: InfisicalSession,
    pub(crate) words: &'static str,
    /// Whether another can be had in the same way, once it has ended.
    pub(crate) can_renew: bool,
}

/// The session in `INFISICAL_TOKEN`, else that of Infisical's CLI, else the environment's machine identity.
///
/// # Errors
/// Those of [`infisical_login::login`], where there is nobody else.
pub(crate) fn session(context: &Context, login: &LoginFlags) -> Result<Operator, Failure> {
    let infisical = Infisical::configured(login.infisical_host.as_deref(), context)?;
    if context.environment.credential(&TOKEN)?.is_some() {
        // It is what was meant for this, whatever else is set.
        let mut alone = context.clone();
        for name in [CLIENT_ID, CLIENT_SECRET].as_flattened() {
            alone.environment = alone.environment.with(name, "").with(&format!("{name}_FILE"), "");
        }
        let account = login.resolve(&alone)?;
        let session = infisical_login::login(&Client::new(&alone)?, &account, &alone)?;
        let words = "the session in INFISICAL_TOKEN";
        return Ok(Operator {
            session,
            words,
            can_renew: false,
        });
    }
    // Where the CLI is logged in elsewhere, its session is not for this server to see.
    let is_here = cli_server(context).is_some_and(|server| is_same(&server, &infisical.host));
    if let Some(token) = is_here.then(|| of_cli(context.report)).flatten() {
        let session = InfisicalSession {
            host: infisical.host.clone(),
            access_token: token,
            token_type: "Bearer".to_owned(),
            expires_at: None,
        };
        if is_a_persons(context, &infisical, &session)? {
            let words = "you, by the session of Infisical's CLI";
            return Ok(Operator {
                session,
                words,
                can_renew: true,
            });
        }
        let host = infisical.host.authority().to_owned();
        context.report.note(&format!(
            "{host} does not take the session of Infisical's CLI; `infisical login` opens one"
        ));
    }
    let account = login.resolve(context).map_err(|failure| match failure.code {
        Code::ConfigMissing => failure
            .cause("nobody is logged in to Infisical who could write, and no credentials are set")
            .fix("`infisical login`, with Infisical's own CLI; or set INFISICAL_TOKEN to a session of somebody who may write there"),
        _ => failure,
    })?;
    let session = infisical_login::login(&Client::new(context)?, &account, context)?;
    let words = ENVIRONMENTS;
    Ok(Operator {
        session,
        words,
        can_renew: true,
    })
}

/// The server that Infisical's CLI is logged in to, as its own file says.
fn cli_server(context: &Context) -> Option<BaseUrl> {
    #[derive(Deserialize)]
    struct Config {
        #[serde(rename = "LoggedInUserDomain")]
        domain: String,
    }
    /// The file has some hundred bytes.
    const LARGEST: u64 = 64 * 1024;
    let home = context.environment.given("HOME")?;
    let file = Path::new(home).join(".infisical/infisical-config.json");
    let config: Config = serde_json::from_slice(&file::read(&file, LARGEST).ok()?).ok()?;
    BaseUrl::parse(&config.domain).ok()
}

/// Whether both are one server, whatever the path below it.
fn is_same(one: &BaseUrl, other: &BaseUrl) -> bool {
    one.clone().with_path("").to_string() == other.clone().with_path("").to_string()
}

/// Whether this server takes the session for a person's.
fn is_a_persons(context: &Context, infisical: &Infisical, session: &InfisicalSession) -> Result<bool, Failure> {
    let request = infisical
        .request(Method::Post, "/api/v1/auth/checkAuth")
        .authorization(&session.token_type, &session.access_token);
    Ok(Client::new(context)?
        .send(&request)
        .is_ok_and(|response| response.is_success()))
}

/// What `infisical user get token` prints, if it is one JWT and nothing else.
fn of_cli(report: Report) -> Option<BearerToken> {
    let mut command = Command::new("infisical");
    command
        .args(["user", "get", "token", "--plain"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    // Whatever program it is, it needs none of the dispatcher's credentials.
    for name in [CLIENT_ID, CLIENT_SECRET].as_flattened().iter().chain(&WAY) {
        command.env_remove(name).env_remove(format!("{name}_FILE"));
    }
    // It may start a login of its own, and leave others behind: all of them end with the group, and none has the terminal.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().ok()?;
    let mut output = child.stdout.take()?;
    let (sender, received) = mpsc::channel();
    thread::spawn(move || {
        let mut text = Zeroizing::new(String::new());
        let read = output.by_ref().take(LARGEST_TOKEN).read_to_string(&mut text);
        // Who has given up does not listen.
        let _ = sender.send(read.ok().map(|_| text));
    });
    let text = received.recv_timeout(CLIS_TIME);
    end(&mut child);
    if text.is_err() {
        report.note(&format!(
            "Infisical's CLI did not answer within {} s, as where it asks for something: its session is not used",
            CLIS_TIME.as_secs()
        ));
    }
    let text = text.ok().flatten();
    let text = text?;
    let words: Vec<_> = text.split_whitespace().collect();
    match words[..] {
        [jwt] if jwt.split('.').count() == 3 => BearerToken::parse(jwt).ok(),
        _ => None,
    }
}

/// Ends it, and what it has started; where it has ended already, that is nothing.
fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}
