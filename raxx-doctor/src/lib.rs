#![doc = include_str!("../README.md")]
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
use plumbing::{BotName, Code, Context, Environment, Failure, Report};
use servers::http::Client;

use configuration::Configured;
use sheet::Sheet;
pub use sheet::{Audience, Check, Mark};

/// The variable of the bots' names, between white space or commas.
pub const BOTS: &str = "RAXX_BOTS";

/// What is to be examined.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct DoctorFlags {
    /// A bot by name (repeatable) [env: RAXX_BOTS] [default: every folder that holds bot secrets]
    #[arg(long = "bot", value_name = "NAME", help_heading = "Which bots")]
    pub bots: Vec<String>,
    /// Where the bots' folders are.
    #[command(flatten)]
    pub project: infisical_fetch::ProjectFlags,
    /// Which Infisical.
    #[command(flatten)]
    pub login: infisical_login::LoginFlags,
    /// Which GitHub.
    #[command(flatten)]
    pub github: servers::github::GithubFlags,
}

impl DoctorFlags {
    /// The flags of the fetch that these come to.
    pub(crate) fn fetch(&self, environment: &Environment) -> Result<infisical_fetch::FetchFlags, Failure> {
        let named = match &self.bots[..] {
            [] => environment.text(&[BOTS])?.map_or_else(Vec::new, |names| {
                let names = names.split([',', ' ', '\t', '\n']);
                names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
            }),
            bots => bots.to_vec(),
        };
        Ok(infisical_fetch::FetchFlags {
            all_bots: named.is_empty(),
            bots: named,
            paths: vec![],
            project: self.project.clone(),
        })
    }
}

/// Examines everything, tells each check as it ends, and returns them all. Requests are told as the context's report says;
/// its notes would repeat what stands in the checks.
pub fn examine(context: &Context, flags: &DoctorFlags, audience: &mut dyn Audience) -> Vec<Check> {
    let context = &Context {
        report: Report {
            quiet: true,
            ..context.report
        },
        ..context.clone()
    };
    let mut sheet = Sheet::new(audience);
    let configured = configuration::examine(&mut sheet, context, flags);
    let bots = infisical(&mut sheet, context, flags, &configured);
    github(&mut sheet, context, &configured, bots.as_deref());
    machine::examine(&mut sheet, context, configured.github.as_ref());
    sheet.checks
}

/// A bot, and its secrets where they are well.
struct Bot {
    name: BotName,
    secrets: Option<BotSecrets>,
}

/// From the way to Infisical to the bots' secrets; nothing where there are none to go on with.
fn infisical(
    sheet: &mut Sheet<'_>,
    context: &Context,
    flags: &DoctorFlags,
    configured: &Configured,
) -> Option<Vec<Bot>> {
    let infisical = configured.infisical.as_ref()?;
    let client = Client::new(context).ok()?;
    let is_up = reachability::examine(
        sheet,
        &client,
        "Infisical",
        &infisical.host,
        Code::InfisicalLoginConnection,
    ) && reachability::status(sheet, &client, infisical);
    sheet.group("log-in");
    let account = flags.login.resolve(context).ok();
    let Some(account) = account.filter(|_| is_up && configured.may_log_in) else {
        let why = if configured.may_log_in {
            "not tried: Infisical cannot be reached"
        } else {
            "not tried: the credentials are not fit to be sent, and wrong ones lock the identity out"
        };
        sheet.skip("log-in", why);
        return None;
    };
    let session = bots::log_in(sheet, &client, &account, context)?;
    let fetch = flags.fetch(&context.environment);
    let folders = fetch.and_then(|fetch| fetch.resolve(&context.environment));
    if let Ok(folders) = &folders {
        bots::role(sheet, &client, infisical, &session, &folders.project_id);
    }
    let fetched = bots::fetch(sheet, &client, &session, folders);
    let bots = fetched.iter().map(|one| Bot {
        name: one.bot(),
        secrets: bots::examine(sheet, one),
    });
    Some(bots.collect())
}

fn github(sheet: &mut Sheet<'_>, context: &Context, configured: &Configured, bots: Option<&[Bot]>) {
    let Some(api) = &configured.github else { return };
    let Ok(client) = Client::new(context) else {
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
        sheet.group(format!("GitHub as {}", bot.name));
        // Each has the whole time of a chain.
        match (&bot.secrets, Client::new(context)) {
            (Some(secrets), Ok(client)) => github::examine(sheet, &client, api, &bot.name, secrets, context),
            _ => sheet.skip("App", "not checked: the bot's secrets cannot be used"),
        }
    }
}
