//! From App and key to a bot that works: installation, first token, dispatcher, doctor.

use std::collections::BTreeMap;

use gh_install_token::{Level, Scope, Target};
use infisical_login::{CLIENT_ID, CLIENT_SECRET};
use plumbing::documents::BotSecrets;
use plumbing::{Code, Failure, FolderPath, keychain, pipe, terminal, text};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use servers::http::Client;
use zeroize::Zeroizing;

use super::{INSTALLATION_ID, Sitting};
use crate::dispatcher::{self, Credentials};
use crate::{installation, operator, page, proof};

/// What the dispatcher logs in with, by the names of the variables.
const CREDENTIALS: [&str; 2] = [CLIENT_ID[0], CLIENT_SECRET[0]];

impl Sitting<'_> {
    /// Waits for the installation, and writes its id.
    pub(super) fn install(&self, secrets: BotSecrets, owner: &str, page: &str) -> Result<(), Failure> {
        // GitHub's own page is not there in the first seconds.
        let page = text::quote(page);
        terminal::tell(&format!(
            "Open {page} and click Install. (Not found? Wait some seconds, and load it again.)"
        ));
        if !self.cli.no_browser && page.starts_with("https://") {
            page::browse(&page);
        }
        let id = installation::wait(self.context, &self.api, &secrets, owner, self.patience())
            .map_err(|failure| self.exists.told(failure))?;
        let pair = [(INSTALLATION_ID, SecretString::from(id.to_string()))];
        self.again("to store the installation's id", || self.fill(&pair))?;
        terminal::tell(&format!(
            "It is installed on {}: installation {id}.",
            text::quote(owner)
        ));
        self.finish(&BotSecrets {
            installation_id: id.to_string(),
            ..secrets
        })
    }

    /// Proves that the bot works, and makes the dispatcher that was asked for.
    pub(super) fn finish(&self, secrets: &BotSecrets) -> Result<(), Failure> {
        self.exists.say(format!(
            "{} holds all three; {} does the rest, and {} tells whether all is right",
            self.path,
            self.resume_line(),
            self.doctor_line()
        ));
        self.prove(secrets).map_err(|failure| self.exists.told(failure))?;
        let made = self.make_dispatcher()?;
        if let Some(name) = self.cli.dispatcher.as_ref().filter(|_| made.is_some()) {
            self.exists.say(format!(
                "{} holds all three, and {} is made; {} tells whether all is right",
                self.path,
                text::quote(name),
                self.doctor_line()
            ));
        }
        if made.is_some() || self.who != operator::ENVIRONMENTS && self.has_a_dispatcher() {
            proof::examine(&self.vault, &self.api, &self.path, made.as_ref())
                .map_err(|failure| self.exists.told(failure))?;
        } else {
            terminal::tell(
                "With the dispatcher's credentials in the environment `raxx-doctor` tells whether it finds the bot.",
            );
        }
        terminal::tell(&format!("{} is ready.", self.bot));
        if self.cli.json {
            let document = json!({
                "kind": "provisioned-bot",
                "bot": self.bot,
                "path": self.path,
                "app_id": secrets.app_id,
                "installation_id": secrets.installation_id,
                "github_api_url": self.api.base.to_string(),
            });
            pipe::print(&format!("{document}\n"))?;
        }
        Ok(())
    }

    /// The folder above the bot's, which holds all of them.
    pub(super) fn folders(&self) -> FolderPath {
        self.path.parent().unwrap_or_else(|| FolderPath::parse("/"))
    }

    /// Refuses to make a second dispatcher, or to put its credentials over others.
    pub(super) fn look_for_a_dispatcher(&self) -> Result<(), Failure> {
        let Some(name) = &self.cli.dispatcher else {
            return Ok(());
        };
        let folders = self.folders();
        if folders
            .as_str()
            .contains(['*', '?', '[', ']', '{', '}', '(', ')', '!', '\\'])
        {
            return Err(Failure::new(
                Code::Usage,
                format!("{folders} would be a pattern in the dispatcher's privilege"),
            )
            .cause("Infisical reads it as a glob, which may fit other folders too")
            .fix("make the identity by hand (runbook, chapter 4)"));
        }
        if folders.as_str() == "/" {
            return Err(
                Failure::new(Code::Usage, "a dispatcher would read the whole environment")
                    .cause("the bots' folders are in /, and it reads what is below")
                    .fix("put the bots into a folder of their own, with --path-prefix; or make an identity by hand"),
            );
        }
        if name.trim().is_empty() {
            return Err(
                Failure::new(Code::Usage, "--dispatcher names nobody").fix("write --dispatcher raxx-agent-dispatcher")
            );
        }
        dispatcher::refuse_one_that_is_there(&self.vault, name)?;
        // A keychain may fail, and then they are printed.
        pipe::can_print()?;
        if !self.cli.keychain {
            return Ok(());
        }
        let kept = keychain::ask()?;
        if CREDENTIALS.iter().all(|name| kept.get(name).is_none()) {
            return Ok(());
        }
        Err(
            Failure::new(Code::BotExists, "the keychain holds a dispatcher's credentials already")
                .cause("nothing is written over")
                .fix(format!(
                    "{} first, if nobody needs them; or leave --keychain out, and they are printed",
                    CREDENTIALS
                        .map(|name| format!("`raxx-keychain forget {name}`"))
                        .join(" and ")
                )),
        )
    }

    /// The identity that mints, if it was asked for.
    fn make_dispatcher(&self) -> Result<Option<Credentials>, Failure> {
        let Some(name) = &self.cli.dispatcher else {
            return Ok(None);
        };
        self.again("to look for the identity", || {
            dispatcher::refuse_one_that_is_there(&self.vault, name)
        })?;
        // Said before it is done: this process may end in the middle.
        self.exists.say(format!(
            "{} holds all three; the identity {} may be there without a client secret that anybody has: delete it in the project's access \
             control, and then {} does the rest",
            self.path,
            text::quote(name),
            self.resume_line()
        ));
        let made = dispatcher::make(&self.vault, name, &self.folders()).map_err(|failure| self.exists.told(failure))?;
        let shown = text::quote(name);
        let [id, secret] = CREDENTIALS;
        let pairs = [(id, &made.client_id), (secret, &made.client_secret)];
        if self.cli.keychain {
            let kept = pairs.iter().try_for_each(|(name, value)| keychain::keep(name, value));
            let Err(failure) = kept else {
                terminal::tell(&format!(
                    "{shown} is made; its credentials are in the keychain, where the programs look once your configuration file says \
                     `keychain = true`."
                ));
                return Ok(Some(made));
            };
            if self.cli.json {
                return Err(self.exists.told(failure));
            }
            self.context.report.trouble(&failure);
            terminal::tell("They are printed instead; `raxx-keychain forget` takes out what got there.");
        }
        terminal::tell(&format!(
            "{shown} is made. This is shown once, for the file of the runbook's step 6:"
        ));
        let lines = pairs.map(|(name, value)| format!("export {name}='{}'\n", value.expose_secret()));
        // Where nobody takes them, nobody has them.
        pipe::print(&Zeroizing::new(lines.concat())).map_err(|failure| self.exists.told(failure))?;
        Ok(Some(made))
    }

    /// Whether the environment has a dispatcher's credentials.
    fn has_a_dispatcher(&self) -> bool {
        let environment = &self.context.environment;
        [CLIENT_ID, CLIENT_SECRET]
            .iter()
            .all(|names| environment.secret(names).is_ok_and(|value| value.is_some()))
    }

    /// Mints a first token, and revokes it.
    pub(super) fn prove(&self, secrets: &BotSecrets) -> Result<(), Failure> {
        let scope = Scope {
            permissions: BTreeMap::from([("metadata".to_owned(), Level::Read)]),
            ..Scope::default()
        };
        let target = Target::exactly(self.api.clone(), scope);
        let live = installation::as_app(self.context, secrets, |client, jwt| {
            gh_install_token::exchange(client, jwt, &target, self.context)
        })
        .map_err(|failure| match failure.http_status {
            Some(404) => failure.fix(format!(
                "if INSTALLATION_ID in {} is not of this App, delete it there: {} finds the right one",
                self.path,
                self.resume_line()
            )),
            _ => failure,
        })?;
        gh_install_token::revoke(&Client::new(self.context)?, &live.token)?;
        terminal::tell("A first token was minted, and revoked.");
        Ok(())
    }
}
