//! What each bot's tokens are narrowed to where no flag says anything: the configuration files' word for it.

use std::collections::BTreeMap;

use plumbing::configuration::{Layer, UsualScope};
use plumbing::{Code, Configuration, Failure, FolderPath, text};

use crate::scope::{Level, Scope, permission, repository};

/// The usual scopes, each file's by a bot's name or its folder's path.
#[derive(Debug, Default)]
pub(crate) struct Usual {
    of_user: BTreeMap<String, Scope>,
    of_repository: BTreeMap<String, Scope>,
}

impl Usual {
    /// Takes them from the files. A repository's file narrows what the user's says, and never widens it.
    ///
    /// # Errors
    /// [`Code::ConfigFile`] for what is no scope, [`Code::ConfigConflict`] for a repository's that is wider than the user's.
    pub(crate) fn configured(configuration: &Configuration) -> Result<Self, Failure> {
        let scopes = |layer: Option<&Layer>| layer.map(read).transpose().map(Option::unwrap_or_default);
        let usual = Self {
            of_user: scopes(configuration.user.as_ref())?,
            of_repository: scopes(configuration.repository.as_ref())?,
        };
        let Some(repository) = &configuration.repository else {
            return Ok(usual);
        };
        for (bot, inner) in &usual.of_repository {
            let mut outer = usual.of_user.iter().filter(|(other, _)| may_be_one(bot, other));
            if let Some(what) = outer.find_map(|(_, outer)| widened(outer, inner)) {
                return Err(wider(repository, bot, &what));
            }
        }
        Ok(usual)
    }

    /// The scope of the bot whose secrets are in that folder: by the folder's whole path, else by the bot's name.
    pub(crate) fn of(&self, path: &FolderPath) -> Option<Scope> {
        let said = |scopes: &BTreeMap<String, Scope>| {
            let bot = path.bot();
            scopes.get(path.as_str()).or_else(|| scopes.get(bot.as_str())).cloned()
        };
        match (said(&self.of_repository), said(&self.of_user)) {
            (Some(inner), Some(outer)) => Some(inner.or(&outer)),
            (inner, outer) => inner.or(outer),
        }
    }
}

/// Whether a path or a name is that of the bot that another path or name stands for.
fn may_be_one(one: &str, other: &str) -> bool {
    let is_path = |key: &str| key.starts_with('/');
    one == other || !(is_path(one) && is_path(other)) && FolderPath::parse(one).bot() == FolderPath::parse(other).bot()
}

fn read(layer: &Layer) -> Result<BTreeMap<String, Scope>, Failure> {
    let each = layer.settings.bots.iter().map(|(bot, written)| {
        // One spelling of a path; a name stays one.
        let key = if bot.starts_with('/') {
            FolderPath::parse(bot).as_str().to_owned()
        } else {
            bot.clone()
        };
        Ok((key, scope(written).map_err(|why| unusable(layer, bot, &why))?))
    });
    each.collect()
}

fn scope(written: &UsualScope) -> Result<Scope, String> {
    let repositories = written.repositories.iter().map(|name| repository(name));
    let permissions = written
        .permissions
        .iter()
        .map(|(name, level)| permission(&format!("{name}={level}")));
    Ok(Scope {
        repositories: repositories.collect::<Result<_, _>>()?,
        repository_ids: written.repository_ids.clone(),
        permissions: permissions.collect::<Result<_, _>>()?,
    })
}

fn unusable(layer: &Layer, bot: &str, why: &str) -> Failure {
    let words = format!(
        "the configuration file cannot be used: {}",
        text::quote_path(&layer.path)
    );
    Failure::new(Code::ConfigFile, words).cause(format!("bots.{}: {why}", text::quote(bot)))
}

fn wider(layer: &Layer, bot: &str, what: &str) -> Failure {
    let (path, bot) = (text::quote_path(&layer.path), text::quote(bot));
    Failure::new(
        Code::ConfigConflict,
        format!("{path} asks for more than is usual for {bot}"),
    )
    .cause(format!(
        "a repository's file may narrow what your own says, not widen it: {what}"
    ))
    .fix("take it out there, or widen your own file; --unscoped goes past both")
}

/// What of a scope is not in the one around it, in words.
fn widened(outer: &Scope, inner: &Scope) -> Option<String> {
    let permission = inner.permissions.iter().find(|(name, level)| {
        let allowed: Option<&Level> = outer.permissions.get(*name);
        !outer.permissions.is_empty() && allowed.is_none_or(|allowed| allowed < level)
    });
    if let Some((name, level)) = permission {
        return Some(format!("permissions.{name} = {:?}", level.name()));
    }
    // GitHub's names of repositories know no case.
    let has = |name: &str| outer.repositories.iter().any(|outer| outer.eq_ignore_ascii_case(name));
    let is_bounded = !(outer.repositories.is_empty() && outer.repository_ids.is_empty());
    let by_name = inner.repositories.iter().find(|name| is_bounded && !has(name));
    let by_id = inner
        .repository_ids
        .iter()
        .find(|id| is_bounded && !outer.repository_ids.contains(id));
    let name = by_name.map(|name| format!("repositories: {}", text::quote(name)));
    name.or_else(|| by_id.map(|id| format!("repository-ids: {id}")))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use plumbing::configuration::{Layer, parse};
    use plumbing::{Configuration, FolderPath};

    use super::Usual;

    fn layer(content: &str) -> Layer {
        let path = Path::new("/here/.raxx.toml");
        Layer {
            settings: parse(path, content.as_bytes(), true).expect("it is well"),
            path: path.to_owned(),
        }
    }

    /// In words, or why not.
    fn of(user: &str, repository: &str, path: &str) -> Result<Vec<String>, String> {
        let configuration = Configuration {
            user: Some(layer(user)),
            repository: Some(layer(repository)),
            left_out: None,
        };
        let usual = Usual::configured(&configuration).map_err(|failure| failure.cause.unwrap_or_default())?;
        let scope = usual.of(&FolderPath::parse(path));
        Ok(scope.as_ref().map(super::Scope::words).unwrap_or_default())
    }

    #[test]
    fn a_repository_narrows_and_never_widens() {
        let user = "[bots.dev]\nrepositories = [\"Hello\", \"world\"]\npermissions = { contents = \"write\", issues = \"read\" }";
        for (repository, words) in [
            ("", Ok("contents=write issues=read repo Hello repo world")),
            ("[bots.other]", Ok("contents=write issues=read repo Hello repo world")),
            ("[bots.dev]", Ok("contents=write issues=read repo Hello repo world")),
            (
                "[bots.dev]\nrepositories = [\"hello\"]",
                Ok("contents=write issues=read repo hello"),
            ),
            (
                "[bots.dev.permissions]\ncontents = \"read\"",
                Ok("contents=read repo Hello repo world"),
            ),
            (
                "[bots.\"/Q/dev\".permissions]\ncontents = \"read\"",
                Ok("contents=read repo Hello repo world"),
            ),
            (
                "[bots.dev.permissions]\nissues = \"write\"",
                Err("permissions.issues = \"write\""),
            ),
            (
                "[bots.dev.permissions]\nactions = \"read\"",
                Err("permissions.actions = \"read\""),
            ),
            ("[bots.dev]\nrepositories = [\"mars\"]", Err("repositories: mars")),
            ("[bots.dev]\nrepository-ids = [7]", Err("repository-ids: 7")),
            ("[bots.\"/Q/dev\"]\nrepository-ids = [7]", Err("repository-ids: 7")),
        ] {
            match (of(user, repository, "/Q/dev"), words) {
                (Ok(found), Ok(words)) => assert_eq!(found.join(" "), words, "{repository}"),
                (Err(cause), Err(words)) => assert!(cause.ends_with(words), "{repository}: {cause}"),
                (found, words) => panic!("{repository}: {found:?}, not {words:?}"),
            }
        }
        assert_eq!(
            of("", "[bots.dev.permissions]\ncontents = \"admin\"", "/Q/dev"),
            Ok(vec!["contents=admin".to_owned()])
        );
        assert_eq!(of(user, "", "/Q/ops"), Ok(vec![]));
        let by_path = user.replace("bots.dev", "bots.\"/Q/dev\"");
        let narrowed = of(&by_path, "[bots.dev.permissions]\ncontents = \"read\"", "/Q/dev");
        assert_eq!(
            narrowed.map(|words| words.join(" ")).as_deref(),
            Ok("contents=read repo Hello repo world")
        );
    }
}
