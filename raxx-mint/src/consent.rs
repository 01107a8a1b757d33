//! What this user says of a repository's configuration file.

use std::fs::{self, DirBuilder};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use plumbing::configuration::{self, KEYS, Layer, OF_REPOSITORY, Settings, Standing};
use plumbing::{Code, Configuration, Context, Failure, text};
use tempfile::NamedTempFile;

/// Lets a repository's file count, with the content that it has now, and tells what that is.
///
/// # Errors
/// [`Code::ConfigFile`] where there is none, it cannot be used, or the word cannot be kept.
pub(crate) fn allow(context: &Context, file: Option<&Path>) -> Result<(), Failure> {
    let path = of_repository(context, file, false)?;
    let bytes = configuration::read(&path)?;
    let settings = configuration::parse(&path, &bytes, false)?;
    // As every mint will judge it.
    let mut together = Configuration::of_user_alone(&context.environment).unwrap_or_default();
    together.repository = Some(Layer {
        path: path.clone(),
        settings: settings.clone(),
    });
    gh_install_token::check_usual_scopes(&together)?;
    keep(context, &path, Some(&bytes))?;
    if configuration::standing(&context.environment, &path, Some(&bytes)) != Standing::Allowed {
        return Err(Failure::new(Code::ConfigFile, "what you say of the file does not count")
            .cause("the folder that it is kept in, raxx/allowed in your data directory, is open to others, or another's")
            .fix("`chmod -R go-w ~/.local/share/raxx`, and say it again"));
    }
    let says = in_words(&settings);
    let says = if says.is_empty() {
        "it says nothing".to_owned()
    } else {
        says.join(", ")
    };
    context
        .report
        .note(&format!("allowed {}: {says}", text::quote_path(&path)));
    Ok(())
}

/// Leaves a repository's file out from now on, without a word.
///
/// # Errors
/// [`Code::ConfigFile`] where there is none, or the word cannot be kept.
pub(crate) fn deny(context: &Context, file: Option<&Path>) -> Result<(), Failure> {
    let path = of_repository(context, file, true)?;
    keep(context, &path, None)?;
    context
        .report
        .note(&format!("{} is left out from now on", text::quote_path(&path)));
    Ok(())
}

/// The file that is named, itself or by its folder, or the nearest upwards.
fn of_repository(context: &Context, file: Option<&Path>, may_be_gone: bool) -> Result<PathBuf, Failure> {
    let none = |words: String| {
        Failure::new(Code::ConfigFile, words).fix(format!("go into the repository, or name its {OF_REPOSITORY}"))
    };
    let here = std::env::current_dir().unwrap_or_default();
    let Some(named) = file else {
        return configuration::nearest(&here)
            .ok_or_else(|| none(format!("there is no {OF_REPOSITORY} here, nor in any folder above")));
    };
    let is_its_folder = named.is_dir() && named.file_name().is_none_or(|name| name != OF_REPOSITORY);
    let path = if is_its_folder {
        named.join(OF_REPOSITORY)
    } else {
        named.to_owned()
    };
    let shown = text::quote_path(&path);
    if path.file_name().is_none_or(|name| name != OF_REPOSITORY) {
        return Err(none(format!(
            "{shown} is no repository's file: such a one is called {OF_REPOSITORY}"
        )));
    }
    let is_missed = || configuration::standing(&context.environment, &here.join(&path), None) != Standing::Unknown;
    if !(path.is_file() || may_be_gone && is_missed()) {
        return Err(none(format!("there is no file {shown}")));
    }
    let whole = here.join(path);
    if !whole.is_absolute() {
        return Err(none("the working folder is gone".to_owned()));
    }
    Ok(whole)
}

fn keep(context: &Context, path: &Path, allowed: Option<&[u8]>) -> Result<(), Failure> {
    let failed = |cause: String| {
        Failure::new(Code::ConfigFile, "what you say of the file cannot be kept")
            .cause(cause)
            .fix("set HOME, or XDG_DATA_HOME, to a directory of yours that can be written to")
    };
    let record = configuration::record_of(&context.environment, path, allowed);
    let (place, record) = record.ok_or_else(|| failed("there is no home directory".to_owned()))?;
    write_whole(&place, record.as_bytes()).map_err(|error| {
        failed(format!(
            "{}: {error}",
            text::quote_path(place.parent().unwrap_or(&place))
        ))
    })
}

/// Puts a file of this user's own in place whole, with the folders above it that are missing.
pub(crate) fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let (mut new, path) = make_room(path)?;
    new.write_all(content)?;
    new.as_file().sync_all()?;
    new.persist(path)?;
    Ok(())
}

/// A file beside the one that is to be written, gone again unless it takes its place; and where that is. A link, as those leave it
/// that keep such files in a repository, stays one.
pub(crate) fn make_room(path: &Path) -> io::Result<(NamedTempFile, PathBuf)> {
    let target = fs::read_link(path).map(|target| path.with_file_name(".").join(target));
    let path = fs::canonicalize(path).or(target).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    // It is made with mode 0600.
    Ok((NamedTempFile::new_in(folder)?, path))
}

/// What a file says, as it would be written.
fn in_words(settings: &Settings) -> Vec<String> {
    let values = KEYS
        .iter()
        .filter_map(|(key, variable)| Some((key, settings.values.get(variable)?)));
    let values = values.map(|(key, value)| format!("{key} {}", text::quote(value)));
    let bots = settings.bots.iter().map(|(bot, scope)| {
        let mut words: Vec<_> = scope
            .permissions
            .iter()
            .map(|(name, level)| format!("{name}={level}"))
            .collect();
        words.extend(scope.repositories.iter().map(|name| format!("repo {name}")));
        words.extend(scope.repository_ids.iter().map(|id| format!("repository-id {id}")));
        let scope = if words.is_empty() {
            String::new()
        } else {
            format!(" ({})", words.join(" "))
        };
        text::quote(&format!("{bot}{scope}"))
    });
    values.chain(bots).collect()
}
