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

pub use allowance::{Standing, record_of, standing};
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
    /// Where it is, or would be.
    pub path: PathBuf,
    /// Why it does not.
    pub why: Why,
}

/// Why a repository's file does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// This user has said so, and knows of it.
    Denied,
    /// It was not allowed.
    Unknown,
    /// What is called so is no file.
    NoFile,
    /// The folder that this process was started in is gone, so that none could be looked for.
    NoFolder,
}

impl LeftOut {
    /// That it does not count, and why, in words.
    pub fn words(&self) -> String {
        let path = text::quote_path(&self.path);
        match self.why {
            Why::Denied => format!("{path} is left out, as you said"),
            Why::Unknown => format!("{path} is left out, since it was not allowed"),
            Why::NoFile => format!("{path} is left out, since it is no file"),
            Why::NoFolder => "the working folder is gone, so that no repository's file could be looked for".to_owned(),
        }
    }
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
        configuration.look_for_repositorys(environment, directory)?;
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
        let path = places::of_user_if_there(environment)?;
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

    /// Looks upwards for the nearest file that is allowed. One that is not, in a folder below it, does not hide it; one that was allowed
    /// and is another now, or gone, is missed.
    fn look_for_repositorys(&mut self, environment: &Environment, directory: Option<&Path>) -> Result<(), Failure> {
        let Some(directory) = directory else {
            self.left_out = Some(LeftOut {
                path: PathBuf::from(OF_REPOSITORY),
                why: Why::NoFolder,
            });
            return Ok(());
        };
        let own = self.user.as_ref().and_then(|user| user.path.canonicalize().ok());
        for path in directory.ancestors().map(|above| above.join(OF_REPOSITORY)) {
            let is_users = own.is_some() && path.is_file() && path.canonicalize().ok() == own;
            if is_users || self.look_at(environment, &path)? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether it is the file that counts.
    fn look_at(&mut self, environment: &Environment, path: &Path) -> Result<bool, Failure> {
        let is_there = path.symlink_metadata().is_ok();
        let content = path.is_file().then(|| read(path));
        // The bytes that are judged are those that are read: what is in the file afterwards does not matter.
        let judged = content.as_ref().and_then(|content| content.as_deref().ok());
        let why = match standing(environment, path, judged.map(Vec::as_slice)) {
            Standing::Allowed => {
                self.repository = Some(Layer {
                    settings: parse(path, judged.map(Vec::as_slice).unwrap_or_default(), false)?,
                    path: path.to_owned(),
                });
                return Ok(true);
            }
            Standing::Changed => {
                return Err(match content {
                    Some(Err(failure)) => failure,
                    Some(Ok(_)) => changed(path, "has changed since it was allowed"),
                    None if is_there => changed(path, "was allowed, and is no file any more"),
                    None => changed(path, "was allowed, and is gone"),
                });
            }
            _ if !is_there => return Ok(false),
            Standing::Denied => Why::Denied,
            Standing::Unknown if content.is_some() => Why::Unknown,
            Standing::Unknown => Why::NoFile,
        };
        // What a person does not know of is told before what they do.
        if self
            .left_out
            .as_ref()
            .is_none_or(|left_out| left_out.why == Why::Denied)
        {
            self.left_out = Some(LeftOut {
                path: path.to_owned(),
                why,
            });
        }
        Ok(false)
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
        let left_out = self.left_out.as_ref().filter(|left_out| left_out.why != Why::Denied)?;
        let words = left_out.words();
        Some(match left_out.why {
            Why::Unknown => format!("{words}: read it, then `raxx-mint allow`, or `raxx-mint deny`"),
            _ => words,
        })
    }
}

fn changed(path: &Path, how: &str) -> Failure {
    let path = text::quote_path(path);
    Failure::new(Code::ConfigNotAllowed, format!("{path} {how}"))
        .cause("a repository's file counts only with the content that you have allowed: it says where credentials are sent")
        .fix(format!(
            "look into it, then `raxx-mint allow {path}`; or `raxx-mint deny {path}` to go on without it"
        ))
}

/// Whether a variable is one for which a file may speak.
pub(crate) fn speaks_for(variable: &str) -> bool {
    variable == BOTS || KEYS.iter().any(|(_, known)| *known == variable)
}
