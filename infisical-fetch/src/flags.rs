//! Which bots are wanted, and where their folders are.

use clap::{ArgGroup, Args, ValueHint};
use plumbing::environment::{Environment, missing};
use plumbing::{BotName, Code, Failure, FolderPath, text};
use servers::infisical::{AccessHeaders, session_is_given};

/// The variable of the project that holds the bot secrets.
pub const PROJECT_ID: &str = "INFISICAL_PROJECT_ID";
/// The variable of the slug of the environment in it.
pub const ENV_SLUG: [&str; 2] = ["INFISICAL_ENV", "INFISICAL_ENVIRONMENT"];
/// The environment that people keep what runs in production in.
pub const DEFAULT_ENV_SLUG: &str = "prod";
/// The variable of the folder of the bots' folders.
pub const PATH_PREFIX: &str = "INFISICAL_PATH_PREFIX";
/// That folder, where nothing else is said.
pub const DEFAULT_PATH_PREFIX: &str = "/MooseQuest/";

/// Which bots to fetch.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
#[command(group(ArgGroup::new("folders").required(true).multiple(true)))]
pub struct FetchFlags {
    /// Bot name: its folder's name under the path prefix (repeatable)
    #[arg(long = "bot", value_name = "NAME", group = "folders", help_heading = "Which bots")]
    pub bots: Vec<String>,
    /// Whole path of a bot's folder (repeatable)
    #[arg(long = "path", value_name = "PATH", group = "folders", help_heading = "Which bots")]
    pub paths: Vec<String>,
    /// Every folder under the path prefix that holds bot secrets
    #[arg(long, group = "folders", help_heading = "Which bots", conflicts_with_all = ["bots", "paths"])]
    pub all_bots: bool,
    /// Where the bots' folders are.
    #[command(flatten)]
    pub project: ProjectFlags,
}

/// Bots as people type them, without a flag.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct BareNames {
    /// Bot name, or the whole path of its folder, as with --bot and --path (repeatable)
    #[arg(
        value_name = "BOT",
        group = "folders",
        help_heading = "Which bots",
        conflicts_with = "all_bots"
    )]
    #[arg(value_hint = ValueHint::Other)]
    pub named: Vec<String>,
}

impl BareNames {
    /// Puts them to those that were named by flags: a path begins with a slash, which no name does.
    pub fn put_into(&self, flags: &mut FetchFlags) {
        let (paths, names): (Vec<_>, Vec<_>) = self.named.iter().cloned().partition(|name| name.starts_with('/'));
        flags.paths.extend(paths);
        flags.bots.extend(names);
    }
}

/// Where the bots' folders are.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct ProjectFlags {
    /// The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]
    #[arg(long, value_name = "ID", help_heading = "Where the secrets are")]
    pub project_id: Option<String>,
    /// The slug of the environment in it [env: INFISICAL_ENV] [default: prod]
    #[arg(long = "env", value_name = "SLUG", help_heading = "Where the secrets are")]
    pub env_slug: Option<String>,
    /// The folder of the bots' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]
    #[arg(long, value_name = "PATH", help_heading = "Where the secrets are")]
    pub path_prefix: Option<String>,
}

/// One bot, several, or all: decided here, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// One bot by its folder. Naming it twice makes it no more.
    One(FolderPath),
    /// Several bots by their folders, two at least, each once.
    Several(Vec<FolderPath>),
    /// Every bot below the prefix.
    All,
}

impl Selection {
    /// The bots whose folders these are, in this order; all bots where there are none.
    pub fn of(paths: impl IntoIterator<Item = FolderPath>) -> Self {
        let mut each_once: Vec<FolderPath> = vec![];
        for path in paths {
            if !each_once.contains(&path) {
                each_once.push(path);
            }
        }
        match each_once.pop() {
            None => Self::All,
            Some(path) if each_once.is_empty() => Self::One(path),
            Some(last) => {
                each_once.push(last);
                Self::Several(each_once)
            }
        }
    }

    /// The folders that were named; none where all bots are wanted.
    pub fn paths(&self) -> &[FolderPath] {
        match self {
            Self::One(path) => std::slice::from_ref(path),
            Self::Several(paths) => paths,
            Self::All => &[],
        }
    }

    /// Whether it is one bot and no more, so that what is told of it need not say which.
    pub const fn is_one(&self) -> bool {
        matches!(self, Self::One(_))
    }
}

/// The bots that are wanted, and where they are: [`FetchFlags`] with what the environment adds.
#[derive(Clone, Debug)]
pub struct BotFolders {
    /// The project's id.
    pub project_id: String,
    /// The slug of the environment in it.
    pub env_slug: String,
    /// The folder of the bots' folders.
    pub prefix: FolderPath,
    /// Which bots.
    pub selection: Selection,
    pub(crate) access_headers: AccessHeaders,
    /// Whether the session was given in a variable, and not opened by a login.
    pub(crate) session_is_given: bool,
    /// The bots that this machine knows of, by name.
    known: Vec<String>,
}

impl FetchFlags {
    /// Takes from the environment what no flag says.
    ///
    /// # Errors
    /// [`Code::ConfigMissing`] without a project, [`Code::ConfigInvalid`] for custom headers that cannot be read, and those of
    /// [`FetchFlags::selection`].
    pub fn resolve(&self, environment: &Environment) -> Result<BotFolders, Failure> {
        let ProjectFlags {
            project_id, env_slug, ..
        } = &self.project;
        let selection = self.selection(environment)?;
        Ok(BotFolders {
            project_id: or_set(project_id.as_ref(), environment, &[PROJECT_ID])?
                .ok_or_else(|| missing(&[PROJECT_ID]))?,
            env_slug: or_set(env_slug.as_ref(), environment, &ENV_SLUG)?.unwrap_or_else(|| DEFAULT_ENV_SLUG.to_owned()),
            access_headers: AccessHeaders::from_environment(environment)?,
            session_is_given: session_is_given(environment),
            // Only to suggest one: what is wrong with the variable is the doctor's to tell.
            known: environment.bots().unwrap_or_default(),
            prefix: self.prefix(environment)?,
            selection,
        })
    }

    /// Which bots they name.
    ///
    /// # Errors
    /// [`Code::Usage`] where no bot is named or a name is none.
    pub fn selection(&self, environment: &Environment) -> Result<Selection, Failure> {
        let prefix = self.prefix(environment)?;
        let mut paths: Vec<_> = self.paths.iter().map(|path| FolderPath::parse(path)).collect();
        for bot in &self.bots {
            paths.push(prefix.join(&bot_name(bot, &prefix)?));
        }
        if paths.is_empty() && !self.all_bots {
            return Err(Failure::new(Code::Usage, "no bot is named").fix("add --bot NAME, --path PATH or --all-bots"));
        }
        Ok(Selection::of(paths))
    }

    fn prefix(&self, environment: &Environment) -> Result<FolderPath, Failure> {
        let prefix = or_set(self.project.path_prefix.as_ref(), environment, &[PATH_PREFIX])?;
        Ok(FolderPath::parse(prefix.as_deref().unwrap_or(DEFAULT_PATH_PREFIX)))
    }
}

/// A flag's value, or the variable's.
fn or_set(flag: Option<&String>, environment: &Environment, names: &[&str]) -> Result<Option<String>, Failure> {
    match flag {
        Some(value) => Ok(Some(value.clone())),
        None => environment.text(names),
    }
}

impl BotFolders {
    /// The same project with some of its bots only.
    #[must_use]
    pub fn only(&self, selection: Selection) -> Self {
        Self {
            selection,
            ..self.clone()
        }
    }

    /// Which bot was perhaps meant by a folder that is not there, in words behind which others may stand.
    pub(crate) fn perhaps(&self, path: &FolderPath) -> String {
        let bot = path.bot();
        let known = self.known.iter().map(String::as_str);
        let is_known = self.known.iter().any(|name| name == bot.as_str());
        match text::nearest(bot.as_str(), known).filter(|_| !is_known) {
            Some(near) => format!("perhaps {} is meant; ", text::quote(near)),
            None => String::new(),
        }
    }

    /// The environment and project, to be named in a message.
    pub(crate) fn place(&self) -> String {
        format!(
            "the environment {} of the project {}",
            text::quote(&self.env_slug),
            text::quote(&self.project_id)
        )
    }
}

fn bot_name(text: &str, prefix: &FolderPath) -> Result<BotName, Failure> {
    BotName::parse(text).map_err(|_| {
        Failure::new(Code::Usage, format!("--bot takes a name, not “{}”", text::quote(text))).fix(format!(
            "name the bot's folder below {prefix}, or give its whole path with --path"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::Selection;
    use plumbing::FolderPath;

    #[test]
    fn a_bot_that_is_named_twice_is_one() {
        let of = |paths: &[&str]| Selection::of(paths.iter().map(|path| FolderPath::parse(path)));
        assert_eq!(of(&[]), Selection::All);
        assert_eq!(of(&["/a", "a/", "//a"]), Selection::One(FolderPath::parse("/a")));
        let several = of(&["/b", "/a", "b", "/a/b"]);
        let paths: Vec<_> = several.paths().iter().map(FolderPath::as_str).collect();
        assert_eq!(paths, ["/b", "/a", "/a/b"]);
    }
}
