//! Whose credential git sends: the operator's works, and is planted in one place after another; every request must be the
//! bot's, or git must stop and say why.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;
use tests::proxy::ConnectProxy;
use tests::sandbox::Sandbox;
use tests::tls::{Authority, Front};

use crate::chain::{Run, program, shell};

/// GitHub by its real names, a home of the operator's, and a credential of theirs that works.
struct Town {
    github: GitHub,
    sandbox: Sandbox,
    _front: Front,
    proxy: ConnectProxy,
    home: TempDir,
    runtime: TempDir,
    /// Of another App, which reaches the same repositories: for the fake as good as a person's.
    operators: String,
}

/// GitHub, by the name of its website, and its REST base where a variable has to say it.
#[derive(Clone, Copy, Debug)]
struct GitHub(&'static str, Option<&'static str>);

const DOTCOM: GitHub = GitHub("github.com", None);
/// GitHub Enterprise Cloud with data residency, and GitHub Enterprise Server.
const OTHERS: [GitHub; 2] = [
    GitHub("acme.ghe.com", Some("https://api.acme.ghe.com")),
    GitHub("git.example.test", Some("https://git.example.test/api/v3")),
];

impl Town {
    fn new() -> Self {
        Self::at_the(DOTCOM)
    }

    fn at_the(github: GitHub) -> Self {
        let GitHub(host, _) = github;
        let names = [
            host.to_owned(),
            format!("www.{host}"),
            format!("gist.{host}"),
            format!("api.{host}"),
        ];
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let sandbox = Sandbox::start_with_pooled_keys();
        let authority = Authority::new();
        let front = Front::start(&authority, &names, sandbox.github().address());
        let targets: Vec<_> = names.iter().map(|name| format!("{name}:443")).collect();
        let proxy = ConnectProxy::start(targets.iter().map(|target| (target.as_str(), front.address())));
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("root.pem"), authority.root_pem()).unwrap();
        let mut town = Self {
            github,
            sandbox,
            _front: front,
            proxy,
            home,
            runtime: tempfile::tempdir_in("/dev/shm").unwrap(),
            operators: String::new(),
        };
        let mint = town.at(program("raxx-mint --fresh --bot raxx-ops-bot")).run().success();
        mint.trim().clone_into(&mut town.operators);
        for name in ["raxx", "handbook"] {
            let bare = town.sandbox.github().repository("MooseQuest", name);
            let line = "cd $(mktemp -d -p \"$HOME\"); git init -q -b main; git commit -q --allow-empty -m first; git push -q \"$0\" main";
            let run = town.at(shell(&line.replace("$0", bare.to_str().unwrap())));
            run.run().success();
        }
        town.at(program(&format!(
            "with-bot-token --git raxx-dev-bot git clone -q https://{host}/MooseQuest/raxx work"
        )))
        .inside(town.home.path())
        .run()
        .success();
        town
    }

    fn at(&self, run: Run) -> Run {
        let root = self.home.path().join("root.pem");
        let identity = [
            "GIT_AUTHOR_NAME",
            "GIT_AUTHOR_EMAIL",
            "GIT_COMMITTER_NAME",
            "GIT_COMMITTER_EMAIL",
        ];
        let run = identity.iter().fold(run, |run, name| run.env(name, "x"));
        let run = run.against(&self.sandbox).without("GITHUB_API_URL");
        let run = match self.github {
            GitHub(_, Some(base)) => run.env("GITHUB_API_URL", base),
            GitHub(_, None) => run,
        };
        run.env("HTTPS_PROXY", self.proxy.url())
            .env("SSL_CERT_FILE", &root)
            .env("GIT_SSL_CAINFO", &root)
            .env("HOME", self.home.path())
            .env("XDG_RUNTIME_DIR", self.runtime.path())
            .env("TMPDIR", self.runtime.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("OP", &self.operators)
            .env("BASIC", STANDARD.encode(format!("x:{}", self.operators)))
    }

    /// Who GitHub saw since it was last asked: by whose credential each request came, wherever in it that stood.
    fn seen(&self) -> BTreeSet<&'static str> {
        let journal = self.sandbox.journal();
        let who = |headers: &[(String, String)]| {
            let all: Vec<_> = headers.iter().map(|(_, value)| clear(value)).collect();
            let all = all.join(
                "
",
            );
            if all.contains(&self.operators) || all.contains("the-operators") {
                "the operator"
            } else if all.contains("ghs_") {
                "the bot"
            } else {
                "nobody"
            }
        };
        let entries = journal.entries();
        // What mints a token bears the App's JWT.
        let asked = entries
            .iter()
            .filter(|entry| entry.server == "github" && !entry.path.contains("/app/"));
        let seen = asked.map(|entry| who(&entry.headers)).collect();
        journal.clear();
        seen
    }
}

/// A header's value with what is in its Basic credential.
fn clear(value: &str) -> String {
    let decoded = value.split(' ').nth(1).and_then(|word| STANDARD.decode(word).ok());
    format!("{value} {}", String::from_utf8_lossy(&decoded.unwrap_or_default()))
}

/// Where an operator's credential lies: planted by the operator, taken away again, and what the command does of its own.
#[derive(Clone, Copy)]
struct Plant {
    name: &'static str,
    planted: &'static str,
    within: &'static str,
}

const fn plant(name: &'static str, planted: &'static str, within: &'static str) -> Plant {
    Plant { name, planted, within }
}

const REPOSITORY: &str = "https://github.com/MooseQuest/raxx";

const PLANTS: &[Plant] = &[
    plant("nothing", "", ""),
    plant(
        "netrc of the host",
        "echo machine github.com login operator password $OP > ~/.netrc",
        "",
    ),
    plant(
        "netrc of any host",
        "echo default login operator password $OP > ~/.netrc",
        "",
    ),
    plant(
        "netrc of our user",
        "echo machine github.com login x-access-token password $OP > ~/.netrc",
        "",
    ),
    plant(
        "netrc in another place",
        "echo machine github.com login o password $OP > ~/other",
        "export NETRC=~/other",
    ),
    plant(
        "a general helper",
        "git config --global credential.helper '!echo username=o; echo password='$OP; : ",
        "",
    ),
    plant(
        "a helper of the host",
        "git config --global credential.https://github.com.helper '!echo username=o; echo password='$OP; :",
        "",
    ),
    plant(
        "a helper of the repository's",
        "git -C work config credential.helper '!echo username=o; echo password='$OP; :",
        "",
    ),
    plant("a helper that stores", "git -C work config credential.helper store", ""),
    plant(
        "a header of the host",
        "git config --global http.https://github.com/.extraHeader \"Authorization: Basic $BASIC\"",
        "",
    ),
    plant(
        "a header of all hosts",
        "git config --global http.extraHeader \"Authorization: Basic $BASIC\"",
        "",
    ),
    plant(
        "a header of the owner",
        "git config --global http.https://github.com/MooseQuest.extraHeader \"Authorization: Basic $BASIC\"",
        "",
    ),
    plant(
        "a header of the repository",
        "git -C work config http.https://github.com/MooseQuest/raxx.extraHeader \"Authorization: Basic $BASIC\"",
        "",
    ),
    plant(
        "a header with a user in its URL",
        "git config --global http.https://o@github.com/MooseQuest.extraHeader \"Authorization: Basic $BASIC\"; git -C work remote set-url origin https://o@github.com/MooseQuest/raxx",
        "",
    ),
    plant(
        "a header that is included",
        "git config -f more http.https://github.com/MooseQuest/raxx.extraHeader \"Authorization: Basic $BASIC\"; git config --global includeIf.gitdir:~/work/.path ~/more",
        "",
    ),
    plant(
        "a header of the command's",
        "",
        "git() { command git -c http.https://github.com/MooseQuest/raxx.extraHeader=\"Authorization: Basic $BASIC\" \"$@\"; }",
    ),
    plant(
        "settings of the command's",
        "",
        "export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=http.https://github.com/MooseQuest.extraHeader GIT_CONFIG_VALUE_0=\"Authorization: Basic $BASIC\"",
    ),
    plant(
        "settings of the command's and a helper",
        "git config --global credential.helper '!echo username=o; echo password='$OP; :",
        "export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=a.b GIT_CONFIG_VALUE_0=c",
    ),
    plant(
        "a credential in the remote",
        "git -C work remote set-url origin https://o:$OP@github.com/MooseQuest/raxx",
        "",
    ),
    plant(
        "a token as the remote's user",
        "git -C work remote set-url origin https://$OP@github.com/MooseQuest/raxx",
        "",
    ),
    plant(
        "a credential to push with",
        "git -C work config remote.origin.pushurl https://o:$OP@github.com/MooseQuest/raxx",
        "",
    ),
    plant(
        "a credential that URLs are led to",
        "git config --global url.https://o:$OP@github.com/.insteadOf https://github.com/",
        "",
    ),
    plant(
        "one that pushes are led to",
        "git config --global url.https://o:$OP@github.com/.pushInsteadOf https://github.com/",
        "",
    ),
    plant(
        "a longer one",
        "git config --global url.https://o:$OP@github.com/MooseQuest/.insteadOf https://github.com/MooseQuest/",
        "",
    ),
    plant(
        "a host in other letters",
        "echo machine github.com login o password $OP > ~/.netrc; git -C work remote set-url origin https://GitHub.com:443/MooseQuest/raxx",
        "",
    ),
    plant(
        "the website's other name",
        "echo machine www.github.com login o password $OP > ~/.netrc; git -C work remote set-url origin https://www.github.com/MooseQuest/raxx",
        "",
    ),
    plant(
        "plain HTTP",
        "echo machine github.com login o password $OP > ~/.netrc; git -C work remote set-url origin http://github.com/MooseQuest/raxx",
        "",
    ),
    plant(
        "a cookie",
        "printf 'github.com\\tFALSE\\t/\\tTRUE\\t0\\tuser_session\\tthe-operators\\n' > jar; git config --global http.cookieFile ~/jar",
        "",
    ),
    plant(
        "a header with another secret",
        "git -C work config http.https://github.com/MooseQuest.extraHeader 'Private-Token: the-operators'",
        "",
    ),
    plant(
        "a program that answers",
        "printf '#!/bin/sh\\necho %s' $OP > ask; chmod +x ask; git config --global core.askPass ~/ask",
        "export GIT_ASKPASS=~/ask SSH_ASKPASS=~/ask",
    ),
    plant(
        "settings that are dropped",
        "echo machine github.com login o password $OP > ~/.netrc; git config --global credential.helper '!echo username=o; echo password='$OP; :",
        "unset $(git rev-parse --local-env-vars)",
    ),
    plant(
        "all of git's variables dropped",
        "echo machine github.com login o password $OP > ~/.netrc; git config --global credential.helper '!echo username=o; echo password='$OP; :",
        "unset ${!GIT_@}; export GIT_SSL_CAINFO=~/root.pem",
    ),
    plant(
        "an environment that is cleared",
        "echo machine github.com login o password $OP > ~/.netrc; git config --global credential.helper '!echo username=o; echo password='$OP; :",
        "git() { env -i PATH=\"$PATH\" HOME=~ HTTPS_PROXY=$HTTPS_PROXY GIT_SSL_CAINFO=~/root.pem git \"$@\"; }",
    ),
    plant(
        "a netrc and a header",
        "echo machine github.com login o password $OP > ~/.netrc; git -C work config http.https://github.com/MooseQuest/raxx.extraHeader \"Authorization: Basic $BASIC\"",
        "",
    ),
    plant(
        "a netrc and a credential in the remote",
        "echo machine github.com login o password $OP > ~/.netrc; git -C work remote set-url origin https://o:$OP@github.com/MooseQuest/raxx",
        "",
    ),
    plant(
        "a helper and URLs that are led away",
        "git config --global credential.helper '!echo username=o; echo password='$OP; :; git config --global url.https://o:$OP@github.com/.insteadOf gh:; git -C work remote set-url origin gh:MooseQuest/raxx",
        "",
    ),
    plant(
        "an ssh remote",
        "git -C work remote set-url origin git@github.com:MooseQuest/raxx",
        "",
    ),
    plant(
        "an ssh remote of another form",
        "git -C work remote set-url origin git+ssh://git@github.com/MooseQuest/raxx",
        "",
    ),
    plant(
        "ssh for HTTPS's port",
        "git -C work remote set-url origin ssh://git@ssh.github.com:443/MooseQuest/raxx",
        "",
    ),
];

const OPERATIONS: [&str; 5] = [
    "git commit -q --allow-empty -m more && git push -qf origin HEAD:refs/heads/by-the-bot",
    "git lfs locks",
    "git clone -q https://github.com/MooseQuest/raxx ../clone",
    "git -c protocol.file.allow=always submodule --quiet add https://github.com/MooseQuest/handbook sub",
    "git worktree add -q ../tree && git -C ../tree fetch -q",
];
/// Those that differ by the version of git: the rest goes by the same door.
const FEW: usize = 2;

/// Every git that this machine has, by the directory to put first on PATH.
pub(crate) fn gits() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap();
    let mut seen = BTreeSet::new();
    let mut gits: Vec<PathBuf> = std::env::split_paths(&path)
        .filter(|directory| directory.join("git").is_file())
        .collect();
    gits.retain(|directory| seen.insert(directory.join("git").canonicalize().unwrap()));
    gits
}

/// How git is made the bot's.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// By with-bot-token, with these flags.
    Wrapper(&'static str),
    /// By the helper that installs itself.
    Helper,
}

/// What a command brings of its own is not the helper's to take away.
const BEYOND_THE_HELPER: [&str; 2] = ["a header of the command's", "settings of the command's"];

/// Walks the table in one way to run git; how many cells there were, and those in which git stopped.
fn walk(github: GitHub, way: Way, git: &Path, plants: &[Plant], operations: &[&str]) -> (usize, usize) {
    let town = Town::at_the(github);
    // The tables name github.com.
    let here = |line: &str| line.replace("github.com", github.0);
    let clean = town.home.path().with_extension("clean");
    let copy = |from: &Path, to: &Path| {
        let _ = fs::remove_dir_all(to);
        let line = format!("cp -a '{}' '{}'", from.display(), to.display());
        shell(&line).run().success();
    };
    copy(town.home.path(), &clean);
    let path = format!(
        "{}:{}:{}",
        tests::programs::directory().display(),
        git.display(),
        std::env::var("PATH").unwrap()
    );
    let has_lfs = tests::tools::has("git-lfs");
    let operations: Vec<_> = operations
        .iter()
        .filter(|line| has_lfs || !line.contains("lfs"))
        .collect();
    // Each says how it ended on a line of its own.
    let lines: Vec<_> = operations
        .iter()
        .map(|line| format!("({}) 2>&1; echo \"ended: $?\"", here(line)))
        .collect();
    let (mut cells, mut stopped) = (0, 0);
    for plant in plants {
        copy(&clean, town.home.path());
        // How git comes to a URL differs by what it is to do; the rest goes by the same door.
        let is_about_urls = ["url", "netrc", "nothing"]
            .iter()
            .any(|word| plant.planted.contains(word) || plant.name == *word);
        let lines = if is_about_urls {
            &lines[..]
        } else {
            &lines[..FEW.min(lines.len())]
        };
        let script = lines.join("\n");
        town.at(shell(&format!("cd ~; {}", here(plant.planted))))
            .run()
            .success();
        town.seen();
        let script = format!("cd ~/work; {}\n{script}", here(plant.within));
        // The variables stay for `$OP`: a command that brings a credential of the operator's has to get it from somewhere.
        let run = match way {
            Way::Wrapper(flags) => program(&format!("with-bot-token {flags} raxx-dev-bot bash -c")).arg(&script),
            Way::Helper if BEYOND_THE_HELPER.contains(&plant.name) => continue,
            Way::Helper => shell(&format!(
                "cd ~/work; git-credential-raxx install --bot raxx-dev-bot 2>&1 || exit\n{script}"
            )),
        };
        let told = town.at(run).env("PATH", &path).run();
        let seen = town.seen();
        let cell = format!("{} ({way:?}, {})\n{told}\n{seen:?}", plant.name, git.display());
        assert!(!seen.contains("the operator"), "{cell}");
        assert!(!town.home.path().join(".git-credentials").exists(), "{cell}");
        if matches!(way, Way::Helper) && told.stdout.contains("nothing was installed") {
            cells += 1;
            stopped += 1;
            assert!(seen.is_empty(), "{cell}");
            continue;
        }
        let endings: Vec<&str> = told.stdout.split("ended: ").collect();
        assert_eq!(endings.len(), lines.len() + 1, "{cell}");
        for (before, after) in endings.iter().zip(&endings[1..]) {
            cells += 1;
            if !after.starts_with("0\n") {
                stopped += 1;
                assert!(
                    before.contains("error: ") || before.contains("fatal: "),
                    "{before} in {cell}"
                );
            }
        }
        assert!(
            seen.contains("the bot") || endings[1..].iter().all(|end| !end.starts_with("0\n")),
            "{cell}"
        );
    }
    let _ = fs::remove_dir_all(clean);
    (cells, stopped)
}

#[test]
fn git_is_the_bot_wherever_the_operators_credential_lies() {
    needs!("git");
    let (cells, stopped) = walk(DOTCOM, Way::Wrapper("--git"), &gits()[0], PLANTS, &OPERATIONS);
    assert!(stopped * 3 < cells, "{stopped} of {cells} stopped");
    if tests::tools::has("git-lfs") {
        let told = include_str!("../../../docs/security.md");
        let counts = format!("{cells} cells, in {stopped} of which git or git-lfs stops");
        assert!(told.contains(&counts), "docs/security.md: {counts}");
    }
}

#[test]
fn every_git_of_this_machine_goes_by_the_door() {
    needs!("git");
    for git in &gits()[1..] {
        let (cells, stopped) = walk(DOTCOM, Way::Wrapper("--git"), git, PLANTS, &OPERATIONS[..FEW]);
        assert!(stopped * 3 < cells, "{stopped} of {cells} stopped: {}", git.display());
    }
}

/// The host's name decides a lot, the kind of place does not: one of each kind.
#[test]
fn by_every_kind_of_github_git_is_the_bot() {
    needs!("git");
    let some = [
        "netrc of the host",
        "a header of the owner",
        "a credential in the remote",
        "an ssh remote",
    ];
    let plants: Vec<_> = PLANTS
        .iter()
        .filter(|plant| some.contains(&plant.name))
        .copied()
        .collect();
    assert_eq!(plants.len(), some.len());
    for github in OTHERS {
        for way in [Way::Wrapper("--git"), Way::Wrapper("--renew --git"), Way::Helper] {
            let (cells, stopped) = walk(github, way, &gits()[0], &plants, &OPERATIONS[..1]);
            assert!(stopped < cells, "{github:?} {way:?}: all {cells} stopped");
        }
    }
}

#[test]
fn with_a_token_that_is_renewed_git_is_the_bot_too() {
    needs!("git");
    let git = gits().pop().expect("there is one");
    let (cells, stopped) = walk(DOTCOM, Way::Wrapper("--renew --git"), &git, PLANTS, &OPERATIONS[..FEW]);
    assert!(stopped * 3 < cells, "{stopped} of {cells} stopped");
}

#[test]
fn with_the_helper_installed_git_is_the_bot_or_nothing_is_installed() {
    needs!("git");
    for git in gits() {
        let (cells, stopped) = walk(DOTCOM, Way::Helper, &git, PLANTS, &OPERATIONS[..1]);
        assert!(stopped < cells, "all {cells} stopped: {}", git.display());
    }
}

/// git-lfs reads a netrc and headers by rules of its own; where it is not, more can be put aside.
#[test]
fn without_git_lfs_the_helper_puts_a_netrc_aside() {
    needs!("git");
    let bare = tempfile::tempdir().unwrap();
    for git in gits() {
        let town = Town::new();
        let links = bare.path().join(git.to_string_lossy().replace('/', "_"));
        fs::create_dir(&links).unwrap();
        for directory in [PathBuf::from("/usr/bin"), tests::programs::directory(), git.clone()] {
            for program in fs::read_dir(directory).unwrap().flatten() {
                let link = links.join(program.file_name());
                let _ = fs::remove_file(&link);
                std::os::unix::fs::symlink(program.path(), link).unwrap();
            }
        }
        let _ = fs::remove_file(links.join("git-lfs"));
        let run = |line: &str| town.at(shell(line)).env("PATH", &links).inside(town.home.path()).run();
        run("echo machine github.com login operator password $OP > ~/.netrc; git config --global http.https://github.com/.extraHeader \"Authorization: Basic $BASIC\"").success();
        run("git-credential-raxx install --bot raxx-dev-bot").success();
        town.seen();
        run(&format!("cd work; {}", OPERATIONS[0])).success();
        let seen = town.seen();
        assert!(
            seen.contains("the bot") && !seen.contains("the operator"),
            "{} {seen:?}",
            git.display()
        );
    }
}

/// Where an operator's token lies that gh would take.
const GH_PLANTS: &[Plant] = &[
    plant("nothing", "", ""),
    plant(
        "gh's own login",
        "mkdir -p .config/gh; printf 'github.com:\n    user: o\n    oauth_token: %s\n' $OP > .config/gh/hosts.yml",
        "",
    ),
    plant(
        "gh's own login in another place",
        "mkdir other; printf 'github.com:\n    user: o\n    oauth_token: %s\n' $OP > other/hosts.yml",
        "export GH_CONFIG_DIR=~/other",
    ),
    plant(
        "gh's variables",
        "",
        "export GH_TOKEN=$OP GITHUB_TOKEN=$OP GH_ENTERPRISE_TOKEN=$OP",
    ),
    plant("gh's second variable", "", "export GITHUB_TOKEN=$OP"),
    plant(
        "a netrc",
        "echo machine api.github.com login operator password $OP > .netrc; cp .netrc other-netrc",
        "",
    ),
];

const GH: &str = "gh api /installation/repositories";

/// gh by every way that gives it a token. What `within` sets is there before, as an operator's shell has it.
#[test]
fn gh_is_the_bot_by_every_way() {
    needs!("gh");
    for way in [
        format!("with-bot-token raxx-dev-bot {GH}"),
        format!("with-bot-token --git raxx-dev-bot {GH}"),
        format!("with-bot-token --renew raxx-dev-bot {GH}"),
        format!("with-bot-token --revoke raxx-dev-bot {GH}"),
        format!(
            "with-bot-token raxx-ops-bot with-bot-token --keep-credentials raxx-ops-bot {GH} || with-bot-token raxx-dev-bot {GH}"
        ),
        format!("eval \"$(raxx-mint --bot raxx-dev-bot --export || echo false)\" && {GH}"),
    ] {
        let town = Town::new();
        town.seen();
        for plant in GH_PLANTS {
            let line = format!("cd ~; rm -rf .config other\n{}\n{}\n{way}", plant.planted, plant.within);
            let told = town.at(shell(&line)).run();
            let seen = town.seen();
            let cell = format!("{} {told} {seen:?}", plant.name);
            assert_eq!(told.code, Some(0), "{cell}");
            assert_eq!(seen, BTreeSet::from(["the bot"]), "{cell}");
        }
        // Where there is no token, there is nobody.
        let line = format!("cd ~; {}\n{}\n{way}", GH_PLANTS[1].planted, GH_PLANTS[3].within);
        let told = town
            .at(shell(&line))
            .env("INFISICAL_CLIENT_SECRET", "b".repeat(64))
            .env("RAXX_MINT_CACHE", "off")
            .run();
        assert!(!town.seen().contains("the operator"), "{told}");
    }
}

/// cargo has a git of its own built in, which reads nothing of what we set but that it should call git.
#[test]
fn cargo_fetches_as_the_bot() {
    needs!("git");
    let town = Town::new();
    let cargo = std::env::var("CARGO").expect("cargo runs the tests");
    let bare = town.sandbox.github().repository("MooseQuest", "handbook");
    let package = "printf '[package]\nname = \"%s\"\nversion = \"0.1.0\"\nedition = \"2024\"\n'";
    let line = format!(
        "mkdir -p ~/seed/src ~/user/src; cd ~/seed; touch src/lib.rs ../user/src/lib.rs; {package} dependency > Cargo.toml; git \
         init -q -b main; git add .; git commit -q -m first; git push -qf {} main; cd ../user; {package} user > Cargo.toml; echo \
         '[dependencies]\ndependency = {{ git = \"https://github.com/MooseQuest/handbook\" }}' >> Cargo.toml; git config --global \
         credential.helper '!echo username=o; echo password='$OP; : ",
        bare.display()
    );
    town.at(shell(&line.replace("\\n", "\n"))).run().success();
    town.seen();
    let run = program("with-bot-token --git raxx-dev-bot").arg(&cargo).arg("fetch");
    let run = town.at(run).env("CARGO_HOME", town.home.path().join("cargo"));
    // Not one that asks rustup, which looks into the home.
    let rustc = Path::new(&cargo).with_file_name("rustc");
    let run = run.env("RUSTC", rustc);
    run.inside(&town.home.path().join("user")).run().success();
    // It asks the API as nobody whether there is anything new.
    let seen = town.seen();
    assert!(seen.contains("the bot") && !seen.contains("the operator"), "{seen:?}");
}

/// What only shows later is refused when it shows, with the setting and the way out.
#[test]
fn what_cannot_be_taken_back_is_refused_by_name() {
    needs!("git", "git-lfs", "ssh");
    let town = Town::new();
    let as_bot = |planted: &str, line: &str| {
        town.at(shell(&format!("cd ~/work; {planted}"))).run().success();
        let run = town.at(program("with-bot-token --git raxx-dev-bot bash -c"));
        run.arg(&format!("cd ~/work; {line}")).run()
    };
    let ssh =
        "printf 'Host github-work\\n HostName github.com\\n' > ~/ssh; git config core.sshCommand \"ssh -F $HOME/ssh\"";
    for (planted, line, words) in [
        (
            "git config http.https://github.com/.sslCert ~/root.pem",
            "git fetch",
            ["a client certificate, as the operator", "http.sslCert"],
        ),
        (
            "git config --unset-all http.https://github.com/.sslCert; git config http.https://github.com/MooseQuest.extraHeader 'X: y'",
            "git lfs locks",
            ["git-lfs would send github.com a header", "(file:.git/config)"],
        ),
        (
            "git config --remove-section http.https://github.com/MooseQuest; git config lfs.url https://o:secret@github.com/MooseQuest/raxx.git/info/lfs",
            "git lfs locks",
            ["a credential of a URL, as the operator", "lfs.url (file:.git/config)"],
        ),
        (
            "git config --unset lfs.url; git config url.git@github.com:.insteadOf https://github.com/",
            "git fetch",
            [
                "git would reach github.com over ssh, as the operator",
                "https://github.com/MooseQuest/raxx",
            ],
        ),
        (
            &format!(
                "git config --remove-section url.git@github.com:; {ssh}; git remote set-url origin git@github-work:MooseQuest/raxx.git"
            ),
            "git fetch",
            [
                "ssh's configuration leads “github-work” to github.com",
                "https://github.com/MooseQuest/raxx.git",
            ],
        ),
        (
            "true",
            "GIT_SSH_COMMAND=\"ssh -F $HOME/ssh\" git push origin HEAD:x",
            [
                "ssh's configuration leads “github-work” to github.com",
                "https://github.com/MooseQuest/raxx.git",
            ],
        ),
    ] {
        let told = as_bot(planted, line);
        assert_ne!(told.code, Some(0), "{planted}: {told}");
        for word in words {
            assert!(told.stderr.contains(word), "{word}: {told}");
        }
        assert!(!told.stderr.contains("secret@"), "{told}");
    }
    assert!(!town.seen().contains("the operator"));
}

/// One program of git's has four names and takes a URL of any of them; two more are older than smart HTTP; git-lfs reads a URL from
/// wherever it stands.
#[test]
fn less_travelled_ways_to_the_bots_host_are_the_bots_or_refused() {
    needs!("git");
    let town = Town::new();
    let with_credential = "https://op:the-operators@github.com/MooseQuest/raxx.git";
    let run = |line: &str| {
        let line = format!("cd ~/work; {}", line.replace("$P", with_credential));
        town.at(program("with-bot-token --git raxx-dev-bot bash -c"))
            .arg(&line)
            .run()
    };
    for line in [
        "git ls-remote -q ftp::$P",
        "git ls-remote -q ftps::$P",
        "git ls-remote -q https::https::$P",
        "git -c remote.o.url=$P -c remote.o.vcs=ftp ls-remote -q o",
        "git remote-ftp x $P < /dev/null",
        "git http-push $P main",
        "git http-fetch -a main $P",
    ] {
        run(line);
        let seen = town.seen();
        assert!(!seen.contains("the operator"), "{line}: {seen:?}");
    }
    let told = run("git http-push $P main");
    assert!(
        told.stderr
            .contains("git-http-push would go to github.com as the operator"),
        "{told}"
    );
    if !tests::tools::has("git-lfs") {
        return;
    }
    for line in [
        "git config remote.pushDefault $P; git lfs locks",
        "git config --unset remote.pushDefault; git config branch.main.remote $P; git lfs locks",
        "git config --unset branch.main.remote; git config remote.lfsdefault $P; git lfs locks",
        "git config --unset remote.lfsdefault; git lfs locks --remote=$P",
        "git lfs push $P main",
        "git remote set-url origin git://op:the-operators@github.com/MooseQuest/raxx.git; git lfs locks",
    ] {
        let told = run(line);
        assert!(
            told.stderr.contains("a credential of a URL, as the operator"),
            "{line}: {told}"
        );
        assert!(
            !told.stderr.contains("the-operators") && !town.seen().contains("the operator"),
            "{line}"
        );
    }
}

/// A command may not want to know of its children, and the kernel then buries those of the stand-ins too.
#[test]
fn a_certificate_is_refused_where_children_are_ignored() {
    needs!("git");
    let town = Town::new();
    let line = "cd ~/work; git config http.https://github.com/.sslCert ~/root.pem; trap '' CHLD; git fetch";
    let told = town
        .at(program("with-bot-token --git raxx-dev-bot bash -c").arg(line))
        .run();
    assert_ne!(told.code, Some(0), "{told}");
    assert!(told.stderr.contains("a client certificate, as the operator"), "{told}");
    assert!(!town.seen().contains("the operator"), "{told}");
}

/// Another host's ssh is the operator's own, by whatever variable it was chosen and however many wrappers there are.
#[test]
fn another_hosts_ssh_is_the_operators_own_in_every_wrapper() {
    needs!("git");
    let town = Town::new();
    let own = town.home.path().join("own");
    fs::write(&own, "#!/bin/sh\necho own ssh >&2\nexit 1\n").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&own, mode).unwrap();
    let twice = "with-bot-token --keep-credentials --git raxx-dev-bot with-bot-token --git raxx-ops-bot timeout 20 git";
    for line in ["with-bot-token --git raxx-dev-bot git", twice] {
        for (name, other) in [("GIT_SSH_COMMAND", "GIT_SSH"), ("GIT_SSH", "UNUSED")] {
            let run = town.at(program(&format!("{line} ls-remote git@elsewhere.test:a/b")));
            // The command wins over the program (git(1)).
            let told = run.env(name, &own).env(other, "/bin/false").run();
            assert!(told.stderr.contains("own ssh"), "{name}: {told}");
        }
    }
}

/// What git gives us is not always text, and a home is not always set; curl then looks into that of the user database.
#[test]
fn a_url_that_is_no_text_is_refused_and_without_a_home_there_is_none() {
    needs!("git");
    let town = Town::new();
    let line = "git ls-remote \"$(printf 'https://o:%s@github.com/MooseQuest/caf\\351' \"$OPERATOR\")\"";
    let run = town.at(program("with-bot-token --git raxx-dev-bot bash -c")).arg(line);
    let told = run.env("OPERATOR", "the-operators").run().failure(128);
    assert!(told.stderr.contains("is no text"), "{told}");
    assert!(!town.seen().contains("the operator"));
    for unset in ["unset HOME", "export HOME="] {
        // The real program is asked what it was given, in its place.
        let line = format!("{unset}; core=$GIT_EXEC_PATH; exec $core/git-remote-https origin {REPOSITORY} < /dev/null");
        let run = town.at(program("with-bot-token --git raxx-dev-bot bash -c")).arg(&format!(
            "exec_path=$(mktemp -d); printf '#!/bin/sh\\necho home: $HOME\\n' > $exec_path/git-remote-https; chmod +x \
             $exec_path/*; document=$GIT_EXEC_PATH/../git-door.json; sed -i \"s|\\\"exec_path\\\":\\\"[^\\\"]*|\\\"exec_path\\\":\\\"$exec_path|\" \
             $document; {line}"
        ));
        let told = run.env("HOME", town.home.path()).run().success();
        let home = told.trim().strip_prefix("home: ").unwrap_or_else(|| panic!("{told}"));
        assert!(
            Path::new(home).is_absolute() && !Path::new(home).join(".netrc").exists(),
            "{told}"
        );
    }
}

/// What a cleaner of old files has left of it is made anew.
#[test]
fn a_folder_of_links_that_is_damaged_is_made_anew() {
    needs!("git");
    let town = Town::new();
    let run = |line: &str| {
        town.at(program(&format!("with-bot-token --git raxx-dev-bot {line}")))
            .run()
    };
    let core = PathBuf::from(run("printenv GIT_EXEC_PATH").success().trim());
    let spoils: [&dyn Fn(); 4] = [
        &|| fs::remove_file(core.join("git-remote-https")).unwrap(),
        &|| fs::remove_file(core.with_file_name("bin").join("git")).unwrap(),
        &|| fs::remove_file(core.with_file_name("git-door.json")).unwrap(),
        &|| fs::write(core.with_file_name("git-door.json"), "{").unwrap(),
    ];
    for spoil in spoils {
        spoil();
        run(&format!("git ls-remote -q {REPOSITORY}")).success();
        // A git before 2.46 asks first without any credential.
        let seen = town.seen();
        assert!(seen.contains("the bot") && !seen.contains("the operator"), "{seen:?}");
    }
}

/// The folder of links is made once, is swept when no token of its commands can live, and holds no secret.
#[test]
fn the_folder_of_links_is_shared_swept_and_holds_no_secret() {
    needs!("git");
    let town = Town::new();
    let run = || {
        town.at(program("with-bot-token --git raxx-dev-bot printenv GIT_EXEC_PATH"))
            .run()
            .success()
    };
    let core = PathBuf::from(run().trim());
    assert_eq!(PathBuf::from(run().trim()), core);
    let document = fs::read_to_string(core.with_file_name("git-door.json")).unwrap();
    assert!(!document.contains("ghs_"), "{document}");
    let old = core.parent().unwrap().with_file_name("raxx-git-old");
    fs::create_dir(&old).unwrap();
    let two_days = std::time::Duration::from_secs(2 * 24 * 60 * 60);
    let then = std::time::SystemTime::now() - two_days;
    fs::File::open(&old).unwrap().set_modified(then).unwrap();
    run();
    assert!(!old.exists() && core.exists());
}
