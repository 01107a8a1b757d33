//! What a fake GitHub holds.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::keys::BotKey;

/// Everything a server knows. The default: no App, classic tokens of one hour, a right clock.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The registered Apps.
    pub apps: Vec<App>,
    /// Where they are installed.
    pub installations: Vec<Installation>,
    /// What a minted token looks like.
    pub token_shape: TokenShape,
    /// The server's clock minus the machine's: its `Date` header, its judgement of claims, its expiry times.
    pub clock_offset: SignedDuration,
    /// How long a token lives: one hour on the real server.
    pub token_lifetime: SignedDuration,
    /// Whether a JWT that an exchange was asked for with before gets 404, as some have seen
    /// (github-aws-runners/terraform-aws-github-runner#5025).
    pub single_use_jwts: bool,
    /// Its pages, and who looks at them.
    pub website: Website,
}

/// The website, and the person in front of it.
#[derive(Clone, Debug)]
pub struct Website {
    /// `https://HOST`, as a browser has it.
    pub origin: String,
    /// Who is logged in.
    pub person: String,
    /// Whose App it becomes where that is another than was asked for: somebody else is logged in.
    pub logged_in_as: Option<String>,
    /// Whether the organization lets nobody but its owners make Apps, and this person is none.
    pub organization_forbids: bool,
    /// So often the page on which an App is installed is not there yet.
    pub install_page_is_missing: u32,
    /// What comes of a click on Install.
    pub on_install: OnInstall,
}

impl Default for Website {
    fn default() -> Self {
        Self {
            origin: "https://github.com".to_owned(),
            person: "octo-person".to_owned(),
            logged_in_as: None,
            organization_forbids: false,
            install_page_is_missing: 0,
            on_install: OnInstall::Install,
        }
    }
}

/// What comes of a click on Install.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnInstall {
    /// The App is installed on its owner's account.
    Install,
    /// On another account.
    InstallOn(String),
    /// An owner is asked, who has not answered yet.
    Request,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            apps: Vec::new(),
            installations: Vec::new(),
            token_shape: TokenShape::Classic,
            clock_offset: SignedDuration::ZERO,
            token_lifetime: SignedDuration::from_hours(1),
            single_use_jwts: false,
            website: Website::default(),
        }
    }
}

impl Settings {
    /// The App of that id, to be changed.
    pub fn app(&mut self, id: u64) -> &mut App {
        self.apps
            .iter_mut()
            .find(|app| app.id == id)
            .expect("an App of that id")
    }

    /// The installation of that id, to be changed.
    pub fn installation(&mut self, id: u64) -> &mut Installation {
        self.installations
            .iter_mut()
            .find(|installation| installation.id == id)
            .expect("an installation of that id")
    }

    /// The server's time.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::now() + self.clock_offset
    }
}

/// The two shapes of an installation token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenShape {
    /// `ghs_` and 36 letters and digits.
    Classic,
    /// `ghs_APPID_` and something like a JWT: some 520 characters with dots, `-` and `_` (GitHub's changelog, April
    /// 2026).
    Stateless,
}

/// A GitHub App.
#[derive(Clone, Debug)]
pub struct App {
    /// The App ID.
    pub id: u64,
    /// The client id, `Iv23…`.
    pub client_id: String,
    /// `raxx-dev-bot`; its user is `raxx-dev-bot[bot]`.
    pub slug: String,
    /// The id of that user: neither the App's nor the installation's.
    pub bot_user_id: u64,
    /// The login of the account that owns it.
    pub owner: String,
    /// Whether others may see and install it.
    pub is_public: bool,
    /// What it asks an installation for.
    pub permissions: BTreeMap<String, String>,
    /// The registered key; `None` for an App that has none yet.
    pub key: Option<BotKey>,
}

impl App {
    /// An App with a random client id and bot user.
    pub fn new(id: u64, slug: &str, key: BotKey) -> Self {
        let letters = std::iter::repeat_with(fastrand::alphanumeric).take(16);
        let client_id = format!("Iv23{}", letters.collect::<String>());
        let bot_user_id = fastrand::u64(200_000_000..300_000_000);
        Self {
            id,
            client_id,
            slug: slug.to_owned(),
            bot_user_id,
            owner: crate::sandbox::ACCOUNT.to_owned(),
            is_public: false,
            permissions: BTreeMap::new(),
            key: Some(key),
        }
    }
}

/// An App's installation on an account.
#[derive(Clone, Debug)]
pub struct Installation {
    /// The installation id.
    pub id: u64,
    /// Whose installation it is.
    pub app_id: u64,
    /// The login of the organisation.
    pub account: String,
    /// Whether its owner has suspended it.
    pub suspended: bool,
    /// Whether it is for all repositories of the account, rather than for selected ones.
    pub on_all_repositories: bool,
    /// The repositories that it reaches.
    pub repositories: Vec<Repository>,
    /// What the owner has granted: `contents` -> `write`.
    pub permissions: BTreeMap<String, String>,
}

impl Installation {
    /// An installation with those repositories (names) and permissions (name, level).
    pub fn new(id: u64, app_id: u64, account: &str, repositories: &[&str], permissions: &[(&str, &str)]) -> Self {
        let repository = |name: &&str| Repository {
            id: fastrand::u64(700_000_000..800_000_000),
            name: (*name).to_owned(),
        };
        Self {
            id,
            app_id,
            account: account.to_owned(),
            suspended: false,
            on_all_repositories: true,
            repositories: repositories.iter().map(repository).collect(),
            permissions: permissions
                .iter()
                .map(|(name, level)| ((*name).to_owned(), (*level).to_owned()))
                .collect(),
        }
    }
}

/// A repository.
#[derive(Clone, Debug)]
pub struct Repository {
    /// Its id, which survives renames.
    pub id: u64,
    /// Its bare name, without the owner.
    pub name: String,
}
