//! The Secret Service of Linux desktops (<https://specifications.freedesktop.org/secret-service-spec/latest/>).
//!
//! Values pass unencrypted over the session's bus, a socket of this user's own: the specification's other way guards against
//! nobody who could read that, and would bring a second crypto library.

use std::collections::HashMap;

use dbus_secret_service::{EncryptionType, Error, SecretService};
use plumbing::Failure;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::store::{SERVICE, none, refused};

pub(crate) fn get(name: &str) -> Result<Option<SecretString>, Failure> {
    let service = open()?;
    let found = service.search_items(named(name)).map_err(|error| explained(&error))?;
    let Some(item) = found.unlocked.first().or(found.locked.first()) else {
        return Ok(None);
    };
    let value = item
        .unlock()
        .and_then(|()| item.get_secret())
        .map_err(|error| explained(&error))?;
    let value = Zeroizing::new(value);
    let text = std::str::from_utf8(&value).map_err(|_| refused("what is kept is no text"))?;
    Ok(Some(text.into()))
}

pub(crate) fn set(name: &str, value: &SecretString) -> Result<(), Failure> {
    let service = open()?;
    let kept = service.get_default_collection().and_then(|collection| {
        collection.unlock()?;
        let label = format!("{name} of {SERVICE}");
        collection.create_item(
            &label,
            named(name),
            value.expose_secret().as_bytes(),
            true,
            "text/plain",
        )?;
        Ok(())
    });
    kept.map_err(|error| explained(&error))
}

pub(crate) fn forget(name: &str) -> Result<bool, Failure> {
    let service = open()?;
    let found = service.search_items(named(name)).map_err(|error| explained(&error))?;
    let all: Vec<_> = found.unlocked.iter().chain(&found.locked).collect();
    for item in &all {
        item.unlock()
            .and_then(|()| item.delete())
            .map_err(|error| explained(&error))?;
    }
    Ok(!all.is_empty())
}

fn named(name: &str) -> HashMap<&str, &str> {
    HashMap::from([("service", SERVICE), ("name", name)])
}

fn open() -> Result<SecretService, Failure> {
    SecretService::connect(EncryptionType::Plain).map_err(|error| explained(&error))
}

fn explained(error: &Error) -> Failure {
    match error {
        Error::Unavailable | Error::Dbus(_) => none(format!("the session's bus has no Secret Service: {error}")),
        Error::Locked | Error::Prompt => none("it is locked, and was not unlocked"),
        Error::NoResult => none("it has no collection to keep anything in"),
        other => refused(other),
    }
}
