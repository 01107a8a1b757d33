//! Configuration files: whose word counts, for every program that asks for one.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::sandbox::Sandbox;

use crate::chain::{Run, Told, program, shell};

/// Every way to a token of the dev bot, and what it ends with where the configuration cannot be used.
const WAYS: [(&str, i32); 8] = [
    (
        "set -o pipefail; infisical-login | infisical-fetch --bot raxx-dev-bot | gh-app-jwt | gh-install-token",
        3,
    ),
    ("raxx-mint raxx-dev-bot", 3),
    ("raxx-mint --fresh --path /MooseQuest/raxx-dev-bot", 3),
    ("raxx-mint raxx-dev-bot raxx-ops-bot", 3),
    ("raxx-mint --all-bots", 3),
    ("with-bot-token raxx-dev-bot true", 125),
    ("with-bot-token --revoke raxx-dev-bot true", 125),
    (
        "printf 'protocol=https\\nhost=%s\\n' $GIT_HOST | git-credential-raxx --bot raxx-dev-bot get",
        3,
    ),
];

/// A home, a repository, and a sandbox whose addresses stand in files only.
struct House {
    sandbox: Sandbox,
    home: TempDir,
    repository: TempDir,
}

impl Run {
    /// Fails so; what it says on standard output, as a helper and a doctor do, is looked at by who asks.
    fn ends(self, code: i32) -> Told {
        let told = self.run();
        assert_eq!(told.code, Some(code), "{told}");
        told
    }
}

impl House {
    fn new() -> Self {
        let house = Self {
            sandbox: Sandbox::start_with_pooled_keys(),
            home: tempfile::tempdir().unwrap(),
            repository: tempfile::tempdir().unwrap(),
        };
        fs::create_dir_all(house.inside()).unwrap();
        house
    }

    /// Deep in the repository.
    fn inside(&self) -> PathBuf {
        self.repository.path().join("src/deep")
    }

    fn users(&self, content: &str) -> PathBuf {
        let path = self.home.path().join(".config/raxx/config.toml");
        written(&path, content)
    }

    fn repositorys(&self, content: &str) -> PathBuf {
        written(&self.repository.path().join(".raxx.toml"), content)
    }

    /// What the sandbox's variables say, as a file.
    fn servers(&self) -> String {
        format!(
            "infisical-host = \"{}\"\nproject-id = \"{}\"\ngithub-api-url = \"{}\"\n",
            self.sandbox.infisical().base_url(),
            self.sandbox.infisical().settings().project_id,
            self.sandbox.github().base_url(),
        )
    }

    /// A line of shell with the credentials and nothing else.
    fn run(&self, line: &str) -> Run {
        let identity = self.sandbox.identity();
        self.without_credentials(line)
            .env("INFISICAL_CLIENT_ID", &identity.client_id)
            .env("INFISICAL_CLIENT_SECRET", &identity.client_secret)
    }

    fn without_credentials(&self, line: &str) -> Run {
        let run = if line.contains(['|', '\'', ';']) {
            shell(line)
        } else {
            program(line)
        };
        run.without("RAXX_CONFIG")
            .env("HOME", self.home.path())
            .env("XDG_RUNTIME_DIR", "/nowhere")
            .env("GIT_HOST", self.sandbox.github().address().to_string())
            .inside(&self.inside())
            .named(self.sandbox.github().base_url(), "http://github.test")
            .named(self.sandbox.infisical().base_url(), "http://infisical.test")
            .named(self.sandbox.infisical().settings().project_id, "[project]")
            .named(self.home.path().to_string_lossy(), "[home]")
            .named(self.repository.path().to_string_lossy(), "[repository]")
    }

    fn allow(&self) -> Told {
        self.without_credentials("raxx-mint allow").run()
    }

    /// The body of the dev bot's first exchange so far, and none from now on.
    fn scope(&self) -> Value {
        let exchanges = self.sandbox.journal().to("POST /access_tokens");
        self.sandbox.journal().clear();
        let installation = self.sandbox.bot("raxx-dev-bot").installation_id.to_string();
        let of_bot = exchanges.iter().find(|entry| entry.path.contains(&installation));
        of_bot.map(tests::journal::Entry::json).unwrap_or_default()
    }
}

fn written(path: &Path, content: &str) -> PathBuf {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    path.to_owned()
}

#[test]
fn a_users_file_serves_every_program() {
    let house = House::new();
    let scope = "[bots.raxx-dev-bot]\nrepositories = [\"raxx\"]\npermissions = { contents = \"read\" }\n";
    house.users(&(house.servers() + scope));
    for (line, _) in WAYS {
        house.run(line).run().success();
        let narrowed = json!({ "repositories": ["raxx"], "permissions": { "contents": "read" } });
        assert_eq!(house.scope(), narrowed, "{line}");
    }
    house.run("raxx-doctor").run().success();
    // The environment names another file, or none at all.
    let elsewhere = written(&house.home.path().join("elsewhere.toml"), &house.servers());
    house.users("nonsense");
    house
        .run("raxx-mint raxx-dev-bot")
        .env("RAXX_CONFIG", elsewhere)
        .run()
        .success();
    let none = house.run("raxx-mint raxx-dev-bot").env("RAXX_CONFIG", "off").ends(3);
    assert!(none.stderr.contains("INFISICAL_PROJECT_ID is not set"), "{none}");
    let gone = house
        .run("raxx-mint raxx-dev-bot")
        .env("RAXX_CONFIG", "/nowhere/raxx.toml")
        .run();
    insta::assert_snapshot!("files_named_and_gone", gone);
}

#[test]
fn a_repositorys_file_counts_with_the_content_that_was_allowed_only() {
    let house = House::new();
    house.users(&house.servers());
    let theirs = Sandbox::start_with_pooled_keys();
    let thief = format!(
        "infisical-host = \"{}\"\ngithub-api-url = \"{}\"\n",
        theirs.infisical().base_url(),
        theirs.github().base_url()
    );
    let file = house.repositorys(&thief);
    for (line, _) in WAYS {
        let told = house.run(line).run();
        assert!(
            told.stderr.contains(".raxx.toml is left out, since it was not allowed"),
            "{told}"
        );
        told.success();
    }
    house.run("raxx-doctor").run().success();
    assert!(theirs.journal().entries().is_empty(), "nothing was sent there");

    house.repositorys("env = \"prod\"\n");
    insta::assert_snapshot!("files_allowed", house.allow());
    for (line, _) in WAYS {
        let told = house.run(line).run();
        assert!(!told.stderr.contains("note:"), "{told}");
        told.success();
    }

    house.repositorys(&thief);
    house.sandbox.journal().clear();
    for (line, code) in WAYS {
        let told = house.run(line).ends(code);
        assert!(told.stderr.contains("has changed since it was allowed"), "{told}");
    }
    insta::assert_snapshot!("files_changed", house.run("raxx-mint raxx-dev-bot").run());
    house.run("raxx-doctor").ends(3);
    for sandbox in [&theirs, &house.sandbox] {
        assert!(sandbox.journal().to("/universal-auth").is_empty(), "no login");
    }

    house
        .without_credentials(&format!("raxx-mint deny {}", file.display()))
        .run()
        .success();
    for (line, _) in WAYS {
        let told = house.run(line).run();
        assert!(!told.stderr.contains("note:"), "{told}");
        told.success();
    }
    // What others could have written is nobody's word.
    house.allow();
    let records = house.home.path().join(".local/share/raxx/allowed");
    #[cfg(unix)]
    fs::set_permissions(&records, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    house.run("raxx-mint raxx-dev-bot").run().success();
    assert!(theirs.journal().entries().is_empty(), "nothing was sent there");
}

#[test]
fn the_order_is_flag_variable_repository_user_default() {
    let house = House::new();
    let asked = |run: Run| {
        house.sandbox.journal().clear();
        run.run();
        let fetches = house.sandbox.journal().to("/secrets");
        let query = fetches.first().map(|entry| entry.query.clone()).unwrap_or_default();
        let slug = query.split('&').find_map(|part| part.strip_prefix("environment="));
        slug.unwrap_or_default().to_owned()
    };
    let mint = || house.run("raxx-mint raxx-dev-bot");
    house.users(&house.servers());
    assert_eq!(asked(mint()), "prod");
    house.users(&(house.servers() + "env = \"users\"\n"));
    assert_eq!(asked(mint()), "users");
    house.repositorys("env = \"repositorys\"\n");
    assert_eq!(asked(mint()), "users");
    house.allow();
    assert_eq!(asked(mint()), "repositorys");
    assert_eq!(
        asked(mint().env("INFISICAL_ENV", "")),
        "repositorys",
        "empty counts as unset"
    );
    assert_eq!(asked(mint().env("INFISICAL_ENVIRONMENT", "fallback")), "fallback");
    let variable = || mint().env("INFISICAL_ENV", "variable");
    assert_eq!(asked(variable()), "variable");
    assert_eq!(asked(variable().arg("--env=flag")), "flag");
    // Of those that are allowed the nearest counts, and it alone.
    let nearer = written(&house.repository.path().join("src/.raxx.toml"), "env = \"nearer\"\n");
    assert_eq!(asked(mint()), "repositorys");
    house.allow();
    assert_eq!(asked(mint()), "nearer");
    house.without_credentials("raxx-mint deny").run().success();
    assert_eq!(asked(mint()), "repositorys");
    fs::remove_file(nearer).unwrap();
    assert_eq!(asked(mint()), "repositorys");
}

#[test]
fn a_bot_is_required_wherever_the_command_is_started() {
    const WITHOUT: &str = "with-bot-token raxx-dev-bot echo operator";
    let house = House::new();
    let runs = |with: &dyn Fn(Run) -> Run| with(house.without_credentials(WITHOUT)).run();
    let refused = |with: &dyn Fn(Run) -> Run| runs(with).failure(125);
    let as_it_is = |run: Run| run;
    assert_eq!(runs(&as_it_is).success(), "operator\n");
    // A file that is not read might ask for it.
    house.repositorys("require-bot = true\n");
    insta::assert_snapshot!("files_may_require", refused(&as_it_is));
    assert_eq!(runs(&|run| run.env("RAXX_REQUIRE_BOT", "0")).success(), "operator\n");
    house.allow();
    insta::assert_snapshot!("files_require", refused(&as_it_is));
    house.repositorys("require-bot = false\n");
    refused(&as_it_is);
    house.allow();
    assert_eq!(runs(&as_it_is).success(), "operator\n");
    house.users("require-bot = true\n");
    refused(&as_it_is);
    assert_eq!(runs(&|run| run.env("RAXX_REQUIRE_BOT", "0")).success(), "operator\n");
    house.users("require-bot = \"yes\"\n");
    refused(&as_it_is);
    // A project is there for who has credentials; alone it was not meant to be a bot's.
    house.users("project-id = \"7\"\n");
    assert_eq!(runs(&as_it_is).success(), "operator\n");
    refused(&|run| run.env("INFISICAL_PROJECT_ID", "7"));
}

#[test]
fn a_flag_goes_before_the_usual_scope_part_by_part() {
    let house = House::new();
    let usual =
        "[bots.raxx-dev-bot]\nrepositories = [\"raxx\", \"handbook\"]\npermissions = { contents = \"write\" }\n";
    house.users(&(house.servers() + usual));
    let runtime = tempfile::tempdir().unwrap();
    let kept = runtime.path().join("kept");
    let scope = |flags: &str| {
        let line = format!("raxx-mint raxx-dev-bot {flags}");
        house.run(&line).env("RAXX_MINT_CACHE", &kept).run().success();
        house.scope()
    };
    let both = json!({ "repositories": ["handbook", "raxx"], "permissions": { "contents": "write" } });
    assert_eq!(scope(""), both);
    assert_eq!(scope(""), Value::Null, "it is kept");
    house
        .run("raxx-mint raxx-dev-bot --unscoped")
        .env("RAXX_MINT_CACHE", &kept)
        .run()
        .success();
    let exchanges = house.sandbox.journal().to("POST /access_tokens");
    assert_eq!(exchanges.len(), 1, "what is kept is not for more than it reaches");
    let exchanges = |flags: &str| {
        house.sandbox.journal().clear();
        let line = format!("raxx-mint raxx-dev-bot --fresh {flags}");
        house.run(&line).run().success();
        house.scope()
    };
    assert_eq!(exchanges("--unscoped"), Value::Null);
    assert_eq!(exchanges("--repo raxx")["permissions"], both["permissions"]);
    assert_eq!(exchanges("--repo raxx")["repositories"], json!(["raxx"]));
    assert_eq!(
        exchanges("--permission issues=read")["permissions"],
        json!({ "issues": "read" })
    );
    assert_eq!(
        exchanges("--permission issues=read")["repositories"],
        both["repositories"]
    );
    assert_eq!(exchanges("--path /MooseQuest/raxx-dev-bot"), both);
    // Another bot has none.
    house.run("raxx-mint raxx-ops-bot").run().success();
    assert_eq!(house.scope(), Value::Null);

    house.repositorys("[bots.raxx-dev-bot]\npermissions = { contents = \"read\" }\n");
    house.allow();
    assert_eq!(exchanges("")["permissions"], json!({ "contents": "read" }));
    assert_eq!(exchanges("")["repositories"], both["repositories"]);
    house.users(&house.servers());
    house.repositorys("[bots.raxx-dev-bot]\npermissions = { issues = \"read\" }\n");
    house.allow();
    house.users(&(house.servers() + usual));
    for (line, code) in WAYS {
        let told = house.run(line).ends(code);
        assert!(
            told.stderr.contains("asks for more than is usual for raxx-dev-bot"),
            "{told}"
        );
    }
    insta::assert_snapshot!("files_widened", house.run("raxx-mint raxx-dev-bot").run());
}

#[test]
fn a_revocation_takes_no_scope() {
    for flag in ["--unscoped", "--repo=a", "--permission=contents=read"] {
        let told = program(&format!("gh-install-token --revoke {flag}")).stdin("{}").run();
        assert!(told.failure(2).stderr.contains("cannot be used with"), "{flag}");
    }
}

#[test]
fn a_file_that_is_not_allowed_hides_none_that_is() {
    let house = House::new();
    house.users(&house.servers());
    house.repositorys("require-bot = true\n[bots.raxx-dev-bot.permissions]\ncontents = \"read\"\n");
    house.allow();
    let nearer = written(&house.repository.path().join("src/.raxx.toml"), "");
    let narrowed = json!({ "contents": "read" });
    for say in ["", "raxx-mint deny"] {
        if !say.is_empty() {
            house.without_credentials(say).run().success();
        }
        for (line, _) in WAYS {
            house.sandbox.journal().clear();
            house.run(line).run().success();
            assert_eq!(house.scope()["permissions"], narrowed, "{line}");
        }
        house
            .without_credentials("with-bot-token raxx-dev-bot echo operator")
            .ends(125);
    }
    // Whoever allows it wants it so.
    house
        .without_credentials(&format!("raxx-mint allow {}", nearer.display()))
        .run()
        .success();
    house.run("raxx-mint raxx-dev-bot").run().success();
    assert_eq!(house.scope(), Value::Null);
}

#[cfg(unix)]
#[test]
fn an_allowed_file_that_is_gone_or_no_file_any_more_is_missed() {
    use std::os::unix::fs::symlink;

    let house = House::new();
    house.users(&house.servers());
    let file = house.repositorys("require-bot = true\n[bots.raxx-dev-bot.permissions]\ncontents = \"read\"\n");
    let ways: [(&str, &dyn Fn()); 4] = [
        ("gone", &|| {}),
        ("a folder", &|| fs::create_dir(&file).unwrap()),
        ("a link to nowhere", &|| symlink("/nowhere", &file).unwrap()),
        ("a link to itself", &|| symlink(".raxx.toml", &file).unwrap()),
    ];
    for (what, replace) in ways {
        let content = fs::read_to_string(&file).unwrap();
        house.allow();
        fs::remove_file(&file).unwrap();
        replace();
        for (line, code) in WAYS {
            let told = house.run(line).ends(code);
            assert!(told.stderr.contains("was allowed, and is"), "{what}: {told}");
        }
        house
            .without_credentials("with-bot-token raxx-dev-bot echo operator")
            .ends(125);
        house.run("raxx-doctor").ends(3);
        house
            .without_credentials(&format!("raxx-mint deny {}", file.display()))
            .run()
            .success();
        house.run("raxx-mint raxx-dev-bot").run().success();
        let _ = fs::remove_file(&file).or_else(|_| fs::remove_dir(&file));
        fs::write(&file, content).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_users_file_that_cannot_be_looked_at_is_missed() {
    use std::os::unix::fs::symlink;

    let house = House::new();
    let file = house.home.path().join(".config/raxx/config.toml");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    for target in ["/nowhere/config.toml", "config.toml"] {
        symlink(target, &file).unwrap();
        for (line, code) in WAYS {
            let told = house.run(line).ends(code);
            assert!(told.stderr.contains("the configuration file cannot be used"), "{told}");
        }
        house
            .without_credentials("with-bot-token raxx-dev-bot echo operator")
            .ends(125);
        fs::remove_file(&file).unwrap();
    }
    house.users("require-bot = true\n");
    // A name that is odd is the home's all the same; one that is relative is none.
    let odd = house.repository.path().join("home ");
    fs::rename(house.home.path(), &odd).unwrap();
    for home in [odd.as_path(), Path::new("../home")] {
        let run = house
            .without_credentials("with-bot-token raxx-dev-bot echo operator")
            .env("HOME", home);
        run.ends(125);
    }
    fs::rename(&odd, house.home.path()).unwrap();
}

#[test]
fn from_a_folder_that_is_gone_no_command_runs_as_the_operator() {
    let house = House::new();
    let line = "mkdir gone && cd gone && rmdir ../gone && with-bot-token raxx-dev-bot echo operator; true";
    let told = house.without_credentials(line).run();
    assert!(
        told.stderr.contains("the working folder is gone") && !told.stdout.contains("operator"),
        "{told}"
    );
}

#[test]
fn inside_a_bots_command_another_repositorys_file_is_heeded() {
    let house = House::new();
    house.users(&house.servers());
    house.repositorys("[bots.raxx-dev-bot.permissions]\ncontents = \"read\"\n");
    house.allow();
    let inner = format!(
        "cd '{}' && with-bot-token raxx-dev-bot echo inner",
        house.inside().display()
    );
    let outer = |place: &str| {
        let line = format!("cd '{place}'; with-bot-token raxx-dev-bot sh -c \"{inner}\"");
        house.run(&line).run()
    };
    let told = outer("/");
    assert!(
        told.stderr
            .contains("without what the repository's .raxx.toml here asks for"),
        "{told}"
    );
    assert_eq!(outer(&house.inside().to_string_lossy()).success(), "inner\n");
}

#[test]
fn what_git_asks_about_reaches_nothing_that_a_file_keeps_from_the_bot() {
    let house = House::new();
    house.users(&(house.servers() + "[bots.raxx-dev-bot]\nrepositories = [\"Raxx\"]\n"));
    let ask = |name: &str| {
        let asked = format!("printf 'protocol=https\\nhost=%s\\npath=MooseQuest/{name}.git\\n' $GIT_HOST");
        house
            .run(&format!(
                "{asked} | git-credential-raxx --bot raxx-dev-bot --scope-to-repo get"
            ))
            .run()
    };
    assert!(ask("raxx").success().contains("password="));
    let told = ask("handbook");
    assert!(
        told.code == Some(3) && told.stderr.contains("which the bot is kept from"),
        "{told}"
    );
}

#[test]
fn a_bots_table_has_one_name() {
    let house = House::new();
    for (tables, told) in [
        (
            "[bots.\"MooseQuest/raxx-dev-bot\"]",
            "neither a bot's name nor the whole path",
        ),
        ("[bots.\"raxx-dev-bot/\"]", "neither a bot's name nor the whole path"),
        ("[bots.\" raxx-dev-bot\"]", "neither a bot's name nor the whole path"),
        ("[bots.\"/a/b\"]\n[bots.\"/a/b/\"]", "is named twice"),
        (
            "[bots.a.permissions]\npull-requests = \"read\"\npull_requests = \"write\"",
            "is named twice",
        ),
    ] {
        house.users(&(house.servers() + tables + "\n"));
        let failure = house.run("raxx-mint raxx-dev-bot").ends(3);
        assert!(failure.stderr.contains(told), "{failure}");
    }
    // What every mint would refuse is not allowed in the first place.
    house.users(&(house.servers() + "[bots.a.permissions]\ncontents = \"read\"\n"));
    for wrong in ["contents = \"owner\"", "contents = \"write\""] {
        house.repositorys(&format!("[bots.a.permissions]\n{wrong}\n"));
        assert_eq!(house.allow().code, Some(3), "{wrong}");
    }
}

#[test]
fn no_secret_is_taken_from_a_file_and_none_is_shown() {
    let house = House::new();
    let secret = format!("0a1b{}", "c2d3".repeat(15));
    for content in [
        format!("client-secret = \"{secret}\"\n"),
        format!("INFISICAL_CLIENT_SECRET = \"{secret}\"\n"),
        format!("infisical-client-id = \"{secret}\"\n"),
        format!("cf-access-client-secret = \"{secret}\"\n"),
        format!("infisical-token = \"{secret}\"\n"),
        format!("[bots.raxx-dev-bot]\nprivate-key-pem = \"{secret}\"\n"),
        format!("client-secret = {secret}\n"),
    ] {
        house.users(&(house.servers() + &content));
        for (line, code) in WAYS {
            let told = house.run(line).ends(code);
            assert!(!format!("{told}").contains("c2d3"), "{told}");
        }
        let told = house.run("raxx-doctor").ends(3);
        assert!(!format!("{told}").contains("c2d3"), "{told}");
    }
    assert!(house.sandbox.journal().entries().is_empty());
    house.users(&format!("\nclient-secret = \"{secret}\"\n"));
    insta::assert_snapshot!("files_with_a_secret", house.run("raxx-mint raxx-dev-bot").run());
}

#[cfg(unix)]
#[test]
fn a_users_file_that_others_may_write_is_refused() {
    let house = House::new();
    let file = house.users(&house.servers());
    for mode in [0o620, 0o602, 0o666] {
        fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        for (line, code) in WAYS {
            let told = house.run(line).ends(code);
            assert!(told.stderr.contains("others may write it"), "{told}");
        }
    }
    assert!(house.sandbox.journal().entries().is_empty());
}

#[test]
fn what_needs_no_file_is_not_stopped_by_one() {
    let house = House::new();
    house.users("nonsense");
    house.repositorys("nonsense");
    house.without_credentials("raxx-mint docs").run().success();
    house.without_credentials("gh-app-jwt --help").run().success();
    house.without_credentials("raxx-mint deny").run().success();
    insta::assert_snapshot!("files_allow_nonsense", house.allow());
    let elsewhere = house.without_credentials("raxx-mint allow /nowhere").run();
    insta::assert_snapshot!("files_allow_nothing", elsewhere);
}

#[test]
fn the_doctor_tells_what_comes_from_where() {
    let house = House::new();
    let usual = "[bots.raxx-dev-bot]\npermissions = { contents = \"read\" }\n";
    house.users(&(house.servers() + "require-bot = true\n" + usual));
    house.repositorys("path-prefix = \"/MooseQuest\"\n");
    house.allow();
    let told = house
        .run("raxx-doctor")
        .env("INFISICAL_ENV", "prod")
        .ends(0)
        .to_string();
    let lines = [
        "INFISICAL_",
        "GITHUB_API_URL",
        "RAXX_",
        "configuration file",
        ".raxx.toml",
        "usual scope",
    ];
    let told: Vec<_> = told
        .lines()
        .filter(|line| lines.iter().any(|name| line.contains(name)))
        .collect();
    insta::assert_snapshot!("files_doctor", told.join("\n"));
    house.repositorys("path-prefix = \"/Else\"\n");
    let told = house.run("raxx-doctor").ends(3).to_string();
    let (configured, _) = told.split_once("\n\n").unwrap();
    insta::assert_snapshot!("files_doctor_changed", configured);
    // More than there is to narrow.
    house.without_credentials("raxx-mint deny").run().success();
    house.users(&(house.servers() + "[bots.raxx-dev-bot.permissions]\nissues = \"write\"\n"));
    let told = house.run("raxx-doctor").ends(3);
    assert!(
        format!("{told}").contains("which is more than the installation has"),
        "{told}"
    );
}
