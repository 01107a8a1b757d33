//! git as the bot: a folder of stand-ins for its own programs, and the variables that lead there. No file of the user's is
//! touched.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use git_door::{Arrangement, PREFIX, Source};
use plumbing::{Code, Context, Failure};
use servers::github::GithubApi;
use token_cache::{Cache, Name};

/// A folder that no command was given for so long serves nobody: the token of the last one ended within an hour.
const LITTER_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// The variables that make git the bot. `run` is the folder of a command that this process stays beside; else the links lie
/// where the next command finds them again, since this process becomes the command.
///
/// # Errors
/// Those of [`Arrangement::survey`] and [`Arrangement::variables`], and [`Code::ConfigMissing`] where the links have no place.
pub(crate) fn variables(
    context: &Context,
    cache: &Cache,
    api: &GithubApi,
    source: Source,
    run: Option<&Path>,
) -> Result<Vec<(String, OsString)>, Failure> {
    let environment = &context.environment;
    let arrangement = Arrangement::survey(environment, api.git_host(), &api.base.to_string(), source)?;
    let document = arrangement.document()?;
    let folder = match run {
        Some(run) => run.join("git"),
        None => shared_folder(cache, &document)?,
    };
    arrangement
        .make(&document, &folder)
        .map_err(|error| no_place(error.to_string()))?;
    arrangement.variables(&folder, &|name| environment.given(name).map(OsStr::to_owned))
}

/// One for all commands that need the same.
fn shared_folder(cache: &Cache, document: &str) -> Result<PathBuf, Failure> {
    let directory = cache.directory_for_commands().map_err(no_place)?;
    let folder = directory.join(format!("{PREFIX}{}", Name::of(&[document])));
    sweep(&directory, &folder);
    Ok(folder)
}

fn no_place(why: String) -> Failure {
    Failure::new(
        Code::ConfigMissing,
        "--git has no place for its links to git's programs",
    )
    .cause(why)
    .fix("set XDG_RUNTIME_DIR or TMPDIR to a directory of your own")
}

fn sweep(directory: &Path, but: &Path) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) || entry.path() == but {
            continue;
        }
        let changed = entry.metadata().and_then(|metadata| metadata.modified()).ok();
        let age = changed.and_then(|changed| SystemTime::now().duration_since(changed).ok());
        if age.is_some_and(|age| age > LITTER_AFTER) {
            // Whoever else sweeps may have been faster.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
