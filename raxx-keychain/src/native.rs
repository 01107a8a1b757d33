//! The Keychain of macOS, and the Credential Manager of Windows.

use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error};
use plumbing::Failure;
use secrecy::{ExposeSecret, SecretString};

use crate::store::{SERVICE, none, refused};

pub(crate) fn get(name: &str) -> Result<Option<SecretString>, Failure> {
    match entry(name)?.get_password() {
        Ok(value) => Ok(Some(value.into())),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(explained(&error)),
    }
}

pub(crate) fn set(name: &str, value: &SecretString) -> Result<(), Failure> {
    entry(name)?
        .set_password(value.expose_secret())
        .map_err(|error| explained(&error))
}

pub(crate) fn forget(name: &str) -> Result<bool, Failure> {
    match entry(name)?.delete_credential() {
        Ok(()) => Ok(true),
        Err(Error::NoEntry) => Ok(false),
        Err(error) => Err(explained(&error)),
    }
}

fn entry(name: &str) -> Result<Entry, Failure> {
    let entry = open().and_then(|store| store.build(SERVICE, name, None));
    entry.map_err(|error| explained(&error))
}

#[cfg(target_os = "macos")]
fn open() -> Result<Arc<CredentialStore>, Error> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn open() -> Result<Arc<CredentialStore>, Error> {
    Ok(windows_native_keyring_store::Store::new()?)
}

fn explained(error: &Error) -> Failure {
    match error {
        Error::NoStorageAccess(_) | Error::PlatformFailure(_) | Error::NoDefaultStore => none(error),
        // These hold what was kept.
        Error::BadEncoding(_) | Error::BadDataFormat(..) => refused("what is kept is no text"),
        Error::Ambiguous(_) => refused("there is more than one entry of that name"),
        other => refused(other),
    }
}
