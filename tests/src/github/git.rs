//! Repositories over smart HTTP: `git http-backend` behind Basic auth with installation tokens
//! (<https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation#about-authentication-as-a-github-app-installation>).

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

use super::State;
use crate::script::Canned;
use crate::server::Request;

/// The repositories on disk; a bare one, and the directory of all, are made when they are first asked for.
#[derive(Default)]
pub(super) struct Repositories(OnceLock<TempDir>);

/// Git LFS's list of locks (<https://github.com/git-lfs/git-lfs/blob/main/docs/api/locking.md#list-locks>).
const LOCKS: &str = "info/lfs/locks";

/// What a request wants of a repository.
pub(super) struct Wanted<'a> {
    owner: &'a str,
    /// Without `.git`.
    name: &'a str,
    /// `/info/refs`, `/git-upload-pack`, `/git-receive-pack`, `/info/lfs/locks`.
    rest: String,
    writes: bool,
}

impl<'a> Wanted<'a> {
    /// None where the request is not git's.
    pub(super) fn of(request: &'a Request) -> Option<Self> {
        let (owner, rest) = request.path.strip_prefix('/')?.split_once('/')?;
        let (name, rest) = rest.split_once('/')?;
        let writes = match rest {
            "info/refs" => request.parameter("service")? == "git-receive-pack",
            "git-upload-pack" | LOCKS => false,
            "git-receive-pack" => true,
            _ => return None,
        };
        Some(Self {
            owner,
            name: name.strip_suffix(".git").unwrap_or(name),
            rest: format!("/{rest}"),
            writes,
        })
    }

    /// Who may go on, by the name that git's server side is told; else GitHub's refusal.
    pub(super) fn admit(&self, state: &State, request: &Request) -> Result<String, Canned> {
        let token = password(request).ok_or_else(unauthenticated)?;
        let token = state
            .tokens
            .live(&token, state.settings.now())
            .ok_or_else(unauthenticated)?;
        let is_reached = token.account == self.owner && token.repositories.iter().any(|one| one.name == self.name);
        let contents = token.permissions.get("contents").map(String::as_str);
        if !is_reached || contents.is_none() {
            return Err(refusal(404, "Repository not found.\n"));
        }
        let app = state
            .settings
            .apps
            .iter()
            .find(|app| app.id == token.app_id)
            .ok_or_else(unauthenticated)?;
        if self.writes && contents != Some("write") {
            let (owner, name, slug) = (self.owner, self.name, &app.slug);
            return Err(refusal(
                403,
                format!("Permission to {owner}/{name}.git denied to {slug}[bot].\n"),
            ));
        }
        Ok(format!("{}[bot]", app.slug))
    }
}

/// GitHub looks at the password only; the user may be anything (`x-access-token` by convention).
fn password(request: &Request) -> Option<String> {
    let decoded = STANDARD.decode(request.credential("Basic")?).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    Some(text.split_once(':')?.1.to_owned())
}

fn unauthenticated() -> Canned {
    let text = "Invalid username or token. Password authentication is not supported for Git operations.\n";
    refusal(401, text).header("WWW-Authenticate", "Basic realm=\"GitHub\"")
}

/// git shows a refusal's text to a person if it is plain.
fn refusal(status: u16, text: impl Into<Vec<u8>>) -> Canned {
    Canned::new(status).header("Content-Type", "text/plain").body(text)
}

impl Repositories {
    fn root(&self) -> &Path {
        self.0
            .get_or_init(|| tempfile::tempdir().expect("a temporary directory"))
            .path()
    }

    /// The bare repository of that owner and name.
    pub(super) fn path(&self, owner: &str, name: &str) -> PathBuf {
        let path = self.root().join(owner).join(format!("{name}.git"));
        if !path.exists() {
            let init = git(self.root())
                .args(["init", "--quiet", "--bare", "--initial-branch=main"])
                .arg(&path)
                .status();
            assert!(init.expect("git").success(), "a new repository");
            let allow = git(self.root())
                .arg("-C")
                .arg(&path)
                .args(["config", "http.receivepack", "true"])
                .status();
            assert!(allow.expect("git").success(), "a repository to push to");
        }
        path
    }

    /// Lets git's own CGI program answer (git-http-backend(1)). Of large files, it says that nobody has locked any.
    pub(super) fn serve(&self, wanted: &Wanted<'_>, request: &Request, user: &str) -> Canned {
        if wanted.rest.ends_with(LOCKS) {
            let none = serde_json::json!({ "locks": [] }).to_string();
            let canned = Canned::new(200).header("Content-Type", "application/vnd.git-lfs+json");
            return canned.body(none);
        }
        self.path(wanted.owner, wanted.name);
        let header = |name| request.header(name).unwrap_or_default();
        let mut backend = git(self.root())
            .arg("http-backend")
            .env("GIT_PROJECT_ROOT", self.root())
            .env("GIT_HTTP_EXPORT_ALL", "1")
            .env(
                "PATH_INFO",
                format!("/{}/{}.git{}", wanted.owner, wanted.name, wanted.rest),
            )
            .env("QUERY_STRING", &request.query)
            .env("REQUEST_METHOD", &request.method)
            .env("CONTENT_TYPE", header("Content-Type"))
            .env("CONTENT_LENGTH", request.body.len().to_string())
            .env("HTTP_CONTENT_ENCODING", header("Content-Encoding"))
            .env("GIT_PROTOCOL", header("Git-Protocol"))
            .env("REMOTE_USER", user)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("git");
        let mut stdin = backend.stdin.take().expect("a pipe");
        let answer = std::thread::scope(|scope| {
            // It may answer before it has read all.
            scope.spawn(move || drop(stdin.write_all(&request.body)));
            backend.wait_with_output().expect("its answer").stdout
        });
        canned(&answer)
    }
}

/// Nothing of the developer's own configuration.
fn git(home: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .env_clear()
        .env("RAXX_CONFIG", "off")
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("GIT_CONFIG_NOSYSTEM", "1");
    command
}

/// A CGI answer (RFC 3875, section 6): header lines, `Status` among them where it is not 200, an empty line, the body.
fn canned(answer: &[u8]) -> Canned {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
    let (head, body) = answer.split_at(end.map_or(answer.len(), |end| end + 4));
    let head = String::from_utf8_lossy(head).into_owned();
    let headers = head.lines().filter_map(|line| line.split_once(": "));
    headers.fold(Canned::new(200).body(body), |canned, (name, value)| match name {
        "Status" => Canned {
            status: value
                .split(' ')
                .next()
                .and_then(|code| code.parse().ok())
                .unwrap_or(500),
            ..canned
        },
        _ => canned.header(name, value),
    })
}
