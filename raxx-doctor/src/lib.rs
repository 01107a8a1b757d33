//! Walks the chain from the environment to GitHub and says what is wrong, why, and what to do.
//!
//! It calls the verbs of the steps, so that what it finds is what the programs would meet. It changes nothing: the one
//! token that it mints for each bot is narrow and revoked, no token is kept, nothing is written. It shows no secret,
//! only lengths and fingerprints.

#![forbid(unsafe_code)]

mod bots;
pub mod cli;
mod configuration;
mod github;
mod machine;
mod reachability;
mod sheet;
pub mod show;

use clap::Args;
use plumbing::documents::BotSecrets;
use plumbing::{Code, Environment, Failure, Report, text};
use servers::http::Client;

use configuration::Configured;
use sheet::Sheet;
pub use sheet::{Audience, Check, Mark};

/// The variable of the bots' names, between white space or commas.
pub const BOTS: &str = "RAXX_BOTS";

/// What is to be examined.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct Options {
    /// A bot by name (repeatable) [env: RAXX_BOTS] [default: every folder that holds bot secrets]
    #[arg(long = "bot", value_name = "NAME", help_heading = "Which bots")]
    pub bots: Vec<String>,
    /// Where the bots' folders are.
    #[command(flatten)]
    pub place: infisical_fetch::Place,
    /// Which Infisical.
    #[command(flatten)]
    pub login: infisical_login::Options,
    /// Which GitHub.
    #[command(flatten)]
    pub server: gh_install_token::Server,
}

impl Options {
    /// The flags of the fetch that these come to.
    pub(crate) fn fetch(&self, environment: &Environment) -> Result<infisical_fetch::Options, Failure> {
        let named = match &self.bots[..] {
            [] => environment.text(&[BOTS])?.map_or_else(Vec::new, |names| {
                let names = names.split([',', ' ', '\t', '\n']);
                names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
            }),
            bots => bots.to_vec(),
        };
        Ok(infisical_fetch::Options {
            all_bots: named.is_empty(),
            bots: named,
            paths: vec![],
            place: self.place.clone(),
        })
    }
}

/// Examines everything, tells each check as it ends, and returns them all. Requests are told as `report` says; its
/// notes would repeat what stands in the checks.
pub fn examine(
    environment: &Environment,
    options: &Options,
    report: Report,
    audience: &mut dyn Audience,
) -> Vec<Check> {
    let report = Report { quiet: true, ..report };
    let mut sheet = Sheet::new(audience);
    let configured = configuration::examine(&mut sheet, environment, options, report);
    let bots = infisical(&mut sheet, environment, options, report, &configured);
    github(&mut sheet, environment, report, &configured, bots.as_deref());
    machine::examine(&mut sheet, environment, configured.github.as_ref());
    sheet.checks
}

/// A bot, and its secrets where they are well.
struct Bot {
    name: String,
    secrets: Option<BotSecrets>,
}

/// From the way to Infisical to the bots' secrets; nothing where there are none to go on with.
fn infisical(
    sheet: &mut Sheet<'_>,
    environment: &Environment,
    options: &Options,
    report: Report,
    configured: &Configured,
) -> Option<Vec<Bot>> {
    let infisical = configured.infisical.as_ref()?;
    let client = Client::new(environment, report).ok()?;
    let is_up = reachability::examine(
        sheet,
        &client,
        "Infisical",
        &infisical.host,
        Code::InfisicalLoginConnection,
    ) && reachability::status(sheet, &client, infisical);
    sheet.group("log-in");
    let account = options.login.resolve(environment, &report).ok();
    let Some(account) = account.filter(|_| is_up && configured.may_log_in) else {
        let why = if configured.may_log_in {
            "not tried: Infisical cannot be reached"
        } else {
            "not tried: the credentials are not fit to be sent, and wrong ones lock the identity out"
        };
        sheet.skip("log-in", why);
        return None;
    };
    let session = bots::log_in(sheet, &client, &account)?;
    let folders = options.fetch(environment).and_then(|fetch| fetch.resolve(environment));
    if let Ok(folders) = &folders {
        bots::role(sheet, &client, infisical, &session, &folders.project_id);
    }
    let fetched = bots::fetch(sheet, &client, &session, folders);
    let bots = fetched.iter().map(|one| Bot {
        name: one.bot().to_owned(),
        secrets: bots::examine(sheet, one),
    });
    Some(bots.collect())
}

fn github(
    sheet: &mut Sheet<'_>,
    environment: &Environment,
    report: Report,
    configured: &Configured,
    bots: Option<&[Bot]>,
) {
    let Some(api) = &configured.github else { return };
    let Ok(client) = Client::new(environment, report) else {
        return;
    };
    if !reachability::examine(sheet, &client, "GitHub", &api.base, Code::GithubConnection) {
        return;
    }
    let Some(bots) = bots else {
        sheet.group("bots");
        return sheet.skip("GitHub", "not checked: their secrets could not be fetched");
    };
    for bot in bots {
        sheet.group(format!("GitHub as {}", text::quote(&bot.name)));
        // Each has the whole time of a chain.
        match (&bot.secrets, Client::new(environment, report)) {
            (Some(secrets), Ok(client)) => github::examine(sheet, &client, api, &bot.name, secrets),
            _ => sheet.skip("App", "not checked: the bot's secrets cannot be used"),
        }
    }
}
