//! What became of one bot.

use plumbing::documents::LiveToken;
use plumbing::{BotName, Failure, FolderPath};

/// What became of one bot.
pub struct Minted {
    /// The bot's name.
    pub bot: BotName,
    /// The bot's folder in Infisical.
    pub path: FolderPath,
    /// Its token, or why there is none.
    pub outcome: Result<LiveToken, Failure>,
}

impl Minted {
    /// What became of the bot whose folder that is; its token says whose it is.
    pub(crate) fn at(path: &FolderPath, outcome: Result<LiveToken, Failure>) -> Self {
        let bot = path.bot();
        Self {
            path: path.clone(),
            outcome: outcome.map(|mut live| {
                live.token.bot = Some(bot.clone());
                live
            }),
            bot,
        }
    }
}
