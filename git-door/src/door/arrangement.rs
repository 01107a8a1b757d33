//! What is made for one command: a folder of links, and the variables that lead git into it.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use plumbing::shell::quoted;
use plumbing::{Code, Environment, Failure};
use serde::{Deserialize, Serialize};

use super::links;
use crate::ask::told_by;
use crate::find::{DOCUMENT, LFS, find, is_ours};
use crate::helpers::{self, PROGRAM};
use crate::host::Host;

/// Stand-ins that git finds in its exec path.
pub(crate) const IN_EXEC_PATH: [&str; 9] = [
    "git",
    "git-remote-https",
    "git-remote-http",
    // The same program under two more names, which takes URLs of any of them (`ftp::https://…`).
    "git-remote-ftp",
    "git-remote-ftps",
    "git-http-fetch",
    "git-http-push",
    "ssh",
    OPERATORS_SSH,
];
/// The stand-in that `GIT_SSH_COMMAND` names: one that goes on as the ssh that the operator has chosen. Not `ssh`, by which git
/// would take it for OpenSSH and ask no more.
pub(crate) const OPERATORS_SSH: &str = "ssh-of-the-operator";

pub(crate) const EXEC_PATH: &str = "GIT_EXEC_PATH";
pub(crate) const SSH_COMMAND: &str = "GIT_SSH_COMMAND";
/// Holds what the operator had in `GIT_SSH_COMMAND` or `GIT_SSH`, for a shell.
pub(crate) const OWN_SSH: &str = "RAXX_GIT_SSH";

/// Where our helper finds the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// In a variable of the command's environment.
    Variable(String),
    /// In a document that is kept live.
    File(PathBuf),
}

/// What the stand-ins need to know. Nothing of it is secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrangement {
    /// The host of git over HTTPS, perhaps with a port.
    host: String,
    /// The REST base, for our helper.
    github_api_url: String,
    source: Source,
    /// The program that stands in: ours.
    program: PathBuf,
    /// None where PATH has none: one that is found by another way then has no program to reach a server with.
    git: Option<PathBuf>,
    pub(crate) exec_path: PathBuf,
    /// When the exec path was last changed, so that another version of git makes another folder.
    exec_path_changed: i64,
    pub(crate) lfs: Option<PathBuf>,
}

impl Arrangement {
    /// Looks for the git and the git-lfs that the command would find.
    ///
    /// # Errors
    /// [`Code::Internal`] where git does not say where its programs are.
    pub fn survey(
        environment: &Environment,
        host: &str,
        github_api_url: &str,
        source: Source,
    ) -> Result<Self, Failure> {
        let path = environment.given("PATH").unwrap_or_default();
        let git = find(path, "git");
        let lost = |why: String| {
            Failure::new(Code::Internal, "git does not say where its own programs are")
                .cause(format!("--exec-path: {why}"))
        };
        let mut exec_path = PathBuf::new();
        let mut exec_path_changed = 0;
        if let Some(git) = &git {
            let mut ask = Command::new(git);
            ask.arg("--exec-path");
            if environment.given(EXEC_PATH).is_some_and(|own| is_ours(Path::new(own))) {
                ask.env_remove(EXEC_PATH);
            }
            let told = told_by(&mut ask).map_err(|error| lost(error.to_string()))?;
            exec_path = PathBuf::from(OsStr::from_bytes(told.trim_ascii_end()));
            let metadata = fs::metadata(&exec_path).map_err(|error| lost(error.to_string()))?;
            exec_path_changed = metadata.mtime();
        }
        Ok(Self {
            host: host.to_owned(),
            github_api_url: github_api_url.to_owned(),
            source,
            program: env::current_exe().map_err(|error| lost(error.to_string()))?,
            exec_path_changed,
            lfs: find(path, LFS).or_else(|| Some(exec_path.join(LFS)).filter(|lfs| lfs.exists())),
            git,
            exec_path,
        })
    }

    /// As it stands in its folder; who makes the same twice may make it once.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] where a path is not UTF-8.
    pub fn document(&self) -> Result<String, Failure> {
        serde_json::to_string(self).map_err(|error| {
            Failure::new(
                Code::ConfigInvalid,
                "the path of git, or of this program, cannot be written down",
            )
            .cause(error.to_string())
        })
    }

    /// Makes the folder, unless it is there already.
    ///
    /// # Errors
    /// Where a link cannot be made.
    pub fn make(&self, document: &str, folder: &Path) -> io::Result<()> {
        if self.is_whole(document, folder) {
            // It is in use: not to be swept away. Where that fails, it will be made again.
            let _ = fs::File::open(folder).and_then(|folder| folder.set_modified(SystemTime::now()));
            return Ok(());
        }
        let parent = folder.parent().unwrap_or(folder);
        let new = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
        self.fill(document, new.path())?;
        match fs::rename(new.path(), folder) {
            Ok(()) => {
                let _ = new.keep();
                Ok(())
            }
            // Another process was faster, with the same.
            Err(_) if self.is_whole(document, folder) => Ok(()),
            // What is there is what a cleaner of old files has left of it.
            Err(_) => {
                fs::remove_dir_all(folder)?;
                fs::rename(new.path(), folder)?;
                let _ = new.keep();
                Ok(())
            }
        }
    }

    /// Whether the folder is there with all stand-ins: the links to git's own programs were made with them.
    fn is_whole(&self, document: &str, folder: &Path) -> bool {
        let leads_to_us = |link: PathBuf| fs::read_link(link).is_ok_and(|program| program == self.program);
        fs::read_to_string(folder.join(DOCUMENT)).is_ok_and(|there| there == document)
            && self.in_core().all(|name| leads_to_us(folder.join("core").join(name)))
            && self.in_bin().all(|name| leads_to_us(folder.join("bin").join(name)))
    }

    /// The stand-ins in the exec path.
    fn in_core(&self) -> impl Iterator<Item = &'static str> {
        IN_EXEC_PATH.into_iter().chain(self.lfs.as_ref().map(|_| LFS))
    }

    /// Those that are first on PATH, where there is something to stand in for.
    fn in_bin(&self) -> impl Iterator<Item = &'static str> {
        let git = self.git.as_ref().map(|_| "git");
        git.into_iter().chain(self.lfs.as_ref().map(|_| LFS))
    }

    fn fill(&self, document: &str, folder: &Path) -> io::Result<()> {
        let (core, bin) = (folder.join("core"), folder.join("bin"));
        // Whatever the umask: for this user, and nobody else.
        let own = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode));
        own(folder, 0o700)?;
        for directory in [&core, &bin] {
            fs::create_dir(directory)?;
            own(directory, 0o700)?;
        }
        for name in self.in_core() {
            symlink(&self.program, core.join(name))?;
        }
        for name in self.in_bin() {
            symlink(&self.program, bin.join(name))?;
        }
        if self.git.is_some() {
            links::to_each(&self.exec_path, &core, |_| true)?;
        }
        fs::write(folder.join(DOCUMENT), document)?;
        own(&folder.join(DOCUMENT), 0o600)
    }

    /// The variables that lead a command's git into the folder, and those that hold where it does not get there; `given` are
    /// those that the command has.
    ///
    /// # Errors
    /// [`Code::ConfigInvalid`] where the environment's own count of settings is none: git would not start with it.
    pub fn variables(
        &self,
        folder: &Path,
        given: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Vec<(String, OsString)>, Failure> {
        let mut variables: Vec<(String, OsString)> = vec![];
        let mut add = |name: &str, value: OsString| variables.push((name.to_owned(), value));
        let core = folder.join("core");
        add(EXEC_PATH, core.clone().into());
        let mut path = OsString::from(folder.join("bin"));
        if let Some(own) = given("PATH") {
            path.push(":");
            path.push(own);
        }
        add("PATH", path);
        let ours = OsString::from(quoted(&core.join(OPERATORS_SSH).to_string_lossy()));
        let of_program = || given("GIT_SSH").map(|program| quoted(&program.to_string_lossy()).into());
        let own = given(SSH_COMMAND).filter(|own| !own.is_empty()).or_else(of_program);
        // Where a stand-in is there already, this one's or an outer wrapper's, so is what the operator had.
        if let Some(own) = own.filter(|own| !is_stand_in_for_ssh(own)) {
            add(OWN_SSH, own);
        }
        add(SSH_COMMAND, ours);
        // Where the bot may not, git would ask a person, who would type in their own.
        add("GIT_TERMINAL_PROMPT", "0".into());
        // libgit2, which cargo has built in, reads none of these.
        add("CARGO_NET_GIT_FETCH_WITH_CLI", "true".into());
        variables.extend(counted(&self.settings(folder), given)?);
        Ok(variables)
    }

    /// The settings for the whole host. The stand-in for `git-remote-https` sets what one URL needs.
    fn settings(&self, folder: &Path) -> Vec<(String, String)> {
        let url = format!("https://{}/", self.host);
        let set = |name: String, value: &str| (name, value.to_owned());
        let instead_of = format!("url.{url}.insteadOf");
        let mut settings = vec![
            set(MARK.to_owned(), &folder.to_string_lossy()),
            set(format!("http.{url}.extraHeader"), ""),
            set(format!("http.{url}.proactiveAuth"), "basic"),
        ];
        settings.extend(self.helper());
        let forms = Host(&self.host).other_forms();
        settings.extend(forms.iter().map(|form| set(instead_of.clone(), form)));
        settings
    }

    /// Our helper in the place of all others: an empty value forgets those before it, general ones too.
    pub(crate) fn helper(&self) -> [(String, String); 2] {
        let name = format!("credential.https://{}.helper", self.host);
        // The one beside this program, if it is there, since it is of the same version; else the one that PATH has.
        let beside = self.program.with_file_name(PROGRAM);
        let program = if beside.exists() {
            beside.to_string_lossy().into_owned()
        } else {
            PROGRAM.to_owned()
        };
        let program = quoted(&program);
        let call = match &self.source {
            Source::Variable(name) => {
                format!(
                    "{program} --token-env {name} --github-api-url {}",
                    quoted(&self.github_api_url)
                )
            }
            Source::File(file) => format!("{program} --token-file {}", quoted(&file.to_string_lossy())),
        };
        [(name.clone(), String::new()), (name, helpers::line(&call))]
    }

    /// git, as it was found when the command began.
    pub(crate) fn git(&self) -> &Path {
        self.git.as_deref().unwrap_or(Path::new("/dev/null"))
    }

    /// The bot's host.
    pub(crate) fn host(&self) -> Host<'_> {
        Host(&self.host)
    }

    /// The folder that a stand-in was called from, and what is written in it.
    pub(crate) fn of_this_process(called: &OsStr) -> Option<(PathBuf, Self)> {
        let called = Path::new(called);
        let by_name = called
            .parent()
            .filter(|folder| folder.is_absolute())
            .map(Path::to_owned);
        let path = env::var_os("PATH").unwrap_or_default();
        let exec_path = env::var_os(EXEC_PATH).map(PathBuf::from);
        let folders = by_name.into_iter().chain(env::split_paths(&path)).chain(exec_path);
        let folder = folders.into_iter().find(|folder| is_ours(folder))?.parent()?.to_owned();
        let document = fs::read_to_string(folder.join(DOCUMENT)).ok()?;
        Some((folder, serde_json::from_str(&document).ok()?))
    }
}

/// How the names of our folders begin.
pub const PREFIX: &str = "raxx-git-";
/// A setting that means nothing to git: where it stands, so do the others.
const MARK: &str = "raxx.door";
const COUNT: &str = "GIT_CONFIG_COUNT";

/// Settings as variables, after those that are there; none where they are there already.
fn counted(
    settings: &[(String, String)],
    given: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Vec<(String, OsString)>, Failure> {
    let count = given(COUNT).unwrap_or_default();
    let count = count.to_string_lossy().trim().to_owned();
    let first = if count.is_empty() {
        Ok(0)
    } else {
        count.parse::<usize>()
    };
    let first = first.map_err(|_| {
        Failure::new(
            Code::ConfigInvalid,
            format!("{COUNT} is no number but “{}”", plumbing::text::quote(&count)),
        )
        .fix(format!("unset {COUNT}"))
    })?;
    let last = first.checked_sub(settings.len());
    if let (Some(begin), Some((_, folder))) = (last, settings.first()) {
        let key = given(&format!("GIT_CONFIG_KEY_{begin}"));
        let value = given(&format!("GIT_CONFIG_VALUE_{begin}"));
        if key.is_some_and(|key| key == MARK) && value.is_some_and(|value| value == folder.as_str()) {
            return Ok(vec![]);
        }
    }
    let mut variables = vec![(COUNT.to_owned(), (first + settings.len()).to_string().into())];
    for (index, (name, value)) in settings.iter().enumerate() {
        variables.push((format!("GIT_CONFIG_KEY_{}", first + index), name.into()));
        variables.push((format!("GIT_CONFIG_VALUE_{}", first + index), value.into()));
    }
    Ok(variables)
}

fn is_stand_in_for_ssh(command: &OsStr) -> bool {
    command.to_string_lossy().ends_with(&format!("/{OPERATORS_SSH}'"))
}
