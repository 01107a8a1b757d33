//! Makes a bot's secrets out of what its folder holds, or says what is wrong with that.

use plumbing::documents::BotSecrets;
use plumbing::{Code, Failure, FolderPath, text};
use secrecy::{ExposeSecret, SecretString};

use crate::flags::BotFolders;
use crate::listing::{Import, Listing, Secret};

const APP_ID: &str = "APP_ID";
const INSTALLATION_ID: &str = "INSTALLATION_ID";
const PRIVATE_KEY_PEM: &str = "PRIVATE_KEY_PEM";
const NAMES: [&str; 3] = [APP_ID, INSTALLATION_ID, PRIVATE_KEY_PEM];

/// Whether a folder is a bot's: it holds one of the three names.
pub(crate) fn holds_bot_secrets(listing: &Listing, path: &FolderPath) -> bool {
    listing.secrets(path).any(|(key, _)| NAMES.contains(&key))
}

/// Whether a folder that imports this needs nothing of its own to be a bot's.
pub(crate) fn is_a_whole_bot(import: &Import) -> bool {
    NAMES
        .iter()
        .all(|name| import.secrets.iter().any(|secret| secret.key == *name))
}

/// The secrets of the bot whose folder is `path`.
pub(crate) fn assemble(listing: &Listing, path: &FolderPath, folders: &BotFolders) -> Result<BotSecrets, Failure> {
    if listing.secrets(path).next().is_none() {
        return Err(nothing_at(path, folders));
    }
    let find = |name: &str| {
        listing
            .secrets(path)
            .find(|(key, _)| *key == name)
            .map(|(_, secret)| secret)
    };
    let [Some(app_id), Some(installation_id), Some(private_key_pem)] = NAMES.map(find) else {
        return Err(missing_keys(listing, path));
    };
    let hidden: Vec<_> = NAMES
        .into_iter()
        .filter(|name| find(name).is_some_and(|secret| secret.hidden))
        .collect();
    if !hidden.is_empty() {
        return Err(hidden_values(path, &hidden));
    }
    Ok(BotSecrets {
        path: Some(path.clone()),
        app_id: id(
            path,
            APP_ID,
            app_id,
            is_app_id,
            "a number, or a client id such as Iv23…",
        )?,
        installation_id: id(path, INSTALLATION_ID, installation_id, is_number, "a number")?,
        private_key_pem: not_empty(path, PRIVATE_KEY_PEM, private_key_pem)?,
    })
}

/// Old servers answer a folder that does not exist with an empty list.
fn nothing_at(path: &FolderPath, folders: &BotFolders) -> Failure {
    let place = folders.place();
    none(path, format!("the folder is empty, or does not exist in {place}")).fix(format!(
        "{}in Infisical, look for the folder {path}; INFISICAL_ENV wants the environment's slug, not its name",
        folders.perhaps(path)
    ))
}

/// A folder that is there, and in which nothing is seen: servers of 2026 leave out what an identity may not read.
pub(crate) fn closed_or_empty(path: &FolderPath) -> Failure {
    none(
        path,
        "the folder is there, and is empty, or the identity may not read it: Infisical leaves out what it may not read".to_owned(),
    )
    .fix(format!(
        "in Infisical, look into {path}; if it holds the secrets, give the identity's role, or a privilege of its own, Describe Secret \
         and Read Value on {path}"
    ))
}

/// The failure where the names of the bots' secrets are seen, and not their values.
pub(crate) fn names_only(path: &FolderPath) -> Failure {
    let below = if path.is_root() {
        String::new()
    } else {
        path.to_string()
    };
    Failure::new(Code::BotSecretsHidden, format!("bot secrets at {below}/ cannot be read"))
        .cause("the machine identity may list the secrets below it but not read their values: a missing permission, not a wrong key")
        .fix(format!(
            "in Infisical, give the identity's role, or a privilege of its own, Read Value on secrets at {below}/**"
        ))
}

/// The failure for all bots of a folder that has none.
pub(crate) fn no_bots_below(path: &FolderPath, folders: &BotFolders) -> Failure {
    let place = folders.place();
    none(
        path,
        format!("no folder below it in {place} holds one of {}", NAMES.join(", ")),
    )
    .fix("check INFISICAL_PATH_PREFIX, the folder of the bots' folders, and which of them the identity may read")
}

fn none(path: &FolderPath, cause: String) -> Failure {
    let summary = format!("no secrets at {path}; check the path, INFISICAL_ENV, INFISICAL_PROJECT_ID");
    Failure::new(Code::BotSecretsNone, summary).cause(cause)
}

fn missing_keys(listing: &Listing, path: &FolderPath) -> Failure {
    let held: Vec<_> = listing.secrets(path).map(|(key, _)| key).collect();
    let missing: Vec<_> = NAMES.into_iter().filter(|name| !held.contains(name)).collect();
    let renames: Vec<_> = missing
        .iter()
        .filter_map(|name| {
            let twin = held.iter().find(|key| is_misspelling(key, name))?;
            Some(format!("`{}` to {name}{}", text::quote(twin), invisible(twin)))
        })
        .collect();
    let fix = if renames.is_empty() {
        format!(
            "in Infisical, add {} at {path}, or rename what holds it: the names must be exactly these",
            missing.join(", ")
        )
    } else {
        format!(
            "in Infisical, rename {}: the names must be exactly these",
            renames.join(", ")
        )
    };
    Failure::new(
        Code::BotSecretsMissingKeys,
        format!("bot secrets at {path}/ missing keys: {}", missing.join(", ")),
    )
    .cause(format!("the folder holds {}", text::quote(&held.join(", "))))
    .fix(fix)
}

/// What a person cannot see of a name that looks right.
fn invisible(key: &str) -> String {
    let codes: Vec<_> = key
        .chars()
        .filter(|letter| !letter.is_ascii() || letter.is_ascii_control() || *letter == ' ')
        .map(|letter| format!("U+{:04X}", u32::from(letter)))
        .collect();
    match codes[..] {
        [] => String::new(),
        _ => format!(" (it holds {}, which cannot be seen)", codes.join(", ")),
    }
}

/// Whether a key is a name in other letters: `app-id`, `appId`, `private key`.
fn is_misspelling(key: &str, name: &str) -> bool {
    let letters = |text: &str| {
        text.chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_uppercase())
            .collect::<String>()
    };
    let (key, name) = (letters(key), letters(name));
    key == name || (name == letters(PRIVATE_KEY_PEM) && ["PRIVATEKEY", "PEM"].contains(&key.as_str()))
}

fn hidden_values(path: &FolderPath, hidden: &[&str]) -> Failure {
    Failure::new(
        Code::BotSecretsHidden,
        format!("bot secrets at {path}/ cannot be read: {}", hidden.join(", ")),
    )
    .cause(
        "the machine identity may list these secrets but not read their values: a missing permission, not a wrong key",
    )
    .fix(format!(
        "in Infisical, give the identity's role Read Value on secrets at {path}"
    ))
}

fn id(
    path: &FolderPath,
    name: &str,
    secret: &Secret,
    is_id: fn(&str) -> bool,
    wanted: &str,
) -> Result<String, Failure> {
    let value = not_empty(path, name, secret)?;
    let value = value.expose_secret().trim().trim_matches(['"', '\'']);
    // The value is not quoted: it may be a key that was put under the wrong name.
    if is_id(value) {
        Ok(value.to_owned())
    } else {
        Err(invalid(path, name, &format!("its value is not {wanted}")))
    }
}

fn is_number(value: &str) -> bool {
    !value.is_empty() && value.len() <= 20 && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// GitHub's client ids are `Iv1.` or `Iv23` and letters and digits, some twenty characters.
fn is_app_id(value: &str) -> bool {
    is_number(value)
        || (value.starts_with("Iv")
            && value.len() <= 40
            && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.'))
}

fn not_empty(path: &FolderPath, name: &str, secret: &Secret) -> Result<SecretString, Failure> {
    if secret.value.expose_secret().trim().is_empty() {
        return Err(invalid(
            path,
            name,
            "its value is empty, or a reference (`${…}`) that leads nowhere",
        ));
    }
    Ok(secret.value.clone())
}

fn invalid(path: &FolderPath, name: &str, cause: &str) -> Failure {
    let source = match name {
        PRIVATE_KEY_PEM => "generates private keys",
        _ => "shows the ids",
    };
    Failure::new(
        Code::BotSecretsInvalid,
        format!("bot secrets at {path}/ hold an unusable {name}"),
    )
    .cause(cause)
    .fix(format!(
        "in Infisical, set {name} at {path} anew; the App's page on GitHub {source}"
    ))
}
