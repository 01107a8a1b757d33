//! `raxx-provision`: from nothing to a bot, and what comes after. The browser is played by the tests; one has a real one.

mod key;
mod later;
mod made;
mod operators;
mod trouble;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, Command, Stdio};

use serde_json::Value;
use tests::infisical::Identity;
use tests::programs;
use tests::sandbox::Sandbox;

const MAKE: &str = "raxx-new-bot --org MooseQuest --permission contents=write --yes --no-browser --json";
const FOLDER: &str = "/MooseQuest/raxx-new-bot";

/// A sandbox with an operator who may write.
struct Desk {
    sandbox: Sandbox,
    session: String,
}

impl Desk {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Identity)) -> Self {
        let sandbox = Sandbox::start_with_pooled_keys();
        let mut operator = Identity::operator();
        change(&mut operator);
        let session = sandbox.infisical().open_session_of(operator);
        let origin = sandbox.github().base_url();
        sandbox.github().change(|settings| settings.website.origin = origin);
        Self { sandbox, session }
    }

    /// Changes the operator, who is the last that was made.
    fn change_operator(&self, change: impl FnOnce(&mut Identity)) {
        self.sandbox
            .infisical()
            .change(|settings| change(settings.identities.last_mut().unwrap()));
    }

    fn command(&self, program: &str) -> Command {
        programs::build();
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("RAXX_CONFIG", "off")
            .env("TMPDIR", env!("CARGO_TARGET_TMPDIR"))
            .envs(self.sandbox.environment())
            .env("INFISICAL_TOKEN", &self.session)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn start(&self, line: &str) -> Sitting {
        let program = programs::path("raxx-provision");
        let mut command = self.command(&program.to_string_lossy());
        Sitting::of(command.args(line.split_whitespace()).stdin(Stdio::null()))
    }

    /// At a terminal, which `script` (util-linux) lends.
    fn at_a_terminal(&self, line: &str) -> Sitting {
        let program = programs::path("raxx-provision");
        let mut command = self.command("timeout");
        let inherited = std::env::var("PATH").unwrap_or_default();
        // A question that is not asked would be waited for.
        command
            .env("PATH", inherited)
            .args(["--foreground", "40", "script", "--quiet", "--return", "--command"])
            .arg(format!("{} {line}", program.display()))
            .arg("/dev/null")
            .stdin(Stdio::piped());
        Sitting::of(&mut command)
    }

    fn secret_in(&self, folder: &str, name: &str) -> Option<String> {
        let settings = self.sandbox.infisical().settings();
        let folder = settings.folders.get(folder)?;
        let secret = folder.secrets.iter().find(|secret| secret.key == name)?;
        Some(secret.value.clone())
    }

    fn secret(&self, name: &str) -> Option<String> {
        self.secret_in(FOLDER, name)
    }

    /// Whether any key of any App stands in a text.
    fn holds_a_key(&self, text: &str) -> bool {
        let apps = self.sandbox.github().settings().apps;
        let keys = apps.iter().filter_map(|app| app.key.as_ref());
        let mut lines = keys.flat_map(|key| key.pkcs1_pem().lines().skip(1).map(str::to_owned).collect::<Vec<_>>());
        text.contains("BEGIN RSA") || lines.any(|line| line.len() > 40 && text.contains(&line))
    }

    /// How often a path was asked for.
    fn asked(&self, request: &str) -> usize {
        self.sandbox.journal().to(request).len()
    }
}

/// The program, while it runs.
struct Sitting {
    child: Child,
    input: Option<ChildStdin>,
    /// What a person sees: standard error, or the terminal.
    shown: BufReader<Box<dyn Read>>,
    told: String,
}

impl Drop for Sitting {
    fn drop(&mut self) {
        // Where a test fails, nobody else ends it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Sitting {
    fn of(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let input = child.stdin.take();
        let shown: Box<dyn Read> = if input.is_some() {
            Box::new(child.stdout.take().unwrap())
        } else {
            Box::new(child.stderr.take().unwrap())
        };
        Self {
            child,
            input,
            shown: BufReader::new(shown),
            told: String::new(),
        }
    }

    /// Waits until it has said these words.
    fn hears(&mut self, words: &str) {
        let mut new = vec![];
        while !String::from_utf8_lossy(&new).contains(words) {
            let mut letter = [0];
            let length = self.shown.read(&mut letter).unwrap_or_default();
            assert_ne!(
                length,
                0,
                "“{words}” was not said: {}{}",
                self.told,
                String::from_utf8_lossy(&new)
            );
            new.push(letter[0]);
        }
        self.told += &String::from_utf8_lossy(&new);
    }

    /// Types a line, once that question is asked.
    fn answers(&mut self, question: &str, answer: &str) {
        self.hears(&format!("{question}: "));
        self.types(&format!("{answer}\n"));
    }

    fn types(&mut self, text: &str) {
        self.input.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// Waits for a line with these words, and returns the address in it.
    fn address_in(&mut self, words: &str) -> String {
        self.hears(words);
        let mut rest = String::new();
        self.shown.read_line(&mut rest).unwrap();
        self.told += &rest;
        let line = self.told.lines().last().unwrap();
        let address = line.split_whitespace().find(|word| word.starts_with("http"));
        address.unwrap_or_default().to_owned()
    }

    /// Clicks through to the code; where the browser is sent back to.
    fn click(&mut self) -> String {
        let page = self.address_in("then Create GitHub App");
        Self::click_at(&page, "raxx-new-bot")
    }

    /// The same, and the person gives the App this name.
    fn click_at(page: &str, name: &str) -> String {
        let start = browse("GET", page, "");
        let host = page.split('/').take(3).collect::<Vec<_>>().join("/");
        assert!(
            !browse("GET", &host, "").contains("state="),
            "the form is for who reads the terminal"
        );
        let action = attribute(&start, "action");
        let manifest = attribute(&start, "value");
        let form = browse("POST", &action, &format!("manifest={}", encoded(&manifest)));
        let [manifest, owner, state] =
            ["manifest", "owner", "state"].map(|name| format!("{name}={}", encoded(&field(&form, name))));
        let fields = [manifest, owner, state, format!("name={}", encoded(name))].join("&");
        let website = action.split("/organizations").next().unwrap();
        let website = website.split("/settings").next().unwrap();
        let sent = browse("POST", &format!("{website}/settings/apps/confirm"), &fields);
        let location = sent.lines().find_map(|line| line.strip_prefix("Location: "));
        location.unwrap_or_else(|| panic!("{sent}")).trim().to_owned()
    }

    fn install(&mut self) {
        let page = self.address_in("click Install");
        let mut form = browse("GET", &page, "");
        // A person loads it again.
        while form.starts_with("HTTP/1.1 404") {
            form = browse("GET", &page, "");
        }
        let website = page.split("/apps/").next().unwrap();
        browse("POST", &format!("{website}{}", attribute(&form, "action")), "");
    }

    /// Makes the whole bot.
    fn goes_through(&mut self) {
        let back = self.click();
        browse("GET", &back, "");
        self.install();
    }

    fn signal(&self, name: &str) {
        // The shell's own: the program of that name is not on every machine.
        let line = format!("kill -s {name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &line]).status().unwrap().success());
    }

    /// Exit code, standard output where that is no terminal, and all that was shown.
    fn end(mut self) -> Ended {
        drop(self.input.take());
        let mut rest = vec![];
        // A terminal that is gone says so by an error.
        let _ = self.shown.read_to_end(&mut rest);
        self.told += &String::from_utf8_lossy(&rest);
        let mut out = String::new();
        if let Some(mut output) = self.child.stdout.take() {
            output.read_to_string(&mut out).unwrap();
        }
        Ended {
            code: self.child.wait().unwrap().code(),
            out,
            told: std::mem::take(&mut self.told),
        }
    }
}

/// How it ended.
struct Ended {
    code: Option<i32>,
    out: String,
    told: String,
}

impl Ended {
    /// With this code and these words.
    fn is(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.told);
        for words in words {
            // A terminal's lines are broken nowhere, but end otherwise.
            assert!(
                self.told.replace("\r\n", "\n").contains(words),
                "“{words}”: {}",
                self.told
            );
        }
        self
    }

    fn document(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

/// What a browser sends, and the whole answer.
fn browse(method: &str, address: &str, body: &str) -> String {
    let host = address.split('/').nth(2).unwrap_or_else(|| panic!("{address}"));
    browse_by(method, address, host, body)
}

/// The same, where the browser has another name for the server.
fn browse_by(method: &str, address: &str, name: &str, body: &str) -> String {
    let rest = address.strip_prefix("http://").unwrap_or_else(|| panic!("{address}"));
    let (host, path) = rest.split_once('/').map_or((rest, ""), |(host, path)| (host, path));
    let mut line = TcpStream::connect(host).unwrap();
    let request = format!(
        "{method} /{path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    line.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    line.read_to_string(&mut answer).unwrap();
    answer
}

/// The first value of an attribute.
fn attribute(page: &str, name: &str) -> String {
    let quoted = format!("{name}=\"");
    let value = if let Some((_, rest)) = page.split_once(&quoted) {
        rest.split('"').next().unwrap()
    } else {
        let (_, rest) = page
            .split_once(&format!("{name}="))
            .unwrap_or_else(|| panic!("{name} in {page}"));
        rest.split(['>', ' ']).next().unwrap()
    };
    unescaped(value)
}

fn field(page: &str, name: &str) -> String {
    let (_, rest) = page
        .split_once(&format!("name={name} "))
        .unwrap_or_else(|| panic!("{name} in {page}"));
    attribute(rest, "value")
}

fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

fn encoded(text: &str) -> String {
    text.bytes()
        .fold(String::new(), |encoded, byte| format!("{encoded}%{byte:02x}"))
}
