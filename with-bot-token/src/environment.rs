//! The command's environment: what is taken out of it, and the variables that make it the bot's.

use std::collections::{BTreeSet, HashSet};
use std::ffi::{OsStr, OsString};

use plumbing::documents::InstallationToken;
use plumbing::operators;
use raxx_mint::export::TOKENS;
use secrecy::ExposeSecret;

/// What begins so is the dispatcher's: with it, a command could mint tokens of every bot.
const DISPATCHERS: [&str; 2] = ["INFISICAL_", "CF_ACCESS_"];

/// Where it names another GitHub than the token's, `gh` would go there, with what the operator is logged in with.
pub(crate) const HOST: &str = "GH_HOST";

/// Whether a variable is one of the dispatcher's own.
pub(crate) fn is_dispatchers(name: &OsStr) -> bool {
    DISPATCHERS
        .iter()
        .any(|start| name.as_encoded_bytes().starts_with(start.as_bytes()))
}

/// Whether a variable is one in which the bot's own token or host stands, so that another's cannot be kept.
pub(crate) fn is_the_bots(name: &OsStr) -> bool {
    TOKENS.as_flattened().iter().chain(&[HOST]).any(|own| name == *own)
}

/// What of an environment the command may have. Of a name that stands twice the first value counts, as for getenv(3).
pub(crate) fn kept(
    variables: Vec<(OsString, OsString)>,
    keeps: impl Fn(&OsStr) -> bool,
) -> impl Iterator<Item = (OsString, OsString)> {
    let mut seen = HashSet::new();
    let held: BTreeSet<OsString> = variables
        .iter()
        .filter(|(name, value)| operators::is_token(name, value))
        .map(|(name, _)| name.clone())
        .collect();
    let emptied = operators::of_settings(&held);
    let variables = variables.into_iter().filter(move |(name, _)| {
        let is_operators = held.contains(name) && !operators::is_of_settings(name);
        !is_the_bots(name) && (!(is_dispatchers(name) || is_operators) || keeps(name)) && seen.insert(name.clone())
    });
    variables.map(move |(name, value)| match emptied.get(&name) {
        Some(empty) => (name, empty.clone()),
        None => (name, value),
    })
}

/// The variables that make the command the bot.
pub(crate) fn of_token(token: &InstallationToken) -> Vec<(&'static str, String)> {
    let mut set = vec![];
    for (name, value) in raxx_mint::export::variables(token) {
        let value = value.expose_secret();
        match TOKENS.iter().find(|[first, _]| *first == name) {
            Some(twins) => set.extend(twins.map(|name| (name, value.to_owned()))),
            None => set.push((name, value.to_owned())),
        }
    }
    set
}

/// The variable that the token itself is in.
pub(crate) fn variable_of(token: &InstallationToken) -> &'static str {
    let last = raxx_mint::export::variables(token).pop();
    last.map_or("GH_TOKEN", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::kept;
    use std::ffi::OsString;

    #[test]
    fn nothing_of_the_dispatchers_nor_of_the_operators_is_left_even_where_it_stands_twice() {
        let variables = [
            ("GH_TOKEN", "operator"),
            ("PATH", "first"),
            ("INFISICAL_CLIENT_SECRET_FILE", "/run/secret"),
            ("GH_TOKEN", "operator"),
            ("PATH", "second"),
            ("CF_ACCESS_CLIENT_ID", "id"),
            ("MY_INFISICAL_NOTES", "here"),
        ];
        let variables = variables.map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let left: Vec<_> = kept(variables.to_vec(), |name| name == "CF_ACCESS_CLIENT_ID").collect();
        let expected = [
            ("PATH", "first"),
            ("CF_ACCESS_CLIENT_ID", "id"),
            ("MY_INFISICAL_NOTES", "here"),
        ];
        assert_eq!(left, expected.map(|(name, value)| (name.into(), value.into())));
    }
}
