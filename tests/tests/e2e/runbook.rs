//! The runbook: every command in it runs, and its table of failures says what the programs say.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tests::infisical::{Cloudflare, Identity, IdentityState, Reading};
use tests::keys::BotKey;
use tests::sandbox::Sandbox;
use tests::script::Canned;

use crate::chain::{Run, program, shell};
use crate::git::Workshop;

fn runbook() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/runbook.md")).unwrap()
}

/// The blocks of shell, without their indentation, and what follows each.
fn blocks(text: &str) -> Vec<(String, &str)> {
    let parts = text.split("```sh\n").skip(1).map(|part| {
        let (block, after) = part.split_once("```").expect("a block ends");
        let lines: Vec<_> = block.lines().map(str::trim_start).collect();
        (lines.join("\n"), after.trim_start())
    });
    parts.collect()
}

#[test]
fn every_command_runs_or_says_why_not() {
    needs!("gh", "git", "jq");
    let text = runbook();
    let workshop = Workshop::new();
    let runtime = tempfile::tempdir_in("/dev/shm").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut ran = 0;
    for (block, after) in blocks(&text) {
        if after.starts_with("Not run by a test: ") {
            continue;
        }
        let script = format!("set -eo pipefail\ngit init -q\n{block}");
        let mut run = workshop.environment(shell(&script)).inside(folder.path());
        if block.contains("--rotate < new.pem") {
            // By whoever may write, and with a key that was made on the App's page.
            let key = BotKey::pooled(3);
            fs::write(folder.path().join("new.pem"), key.pkcs1_pem()).unwrap();
            let app = workshop.sandbox.bot("raxx-dev-bot").app_id;
            workshop
                .sandbox
                .github()
                .change(|settings| settings.app(app).key = Some(key));
            let session = workshop.sandbox.infisical().open_session_of(Identity::operator());
            run = run.env("INFISICAL_TOKEN", session);
        }
        let told = run.env("XDG_RUNTIME_DIR", runtime.path()).env("LANG", "C.UTF-8").run();
        assert_eq!(told.code, Some(0), "{block}\n{told}");
        if block.contains("{viewer{login}}") {
            assert!(told.stdout.starts_with("raxx-dev-bot[bot]\n"), "{told}");
        }
        if block.contains("raxx-doctor") {
            assert!(!told.stdout.contains('✗') && !told.stdout.contains("fix:"), "{told}");
        }
        ran += 1;
    }
    assert!(ran >= 10, "{ran}");
}

/// A mistake, and the failure that it leads to.
struct Row {
    run: Run,
    sandbox: Sandbox,
    /// Where people have been searching their logs for another line than the failure's own.
    summary: Option<&'static str>,
}

impl Row {
    fn new(line: &str, plant: impl FnOnce(&Sandbox)) -> Self {
        let sandbox = Sandbox::start_with_pooled_keys();
        plant(&sandbox);
        let run = program(&format!("{line} --error-format json")).against(&sandbox);
        Self {
            run,
            sandbox,
            summary: None,
        }
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.run = self.run.env(name, value);
        self
    }

    fn without(mut self, names: &[&str]) -> Self {
        for name in names {
            self.run = self.run.without(name);
        }
        self
    }

    fn render(self) -> String {
        let told = self.run.run();
        let lines = told
            .stderr
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let failure = lines
            .into_iter()
            .find(|line| line["kind"] == "failure")
            .unwrap_or_else(|| panic!("{told}"));
        let project = self.sandbox.infisical().settings().project_id;
        let field = |name: &str| {
            let text = failure[name].as_str().unwrap_or_else(|| panic!("{name} of {failure}"));
            // What the server says is quoted by the programs, and is not theirs.
            let text = [" (Infisical says ", " (GitHub says ", " (the server sent "]
                .iter()
                .fold(text, |text, start| text.split(start).next().unwrap());
            text.replace(&self.sandbox.github().base_url(), "https://api.github.com")
                .replace(&self.sandbox.github().address().to_string(), "github.com")
                .replace("127.0.0.1", "vault.raxx.app")
                .replace(&project, "…")
                .replace('|', "\\|")
        };
        let summary = self.summary.map_or_else(|| field("summary"), str::to_owned);
        format!("| `{summary}` | {} | {} |\n", field("cause"), field("fix"))
    }
}

fn dev_folder(sandbox: &Sandbox, key: &str, value: Option<&str>) {
    sandbox.infisical().change(|settings| {
        let folder = settings.folder("/MooseQuest/raxx-dev-bot");
        match value {
            Some(value) => folder.set(key, value),
            None => folder.remove(key),
        };
    });
}

fn rows() -> Vec<Row> {
    const MINT: &str = "raxx-mint --bot raxx-dev-bot";
    let credentials = ["INFISICAL_CLIENT_ID", "INFISICAL_CLIENT_SECRET", "INFISICAL_PROJECT_ID"];
    let state = |state| {
        move |sandbox: &Sandbox| {
            sandbox
                .infisical()
                .change(|settings| settings.identities[0].state = state);
        }
    };
    let access = |sandbox: &Sandbox| {
        sandbox.infisical().change(|settings| {
            settings.cloudflare = Cloudflare::Required {
                client_id: "right.access".to_owned(),
                client_secret: "right".to_owned(),
            };
        });
    };
    let mut fallen_back = Row::new(MINT, |_| {}).without(&credentials);
    fallen_back.summary = Some("INFISICAL_* env vars not set; falling back to operator PAT");
    vec![
        fallen_back,
        Row::new(MINT, |_| {}).without(&credentials),
        Row::new(MINT, access),
        Row::new(MINT, |_| {}).env("INFISICAL_CLIENT_SECRET", "wrong"),
        Row::new(MINT, state(IdentityState::Locked)),
        Row::new(MINT, state(IdentityState::SecretExpired)),
        Row::new(MINT, state(IdentityState::SecretUsedUp)),
        Row::new(MINT, access)
            .env("CF_ACCESS_CLIENT_ID", "other.access")
            .env("CF_ACCESS_CLIENT_SECRET", "other"),
        Row::new(MINT, state(IdentityState::AddressNotAllowed)),
        Row::new(MINT, |sandbox| {
            sandbox
                .infisical()
                .change(|settings| settings.identities[0].reading = Reading::Nothing);
        }),
        Row::new(MINT, |sandbox| {
            sandbox
                .infisical()
                .change(|settings| settings.identities[0].reading = Reading::Names);
        }),
        Row::new(MINT, |sandbox| {
            sandbox
                .infisical()
                .change(|settings| settings.identities[0].reading = Reading::Below(vec!["/Elsewhere".to_owned()]));
        }),
        Row::new(MINT, state(IdentityState::Inactive)),
        Row::new(MINT, state(IdentityState::SessionAddressNotAllowed)),
        Row::new(MINT, |sandbox| {
            sandbox
                .infisical()
                .change(|settings| settings.project_type = "kms".into());
        }),
        Row::new(MINT, state(IdentityState::NotInProject)),
        Row::new(MINT, |_| {}).env("INFISICAL_ENV", "production"),
        Row::new(MINT, |_| {}).env("INFISICAL_PROJECT_ID", "00000000-0000-4000-8000-000000000000"),
        Row::new(MINT, |sandbox| {
            dev_folder(sandbox, "PRIVATE_KEY_PEM", None);
            dev_folder(sandbox, "private-key", Some("…"));
        }),
        Row::new(MINT, |sandbox| {
            sandbox.infisical().change(|settings| {
                settings.folder("/MooseQuest/raxx-dev-bot").hide("PRIVATE_KEY_PEM");
            });
        }),
        Row::new(MINT, |sandbox| {
            dev_folder(sandbox, "PRIVATE_KEY_PEM", Some("-----BEGIN RSA PRIVATE KEY-----"));
        }),
        Row::new(MINT, |sandbox| {
            dev_folder(sandbox, "PRIVATE_KEY_PEM", Some(&BotKey::generate().pkcs1_pem()));
        }),
        Row::new(MINT, |sandbox| {
            let refusal = json!({"message": "Bad credentials"});
            sandbox
                .github()
                .answer_next("/access_tokens", 1, Canned::new(401).json(&refusal));
        }),
        Row::new(MINT, |sandbox| {
            sandbox
                .github()
                .change(|settings| settings.installation(101).suspended = true);
        }),
        Row::new(MINT, |sandbox| dev_folder(sandbox, "INSTALLATION_ID", Some("102"))),
        Row::new(MINT, |sandbox| dev_folder(sandbox, "APP_ID", Some("101"))),
        Row::new("raxx-mint --bot raxx-dev-bot --repo nowhere", |_| {}),
        Row::new("raxx-mint --bot raxx-dev-bot --permission deployments=read", |_| {}),
    ]
}

#[test]
fn the_table_of_failures_is_what_the_programs_say() {
    let rows: String = rows().into_iter().map(Row::render).collect();
    let table = format!("<!-- failures -->\n\n| message | cause | fix |\n|---|---|---|\n{rows}\n<!-- /failures -->");
    assert!(
        runbook().contains(&table),
        "docs/runbook.md should hold this table:\n{table}"
    );
}

#[test]
fn the_line_of_the_fall_back_is_word_for_word() {
    let told = program("with-bot-token raxx-dev-bot true").run();
    assert!(
        told.stderr
            .contains("INFISICAL_* env vars not set; falling back to operator PAT"),
        "{told}"
    );
}
