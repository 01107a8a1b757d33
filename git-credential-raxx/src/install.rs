//! Puts the helper into git's configuration, and takes it out again.

use std::env;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, Args};
use git_door::block::{Block, Blocks};
use git_door::hazards::{self, Rest};
use git_door::helpers::{self, Helpers};
use git_door::settings::{self, Setting};
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
fn path(given: &str) -> Result<String, String> {
    let bare = given.trim_matches('/');
    let bare = bare.strip_suffix(".git").unwrap_or(bare);
    let is_name = |name: &str| {
        !name.trim_matches('.').is_empty()
            && name
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "-._".contains(letter))
    };
    let names: Vec<_> = bare.split('/').collect();
    let is_secret = text::quote(bare) != bare;
    if names.len() <= 2 && !is_secret && names.iter().all(|name| is_name(name)) {
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
        let taken = self.taken.iter().map(|line| ('-', line));
        let lines = taken.chain(self.added.iter().map(|line| ('+', line)));
        let lines = lines.map(|(sign, line)| format!("{sign}{}\n", text::escaped(&line.replace('\t', "    "))));
        format!("{file}{verb}:\n{}", lines.collect::<String>())
    }
}

/// Puts the helper, with the flags of this command line, behind all others for the host.
///
/// # Errors
/// [`Code::Usage`] where it is not one bot, [`Code::ConfigConflict`] where git would still act as the operator, or ask somebody
/// else; [`Code::ConfigFile`] where the file cannot be changed, and those of [`settings::read`].
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
    let block = Block::new(host, path, &helpers::line(&call(flags, matches, environment)?));
    let now = settings::read(&mut Command::new("git"))?;
    let file = if place.local {
        of_repository()?
    } else {
        of_user(environment)?
    };
    let scope = if place.local { "local" } else { "global" };
    let mut edit = Edit::begin(file, place.dry_run)?;
    edit.blocks.put(block);
    let is_file = |origin: &str| edit.is_of(origin);
    let then = edit.blocks.among(now, scope, is_file);
    refuse_what_stays(&then, environment, host, path)?;
    let asked = helpers::of(&then, host, Some(path));
    refuse_to_be_forgotten(&asked, host)?;
    let mut change = edit.end()?;
    let others: Vec<_> = asked.others().collect();
    change.notes.extend(others.first().map(|first| {
        let shown: Vec<_> = others.iter().map(|helper| helper.shown()).collect();
        let fix = way_past(first);
        format!("in this directory git also asks {} for {host}; {fix}", shown.join(", "))
    }));
    Ok(change)
}

/// Takes the helper out, for the path that is named or wherever it was put in the file.
///
/// # Errors
/// [`Code::ConfigFile`] where the file cannot be changed.
pub fn uninstall(place: &PlaceFlags, api: &GithubApi, context: &Context) -> Result<Vec<Change>, Failure> {
    let environment = &context.environment;
    let files = if place.local {
        vec![of_repository()?]
    } else {
        of_user_all(environment)?
    };
    let is_meant = |block: &Block| {
        let named = place.path.as_deref();
        named.is_none_or(|path| block.path().eq_ignore_ascii_case(path))
    };
    let mut changes = vec![];
    for file in files {
        if !file.exists() {
            continue;
        }
        let mut edit = Edit::begin(file, place.dry_run)?;
        edit.blocks.ours.retain(|block| !is_meant(block));
        changes.push(edit.end()?);
    }
    if let Some(last) = changes.last_mut()
        && !place.dry_run
    {
        let host = api.git_host();
        let path = place.path.as_deref().unwrap_or_default();
        let left = settings::read(&mut Command::new("git")).map(|left| helpers::of(&left, host, Some(path)));
        let left = left.ok().and_then(|left| left.ours);
        last.notes
            .extend(left.map(|left| format!("git still asks {} for {host}", left.shown())));
    }
    Ok(changes)
}

/// A helper is only asked where git has no other credential.
fn refuse_what_stays(then: &[Setting], environment: &Environment, host: &str, path: &str) -> Result<(), Failure> {
    let all = hazards::survey(then, &|program| Command::new(program), environment, host, path);
    let stays: Vec<_> = all.iter().filter(|hazard| hazard.rest != Rest::Nothing).collect();
    if stays.is_empty() {
        return Ok(());
    }
    let words = stays.iter().map(|hazard| match hazard.rest {
        Rest::ForLfs => format!("{}, which git-lfs cannot be told to leave out", hazard.words(host)),
        Rest::Nothing | Rest::All => hazard.words(host),
    });
    let mut fixes: Vec<_> = stays.iter().map(|hazard| hazard.fix.as_str()).collect();
    fixes.dedup();
    Err(Failure::new(
        Code::ConfigConflict,
        format!("nothing was installed: git would still reach {host} as the operator"),
    )
    .cause(words.collect::<Vec<_>>().join("; "))
    .fix(format!(
        "{}; or run git through `with-bot-token --git`",
        fixes.join("; ")
    )))
}

/// A later file may have an empty helper, by which git forgets ours.
fn refuse_to_be_forgotten(asked: &Helpers, host: &str) -> Result<(), Failure> {
    let (None, Some(by)) = (&asked.ours, &asked.forgotten_by) else {
        return Ok(());
    };
    Err(
        Failure::new(Code::ConfigConflict, "nothing was installed: git would forget ours")
            .cause(format!(
                "an empty helper for {host} comes after it, seen from this directory: {}",
                by.shown()
            ))
            .fix(way_past(by)),
    )
}

/// What gets ours past a helper that a later file names.
fn way_past(helper: &Setting) -> String {
    if helper.scope == "local" {
        "install it in this repository, with --local".to_owned()
    } else {
        format!("take it out: {}", helper.fix())
    }
}

/// How git is to call us: by this program's own path, since git's PATH may be another, with the flags of this command line.
fn call(flags: &HelperFlags, matches: &ArgMatches, environment: &Environment) -> Result<String, Failure> {
    let own = env::current_exe();
    let own =
        own.map_err(|error| Failure::new(Code::Internal, "this program cannot be found").cause(error.to_string()))?;
    let Some(own) = own.to_str() else {
        return Err(
            Failure::new(Code::ConfigInvalid, "this program's path is no text (UTF-8)")
                .fix("git's configuration could not hold it as it is; put the program elsewhere"),
        );
    };
    let mut line = word_for_a_shell(own);
    for word in words(matches) {
        line.push(' ');
        line.push_str(&word_for_a_shell(&word));
    }
    // It has to hold where that variable is not set, too.
    if flags.exchange.github.github_api_url.is_none()
        && let Some(base) = environment.text(&[GITHUB_API_URL])?
    {
        let _ = write!(line, " --github-api-url={}", word_for_a_shell(&base));
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
    // git calls the helper with a word of its own first, so that a bot needs its flag there.
    for bot in matches.get_many::<String>("named").into_iter().flatten() {
        let flag = if bot.starts_with('/') { "path" } else { "bot" };
        words.push(format!("--{flag}={bot}"));
    }
    for flag in flags.get_arguments() {
        let (id, name) = (flag.get_id().as_str(), flag.get_long().unwrap_or_default());
        if matches.value_source(id) != Some(ValueSource::CommandLine) {
            continue;
        }
        if flag.get_action().takes_values() {
            let values = matches.get_raw(id).into_iter().flatten();
            // In one word: a value may begin with a dash.
            words.extend(values.map(|value| format!("--{name}={}", value.to_string_lossy())));
        } else {
            words.push(format!("--{name}"));
        }
    }
    words
}

fn word_for_a_shell(word: &str) -> String {
    // A flag and its value are one word.
    let is_plain = word.split('=').all(shell::is_plain);
    if is_plain { word.to_owned() } else { shell::quoted(word) }
}

/// A change of our blocks in a file of git's, under git's own lock and whole or not at all.
struct Edit {
    file: PathBuf,
    lock: Option<Lock>,
    old: String,
    before: Blocks,
    blocks: Blocks,
}

impl Edit {
    fn begin(file: PathBuf, is_dry_run: bool) -> Result<Self, Failure> {
        // Where it is a link, what it leads to is changed, as git does.
        let file = followed(file);
        if fs::metadata(&file).is_ok_and(|metadata| !metadata.is_file()) {
            let error = io::Error::from(io::ErrorKind::InvalidInput);
            return Err(unusable(&file, &error)
                .cause("it is no regular file")
                .fix("name another in GIT_CONFIG_GLOBAL, or unset it"));
        }
        let lock = (!is_dry_run).then(|| Lock::take(&file)).transpose();
        let lock = lock.map_err(|error| {
            if error.kind() == io::ErrorKind::AlreadyExists {
                unusable(&file, &error)
                    .cause("another program is changing it, or one was killed while it did")
                    .fix(format!(
                        "try again; if nothing else runs, remove {}",
                        text::quote_path(&lock_of(&file))
                    ))
            } else {
                unusable(&file, &error)
            }
        })?;
        let old = match fs::read(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => vec![],
            read => read.map_err(|error| unusable(&file, &error))?,
        };
        let old = String::from_utf8(old).map_err(|_| {
            unusable(&file, &io::Error::from(io::ErrorKind::InvalidData))
                .cause("it is no UTF-8 text")
                .fix("write it as UTF-8, as git itself takes it (`iconv -t UTF-8`)")
        })?;
        let before = Blocks::parse(&old);
        Ok(Self {
            blocks: before.clone(),
            before,
            file,
            lock,
            old,
        })
    }

    /// Whether git's word for an origin is this file.
    fn is_of(&self, origin: &str) -> bool {
        let named = origin.strip_prefix("file:").map(fs::canonicalize);
        named.is_some_and(|named| named.ok() == fs::canonicalize(&self.file).ok())
    }

    fn end(self) -> Result<Change, Failure> {
        let new = self.blocks.text();
        if let Some(lock) = self.lock
            && new != self.old
        {
            lock.replace(&self.file, &new)
                .map_err(|error| unusable(&self.file, &error))?;
        }
        Ok(Change {
            taken: lines(&self.before, &self.blocks),
            added: lines(&self.blocks, &self.before),
            is_moved: new != self.old,
            file: self.file,
            notes: vec![],
        })
    }
}

fn unusable(file: &Path, error: &io::Error) -> Failure {
    let words = format!("git's configuration cannot be changed: {}", text::quote_path(file));
    Failure::new(Code::ConfigFile, words).cause(error.to_string())
}

/// Where links lead, though nothing be there yet.
fn followed(file: PathBuf) -> PathBuf {
    const MOST: usize = 40;
    let mut file = file;
    for _ in 0..MOST {
        let Ok(target) = fs::read_link(&file) else { break };
        file = file.parent().unwrap_or(Path::new("")).join(target);
    }
    file
}

/// The lines of those blocks that are not among the others.
fn lines(blocks: &Blocks, others: &Blocks) -> Vec<String> {
    let changed = blocks.ours.iter().filter(|block| !others.ours.contains(block));
    changed.flat_map(Block::lines).collect()
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
        // For nobody else, until it is known who may read the file: it may hold a secret.
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let lock = options.open(&path)?;
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
    let all = of_user_all(environment)?;
    // The last of them, unless an earlier one is there alone.
    let there = all.iter().rev().find(|file| file.exists());
    Ok(there.or(all.last()).cloned().unwrap_or_default())
}

/// All that git reads for a user, in its order.
fn of_user_all(environment: &Environment) -> Result<Vec<PathBuf>, Failure> {
    let given = |name: &str| environment.given(name).map(PathBuf::from);
    match given("GIT_CONFIG_GLOBAL") {
        Some(none) if none.as_os_str().is_empty() => {
            return Err(Failure::new(Code::ConfigInvalid, "GIT_CONFIG_GLOBAL is empty")
                .cause("git then reads no configuration of the user's, so that nothing can be put there")
                .fix("unset it, or name a file in it"));
        }
        Some(file) => return Ok(vec![file]),
        None => {}
    }
    let named = |name: &str| given(name).filter(|path| !path.as_os_str().is_empty());
    let home = named("HOME").ok_or_else(|| {
        Failure::new(Code::ConfigMissing, "HOME is not set")
            .cause("git keeps a user's configuration below it")
            .fix("set HOME, or name a file in GIT_CONFIG_GLOBAL")
    })?;
    let other = named("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"));
    Ok(vec![other.join("git").join("config"), home.join(".gitconfig")])
}

fn of_repository() -> Result<PathBuf, Failure> {
    let asked = Command::new("git")
        .args(["rev-parse", "--git-common-dir"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let told = asked.map(|asked| asked.stdout).unwrap_or_default();
    let directory = path_of(told.trim_ascii_end());
    if directory.as_os_str().is_empty() {
        return Err(Failure::new(Code::Usage, "this is no repository of git's")
            .fix("change into the repository, or leave --local out"));
    }
    // Relative to where we are, or absolute.
    let here = env::current_dir().unwrap_or_default();
    Ok(here.join(directory).join("config"))
}

/// A path as git prints it: bytes, or UTF-8 where paths are no bytes.
fn path_of(told: &[u8]) -> PathBuf {
    #[cfg(unix)]
    let path: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(told);
    #[cfg(not(unix))]
    let path = String::from_utf8_lossy(told).into_owned();
    PathBuf::from(path)
}
