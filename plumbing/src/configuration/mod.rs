//! Configuration files: what is no secret, for a user and for a repository, below the environment's variables.
//!
//! A user's file is `$RAXX_CONFIG`, or `raxx/config.toml` where the system keeps such files. A repository's is the nearest
//! `.raxx.toml` upwards. The repository's comes before the user's, but it is not trusted: it could name a host of its own to have the
//! credentials sent to. So it counts only with the content that this user has allowed, and it can make things only tighter where the
//! user's file has a say: it cannot lift `require-bot`, nor widen a scope.

mod allowance;
mod document;
mod places;

use std::path::{Path, PathBuf};

pub use allowance::{Standing, record_of};
pub use document::{KEYS, Settings, UsualScope, parse, read};
pub use places::{OF_REPOSITORY, OFF, VARIABLE, nearest, path_of_users};

use crate::environment::{BOTS, Environment, REQUIRE_BOT};
use crate::{Code, Failure, text};

/// A file of the configuration that counts.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Where it is.
    pub path: PathBuf,
    /// What it says.
    pub settings: Settings,
}

/// A repository's file that does not count.
#[derive(Clone, Debug)]
pub struct LeftOut {
    /// Where it is.
    pub path: PathBuf,
    /// Whether this user has said so, and knows of it.
    pub is_denied: bool,
}

/// What the files say together.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// That of the repository, if it has one that is allowed.
    pub repository: Option<Layer>,
    /// That of the user, if there is one.
    pub user: Option<Layer>,
    /// A repository's that is not allowed.
    pub left_out: Option<LeftOut>,
}

impl Configuration {
    /// Reads the files that there are for a program that was started in this directory.
    ///
    /// # Errors
    /// [`Code::ConfigFile`] for a file that cannot be used, [`Code::ConfigNotAllowed`] for one that was allowed and has changed.
    pub fn load(environment: &Environment, directory: Option<&Path>) -> Result<Self, Failure> {
        if places::is_off(environment)? {
            return Ok(Self::default());
        }
        let user = places::of_user(environment)?;
        let user = user.map(|path| Self::of_user(&path)).transpose()?;
        let mut configuration = Self {
            user,
            ..Self::default()
        };
        let is_users = |path: &PathBuf| configuration.user.as_ref().is_some_and(|user| user.path == *path);
        let found = directory.and_then(nearest);
        if let Some(path) = found.filter(|path| !is_users(path)) {
            configuration.look_at_repositorys(environment, path)?;
        }
        Ok(configuration)
    }

    /// The user's file alone, if it is there.
    ///
    /// # Errors
    /// [`Code::ConfigFile`] where it cannot be used; [`Code::ConfigInvalid`] where no file is to be read at all.
    pub fn of_user_alone(environment: &Environment) -> Result<Self, Failure> {
        if places::is_off(environment)? {
            let words = format!("{VARIABLE}={OFF}: no configuration file is read");
            return Err(
                Failure::new(Code::ConfigInvalid, words).fix(format!("`unset {VARIABLE}`, or name a file in it"))
            );
        }
        let path = path_of_users(environment)?.filter(|path| path.exists());
        Ok(Self {
            user: path.map(|path| Self::of_user(&path)).transpose()?,
            ..Self::default()
        })
    }

    fn of_user(path: &Path) -> Result<Layer, Failure> {
        places::refuse_others_hands(path)?;
        let content = read(path)?;
        Ok(Layer {
            settings: parse(path, &content, true)?,
            path: path.to_owned(),
        })
    }

    fn look_at_repositorys(&mut self, environment: &Environment, path: PathBuf) -> Result<(), Failure> {
        // The bytes that are judged are those that are read: what is in the file afterwards does not matter.
        let content = read(&path);
        let judged = content.as_ref().map_or(&[][..], |content| content.as_slice());
        match allowance::standing(environment, &path, judged) {
            Standing::Allowed => {
                self.repository = Some(Layer {
                    settings: parse(&path, &content?, false)?,
                    path,
                });
            }
            Standing::Changed => return Err(changed(&path)),
            standing @ (Standing::Denied | Standing::Unknown) => {
                self.left_out = Some(LeftOut {
                    path,
                    is_denied: standing == Standing::Denied,
                });
            }
        }
        Ok(())
    }

    /// The files that count, the one first that comes before the other.
    pub fn layers(&self) -> impl Iterator<Item = &Layer> {
        self.repository.iter().chain(&self.user)
    }

    /// What the files say in place of a variable, and which of them says it.
    pub fn value(&self, variable: &str) -> Option<(&str, &Layer)> {
        let mut said = self
            .layers()
            .filter_map(|layer| Some((layer.settings.values.get(variable)?.as_str(), layer)));
        if variable == REQUIRE_BOT {
            // A repository may ask for a bot, and not undo that the user does.
            let mut all: Vec<_> = said.collect();
            all.sort_by_key(|(value, _)| *value != "1");
            return all.into_iter().next();
        }
        said.next()
    }

    /// Tells a person that a repository's file does not count, if they do not know.
    pub(crate) fn note(&self) -> Option<String> {
        let left_out = self.left_out.as_ref().filter(|left_out| !left_out.is_denied)?;
        let path = text::quote_path(&left_out.path);
        Some(format!(
            "{path} is left out, since it was not allowed: read it, then `raxx-mint allow`, or `raxx-mint deny`"
        ))
    }
}

fn changed(path: &Path) -> Failure {
    let words = format!("{} has changed since it was allowed", text::quote_path(path));
    Failure::new(Code::ConfigNotAllowed, words)
        .cause("a repository's file counts only with the content that you have allowed: it says where credentials are sent")
        .fix("read it, then `raxx-mint allow`; or `raxx-mint deny` to go on without it")
}

/// Whether a variable is one for which a file may speak.
pub(crate) fn speaks_for(variable: &str) -> bool {
    variable == BOTS || KEYS.iter().any(|(_, known)| *known == variable)
}
