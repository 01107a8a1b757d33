//! Both fakes with three bots: what the programs need to do their whole job without leaving the machine.

use std::thread;

use crate::github::{self, App, FakeGithub, Installation};
use crate::infisical::{self, FakeInfisical, Identity};
use crate::journal::Journal;
use crate::keys::BotKey;

/// The folder that holds the bots' folders.
pub const PREFIX: &str = "/MooseQuest/";

/// The account on which every bot is installed.
pub const ACCOUNT: &str = "MooseQuest";

/// The repositories that every installation reaches.
pub const REPOSITORIES: [&str; 3] = ["raxx", "raxx-mint", "handbook"];

/// What every installation is granted.
pub const PERMISSIONS: [(&str, &str); 4] = [
    ("contents", "write"),
    ("issues", "read"),
    ("metadata", "read"),
    ("pull_requests", "write"),
];

/// Slug, App ID, installation id. The dev bot's key stands in Infisical with real newlines, the ops bot's with the two
/// characters `\n` between lines, the pm bot's with CRLF: the three ways in which people type a key in.
const BOTS: [(&str, u64, u64); 3] = [
    ("raxx-dev-bot", 3_501_352, 101),
    ("raxx-ops-bot", 3_501_353, 102),
    ("raxx-pm-bot", 3_501_354, 103),
];

/// A running sandbox; dropped, it is gone.
pub struct Sandbox {
    infisical: FakeInfisical,
    github: FakeGithub,
    identity: Identity,
    bots: Vec<Bot>,
}

/// One of the sandbox's bots.
#[derive(Clone, Debug)]
pub struct Bot {
    /// `raxx-dev-bot`: the App's slug and the name of the bot's folder.
    pub name: String,
    /// The App ID.
    pub app_id: u64,
    /// The installation id.
    pub installation_id: u64,
    /// The App's key.
    pub key: BotKey,
}

impl Bot {
    /// The bot's folder in Infisical, without a trailing slash.
    pub fn path(&self) -> String {
        format!("{PREFIX}{}", self.name)
    }
}

impl Sandbox {
    /// Starts both fakes, with new servers' manners, new keys and new credentials.
    pub fn start() -> Self {
        Self::with_keys(BotKey::generate)
    }

    /// The same with keys that other sandboxes of the process have too: for the many tests to which it is all one.
    pub fn start_with_pooled_keys() -> Self {
        let slots = std::sync::atomic::AtomicUsize::new(0);
        Self::with_keys(|| BotKey::pooled(slots.fetch_add(1, std::sync::atomic::Ordering::Relaxed)))
    }

    fn with_keys(key: impl Fn() -> BotKey + Sync) -> Self {
        let keys: Vec<BotKey> = thread::scope(|scope| {
            let threads = BOTS.map(|_| scope.spawn(&key));
            threads
                .into_iter()
                .map(|thread| thread.join().expect("a key"))
                .collect()
        });
        let bot = |((name, app_id, installation_id), key)| Bot {
            name: String::from(name),
            app_id,
            installation_id,
            key,
        };
        let bots: Vec<Bot> = BOTS.into_iter().zip(keys).map(bot).collect();
        let identity = Identity::new();
        let journal = Journal::default();
        Self {
            infisical: FakeInfisical::start_with(infisical_settings(&identity, &bots), journal.clone()),
            github: FakeGithub::start_with(github_settings(&bots), journal),
            identity,
            bots,
        }
    }

    /// Adds bots by the names of `raxx-bot-004`, `raxx-bot-005` and so on, all with the dev bot's key: for what depends
    /// on their number only.
    pub fn add_bots(&self, count: usize) {
        let Some(pattern) = self.bots.first() else { return };
        let more = (1..=count as u64).map(|number| Bot {
            name: format!("raxx-bot-{:03}", BOTS.len() as u64 + number),
            app_id: pattern.app_id + BOTS.len() as u64 + number,
            installation_id: pattern.installation_id + BOTS.len() as u64 + number,
            key: pattern.key.clone(),
        });
        let more: Vec<Bot> = more.collect();
        self.infisical.change(|settings| store(settings, &more));
        self.github.change(|settings| register(settings, &more));
    }

    /// The variables that point a program at the sandbox.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("INFISICAL_CLIENT_ID", self.identity.client_id.clone()),
            ("INFISICAL_CLIENT_SECRET", self.identity.client_secret.clone()),
            ("INFISICAL_PROJECT_ID", self.infisical.settings().project_id),
            ("INFISICAL_HOST", self.infisical.base_url()),
            ("GITHUB_API_URL", self.github.base_url()),
            // No place for tokens: one that is named by nobody would be the user's own.
            ("XDG_RUNTIME_DIR", "/nowhere".to_owned()),
        ]
    }

    /// The fake Infisical.
    pub fn infisical(&self) -> &FakeInfisical {
        &self.infisical
    }

    /// The fake GitHub.
    pub fn github(&self) -> &FakeGithub {
        &self.github
    }

    /// What both were asked, in one order.
    pub fn journal(&self) -> &Journal {
        self.infisical.journal()
    }

    /// The identity whose credentials the environment holds, as it was at the start.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// All bots.
    pub fn bots(&self) -> &[Bot] {
        &self.bots
    }

    /// The bot of that name.
    pub fn bot(&self, name: &str) -> &Bot {
        self.bots
            .iter()
            .find(|bot| bot.name == name)
            .expect("raxx-dev-bot, raxx-ops-bot or raxx-pm-bot")
    }
}

fn infisical_settings(identity: &Identity, bots: &[Bot]) -> infisical::Settings {
    let mut settings = infisical::Settings {
        identities: vec![identity.clone()],
        ..infisical::Settings::default()
    };
    store(&mut settings, bots);
    settings
}

fn store(settings: &mut infisical::Settings, bots: &[Bot]) {
    for (bot, newline) in bots.iter().zip(["\n", "\\n", "\r\n"].iter().cycle()) {
        settings
            .folder(&bot.path())
            .set("APP_ID", &bot.app_id.to_string())
            .set("INSTALLATION_ID", &bot.installation_id.to_string())
            .set("PRIVATE_KEY_PEM", &bot.key.pkcs1_pem().replace('\n', newline));
    }
}

fn github_settings(bots: &[Bot]) -> github::Settings {
    let mut settings = github::Settings::default();
    register(&mut settings, bots);
    settings
}

fn register(settings: &mut github::Settings, bots: &[Bot]) {
    for bot in bots {
        settings.apps.push(App::new(bot.app_id, &bot.name, bot.key.clone()));
        let installation = Installation::new(bot.installation_id, bot.app_id, ACCOUNT, &REPOSITORIES, &PERMISSIONS);
        settings.installations.push(installation);
    }
}
