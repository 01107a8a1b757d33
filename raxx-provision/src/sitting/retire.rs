//! The end of a bot: its installations, its secrets; its App only a person can delete.

use std::io::{self, IsTerminal};

use plumbing::documents::BotSecrets;
use plumbing::{Code, Failure, pipe, terminal, text};
use serde_json::json;

use super::{APP_ID, INSTALLATION_ID, PRIVATE_KEY_PEM, Sitting, is_yes};
use crate::installation::{self, App, Installation};

/// In this order: as long as the key is there, so is what is needed to ask GitHub with it; what is left behind it is no secret.
const NAMES: [&str; 3] = [INSTALLATION_ID, PRIVATE_KEY_PEM, APP_ID];

impl Sitting<'_> {
    /// Uninstalls the App wherever it is installed, which ends its tokens, and takes the bot's secrets away.
    pub(super) fn retire(&self) -> Result<(), Failure> {
        // An environment or a project that is not there is told as such.
        self.vault.has_folder(&self.path)?;
        let there = NAMES
            .into_iter()
            .filter_map(|name| match self.vault.has(&self.path, name) {
                Ok(true) => Some(Ok(name)),
                Ok(false) => None,
                Err(failure) => Some(Err(failure)),
            })
            .collect::<Result<Vec<_>, _>>()?;
        if there.is_empty() {
            return Err(
                Failure::new(Code::BotSecretsNone, format!("there is no bot in {}", self.path))
                    .cause(format!("the folder holds none of {}", NAMES.join(", ")))
                    .fix("check its name, and --path-prefix"),
            );
        }
        let known = if there.contains(&PRIVATE_KEY_PEM) {
            self.known()?
        } else {
            terminal::tell("Its key is not there: where it is still installed, uninstall it on GitHub.");
            None
        };
        for installation in known.iter().flat_map(|known| &known.installations) {
            terminal::tell(&format!(
                "On {}: uninstall it from {}, and so end all its tokens.",
                self.api.git_host(),
                text::quote(installation.login())
            ));
        }
        terminal::tell(&format!(
            "In Infisical ({}, {}): delete {} from {}, for good.",
            self.vault.infisical.host,
            text::quote(self.vault.env_slug),
            there.join(", "),
            self.path
        ));
        if self.cli.dry_run {
            return Ok(());
        }
        self.ask(
            &format!("To retire it, type its name, {}", self.bot),
            Some(self.bot.as_str()),
        )?;
        self.exists
            .say(format!("{} does what is left", self.line("--retire", "")));
        if let Some(known) = &known {
            self.uninstall(known)?;
        }
        for name in there {
            self.again("to delete the secrets", || {
                self.vault.delete(&self.path, name)?;
                // A good answer alone does not say that it is gone.
                if self.vault.has(&self.path, name)? {
                    return Err(
                        Failure::new(Code::InfisicalWriteHttp, format!("{name} is still in {}", self.path))
                            .cause("Infisical has answered that it is deleted")
                            .fix("look at the folder in Infisical, and at what stands in front of the server"),
                    );
                }
                Ok(())
            })?;
        }
        let folder = self.vault.delete_folder(&self.path);
        let left = match &folder {
            Ok(true) => "its folder is gone",
            Ok(false) => "its folder holds other things and stays",
            Err(_) => "its folder stays, and has to be looked at by hand",
        };
        terminal::tell(&format!("{} is retired; {left}.", self.bot));
        let page = known.map(|known| known.app.settings_page(&self.website()));
        if let Some(page) = &page {
            terminal::tell(&format!(
                "The App itself only you can delete: {}/advanced, Delete GitHub App.",
                text::quote(page)
            ));
        }
        terminal::tell("Take it out of RAXX_BOTS and the configuration files, if it stands there.");
        if self.cli.json {
            let document = json!({"kind": "retired-bot", "bot": self.bot, "path": self.path, "delete_at": page});
            pipe::print(&format!("{document}\n"))?;
        }
        self.exists.say(format!("all but the folder {} is done", self.path));
        folder.map(drop).map_err(|failure| self.exists.told(failure))
    }

    /// The App and where it is installed. A clock or an address that is wrong looks as if the App were gone, and its key would be
    /// deleted while it is good: so a person has to say that it is; none then.
    fn known(&self) -> Result<Option<Known>, Failure> {
        let known = self.stored().and_then(|secrets| {
            Ok(Known {
                app: installation::app(self.context, &self.api, &secrets)?,
                installations: installation::all(self.context, &self.api, &secrets)?,
                secrets,
            })
        });
        let failure = match known {
            Ok(known) => return Ok(Some(known)),
            Err(failure) => failure,
        };
        if self.cli.dry_run || !io::stdin().is_terminal() {
            let fix = failure.fix.clone().map(|fix| format!("{fix}; ")).unwrap_or_default();
            return Err(failure.fix(format!(
                "{fix}where its App is gone for good, delete {} in Infisical by hand",
                self.path
            )));
        }
        self.context.report.trouble(&failure);
        terminal::tell("So it cannot be uninstalled from here.");
        if is_yes("Is its App gone for good, so that its secrets can go too?", "n")? {
            return Ok(None);
        }
        Err(failure)
    }

    fn uninstall(&self, known: &Known) -> Result<(), Failure> {
        for one in &known.installations {
            let uninstalled = self.again("to uninstall it", || {
                installation::remove(self.context, &self.api, &known.secrets, one)
            });
            uninstalled?;
            terminal::tell(&format!("It is uninstalled from {}.", text::quote(one.login())));
        }
        let left = self.again("to look where it is installed", || {
            installation::all(self.context, &self.api, &known.secrets)
        })?;
        if left.is_empty() {
            return Ok(());
        }
        Err(self.exists.told(
            Failure::new(Code::GithubAnswer, "it is still installed")
                .cause("GitHub has answered that it is not, and lists it")
                .fix("try again, or uninstall it on GitHub's pages"),
        ))
    }
}

struct Known {
    app: App,
    installations: Vec<Installation>,
    secrets: BotSecrets,
}
