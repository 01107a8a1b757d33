//! What a fake Infisical holds.

use std::collections::BTreeMap;
use std::time::Duration;

/// Which servers it speaks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// A self-hosted server of mid-2024, as recorded.
    Old,
    /// A server of 2026: `/api/v3/secrets/raw` and `/api/v4/secrets`, lock-out, hidden values.
    New,
    /// A server of some day that has dropped `/api/v3/secrets/raw`; otherwise [`Era::New`].
    Future,
}

/// Everything a server knows. The default: a new server, an empty project, no identity, nothing in front.
#[derive(Clone, Debug)]
pub struct Settings {
    /// See [`Era`].
    pub era: Era,
    /// The project's id, a UUID.
    pub project_id: String,
    /// The project's slug, which is no id.
    pub project_slug: String,
    /// The project's type; secrets are kept in a `secret-manager` only.
    pub project_type: String,
    /// The slug of the one environment that holds secrets; `dev` and `staging` are there too, and empty.
    pub environment: String,
    /// Who may log in.
    pub identities: Vec<Identity>,
    /// Folders by path, without a trailing slash: `/MooseQuest/raxx-dev-bot`. A parent exists through its children.
    pub folders: BTreeMap<String, Folder>,
    /// How long a session lives; `expiresIn` says it in whole seconds, and `accessTokenMaxTTL` is twice that.
    pub session_lifetime: Duration,
    /// Cloudflare Access in front, or not.
    pub cloudflare: Cloudflare,
    /// Whether what people write has to be approved first.
    pub approval_policy: bool,
    /// Names whose values are stored as something else.
    pub spoils: Vec<String>,
    /// Whether the conditions of a privilege are dropped, as those that the server does not know are.
    pub drops_conditions: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            era: Era::New,
            project_id: uuid(),
            project_slug: "bots-nfv-r".to_owned(),
            project_type: "secret-manager".to_owned(),
            environment: "prod".to_owned(),
            identities: Vec::new(),
            folders: BTreeMap::new(),
            session_lifetime: Duration::from_secs(600),
            cloudflare: Cloudflare::Off,
            approval_policy: false,
            spoils: vec![],
            drops_conditions: false,
        }
    }
}

impl Settings {
    /// The folder at that path, made when it is not there yet.
    pub fn folder(&mut self, path: &str) -> &mut Folder {
        self.folders.entry(without_trailing_slash(path)).or_default()
    }
}

/// A machine identity with Universal Auth.
#[derive(Clone, Debug)]
pub struct Identity {
    /// A UUID.
    pub client_id: String,
    /// 64 hexadecimal digits, as Infisical makes them.
    pub client_secret: String,
    /// How its login goes.
    pub state: IdentityState,
    /// The identity's id in Infisical, a UUID: another than the client id.
    pub id: String,
    /// The slug of its role in the project; none where it may not read its own membership.
    pub role: Option<String>,
    /// When that role ends, in RFC 3339, where it is a temporary one.
    pub role_ends: Option<String>,
    /// What it may do with secrets.
    pub reading: Reading,
    /// For how many requests each of its sessions is good, where that has a limit.
    pub session_uses: Option<u32>,
    /// The rules of its additional privileges, as `…/permissions/audit` shows them.
    pub privileges: Vec<serde_json::Value>,
    /// Its name, where it has one.
    pub name: String,
    /// Whether it has Universal Auth already.
    pub has_universal_auth: bool,
    /// The names of the privileges that were given to it.
    pub privilege_slugs: Vec<String>,
    /// Whether it stands for a person, whose writes a policy may hold up.
    pub is_person: bool,
    /// Wrong secrets in a row; from three on a new server locks the identity.
    pub wrong_secrets: u32,
}

impl Identity {
    /// An active identity with random credentials.
    pub fn new() -> Self {
        let secret = || std::iter::repeat_with(|| fastrand::digit(16)).take(64).collect();
        Self {
            client_id: uuid(),
            client_secret: secret(),
            state: IdentityState::Active,
            id: uuid(),
            role: Some("viewer".to_owned()),
            role_ends: None,
            reading: Reading::Values,
            session_uses: None,
            privileges: vec![],
            name: String::new(),
            has_universal_auth: false,
            privilege_slugs: vec![],
            is_person: false,
            wrong_secrets: 0,
        }
    }
}

impl Identity {
    /// Who may write too, and make folders and identities.
    pub fn operator() -> Self {
        Self {
            role: Some("admin".to_owned()),
            ..Self::new()
        }
    }
}

impl Default for Identity {
    fn default() -> Self {
        Self::new()
    }
}

/// How an identity fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityState {
    /// Logs in and reads.
    Active,
    /// Locked out after wrong secrets.
    Locked,
    /// The client secret's time is over.
    SecretExpired,
    /// The client secret was good for a number of logins that is used up.
    SecretUsedUp,
    /// The client secret was revoked: by hand, or by the server, once it had found it expired or used up.
    SecretRevoked,
    /// The caller's address is not on the client secret's allow-list.
    AddressNotAllowed,
    /// Logs in, but the project is closed to it.
    NotInProject,
    /// Logs in, but its sessions may not be used from the caller's address.
    SessionAddressNotAllowed,
    /// Logs in, but was deactivated in the organisation.
    Inactive,
    /// Has a session whose client secret was revoked since.
    SecretRevokedMeanwhile,
}

/// What an identity may do with the secrets of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Read all of them.
    Values,
    /// Read those below these folders, by a condition on the path.
    Below(Vec<String>),
    /// See all names, and no value.
    Names,
    /// Nothing: the role no-access alone.
    Nothing,
}

/// A folder of secrets.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    /// In no particular order: the server lists by id, and ids are random.
    pub secrets: Vec<Secret>,
    /// Paths of folders whose secrets are imported.
    pub imports: Vec<String>,
}

impl Folder {
    /// Sets a secret, whether it was there or not.
    pub fn set(&mut self, key: &str, value: &str) -> &mut Self {
        self.remove(key).secrets.push(Secret {
            id: uuid(),
            key: key.to_owned(),
            value: value.to_owned(),
            hidden: false,
        });
        self
    }

    /// Removes a secret, if it is there.
    pub fn remove(&mut self, key: &str) -> &mut Self {
        self.secrets.retain(|secret| secret.key != key);
        self
    }

    /// Marks a secret as one that may be listed but not read, on a server that says so unasked (none that was recorded does).
    pub fn hide(&mut self, key: &str) -> &mut Self {
        for secret in self.secrets.iter_mut().filter(|secret| secret.key == key) {
            secret.hidden = true;
        }
        self
    }
}

/// A secret.
#[derive(Clone, Debug)]
pub struct Secret {
    /// A UUID.
    pub id: String,
    /// Its name.
    pub key: String,
    /// Its value; one that is `${NAME}` or `${ENVIRONMENT.FOLDER.NAME}` as a whole is a reference.
    pub value: String,
    /// Whether the value is withheld.
    pub hidden: bool,
}

/// Cloudflare Access in front of the server.
#[derive(Clone, Debug)]
pub enum Cloudflare {
    /// Nothing in front.
    Off,
    /// A policy that lets one service token through.
    Required {
        /// `CF-Access-Client-Id`, e.g. `….access`.
        client_id: String,
        /// `CF-Access-Client-Secret`.
        client_secret: String,
    },
}

/// The path by which a folder is known: no trailing slash, save that of the root.
pub(super) fn without_trailing_slash(path: &str) -> String {
    match path.trim_end_matches('/') {
        "" => "/".to_owned(),
        path => path.to_owned(),
    }
}

/// A random UUID, version 4.
pub(crate) fn uuid() -> String {
    let mut digits = format!("{:032x}", fastrand::u128(..));
    // RFC 9562: the version, and the two bits of the variant.
    digits.replace_range(12..13, "4");
    digits.replace_range(
        16..17,
        fastrand::choice(["8", "9", "a", "b"]).expect("four to choose from"),
    );
    for dash in [20, 16, 12, 8] {
        digits.insert(dash, '-');
    }
    digits
}
