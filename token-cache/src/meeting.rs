//! Where processes of one user meet that do the same at once, whether or not they keep tokens.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use plumbing::Context;

use crate::directory::{Directory, TRIES};
use crate::flight::{Flight, Passenger};
use crate::location::{Location, meeting_places};
use crate::lock_file::LockFile;
use crate::name::{FileName, Kind, Name};

/// A client's requests are given up after 45 s.
const PATIENCE: Duration = Duration::from_secs(60);
/// What is left in it is of no use for longer, in seconds.
const LITTER_AFTER: i64 = 60;

/// A directory in which those that do the same meet, with their lock in it. It is taken away by whoever leaves it empty; a
/// failure that was left stays in it until somebody comes by a minute later. Nothing in it is secret.
pub struct MeetingPlace {
    path: PathBuf,
    directory: Directory,
    name: FileName,
}

impl MeetingPlace {
    /// Takes part in what other processes may be doing at this moment. `way` is what else the work depends on, such as a
    /// proxy. `work` is told how; the place is given up when it ends.
    pub fn board<T>(context: &Context, name: &Name, way: &Name, work: impl FnOnce(Flight<'_>) -> T) -> T {
        let Some((place, lock)) = Self::open(context, name) else {
            return work(Flight::Alone);
        };
        place.sweep(context);
        let way = way.to_string();
        let passenger = Passenger {
            directory: &place.directory,
            name: &place.name,
            clock: context.clock,
            way: &way,
            patience: PATIENCE,
            report: context.report,
        };
        work(passenger.board(lock))
    }

    /// The best place that can be had; none where processes cannot see one another.
    fn open(context: &Context, name: &Name) -> Option<(Self, LockFile)> {
        let name = FileName::new(name, Kind::Lock);
        let places = meeting_places(&context.environment).into_iter();
        places.filter(|path| path.is_absolute()).find_map(|path| {
            let location = Location {
                path,
                in_memory_only: false,
                instead: None,
            };
            // Whoever leaves takes the directory away where it is empty, perhaps before there is a lock in it.
            let (directory, lock) = (0..TRIES).find_map(|_| {
                let directory = Directory::make(&location).ok()?;
                let lock = directory.lock_file(&name).ok()?;
                Some((directory, lock))
            })?;
            let place = Self {
                path: location.path,
                directory,
                name: name.clone(),
            };
            Some((place, lock))
        })
    }

    /// Takes away the failures that do not count any more.
    fn sweep(&self, context: &Context) {
        for file in self.directory.files_older_than(LITTER_AFTER, context.now()) {
            if file.kind == Kind::Lock && file != self.name {
                self.directory.remove_if_free(&file);
            }
        }
    }
}

impl Drop for MeetingPlace {
    fn drop(&mut self) {
        // Fails where something is in it, as it should.
        let _ = fs::remove_dir(&self.path);
    }
}
