//! Puts the helper into git's configuration, and takes it out again.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, Args};
use git_door::block::{self, Blocks};
use git_door::hazards::{self, Rest};
use git_door::helpers;
use git_door::settings::Setting;
use plumbing::{Code, Context, Environment, Failure, shell, text};
use servers::github::{GITHUB_API_URL, GithubApi};

use crate::flags::HelperFlags;

/// Which file, and for which repositories.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
#[command(next_help_heading = "Where")]
pub struct PlaceFlags {
    /// For this repository only, in its own configuration; else for all of this user's
    #[arg(long, action = ArgAction::SetTrue)]
    pub local: bool,
    /// For the repositories of an owner only, or for a single one: OWNER or OWNER/NAME
    #[arg(long = "for", value_name = "PATH", value_parser = path)]
    pub path: Option<String>,
    /// Show what would change, and change nothing
    #[arg(long, action = ArgAction::SetTrue)]
    pub dry_run: bool,
}

/// The names that GitHub gives: letters, digits, dashes, dots and underlines.
fn path(text: &str) -> Result<String, String> {
    let bare = text.trim_matches('/');
    let bare = bare.strip_suffix(".git").unwrap_or(bare);
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "-._".contains(letter))
    };
    let names: Vec<_> = bare.split('/').collect();
    if names.len() <= 2 && names.iter().all(|name| is_name(name)) {
        Ok(bare.to_owned())
    } else {
        Err("it is OWNER or OWNER/NAME, as in a repository's URL".to_owned())
    }
}

/// What has changed in a file, or would.
#[derive(Debug)]
pub struct Change {
    file: PathBuf,
    taken: Vec<String>,
    added: Vec<String>,
    is_moved: bool,
    /// What a person should know besides.
    pub notes: Vec<String>,
}

impl Change {
    /// For a person: the file, and its lines as diff(1) shows them.
    pub fn text(&self, is_dry_run: bool) -> String {
        let file = text::escaped(&self.file.to_string_lossy());
        if self.taken.is_empty() && self.added.is_empty() {
            if self.is_moved {
                return format!("{file}: what is ours is the last again\n");
            }
            return format!("{file}: nothing to change\n");
        }
        let verb = if is_dry_run { " would change" } else { " has changed" };
        let taken = self.taken.iter().map(|line| format!("-{}\n", text::escaped(line)));
        let added = self.added.iter().map(|line| format!("+{}\n", text::escaped(line)));
        let lines: String = taken.chain(added).collect();
        format!("{file}{verb}:\n{}", lines.replace("\\t", "    "))
    }
}

/// Puts the helper, with the flags of this command line, behind all others for the host.
///
/// # Errors
/// [`Code::Usage`] where it is not one bot, [`Code::ConfigConflict`] where git would still act as the operator,
/// [`Code::ConfigFile`] where the file cannot be changed.
pub fn install(
    place: &PlaceFlags,
    flags: &HelperFlags,
    matches: &ArgMatches,
    context: &Context,
) -> Result<Change, Failure> {
    let environment = &context.environment;
    if flags.token_env.is_some() || flags.token_file.is_some() || !flags.fetch.selection(environment)?.is_one() {
        return Err(Failure::new(Code::Usage, "git can act as one bot only").fix(
            "give one --bot or one --path; another bot can be installed for its own repositories, with --for OWNER",
        ));
    }
    let api = flags.exchange.github.resolve(environment)?;
    let host = api.git_host();
    let path = place.path.as_deref().unwrap_or_default();
    refuse_what_stays(environment, host)?;
    let (url, block) = block::of(host, path, &line(flags, matches, environment)?, flags.scope_to_repo);
    let mut change = rewrite(place, environment, |blocks| blocks.put(&url, block))?;
    if !place.dry_run {
        change.notes.extend(who_comes_after(host, path));
    }
    Ok(change)
}

/// Takes the helper out, for the path that is named or wherever it was put in that file.
///
/// # Errors
/// [`Code::ConfigFile`] where the file cannot be changed.
pub fn uninstall(place: &PlaceFlags, api: &GithubApi, context: &Context) -> Result<Change, Failure> {
    let host = api.git_host();
    let one = place.path.as_ref().map(|path| format!("https://{host}/{path}"));
    let mut change = rewrite(place, &context.environment, |blocks| match &one {
        Some(one) => blocks.ours.retain(|(url, _)| url != one),
        None => blocks.ours.clear(),
    })?;
    let path = place.path.as_deref().unwrap_or_default();
    if !place.dry_run
        && let Some(left) = helpers::survey(&mut Command::new("git"), host, Some(path)).ours
    {
        change.notes.push(format!("git still asks {} for {host}", left.shown()));
    }
    Ok(change)
}

/// A helper is only asked where git has no other credential.
fn refuse_what_stays(environment: &Environment, host: &str) -> Result<(), Failure> {
    let all = hazards::survey(&|program| Command::new(program), environment, host);
    let stays: Vec<_> = all
        .iter()
        .filter(|hazard| hazard.beside_the_helper != Rest::Nothing)
        .collect();
    let Some(first) = stays.first() else {
        return Ok(());
    };
    let words = stays.iter().map(|hazard| match hazard.beside_the_helper {
        Rest::ForLfs => format!("{}, which git-lfs cannot be told to leave out", hazard.words(host)),
        Rest::Nothing | Rest::All => hazard.words(host),
    });
    Err(Failure::new(
        Code::ConfigConflict,
        format!("nothing was installed: git would still reach {host} as the operator"),
    )
    .cause(words.collect::<Vec<_>>().join("; "))
    .fix(format!("{}; or run git through `with-bot-token --git`", first.fix())))
}

/// Helpers that a later file puts behind ours, as seen from here.
fn who_comes_after(host: &str, path: &str) -> Option<String> {
    let asked = helpers::survey(&mut Command::new("git"), host, Some(path));
    let others = asked.before.iter().chain(&asked.after);
    let others: Vec<_> = others
        .filter(|helper| !helpers::is_ours(&helper.value))
        .map(Setting::shown)
        .collect();
    if others.is_empty() && asked.ours.is_some() {
        return None;
    }
    let others = if others.is_empty() {
        "no helper of ours".to_owned()
    } else {
        others.join(", ")
    };
    Some(format!(
        "in this directory git also asks {others} for {host}; run this once more with --local here"
    ))
}

/// How git is to call us: by our name where PATH leads to this program, with the flags of this command line.
fn line(flags: &HelperFlags, matches: &ArgMatches, environment: &Environment) -> Result<String, Failure> {
    const NAME: &str = "git-credential-raxx";
    let own = env::current_exe().and_then(fs::canonicalize);
    let own =
        own.map_err(|error| Failure::new(Code::Internal, "this program cannot be found").cause(error.to_string()))?;
    let mut on_path =
        env::split_paths(environment.given("PATH").unwrap_or_default()).map(|directory| directory.join(NAME));
    let first = on_path.find_map(|file| fs::canonicalize(file).ok());
    let mut line = if first.as_ref() == Some(&own) {
        "raxx".to_owned()
    } else {
        format!("!{}", shell::quoted(&own.to_string_lossy()))
    };
    for word in words(matches) {
        line.push(' ');
        line.push_str(&word_for_a_shell(&word));
    }
    // It has to hold where that variable is not set, too.
    if flags.exchange.github.github_api_url.is_none()
        && let Some(base) = environment.text(&[GITHUB_API_URL])?
    {
        line.push_str(" --github-api-url ");
        line.push_str(&word_for_a_shell(&base));
    }
    if line.chars().any(char::is_control) {
        return Err(Failure::new(Code::Usage, "a flag holds a control character")
            .fix("git's configuration holds one line for a helper; write the flag without it"));
    }
    Ok(line)
}

/// The flags about the token, as they were given.
fn words(matches: &ArgMatches) -> Vec<String> {
    let flags = HelperFlags::augment_args(clap::Command::new(""));
    let mut words = vec![];
    for flag in flags.get_arguments() {
        let (id, name) = (flag.get_id().as_str(), flag.get_long().unwrap_or_default());
        if matches.value_source(id) != Some(ValueSource::CommandLine) {
            continue;
        }
        if flag.get_action().takes_values() {
            let values = matches.get_raw(id).into_iter().flatten();
            words.extend(values.flat_map(|value| [format!("--{name}"), value.to_string_lossy().into_owned()]));
        } else {
            words.push(format!("--{name}"));
        }
    }
    words
}

fn word_for_a_shell(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=,@".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        shell::quoted(word)
    }
}

/// Changes our blocks in a file of git's, under git's own lock and whole or not at all.
fn rewrite(place: &PlaceFlags, environment: &Environment, change: impl FnOnce(&mut Blocks)) -> Result<Change, Failure> {
    let file = if place.local {
        of_repository()?
    } else {
        of_user(environment)?
    };
    // Where it is a link, what it leads to is changed, as git does.
    let file = fs::canonicalize(&file).unwrap_or(file);
    let unusable = |error: &io::Error| {
        Failure::new(
            Code::ConfigFile,
            format!("git's configuration cannot be changed: {}", text::quote_path(&file)),
        )
        .cause(error.to_string())
    };
    let lock = (!place.dry_run).then(|| Lock::take(&file)).transpose();
    let lock = lock.map_err(|error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            unusable(&error)
                .cause("another program is changing it, or one was killed while it did")
                .fix(format!(
                    "try again; if nothing else runs, remove {}",
                    text::quote_path(&lock_of(&file))
                ))
        } else {
            unusable(&error)
        }
    })?;
    let old = match fs::read_to_string(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        read => read.map_err(|error| unusable(&error))?,
    };
    let mut blocks = Blocks::parse(&old);
    let before = blocks.clone();
    change(&mut blocks);
    let new = blocks.text();
    if let Some(lock) = lock
        && new != old
    {
        lock.replace(&file, &new).map_err(|error| unusable(&error))?;
    }
    Ok(Change {
        taken: lines(&before, &blocks),
        added: lines(&blocks, &before),
        is_moved: new != old,
        file,
        notes: vec![],
    })
}

/// The lines of those blocks that are not among the others.
fn lines(blocks: &Blocks, others: &Blocks) -> Vec<String> {
    let changed = blocks.ours.iter().filter(|block| !others.ours.contains(block));
    let lines = changed.flat_map(|(_, block)| block.lines());
    lines.filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

/// What git's own programs make while they change a file.
struct Lock {
    path: PathBuf,
    file: File,
    is_done: bool,
}

fn lock_of(file: &Path) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(".lock");
    name.into()
}

impl Lock {
    fn take(file: &Path) -> io::Result<Self> {
        if let Some(directory) = file.parent() {
            fs::create_dir_all(directory)?;
        }
        let path = lock_of(file);
        let lock = OpenOptions::new().write(true).create_new(true).open(&path)?;
        Ok(Self {
            path,
            file: lock,
            is_done: false,
        })
    }

    fn replace(mut self, file: &Path, content: &str) -> io::Result<()> {
        self.file.write_all(content.as_bytes())?;
        if let Ok(metadata) = fs::metadata(file) {
            self.file.set_permissions(metadata.permissions())?;
        }
        self.file.sync_all()?;
        fs::rename(&self.path, file)?;
        self.is_done = true;
        Ok(())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if !self.is_done {
            // Where it cannot be removed, the next one is told of it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Where `git config --global` writes (git-config(1), "FILES").
fn of_user(environment: &Environment) -> Result<PathBuf, Failure> {
    let given = |name: &str| {
        environment
            .given(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    if let Some(file) = given("GIT_CONFIG_GLOBAL") {
        return Ok(file);
    }
    let home = given("HOME").ok_or_else(|| {
        Failure::new(Code::ConfigMissing, "HOME is not set")
            .cause("git keeps a user's configuration below it")
            .fix("set HOME, or name a file in GIT_CONFIG_GLOBAL")
    })?;
    let plain = home.join(".gitconfig");
    let other = given("XDG_CONFIG_HOME")
        .unwrap_or_else(|| home.join(".config"))
        .join("git")
        .join("config");
    Ok(if !plain.exists() && other.exists() {
        other
    } else {
        plain
    })
}

fn of_repository() -> Result<PathBuf, Failure> {
    let asked = Command::new("git")
        .args(["rev-parse", "--git-common-dir"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let asked = asked.map_err(|error| {
        Failure::new(Code::CommandNotFound, "git cannot be run")
            .cause(error.to_string())
            .fix("install git, or add its folder to PATH")
    })?;
    let told = String::from_utf8_lossy(&asked.stdout);
    let directory = told.trim_end_matches('\n');
    if directory.is_empty() {
        return Err(Failure::new(Code::Usage, "this is no repository of git's")
            .fix("change into the repository, or leave --local out"));
    }
    // Relative to where we are, or absolute.
    let here = env::current_dir().unwrap_or_default();
    Ok(here.join(directory).join("config"))
}
