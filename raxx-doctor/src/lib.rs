#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod bots;
pub mod cli;
mod configuration;
mod files;
mod flags;
mod github;
mod machine;
mod project;
mod reachability;
mod rights;
mod sheet;
pub mod show;

use plumbing::documents::{BotSecrets, InfisicalSession};
use plumbing::{BotName, Code, Context, Report};
use serde::de::DeserializeOwned;
use servers::http::{Client, Method, Response};
use servers::infisical::Infisical;

use configuration::Configured;
pub use flags::DoctorFlags;
use sheet::Sheet;
pub use sheet::{Audience, Check, Mark};

/// Examines everything, tells each check as it ends, and returns them all. Requests are told as the context's report says;
/// its notes would repeat what stands in the checks.
pub fn examine(context: &Context, flags: &DoctorFlags, audience: &mut dyn Audience) -> Vec<Check> {
    let context = &Context {
        report: Report {
            quiet: true,
            ..context.report
        },
        environment: context.environment.clone().quietly(),
        ..context.clone()
    };
    let mut sheet = Sheet::new(audience);
    let configured = configuration::examine(&mut sheet, context, flags);
    let bots = infisical(&mut sheet, context, flags, &configured);
    github(&mut sheet, context, &configured, bots.as_deref());
    machine::examine(&mut sheet, context, configured.github.as_ref());
    sheet.checks
}

/// What questions about the identity itself need.
struct Asking<'a> {
    client: &'a Client,
    infisical: &'a Infisical,
    session: &'a InfisicalSession,
}

impl Asking<'_> {
    /// The first answer that a server gives, of several routes.
    fn first<T: DeserializeOwned>(&self, routes: &[String]) -> Option<T> {
        routes.iter().find_map(|route| {
            let request = self
                .infisical
                .request(Method::Get, route)
                .authorization(&self.session.token_type, &self.session.access_token);
            let response = self.client.send(&request).ok().filter(Response::is_success)?;
            response.json::<T>()
        })
    }
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
    sheet.group("login");
    if !configured.may_log_in {
        sheet.skip(
            "login",
            "not tried: the credentials are not fit to be sent, and wrong ones lock the identity out",
        );
        return None;
    }
    if !is_up {
        sheet.skip("login", "not tried: Infisical cannot be reached");
        return None;
    }
    let account = match flags.login.resolve(context) {
        Ok(account) => account,
        Err(failure) => {
            sheet.fail("login", failure);
            return None;
        }
    };
    let session = bots::log_in(sheet, &client, &account, context)?;
    let fetch = flags.fetch(&context.environment);
    let folders = fetch.and_then(|fetch| fetch.resolve(&context.environment));
    let asking = Asking {
        client: &client,
        infisical,
        session: &session,
    };
    // What a mint does comes first: a session may be good for so many requests only.
    sheet.begin("fetching the bots' secrets");
    let fetched = folders
        .as_ref()
        .map_err(Clone::clone)
        .and_then(|folders| bots::fetch(&client, &session, folders));
    if let Ok(folders) = &folders {
        project::examine(sheet, &asking, folders, &fetched);
        bots::role(sheet, &asking, &folders.project_id, context.now());
    }
    let fetched = fetched.unwrap_or_else(|failure| {
        sheet.group("bots");
        sheet.fail("folders", failure);
        vec![]
    });
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
