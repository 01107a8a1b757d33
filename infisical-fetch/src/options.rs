//! Which folders are wanted, and where they are.

use clap::{ArgGroup, Args};
use plumbing::environment::{Environment, missing};
use plumbing::{Code, Failure, text};
use servers::infisical::AccessHeaders;

/// The variable of the project that holds the bot secrets.
pub const PROJECT_ID: &str = "INFISICAL_PROJECT_ID";
/// The variable of the environment's slug.
pub const ENVIRONMENT: &str = "INFISICAL_ENV";
const DEFAULT_ENVIRONMENT: &str = "prod";
/// The variable of the folder of the bots' folders.
pub const PATH_PREFIX: &str = "INFISICAL_PATH_PREFIX";
const DEFAULT_PATH_PREFIX: &str = "/MooseQuest/";

/// Which bots to fetch.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
#[command(group(ArgGroup::new("folders").required(true).multiple(true)))]
pub struct Options {
    /// A bot by name: the folder of that name below the prefix (repeatable)
    #[arg(long = "bot", value_name = "NAME", group = "folders", help_heading = "Which bots")]
    pub bots: Vec<String>,
    /// A bot's folder by its whole path (repeatable)
    #[arg(long = "path", value_name = "PATH", group = "folders", help_heading = "Which bots")]
    pub paths: Vec<String>,
    /// Every folder below the prefix that holds bot secrets
    #[arg(long, group = "folders", help_heading = "Which bots", conflicts_with_all = ["bots", "paths"])]
    pub all_bots: bool,
    /// Where the bots' folders are.
    #[command(flatten)]
    pub place: Place,
}

/// Where the bots' folders are.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct Place {
    /// The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]
    #[arg(long, value_name = "ID", help_heading = "Where the secrets are")]
    pub project_id: Option<String>,
    /// The slug of the environment in it [env: INFISICAL_ENV] [default: prod]
    #[arg(long = "env", value_name = "SLUG", help_heading = "Where the secrets are")]
    pub environment: Option<String>,
    /// The folder of the bots' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]
    #[arg(long, value_name = "PATH", help_heading = "Where the secrets are")]
    pub path_prefix: Option<String>,
}

/// The folders that are wanted: [`Options`] with what the environment adds.
#[derive(Clone, Debug)]
pub struct Folders {
    /// The project's id.
    pub project_id: String,
    /// The slug of the environment in it.
    pub environment: String,
    pub(crate) access_headers: AccessHeaders,
    prefix: String,
    paths: Vec<String>,
}

impl Options {
    /// Takes from the environment what no flag says.
    ///
    /// # Errors
    /// [`Code::ConfigMissing`] without a project, [`Code::ConfigInvalid`] for headers that are none, [`Code::Usage`] where no bot is named or a name is none.
    pub fn resolve(&self, environment: &Environment) -> Result<Folders, Failure> {
        let or_set = |flag: &Option<String>, name: &str| match flag {
            Some(value) => Ok(Some(value.clone())),
            None => environment.text(&[name]),
        };
        let prefix = or_set(&self.place.path_prefix, PATH_PREFIX)?.unwrap_or_else(|| DEFAULT_PATH_PREFIX.to_owned());
        let prefix = folder(&prefix);
        let mut paths: Vec<_> = self.paths.iter().map(|path| folder(path)).collect();
        for bot in &self.bots {
            paths.push(below(&prefix, bot)?);
        }
        if paths.is_empty() && !self.all_bots {
            return Err(Failure::new(Code::Usage, "no bot is named").fix("add --bot NAME, --path PATH or --all-bots"));
        }
        Ok(Folders {
            project_id: or_set(&self.place.project_id, PROJECT_ID)?.ok_or_else(|| missing(&[PROJECT_ID]))?,
            environment: or_set(&self.place.environment, ENVIRONMENT)?
                .unwrap_or_else(|| DEFAULT_ENVIRONMENT.to_owned()),
            access_headers: AccessHeaders::from_environment(environment)?,
            prefix,
            paths: without_repetitions(paths),
        })
    }
}

impl Folders {
    /// The folders by their paths; empty where all bots are wanted.
    pub fn paths(&self) -> &[String] {
        &self.paths
    }

    /// The same with some of its folders only.
    #[must_use]
    pub fn only(&self, paths: Vec<String>) -> Self {
        Self { paths, ..self.clone() }
    }

    /// Whether one bot is wanted, by name, and no more.
    pub fn is_single(&self) -> bool {
        self.paths.len() == 1
    }

    /// The environment and project, to be named in a message.
    pub(crate) fn place(&self) -> String {
        format!(
            "the environment {} of the project {}",
            self.environment, self.project_id
        )
    }

    /// The folder of the bots' folders.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }
}

/// A path with one slash before each part and none at its end; the root is `/`.
pub(crate) fn folder(path: &str) -> String {
    let path: String = parts(path).flat_map(|part| ["/", part]).collect();
    if path.is_empty() { "/".to_owned() } else { path }
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').map(str::trim).filter(|part| !part.is_empty())
}

fn below(prefix: &str, bot: &str) -> Result<String, Failure> {
    let bot = bot.trim().trim_end_matches('/');
    if bot.is_empty() || bot.contains('/') {
        return Err(
            Failure::new(Code::Usage, format!("--bot takes a name, not “{}”", text::quote(bot))).fix(format!(
                "name the bot's folder below {prefix}, or give its whole path with --path"
            )),
        );
    }
    Ok(folder(&format!("{prefix}/{bot}")))
}

fn without_repetitions(paths: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::with_capacity(paths.len());
    for path in paths {
        if !kept.contains(&path) {
            kept.push(path);
        }
    }
    kept
}

/// The deepest folder that is above all of `paths`.
pub(crate) fn common_parent(paths: &[String]) -> String {
    let mut common: Option<Vec<&str>> = None;
    for path in paths {
        let mut above: Vec<_> = parts(path).collect();
        above.pop();
        common = Some(match common {
            None => above,
            Some(common) => common
                .into_iter()
                .zip(above)
                .take_while(|(a, b)| a == b)
                .map(|(a, _)| a)
                .collect(),
        });
    }
    folder(&common.unwrap_or_default().join("/"))
}

#[cfg(test)]
mod tests {
    use super::{common_parent, folder};

    #[test]
    fn a_path_is_read_with_and_without_slashes() {
        for path in [
            "/MooseQuest/raxx-dev-bot",
            "MooseQuest/raxx-dev-bot/",
            "//MooseQuest//raxx-dev-bot//",
        ] {
            assert_eq!(folder(path), "/MooseQuest/raxx-dev-bot");
        }
        assert_eq!(folder(""), "/");
    }

    #[test]
    fn the_folder_above_several_bots_is_the_deepest_common_one() {
        let parent = |paths: &[&str]| common_parent(&paths.iter().map(|path| folder(path)).collect::<Vec<_>>());
        assert_eq!(parent(&["/MooseQuest/a", "/MooseQuest/b"]), "/MooseQuest");
        assert_eq!(parent(&["/MooseQuest/x/a", "/MooseQuest/y/a"]), "/MooseQuest");
        assert_eq!(parent(&["/one/a", "/two/b"]), "/");
        assert_eq!(parent(&["/a", "/a/b"]), "/");
    }
}
