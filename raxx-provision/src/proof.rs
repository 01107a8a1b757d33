//! The doctor, for the new bot, as the dispatcher.

use std::process::Stdio;

use infisical_login::{CLIENT_ID, CLIENT_SECRET, TOKEN};
use plumbing::{Code, Failure, FolderPath, program, terminal};
use secrecy::ExposeSecret;
use serde::Deserialize;
use servers::github::GithubApi;

use crate::dispatcher::Credentials;
use crate::vault::Vault;

const DOCTOR: &str = "raxx-doctor";

/// What the doctor prints for programs.
#[derive(Deserialize)]
struct Diagnosis {
    checks: Vec<Check>,
}

#[derive(Deserialize)]
struct Check {
    name: String,
    mark: String,
    found: String,
    cause: Option<String>,
    fix: Option<String>,
}

/// Has everything examined that a mint of this bot's needs, and tells what is not as it should be. The dispatcher is the one that
/// was just made, or else that of the environment.
///
/// # Errors
/// [`Code::BotUnproved`] where the doctor finds something wrong.
pub(crate) fn examine(
    vault: &Vault<'_>,
    api: &GithubApi,
    path: &FolderPath,
    made: Option<&Credentials>,
) -> Result<(), Failure> {
    terminal::tell("The doctor looks at it, as the dispatcher.");
    let Some(checks) = checks(vault, api, path, made) else {
        terminal::tell(&format!("{DOCTOR} does not run here; have it look later."));
        return Ok(());
    };
    for check in &checks {
        let mark = match check.mark.as_str() {
            "failed" => "✗",
            "warning" => "!",
            _ => continue,
        };
        terminal::tell(&format!("{mark} {}: {}", check.name, check.found));
        let lines = [("cause", &check.cause), ("fix", &check.fix)];
        for (word, line) in lines {
            if let Some(line) = line {
                terminal::tell(&format!("  {word}: {line}"));
            }
        }
    }
    let failed = checks.iter().filter(|check| check.mark == "failed").count();
    if failed == 0 {
        terminal::tell(&format!("It made {} checks, and none failed.", checks.len()));
        return Ok(());
    }
    Err(Failure::new(
        Code::BotUnproved,
        "the bot is made, and the doctor finds something wrong",
    )
    .cause(format!(
        "{failed} of its {} checks failed: see its lines above",
        checks.len()
    ))
    .fix("do what they say, and have it look again"))
}

/// None where it does not run.
fn checks(vault: &Vault<'_>, api: &GithubApi, path: &FolderPath, made: Option<&Credentials>) -> Option<Vec<Check>> {
    let mut doctor = program::beside(DOCTOR);
    doctor
        .args([
            path.as_str(),
            "--json",
            "--project-id",
            vault.project_id,
            "--env",
            vault.env_slug,
        ])
        .args(["--infisical-host", &vault.infisical.host.to_string()])
        .args(["--github-api-url", &api.base.to_string()])
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    // The operator's session would prove that the operator can read the bot.
    for name in TOKEN {
        doctor.env_remove(name).env_remove(format!("{name}_FILE"));
    }
    if let Some(made) = made {
        for name in [CLIENT_ID, CLIENT_SECRET].as_flattened() {
            doctor.env_remove(name).env_remove(format!("{name}_FILE"));
        }
        doctor
            .env(CLIENT_ID[0], made.client_id.expose_secret())
            .env(CLIENT_SECRET[0], made.client_secret.expose_secret());
    }
    let output = doctor.output().ok()?;
    let diagnosis: Diagnosis = serde_json::from_slice(&output.stdout).ok()?;
    Some(diagnosis.checks)
}
