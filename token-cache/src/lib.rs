#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[cfg_attr(not(unix), path = "no_directory.rs")]
mod directory;
mod flight;
mod location;
mod lock_file;
mod meeting;
mod name;

use std::io;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use plumbing::documents::LiveToken;
use plumbing::{Context, Failure, FolderPath};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use directory::Directory;
use flight::Passenger;
pub use flight::{Flight, Lead, Reach};
use location::Location;
pub use location::Unusable;
pub use meeting::MeetingPlace;
pub use name::Name;
use name::{FileName, Kind};

/// Of the form of the files; one of another form counts as none.
const VERSION: u32 = 2;
/// A mint may wait for a login for a minute, and its own requests are given up after 45 s.
const PATIENCE: Duration = Duration::from_secs(2 * 60);
/// No file is of use for longer, in seconds.
const LITTER_AFTER: i64 = 24 * 60 * 60;

/// A token that is kept, and what it is for.
#[derive(Serialize, Deserialize)]
pub struct Kept {
    version: u32,
    /// The bot's folder in Infisical.
    pub path: FolderPath,
    /// What it was narrowed to, in words such as `repo hello`; empty for all that the installation reaches.
    pub scope: Vec<String>,
    /// The token, and its life.
    pub token: LiveToken,
}

impl Kept {
    /// A token that is to be kept.
    pub const fn new(path: FolderPath, scope: Vec<String>, token: LiveToken) -> Self {
        Self {
            version: VERSION,
            path,
            scope,
            token,
        }
    }
}

/// One of the cache's files of tokens.
pub struct Entry {
    file: FileName,
    /// Which of the directories it is in.
    place: usize,
    /// What is in it.
    pub kept: Kept,
}

/// The tokens that this user keeps: one directory, opened at most once, and made only where something is put into it. What this
/// user's processes keep elsewhere, in a session or without one, is listed and forgotten too.
pub struct Cache {
    context: Context,
    location: Result<Location, Unusable>,
    directory: OnceLock<Option<Directory>>,
    others: OnceLock<Vec<Directory>>,
}

impl Cache {
    /// The cache that the environment names. Nothing is opened or made yet.
    ///
    /// # Errors
    /// [`plumbing::Code::ConfigInvalid`] for a relative path.
    pub fn new(context: &Context) -> Result<Self, Failure> {
        Ok(Self {
            context: context.clone(),
            location: Location::for_tokens(&context.environment)?,
            directory: OnceLock::new(),
            others: OnceLock::new(),
        })
    }

    /// Where tokens are kept, or would be, and why there, if it is not the first choice: looked at, and not made.
    ///
    /// # Errors
    /// Why nothing can be kept.
    pub fn examine(&self) -> Result<(&PathBuf, Option<&str>), Unusable> {
        let location = self.location.as_ref().map_err(Clone::clone)?;
        let place = (&location.path, location.instead.as_deref());
        Directory::look(location)
            .map(|()| place)
            .map_err(|why| location.explained(why))
    }

    /// A directory of this user's own for what must not lie about while a process runs, also where tokens are not to be
    /// kept.
    ///
    /// # Errors
    /// Why there is none, as the cause of a failure.
    pub fn directory_for_this_run(&self) -> Result<PathBuf, String> {
        let location = Location::for_this_run(&self.context.environment).map_err(|failure| failure.summary)?;
        let location = location.map_err(|why| why.to_string())?;
        match Directory::make(&location) {
            Ok(_) => Ok(location.path),
            Err(why) => Err(location.explained(why).to_string()),
        }
    }

    /// A directory of this user's own for what a command needs for longer than this process runs, and what is not secret.
    ///
    /// # Errors
    /// Why there is none, as the cause of a failure.
    pub fn directory_for_commands(&self) -> Result<PathBuf, String> {
        let places = Location::for_commands(&self.context.environment).map_err(|failure| failure.summary)?;
        let mut last = "there is no place for it".to_owned();
        for location in places {
            match Directory::make(&location) {
                Ok(_) => return Ok(location.path),
                Err(why) => last = why.to_string(),
            }
        }
        Err(last)
    }

    /// The token of that name, if there is one that can be read.
    pub fn token(&self, name: &Name) -> Option<Kept> {
        read_kept(self.existing()?, &FileName::new(name, Kind::Token))
    }

    /// Keeps a token. Where that fails it is told and no more: the token itself is good.
    pub fn keep(&self, name: &Name, kept: &Kept) {
        let Some(directory) = self.made() else { return };
        self.sweep(directory);
        if let Err(error) = write(directory, &FileName::new(name, Kind::Token), kept) {
            let note = format!("the token could not be kept for reuse: {error}");
            self.context.report.note(&note);
        }
    }

    /// All tokens that are kept, those included that a process was killed over while it wrote them.
    pub fn entries(&self) -> Vec<Entry> {
        let places = self.places().into_iter().enumerate();
        let entries = places.flat_map(|(place, directory)| {
            let files = directory.into_iter().flat_map(Directory::files).map(|(file, _)| file);
            let tokens = files.filter(|file| file.kind == Kind::Token);
            tokens.filter_map(move |file| {
                let kept = read_kept(directory?, &file)?;
                Some(Entry { file, place, kept })
            })
        });
        entries.collect()
    }

    /// Takes an entry away, unless another token has taken its place meanwhile.
    pub fn remove(&self, entry: &Entry) {
        let token = entry.kept.token.token.token.expose();
        let directory = self.places().get(entry.place).copied().flatten();
        remove_file(directory, &entry.file, |now| now.token.token.expose() == token);
    }

    /// Takes the token of that name away, if it is the one that is meant.
    pub fn remove_if(&self, name: &Name, is_meant: impl FnOnce(&LiveToken) -> bool) {
        remove_file(self.existing(), &FileName::new(name, Kind::Token), is_meant);
    }

    /// Takes away what processes left that were killed: locks that nobody holds, and files that hold no whole token.
    pub fn tidy(&self) {
        for directory in self.places().into_iter().flatten() {
            let files: Vec<_> = directory.files().map(|(file, _)| file).collect();
            for file in files {
                match file.kind {
                    Kind::Lock => directory.remove_if_free(&file),
                    Kind::Token | Kind::Fact if file.is_being_written() && read_kept(directory, &file).is_none() => {
                        directory.remove(&file);
                    }
                    Kind::Token | Kind::Fact => {}
                }
            }
        }
    }

    /// The directory, if it is there, and those in which other processes of this user's keep tokens.
    fn places(&self) -> Vec<Option<&Directory>> {
        let others = self.others.get_or_init(|| {
            let others = self.location.as_ref().map(Location::others).unwrap_or_default();
            others
                .iter()
                .filter_map(|other| Directory::open(other).ok().flatten())
                .collect()
        });
        std::iter::once(self.existing())
            .chain(others.iter().map(Some))
            .collect()
    }

    /// Takes part in minting a token of that name, of which other processes may be about to mint the same; `work` is told
    /// how. `way` is what else the work depends on, such as a proxy. None where tokens are not kept, so that there would be
    /// nothing to have from another.
    pub fn board<T>(&self, name: &Name, way: &Name, work: impl FnOnce(Flight<'_>) -> T) -> Option<T> {
        let name = FileName::new(name, Kind::Lock);
        let way = way.to_string();
        let passenger = Passenger {
            directory: self.made()?,
            name: &name,
            clock: self.context.clock,
            way: &way,
            patience: PATIENCE,
            report: self.context.report,
        };
        Some(work(match passenger.directory.lock_file(&name) {
            Ok(lock) => passenger.board(lock),
            Err(_) => Flight::Alone,
        }))
    }

    /// What was remembered under a name; it is not secret.
    pub fn recall<T: DeserializeOwned>(&self, name: &Name) -> Option<T> {
        let content = self.existing()?.read(&FileName::new(name, Kind::Fact))?;
        serde_json::from_slice(&content).ok()
    }

    /// Remembers for [`Cache::recall`] what is not secret and may be forgotten, for a day at most.
    pub fn remember(&self, name: &Name, fact: &impl Serialize) {
        if let Some(directory) = self.made() {
            // It will be asked for again.
            let _ = write(directory, &FileName::new(name, Kind::Fact), fact);
        }
    }

    /// The directory, if it is there.
    fn existing(&self) -> Option<&Directory> {
        if let Some(directory) = self.directory.get() {
            return directory.as_ref();
        }
        match self.location.as_ref().map_err(Clone::clone).and_then(Directory::open) {
            // It may be made later.
            Ok(None) => None,
            Ok(Some(directory)) => self.opened(Ok(directory)),
            Err(why) => self.opened(Err(why)),
        }
    }

    /// The directory, made if it must be.
    fn made(&self) -> Option<&Directory> {
        match self.directory.get() {
            Some(directory) => directory.as_ref(),
            None => self.opened(self.location.as_ref().map_err(Clone::clone).and_then(Directory::make)),
        }
    }

    /// Holds on to what was opened. Why nothing could be is told once.
    fn opened(&self, opened: Result<Directory, Unusable>) -> Option<&Directory> {
        let report = &self.context.report;
        let directory = match opened {
            Ok(directory) => Some(directory),
            Err(why) => {
                let why = self
                    .location
                    .as_ref()
                    .map_or(why.clone(), |location| location.explained(why));
                let text = format!("tokens are not kept: {why}");
                if matches!(why, Unusable::Unsafe(_)) {
                    report.note(&text);
                } else {
                    report.step(&text, Duration::ZERO);
                }
                None
            }
        };
        self.directory.get_or_init(|| directory).as_ref()
    }

    /// Nothing grows without limit.
    fn sweep(&self, directory: &Directory) {
        for file in directory.files_older_than(LITTER_AFTER, self.context.now()) {
            match file.kind {
                Kind::Lock => directory.remove_if_free(&file),
                Kind::Token | Kind::Fact => directory.remove(&file),
            }
        }
    }
}

/// Takes a file away, if it holds the token that is meant.
fn remove_file(directory: Option<&Directory>, file: &FileName, is_meant: impl FnOnce(&LiveToken) -> bool) {
    let Some(directory) = directory else { return };
    if read_kept(directory, file).is_some_and(|kept| is_meant(&kept.token)) {
        directory.remove(file);
    }
}

fn read_kept(directory: &Directory, file: &FileName) -> Option<Kept> {
    let kept: Kept = serde_json::from_slice(&directory.read(file)?).ok()?;
    (kept.version == VERSION).then_some(kept)
}

fn write(directory: &Directory, file: &FileName, content: &impl Serialize) -> io::Result<()> {
    let content = Zeroizing::new(serde_json::to_vec(content)?);
    directory.write(file, &content)
}
