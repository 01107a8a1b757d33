//! What is kept: told, and forgotten.

use jiff::Timestamp;
use plumbing::documents::LiveToken;
use plumbing::{BaseUrl, BotName, Code, Context, Failure, FolderPath, text};
use serde::Serialize;
use servers::http::Client;
use token_cache::{Cache, Kept};

use crate::flags::MintFlags;
use crate::purpose::Purpose;

/// A kept token, without the token.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename = "kept-token")]
pub struct KeptToken {
    /// The bot's name.
    pub bot: BotName,
    /// The bot's folder in Infisical.
    pub path: FolderPath,
    /// What it was narrowed to, such as `repo hello` or `contents=read`; empty for all that the installation reaches.
    pub scope: Vec<String>,
    /// The REST base that it is good for.
    pub github_api_url: BaseUrl,
    /// When it ends, by this machine's clock.
    pub expires_at: Timestamp,
}

impl KeptToken {
    /// A line of JSON.
    ///
    /// # Errors
    /// None that can be met: it holds strings and a time only.
    pub fn to_json(&self) -> Result<String, Failure> {
        let line = serde_json::to_string(self);
        line.map(|line| text::escaped_in_json(&line) + "\n")
            .map_err(|_| Failure::new(Code::Internal, "a kept token cannot be described as JSON"))
    }

    /// A line for a person: the bot, the whole minutes that are left, the scope, the server.
    pub fn to_text(&self, now: Timestamp) -> String {
        let left = self.expires_at.duration_since(now).as_mins();
        let scope = if self.scope.is_empty() {
            "all that the installation reaches".to_owned()
        } else {
            text::escaped(&self.scope.join(", "))
        };
        format!("{}  {left:>2} min  {scope}  {}\n", self.bot, self.github_api_url)
    }
}

impl From<&Kept> for KeptToken {
    fn from(kept: &Kept) -> Self {
        let LiveToken { token, life } = &kept.token;
        Self {
            bot: kept.path.bot(),
            path: kept.path.clone(),
            scope: kept.scope.clone(),
            github_api_url: token.github_api_url.clone(),
            expires_at: life.ends_at(),
        }
    }
}

/// The kept tokens that are live by this machine's clock, in the order of their folders. Nothing is made for it.
pub fn list(context: &Context, cache: &Cache) -> Vec<KeptToken> {
    let now = context.now();
    let entries = cache.entries();
    let live = entries
        .iter()
        .filter(|entry| !entry.kept.token.life.left(now).is_zero());
    let mut all: Vec<_> = live.map(|entry| KeptToken::from(&entry.kept)).collect();
    all.sort_unstable_by(|a, b| (&a.path, &a.scope).cmp(&(&b.path, &b.scope)));
    all
}

/// Which bot's tokens are to be forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those of the bot of that name, in whatever folder.
    Named(BotName),
    /// Those of the bot whose folder that is.
    At(FolderPath),
}

impl Which {
    fn is(&self, kept: &Kept) -> bool {
        match self {
            Self::Named(bot) => kept.path.bot() == *bot,
            Self::At(path) => kept.path == *path,
        }
    }
}

/// What became of a kept token that was to be forgotten.
pub struct Forgotten {
    /// Which one.
    pub kept: KeptToken,
    /// Why it is still there, where it is.
    pub outcome: Result<(), Failure>,
}

/// Revokes the kept tokens of these bots, or all where none are named, and takes them away. Whether they have ended is
/// GitHub's to say. What cannot be revoked stays, so that another try can.
///
/// # Errors
/// [`Code::NothingKept`] for a bot that is named and has none. What fails for one token only stands in its outcome.
pub fn forget(context: &Context, cache: &Cache, which: &[Which]) -> Result<Vec<Forgotten>, Failure> {
    let entries = cache.entries();
    // Before the first is revoked: a name that is misspelt should be fixed, not half obeyed.
    for one in which {
        if !entries.iter().any(|entry| one.is(&entry.kept)) {
            return Err(nothing_kept(
                cache,
                one,
                &entries.iter().map(|entry| &entry.kept).collect::<Vec<_>>(),
            ));
        }
    }
    let is_meant = |kept: &Kept| which.is_empty() || which.iter().any(|one| one.is(kept));
    let meant = entries.into_iter().filter(|entry| is_meant(&entry.kept));
    let forgotten = meant.map(|entry| {
        let LiveToken { token, life } = &entry.kept.token;
        // Each has the whole time of a client: a server that hangs for one must not cost the others theirs.
        let outcome = Client::new(context).and_then(|client| gh_install_token::revoke(&client, token));
        if outcome.is_ok() {
            cache.remove(&entry);
        }
        Forgotten {
            kept: KeptToken::from(&entry.kept),
            outcome: outcome
                .map(|_| ())
                .map_err(|failure| still_live(failure, life.ends_at())),
        }
    });
    let forgotten = forgotten.collect();
    cache.tidy();
    Ok(forgotten)
}

fn nothing_kept(cache: &Cache, which: &Which, kept: &[&Kept]) -> Failure {
    let mut names: Vec<_> = match which {
        Which::Named(_) => kept.iter().map(|kept| kept.path.bot().to_string()).collect(),
        Which::At(_) => kept.iter().map(|kept| kept.path.to_string()).collect(),
    };
    names.sort_unstable();
    names.dedup();
    let cause = if names.is_empty() {
        why_nothing_is_kept(cache)
    } else {
        format!("there are tokens of {}", names.join(", "))
    };
    let name = match which {
        Which::Named(bot) => bot.to_string(),
        Which::At(path) => path.to_string(),
    };
    Failure::new(
        Code::NothingKept,
        format!("no token is kept for {name}, so none was revoked"),
    )
    .cause(cause)
    .fix("check the name; a token that is not kept, such as one of --fresh, ends by itself within an hour")
}

/// Why there is no token at all, where there is none.
pub(crate) fn why_nothing_is_kept(cache: &Cache) -> String {
    match cache.examine() {
        Ok((path, None)) => format!("there is no token at all in {}", text::quote_path(path)),
        Ok((path, Some(why))) => format!(
            "there is no token at all in {}, where they are kept since {why}",
            text::quote_path(path)
        ),
        Err(why) => format!("tokens are not kept: {why}"),
    }
}

fn still_live(failure: Failure, until: Timestamp) -> Failure {
    let advice = format!("try again; it is still kept, and ends by itself at {until}");
    let fix = failure
        .fix
        .as_ref()
        .map_or(advice.clone(), |fix| format!("{fix}; then {advice}"));
    failure.fix(fix)
}

/// Takes away a kept token that GitHub has refused, if it is this one: the next mint is a new one. It is not revoked.
///
/// # Errors
/// Those of the steps' flags.
pub fn forget_refused(context: &Context, cache: &Cache, flags: &MintFlags, refused: &str) -> Result<(), Failure> {
    let account = flags.login.resolve(context)?;
    let folders = flags.fetch.resolve(&context.environment)?;
    let target = flags.exchange.resolve(&context.environment)?;
    for purpose in Purpose::of_each(&account, &folders, &target) {
        cache.remove_if(&purpose.name, |live| live.token.token.expose() == refused);
    }
    Ok(())
}
