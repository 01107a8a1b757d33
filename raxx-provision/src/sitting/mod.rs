//! One sitting: what it is about, its questions, and its steps done again.

mod finish;
mod make;
mod resume;
mod retire;
mod rotate;

use std::cell::RefCell;
use std::io::{self, IsTerminal, Read};
use std::thread;
use std::time::{Duration, Instant};

use infisical_fetch::{BotFolders, FetchFlags};
use plumbing::documents::BotSecrets;
use plumbing::{BearerToken, BotName, Code, Context, Failure, FolderPath, PrivateKey, shell, terminal, text};
use secrecy::{ExposeSecret, SecretString};
use servers::github::GithubApi;
use servers::infisical::Infisical;
use zeroize::Zeroizing;

use crate::cli::Cli;
use crate::interruption::Interruption;
use crate::operator;
use crate::vault::{PRIVATE_KEY_PEM, Vault};

const APP_ID: &str = "APP_ID";
const INSTALLATION_ID: &str = "INSTALLATION_ID";

/// After so long a step is tried again where nobody can be asked; twice as long each time, up to the second.
const DELAYS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// Makes the bot, goes on with it, gives it another key, or retires it.
///
/// # Errors
/// Where a step does not end well, with what exists so far and how to go on.
pub(crate) fn sit(cli: &Cli, context: &Context) -> Result<(), Failure> {
    let bot = BotName::parse(&cli.bot).map_err(|_| {
        Failure::new(
            Code::Usage,
            format!("a bot's name is wanted, not “{}”", text::quote(&cli.bot)),
        )
        .fix(format!(
            "write {}; the folder above it is --path-prefix",
            text::quote(FolderPath::parse(&cli.bot).bot().as_str())
        ))
    })?;
    if cli.json && cli.dispatcher.is_some() && !cli.keychain {
        return Err(
            Failure::new(Code::Usage, "--dispatcher and --json both want standard output")
                .fix("add --keychain, or leave --json out"),
        );
    }
    let folders = folders(cli, context)?;
    let api = cli.github.resolve(&context.environment)?;
    let infisical = Infisical::configured(cli.login.infisical_host.as_deref(), context)?;
    let operator = operator::session(context, &cli.login)?;
    let sitting = Sitting {
        cli,
        context,
        api,
        vault: Vault {
            context,
            infisical: &infisical,
            session: RefCell::new(operator.session),
            project_id: &folders.project_id,
            env_slug: &folders.env_slug,
        },
        path: folders.prefix.join(&bot),
        bot,
        who: operator.words,
        can_renew: operator.can_renew,
        exists: Interruption::watched()?,
    };
    if cli.resume {
        sitting.resume()
    } else if cli.rotate {
        sitting.rotate()
    } else if cli.retire {
        sitting.retire()
    } else {
        sitting.make()
    }
}

fn folders(cli: &Cli, context: &Context) -> Result<BotFolders, Failure> {
    let flags = FetchFlags {
        bots: vec![cli.bot.clone()],
        project: cli.project.clone(),
        ..FetchFlags::default()
    };
    flags.resolve(&context.environment)
}

struct Sitting<'a> {
    cli: &'a Cli,
    context: &'a Context,
    api: GithubApi,
    vault: Vault<'a>,
    path: FolderPath,
    bot: BotName,
    /// Who writes, in words.
    who: &'static str,
    /// Whether another session can be had as this one was: of a machine identity, or of Infisical's CLI.
    can_renew: bool,
    exists: Interruption,
}

/// What can be hoped of a step that failed.
#[derive(Clone, Copy, PartialEq)]
enum Hope {
    /// Nothing.
    None,
    /// A person may take away what stands in the way.
    Person,
    /// It may pass.
    Time,
}

impl Hope {
    fn of(failure: &Failure) -> Self {
        match (failure.code, failure.http_status) {
            // What is there already stays there. The code is used up, or GitHub wants another manifest.
            (Code::BotExists, _) | (Code::GithubManifest, None | Some(404 | 422)) => Self::None,
            // Sent again it would be held again, unless somebody else sends it.
            (Code::InfisicalWritePending, _) => Self::Person,
            (Code::GithubManifest, _) | (_, Some(408 | 429 | 500..)) => Self::Time,
            (_, None) if failure.code != Code::InfisicalWriteHttp => Self::Time,
            _ => Self::Person,
        }
    }
}

impl Sitting<'_> {
    /// The line that goes on with this bot.
    fn resume_line(&self) -> String {
        self.line("--resume", "")
    }

    /// A line for this bot, with the flags that say where it is; it can be given as it stands.
    fn line(&self, mode: &str, input: &str) -> String {
        self.line_for(self.bot.as_str(), mode, input)
    }

    /// The same for a bot of another name.
    fn line_for(&self, bot: &str, mode: &str, input: &str) -> String {
        let mut flags = self.flags();
        if mode.starts_with("--resume") {
            if let Some(name) = &self.cli.dispatcher {
                flags = format!("{flags} --dispatcher {}", word(name));
            }
            if self.cli.keychain {
                flags += " --keychain";
            }
        }
        format!("`raxx-provision {} {mode}{flags}{input}`", text::quote(bot))
    }

    /// The line that has the doctor look at it.
    fn doctor_line(&self) -> String {
        format!("`raxx-doctor {}{}`", self.bot, self.flags())
    }

    /// The flags that say where it is, as they were given.
    fn flags(&self) -> String {
        let Cli {
            project, login, github, ..
        } = self.cli;
        let flags = [
            ("--path-prefix", &project.path_prefix),
            ("--project-id", &project.project_id),
            ("--env", &project.env_slug),
            ("--infisical-host", &login.infisical_host),
            ("--github-api-url", &github.github_api_url),
        ];
        let given = flags.iter().filter_map(|(flag, value)| Some((flag, value.as_ref()?)));
        given.fold(String::new(), |flags, (flag, value)| {
            format!("{flags} {flag} {}", word(value))
        })
    }

    /// Where the pages are: GitHub's website.
    fn website(&self) -> String {
        let is_plain = self.api.base.is_loopback() && self.api.base.to_string().starts_with("http:");
        let scheme = if is_plain { "http" } else { "https" };
        format!("{scheme}://{}", self.api.git_host())
    }

    /// What the folder holds; without an installation's id where there is none yet.
    fn stored(&self) -> Result<BotSecrets, Failure> {
        let text = |name| Ok::<_, Failure>(self.vault.read(&self.path, name)?.expose_secret().trim().to_owned());
        let private_key_pem = self.vault.read(&self.path, PRIVATE_KEY_PEM)?;
        let installation_id = if self.vault.has(&self.path, INSTALLATION_ID)? {
            text(INSTALLATION_ID)?
        } else {
            String::new()
        };
        Ok(BotSecrets {
            path: Some(self.path.clone()),
            app_id: text(APP_ID)?,
            installation_id,
            private_key_pem,
        })
    }

    /// Writes what is missing of these, together, and compares all of them with what is there then. Nothing that is there is written
    /// over, but what is empty or no key.
    fn fill(&self, pairs: &[(&str, SecretString)]) -> Result<(), Failure> {
        let mut missing = vec![];
        for (name, value) in pairs {
            let there = if self.vault.has(&self.path, name)? {
                Some(self.vault.read(&self.path, name)?)
            } else {
                None
            };
            match there {
                None => missing.push((*name, value.clone())),
                Some(there) if same(&there, value) => {}
                // What is no key can be written over: it may be what became of an earlier try.
                Some(there)
                    if there.expose_secret().trim().is_empty()
                        || *name == PRIVATE_KEY_PEM && describe(&there).is_err() =>
                {
                    self.vault.change(&self.path, name, value)?;
                }
                Some(_) => {
                    return Err(
                        Failure::new(Code::InfisicalWriteHttp, format!("{} has another {name}", self.path))
                            .cause("it was there already, or something else writes there; nothing is written over")
                            .fix("look at the folder in Infisical, and who writes there; what is of no use delete there, and try again"),
                    );
                }
            }
        }
        let written = if missing.is_empty() {
            Ok(())
        } else {
            self.vault.put(&self.path, &missing)
        };
        if let Err(failure) = &written
            && failure.http_status == Some(404)
        {
            // Somebody has deleted the folder meanwhile.
            self.vault.make_folder(&self.path)?;
            self.vault.put(&self.path, &missing)?;
        }
        // An answer may be lost behind the work, and a good one be given for none: what counts is what is there.
        for (name, value) in pairs {
            match self.vault.read(&self.path, name) {
                Ok(there) if same(&there, value) => {}
                there => {
                    written?;
                    let failure = match there {
                        Err(failure) => failure,
                        Ok(_) => Failure::new(
                            Code::InfisicalWriteHttp,
                            format!("{name} is in {} as something else than was written", self.path),
                        )
                        .cause("Infisical, or something in between, has changed it")
                        .fix("delete it there, and try again"),
                    };
                    return Err(failure);
                }
            }
        }
        Ok(())
    }

    /// Asks before what cannot be undone; `wanted` is to be typed for yes, where it is more than that.
    fn ask(&self, question: &str, wanted: Option<&str>) -> Result<(), Failure> {
        if self.cli.yes {
            return Ok(());
        }
        if !io::stdin().is_terminal() {
            return Err(
                Failure::new(Code::Usage, "there is no terminal to ask at").fix("add --yes, or --dry-run to look only")
            );
        }
        let is_yes = match wanted {
            Some(wanted) => {
                terminal::forget_typed();
                terminal::ask(question, "no")? == wanted
            }
            None => is_yes(question, "y")?,
        };
        if is_yes {
            return Ok(());
        }
        Err(Failure::new(Code::Usage, "nothing was done").cause("you said no"))
    }

    /// Does a step again, as often as the person wants, or for as long as is waited where there is nobody to ask: what would be lost
    /// with it cannot be had again.
    fn again<T>(&self, what: &str, mut step: impl FnMut() -> Result<T, Failure>) -> Result<T, Failure> {
        let started = Instant::now();
        let (mut delay, longest) = DELAYS;
        let mut may_renew = self.can_renew;
        let mut is_told = false;
        loop {
            let failure = match step() {
                Ok(done) => return Ok(done),
                Err(failure) => failure,
            };
            // An identity can log in again, and somebody may have with Infisical's CLI: nobody is asked.
            if may_renew && failure.code == Code::InfisicalWriteSession {
                may_renew = false;
                if self.renew().is_ok() {
                    continue;
                }
            }
            let failure = if failure.code == Code::InfisicalWritePending && self.exists.is_at_stake() {
                failure.fix(
                    "let somebody approve that request, and close it by no means: the key is in it, and nowhere else",
                )
            } else {
                failure
            };
            let hope = Hope::of(&failure);
            if hope == Hope::None {
                return Err(self.exists.told(failure));
            }
            if io::stdin().is_terminal() {
                self.context.report.trouble(&failure);
                if !self.wants_more(what, &failure) {
                    return Err(self.exists.told(failure));
                }
                continue;
            }
            // With a key at stake nothing is given up that a person elsewhere, or a server, may put right.
            let may_pass =
                hope == Hope::Time || self.exists.is_at_stake() && failure.code != Code::InfisicalWritePending;
            if !may_pass || started.elapsed() + delay > self.patience() {
                return Err(self.exists.told(failure));
            }
            // Once in whole: somebody may read it who can put it right.
            if !is_told {
                is_told = true;
                self.context.report.trouble(&failure);
            }
            terminal::tell(&format!(
                "{}; trying {what} again in {} s.",
                failure.summary,
                delay.as_secs()
            ));
            thread::sleep(delay);
            delay = (delay * 2).min(longest);
        }
    }

    /// How long a server or a person is waited for.
    fn patience(&self) -> Duration {
        Duration::from_secs(self.cli.wait.saturating_mul(60))
    }

    /// Logs in again, as it did at first.
    fn renew(&self) -> Result<(), Failure> {
        let operator = operator::session(self.context, &self.cli.login)?;
        if operator.words != self.who {
            // Somebody else is no remedy.
            return Err(Failure::new(Code::InfisicalWriteSession, "the session has ended"));
        }
        *self.vault.session.borrow_mut() = operator.session;
        Ok(())
    }

    /// Whether a step is to be tried again, by another session if that is wanted. Whoever ends the input wants no more.
    fn wants_more(&self, what: &str, failure: &Failure) -> bool {
        let is_write = failure.code.name().starts_with("infisical_write");
        let has_ended = failure.code == Code::InfisicalWriteSession;
        if let Some(exists) = self.exists.said() {
            terminal::tell(&format!("If you stop now: {exists}."));
        }
        let question = format!(
            "Try {what} again? (y/n{})",
            if is_write { ", s: by another session" } else { "" }
        );
        loop {
            let default = if has_ended { "s" } else { "y" };
            terminal::forget_typed();
            let Ok(answer) = terminal::ask(&question, default) else {
                return false;
            };
            match answer.to_lowercase().as_str() {
                "y" | "yes" => {
                    // Somebody may have logged in again meanwhile.
                    if has_ended && self.can_renew {
                        let _ = self.renew();
                    }
                    return true;
                }
                "n" | "no" => return false,
                "s" if is_write => {
                    self.ask_for_a_session();
                    return true;
                }
                // What somebody has pasted once too often is no answer, and must not lose a key.
                _ => terminal::tell("y or n?"),
            }
        }
    }

    fn ask_for_a_session(&self) {
        terminal::tell("A session, such as `infisical user get token --plain` prints in another terminal:");
        let Ok(token) = terminal::ask_for_secret("Session token") else {
            return;
        };
        match BearerToken::parse(token) {
            Ok(token) => self.vault.session.borrow_mut().access_token = token,
            Err(why) => terminal::tell(&format!("That is no token: {why}.")),
        }
    }
}

/// As one word of a shell.
fn word(value: &str) -> String {
    let word = text::quote(value);
    if shell::is_plain(&word) {
        word
    } else {
        shell::quoted(&word)
    }
}

/// Asks until it is answered, by what is typed from now on.
fn is_yes(question: &str, default: &str) -> Result<bool, Failure> {
    loop {
        terminal::forget_typed();
        let answer = terminal::ask(&format!("{question} (y/n)"), default)?.to_lowercase();
        match answer.as_str() {
            "y" | "yes" => return Ok(true),
            "n" | "no" => return Ok(false),
            _ => terminal::tell("y or n?"),
        }
    }
}

/// Whether a value came back as it was written: Infisical trims it at its ends.
fn same(there: &SecretString, written: &SecretString) -> bool {
    there.expose_secret().trim() == written.expose_secret().trim()
}

/// A key by what a person can compare on the App's page: its bits and its fingerprint.
fn describe(pem: &SecretString) -> Result<String, Failure> {
    PrivateKey::parse(pem).and_then(|key| key.description())
}

/// The key that a person made on the App's page, which has no API for it; without what stands around it.
fn new_key() -> Result<SecretString, Failure> {
    /// A PEM of 8192 bits has some 6500 bytes.
    const LARGEST_KEY: u64 = 64 * 1024;
    if io::stdin().is_terminal() {
        let question = "Paste the new key, from -----BEGIN to -----END, and press Enter";
        return terminal::ask_for_secret_lines(question, "-----END").map(|text| key_alone(text.expose_secret()));
    }
    let mut text = Zeroizing::new(String::new());
    io::stdin()
        .lock()
        .take(LARGEST_KEY)
        .read_to_string(&mut text)
        .map_err(|error| Failure::new(Code::Usage, "the new key cannot be read").because(error))?;
    if text.trim().is_empty() {
        return Err(Failure::new(Code::Usage, "there is no key on standard input")
            .fix("give it with `< key.pem`, or at a terminal without that"));
    }
    Ok(key_alone(&text))
}

/// From `-----BEGIN` to the end of the `-----END` line, where both are there; what else stands in the file is nobody's to store.
fn key_alone(text: &str) -> SecretString {
    let begin = text.find("-----BEGIN");
    let end = text.find("-----END").and_then(|at| {
        let rest = text.get(at..)?;
        let closing = rest.get(8..)?.find("-----")?;
        Some(at + 8 + closing + 5)
    });
    let key = begin.zip(end).and_then(|(begin, end)| text.get(begin..end));
    match key {
        Some(key) => SecretString::from(Zeroizing::new(format!("{}\n", key.replace("\r\n", "\n"))).as_str()),
        None => SecretString::from(text),
    }
}
