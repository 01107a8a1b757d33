//! Where a bot's secrets are in Infisical, and the bot's name: the last part of that path.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::text;

/// A folder in Infisical, in its one spelling: a slash before each part and none at the end; the root is `/`.
///
/// People write the same folder as `/MooseQuest/raxx-dev-bot`, `MooseQuest/raxx-dev-bot/` and so on. What is compared,
/// hashed or sent is always this one. To a person it is shown with control characters escaped: a folder's name comes from
/// a server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct FolderPath(String);

impl FolderPath {
    /// Reads a path as a person or Infisical writes it. Every text is one: an empty one is the root.
    pub fn parse(text: &str) -> Self {
        let path: String = parts(text).flat_map(|part| ["/", part]).collect();
        Self(if path.is_empty() { "/".to_owned() } else { path })
    }

    /// The folder of a bot below this one.
    #[must_use]
    pub fn join(&self, bot: &BotName) -> Self {
        Self::parse(&format!("{}/{}", self.0, bot.0))
    }

    /// The folder above; none for the root.
    pub fn parent(&self) -> Option<Self> {
        let (above, _) = self.0.rsplit_once('/')?;
        (self.0 != "/").then(|| Self::parse(above))
    }

    /// The bot whose folder it is: the last part of the path; of the root, `/`.
    pub fn bot(&self) -> BotName {
        let last = self.0.rsplit('/').next().filter(|last| !last.is_empty());
        BotName(last.unwrap_or("/").to_owned())
    }

    /// Whether it is the root, above all folders.
    pub fn is_root(&self) -> bool {
        self.0 == "/"
    }

    /// The path as Infisical takes it, not fit to be shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for FolderPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::parse(&text))
    }
}

impl<'de> Deserialize<'de> for BotName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As a folder's last part, so that it is one part whatever stands there.
        String::deserialize(deserializer).map(|text| FolderPath::parse(&text).bot())
    }
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').map(str::trim).filter(|part| !part.is_empty())
}

impl fmt::Display for FolderPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&text::quote(&self.0))
    }
}

/// A bot's name: that of its folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct BotName(String);

impl BotName {
    /// Reads a name as a person writes it; a slash at its end is left out.
    ///
    /// # Errors
    /// For an empty text, and for a path of several parts.
    pub fn parse(text: &str) -> Result<Self, NotAName> {
        let name = text.trim().trim_end_matches('/').trim_end();
        if name.is_empty() || name.contains('/') {
            return Err(NotAName);
        }
        Ok(Self(name.to_owned()))
    }

    /// The name as it is, not fit to be shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text is not the name of a bot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAName;

impl fmt::Display for BotName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&text::quote(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::{BotName, FolderPath, NotAName};

    #[test]
    fn a_folder_has_one_spelling() {
        for path in [
            "/MooseQuest/raxx-dev-bot",
            "MooseQuest/raxx-dev-bot",
            "MooseQuest/raxx-dev-bot/",
            " //MooseQuest// raxx-dev-bot // ",
        ] {
            let folder = FolderPath::parse(path);
            assert_eq!(folder.as_str(), "/MooseQuest/raxx-dev-bot", "{path}");
            assert_eq!(folder.bot().as_str(), "raxx-dev-bot");
            assert_eq!(folder.parent(), Some(FolderPath::parse("MooseQuest")));
        }
        let root = FolderPath::parse("");
        assert!(root.is_root() && root.parent().is_none());
        assert_eq!(FolderPath::parse("/a").parent(), Some(root));
    }

    #[test]
    fn a_bots_name_is_one_part() {
        let folder = FolderPath::parse("/MooseQuest");
        for name in ["raxx-dev-bot", " raxx-dev-bot/ "] {
            let bot = BotName::parse(name).expect("a name");
            assert_eq!(folder.join(&bot).as_str(), "/MooseQuest/raxx-dev-bot");
        }
        for name in ["", " ", "/", "a/b", "/a"] {
            assert_eq!(BotName::parse(name), Err(NotAName), "{name:?}");
        }
    }

    #[test]
    fn what_is_shown_cannot_drive_a_terminal() {
        let folder = FolderPath::parse("/MooseQuest/\u{1b}[2Jbot\u{202e}\n");
        assert_eq!(folder.to_string(), "/MooseQuest/\\u{1b}[2Jbot\\u{202e}");
        assert_eq!(folder.bot().to_string(), "\\u{1b}[2Jbot\\u{202e}");
    }
}
