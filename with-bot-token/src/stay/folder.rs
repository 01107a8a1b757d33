//! The folder in which a renewed token stands: `gh`'s configuration, and the document that git's helper reads.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use plumbing::documents::LiveToken;
use plumbing::{Code, Failure, pipe};
use serde_json::{Map, Value, json};
use servers::github::GithubApi;
use tempfile::{NamedTempFile, TempDir};
use token_cache::Cache;
use zeroize::Zeroizing;

/// How the name of a run's folder begins; what follows is random.
const PREFIX: &str = "raxx-run-";
/// Held for as long as the run lasts: a folder whose lock is free belongs to nobody. Its name, with the folder's, tells that
/// it was made here: the directory may hold folders of the user's.
const LOCK: &str = "raxx-run.lock";
const DOCUMENT: &str = "token.json";
/// `gh`'s name in its own configuration for who it acts as; nothing depends on it.
const USER: &str = "x-access-token";

/// A folder of one run, 0700; dropped, it is gone.
pub(crate) struct Folder {
    directory: TempDir,
    _lock: File,
}

impl Folder {
    /// Makes one in memory, and removes those of runs that were killed.
    ///
    /// # Errors
    /// [`Code::ConfigMissing`] where there is no place in memory for it: a token does not go to a disk by itself.
    pub(crate) fn new(cache: &Cache) -> Result<Self, Failure> {
        let directory = cache.directory_for_this_run().map_err(|why| {
            Failure::new(Code::ConfigMissing, "--renew has no place for the token")
                .cause(why)
                .fix("set XDG_RUNTIME_DIR to a directory of your own in memory, as a login does (`loginctl enable-linger`)")
        })?;
        sweep(&directory);
        let made = tempfile::Builder::new()
            .prefix(PREFIX)
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir_in(directory)
            .and_then(|directory| {
                // Whatever the umask.
                fs::set_permissions(&directory, fs::Permissions::from_mode(0o700))?;
                // Locked before it has its name: a sweep that comes between would take the folder for nobody's.
                let lock = NamedTempFile::new_in(&directory)?;
                lock.as_file().lock()?;
                let lock = lock.persist(directory.path().join(LOCK))?;
                let folder = Self { directory, _lock: lock };
                // At its current version, so that gh does not start to move accounts about.
                folder.place("config.yml", "version: \"1\"\ngit_protocol: https\nprompt: disabled\n")?;
                Ok(folder)
            });
        made.map_err(cannot)
    }

    /// Puts a token in place of the one before it, for gh and for git.
    ///
    /// # Errors
    /// [`Code::Internal`] where it cannot be written.
    pub(crate) fn put(&self, live: &LiveToken) -> Result<(), Failure> {
        let api = GithubApi::at(live.token.github_api_url.clone());
        let secret = live.token.token.expose();
        // YAML holds JSON.
        let host = json!({
            "git_protocol": "https",
            "oauth_token": secret,
            "user": USER,
            "users": { USER: { "oauth_token": secret } },
        });
        // gh 2.100 and later look for a host without its port, those before it with its port.
        let website = api.base.clone().with_authority(api.git_host());
        let names = [api.git_host(), website.host()].map(str::to_owned);
        let hosts: Map<_, _> = names.into_iter().map(|name| (name, host.clone())).collect();
        self.place("hosts.yml", &Zeroizing::new(Value::Object(hosts).to_string()))
            .map_err(cannot)?;
        self.place(DOCUMENT, &pipe::line(live)?).map_err(cannot)
    }

    /// By rename, so that no reader meets half a file; a temporary file is 0600.
    fn place(&self, name: &str, content: &str) -> io::Result<()> {
        let mut file = NamedTempFile::new_in(&self.directory)?;
        file.as_file().set_permissions(fs::Permissions::from_mode(0o600))?;
        file.write_all(content.as_bytes())?;
        file.persist(self.directory.path().join(name))?;
        Ok(())
    }

    /// What `GH_CONFIG_DIR` is to be.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The installation-token document.
    pub(crate) fn document(&self) -> PathBuf {
        self.path().join(DOCUMENT)
    }
}

fn cannot(error: io::Error) -> Failure {
    Failure::new(Code::Internal, "the token cannot be put where the command finds it").because(error)
}

fn sweep(directory: &Path) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let is_run = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let is_free = || File::open(entry.path().join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
        if is_run && is_free() {
            // Whoever else sweeps may have been faster.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
