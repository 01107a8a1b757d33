//! One page on this machine: it leads to GitHub, and the browser comes back to it with a code.

use std::cell::Cell;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use percent_encoding::percent_decode_str;
use plumbing::{Code, Failure, terminal};
use secrecy::SecretString;

use crate::visit::{Door, Visit};

/// GitHub's code is good for so long.
const CODE_LIVES: Duration = Duration::from_secs(60 * 60);
/// So often a visitor is let in, and a pasted address is looked for.
const TICK: Duration = Duration::from_millis(20);
/// In characters; GitHub's have 40.
const LONGEST_CODE: usize = 128;

/// The page, listening.
pub(crate) struct Page {
    door: Door,
    /// `127.0.0.1:PORT`.
    host: String,
    /// Where the form is: nobody who does not read this terminal knows, since it has the state in it.
    path: String,
    /// Leads to the form, once: it stands in the arguments of the program that opens a browser, which every user of this machine
    /// can read.
    ticket: String,
    is_ticket_used: Cell<bool>,
    /// How many have come to the page who should not have.
    strangers: Cell<u32>,
    /// By which an answer is known for one to our own question.
    state: String,
}

impl Page {
    /// Listens on the loopback.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] where the port is taken.
    pub(crate) fn open(port: Option<u16>) -> Result<Self, Failure> {
        let port = port.unwrap_or_default();
        let opened = Door::open(port).and_then(|door| Ok((door.address()?, door)));
        let (address, door) = opened.map_err(|error| {
            Failure::new(Code::ConfigInvalid, format!("there can be no page on port {port}"))
                .cause(error.to_string())
                .fix("name another port with --port, or none")
        })?;
        Ok(Self {
            door,
            host: address.to_string(),
            path: format!("/{}", random()?),
            ticket: format!("/{}", random()?),
            is_ticket_used: Cell::new(false),
            strangers: Cell::new(0),
            state: random()?,
        })
    }

    /// The page's address.
    pub(crate) fn address(&self) -> String {
        format!("http://{}{}", self.host, self.path)
    }

    /// The same for a browser of this machine, good once.
    pub(crate) fn ticket(&self) -> String {
        format!("http://{}{}", self.host, self.ticket)
    }

    /// Where GitHub sends the browser back to.
    pub(crate) fn callback(&self) -> String {
        format!("http://{}/callback", self.host)
    }

    /// Leads a browser to `form`, and waits for the code that it brings back; or for the address that a person pastes, whose
    /// browser is elsewhere.
    ///
    /// # Errors
    /// [`Code::GithubManifest`] where nobody comes back within the hour.
    pub(crate) fn wait(&self, form: &str, manifest: &str) -> Result<SecretString, Failure> {
        let started = Instant::now();
        let mut begun = vec![];
        while started.elapsed() < CODE_LIVES {
            if let Some(visit) = self.door.visit(TICK)
                && let Some(code) = self.answer(visit, form, manifest)
            {
                return Ok(code.into());
            }
            if let Some(line) = terminal::typed_line(&mut begun).filter(|line| !line.is_empty()) {
                match self.code_in(&line) {
                    Ok(code) => return Ok(code.into()),
                    Err(why) => terminal::tell(&format!("That address does not do: {why}.")),
                }
            }
        }
        Err(Failure::new(Code::GithubManifest, "nobody came back from GitHub")
            .cause("its code is good for an hour, which is over")
            .fix("start again; where the App was created all the same, delete it first"))
    }

    /// Answers one visit; the code, if it brings it.
    fn answer(&self, visit: Visit, form: &str, manifest: &str) -> Option<String> {
        let url = visit.target.clone();
        let path = url.split('?').next().unwrap_or_default();
        // A name that leads here by a trick of the DNS is not ours.
        let own = [self.host.clone(), self.host.replace("127.0.0.1", "localhost")];
        if !matches!(&visit.hosts[..], [host] if own.contains(host)) {
            visit.answer("403 Forbidden", "<h1>This page has another address.</h1>");
            return None;
        }
        match path {
            path if path == self.ticket && !self.is_ticket_used.replace(true) => {
                visit.lead_to(&self.path);
                None
            }
            path if path == self.ticket => {
                visit.answer(
                    "403 Forbidden",
                    "<h1>This was opened already.</h1><p>If not by you: somebody else on this machine has. Take the address in the \
                     terminal.</p>",
                );
                None
            }
            path if path == self.path => {
                visit.answer("200 OK", &self.start(form, manifest));
                None
            }
            "/callback" => match self.code_in(&url) {
                Ok(code) => {
                    visit.answer("200 OK", "<h1>Thank you.</h1><p>Go on in the terminal.</p>");
                    Some(code)
                }
                Err(why) => {
                    let words = format!("<h1>This does not do</h1><p>{why}. Go back to the terminal's address.</p>");
                    visit.answer("400 Bad Request", &words);
                    self.tell_of_a_stranger(why);
                    None
                }
            },
            _ => {
                visit.answer("404 Not Found", "<h1>There is nothing here.</h1>");
                None
            }
        }
    }

    /// The first few are told: more would push off the screen what is to be done.
    fn tell_of_a_stranger(&self, why: &str) {
        const TOLD: u32 = 3;
        let count = self.strangers.get().saturating_add(1);
        self.strangers.set(count);
        if count <= TOLD {
            let more = if count == TOLD {
                " More of them are not told."
            } else {
                ""
            };
            terminal::tell(&format!("Somebody came to the page, and was sent away: {why}.{more}"));
        }
    }

    fn start(&self, form: &str, manifest: &str) -> String {
        format!(
            "<h1>A GitHub App</h1><p>Be logged in to GitHub in this browser first. An empty page there means: go back, and click again.</p>\
             <form method=\"post\" action=\"{}?state={}\"><input type=\"hidden\" name=\"manifest\" value=\"{}\">\
             <button id=\"go\">Create it on GitHub</button></form>",
            escaped(form),
            self.state,
            escaped(manifest)
        )
    }

    /// The code in an address, if the address answers our own question.
    fn code_in(&self, address: &str) -> Result<String, &'static str> {
        // As people paste: in quotes, between a terminal's own marks, or without what stands before the question mark.
        let address = address
            .trim_start_matches("\u{1b}[200~")
            .trim_end_matches("\u{1b}[201~");
        let address = address.trim_matches(['"', '\'', '<', '>', ' ']);
        let query = address.split_once('?').map_or(address, |(_, query)| query);
        let query = query.split('#').next().unwrap_or_default();
        let values = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let own = pairs.filter(|(key, _)| *key == name);
            own.map(|(_, value)| percent_decode_str(value).decode_utf8_lossy().into_owned())
                .collect::<Vec<_>>()
        };
        let [state] = &values("state")[..] else {
            return Err("it has no state, or several");
        };
        // Whoever can reach the port could bring an App of their own, and their key would be stored as the bot's.
        if verify_slices_are_equal(state.as_bytes(), self.state.as_bytes()).is_err() {
            return Err("its state is not this sitting's");
        }
        match &values("code")[..] {
            [code] if is_code(code) => Ok(code.clone()),
            [] => Err("it has no code"),
            [_] => Err("its code is none"),
            _ => Err("it has several codes"),
        }
    }
}

fn is_code(code: &str) -> bool {
    !code.is_empty()
        && code.len() <= LONGEST_CODE
        && code
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn random() -> Result<String, Failure> {
    let mut random = [0; 24];
    rand::fill(&mut random).map_err(|_| Failure::new(Code::Internal, "the system gives no random numbers"))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random))
}

/// Opens the system's browser; where there is none, the address that was printed is enough. It has nothing of the dispatcher's.
pub(crate) fn browse(address: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let dispatchers = std::env::vars_os().map(|(name, _)| name).filter(|name| {
        let name = name.to_string_lossy();
        ["INFISICAL_", "CF_ACCESS_"].iter().any(|start| name.starts_with(start))
    });
    let mut command = Command::new(opener);
    for name in dispatchers {
        command.env_remove(name);
    }
    let child = command
        .arg(address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if let Ok(mut child) = child {
        // It is not waited for, and leaves no zombie.
        thread::spawn(move || child.wait());
    }
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn a_code_counts_with_this_sittings_state_only() {
        let page = Page::open(None).expect("a free port");
        let state = &page.state;
        let code = "0123456789abcdef0123456789abcdef01234567";
        let good = format!("http://127.0.0.1:1/callback?code={code}&state={state}");
        assert_eq!(page.code_in(&good).as_deref(), Ok(code));
        for bad in [
            format!("/callback?code={code}"),
            format!("/callback?code={code}&state="),
            format!("/callback?code={code}&state=x{state}"),
            format!("/callback?code={code}&state={state}&state={state}"),
            format!("/callback?state={state}"),
            format!("/callback?code=&state={state}"),
            format!("/callback?code=a/b&state={state}"),
            format!("/callback?code=..%2f&state={state}"),
            format!("/callback?code={code}&code={code}&state={state}"),
            "/callback".to_owned(),
        ] {
            assert!(page.code_in(&bad).is_err(), "{bad}");
        }
    }
}
