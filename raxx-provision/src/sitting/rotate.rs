//! A new key in the place of the old one.

use plumbing::documents::BotSecrets;
use plumbing::{Code, Failure, pipe, terminal, text};
use serde_json::json;

use super::{PRIVATE_KEY_PEM, Sitting, describe, new_key, same};
use crate::installation;

impl Sitting<'_> {
    /// Puts a new key in its place, once GitHub has said that it is this App's.
    pub(super) fn rotate(&self) -> Result<(), Failure> {
        self.vault.has_folder(&self.path)?;
        let old = self.stored()?;
        // The old one may be one that nobody can read any more.
        let before = describe(&old.private_key_pem).unwrap_or_else(|failure| failure.summary);
        let new = BotSecrets {
            private_key_pem: new_key()?,
            ..old
        };
        let key = describe(&new.private_key_pem).map_err(|failure| {
            // The stored one is not meant.
            let cause = failure.summary.clone();
            Failure {
                summary: "what was given is no key that can be used".to_owned(),
                ..failure
            }
            .cause(cause)
            .fix("give the file that GitHub's page has made, as it is")
        })?;
        if key == before {
            return Err(Failure::new(Code::BotExists, "that is the key that is there already")
                .cause(format!("{} holds {before}", self.path))
                .fix("make a new one on the App's page: Private keys, Generate a private key"));
        }
        let app = installation::app(self.context, &self.api, &new)?;
        terminal::tell(&format!("{key} is a key of App {}.", new.app_id));
        if self.cli.dry_run {
            terminal::tell(&format!("It would take the place of {before} in {}.", self.path));
            return Ok(());
        }
        self.exists.say(format!(
            "which key is in {} {} tells; both are good until one is deleted on the App's page",
            self.path,
            self.doctor_line()
        ));
        self.again("to store the key", || {
            let written = self.vault.change(&self.path, PRIVATE_KEY_PEM, &new.private_key_pem);
            let there = self.vault.read(&self.path, PRIVATE_KEY_PEM);
            match there.as_ref().map(|there| same(there, &new.private_key_pem)) {
                Ok(true) => Ok(()),
                // A good answer alone does not say that it is there: and then the old one would be deleted on GitHub.
                Ok(false) => written.and(Err(Failure::new(
                    Code::InfisicalWriteHttp,
                    format!("{} does not hold the new key", self.path),
                )
                .cause("Infisical has answered that it does")
                .fix("look at the folder in Infisical, which shows earlier versions too; and do not delete the old key on GitHub"))),
                Err(_) => written.and(there.map(drop)),
            }
        })?;
        if new.installation_id.is_empty() {
            terminal::tell(&format!("It is not installed yet: {} goes on.", self.resume_line()));
        } else {
            self.prove(&new).map_err(|failure| self.exists.told(failure))?;
        }
        terminal::tell(&format!(
            "{} has the new key. Now delete the old one, {before}, on {}: Infisical still shows it as an earlier version.",
            self.path,
            text::quote(&app.settings_page(&self.website()))
        ));
        if self.cli.json {
            let document = json!({
                "kind": "rotated-key",
                "bot": self.bot,
                "path": self.path,
                "app_id": new.app_id,
                "key": key,
                "replaces": before,
                "delete_at": app.settings_page(&self.website()),
            });
            pipe::print(&format!("{document}\n"))?;
        }
        Ok(())
    }
}
