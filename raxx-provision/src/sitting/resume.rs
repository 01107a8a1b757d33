//! What is left to do for a bot whose App is there.

use plumbing::documents::BotSecrets;
use plumbing::{Code, Failure, terminal, text};
use secrecy::ExposeSecret;

use super::{APP_ID, PRIVATE_KEY_PEM, Sitting, describe, new_key};
use crate::installation;

impl Sitting<'_> {
    pub(super) fn resume(&self) -> Result<(), Failure> {
        // An environment or a project that is not there is told as such.
        self.vault.has_folder(&self.path)?;
        let stored_id = self.text_of(APP_ID)?;
        // What is no key that can be used is none.
        let has_key = self.vault.has(&self.path, PRIVATE_KEY_PEM)?
            && describe(&self.vault.read(&self.path, PRIVATE_KEY_PEM)?).is_ok();
        if let (Some(stored), Some(given)) = (&stored_id, &self.cli.app_id)
            && stored != given
        {
            return Err(Failure::new(
                Code::BotExists,
                format!("{} is App {}'s", self.path, text::quote(stored)),
            )
            .cause(format!("{APP_ID} there is not {given}, and nothing is written over"))
            .fix("leave --app-id out to go on with that one"));
        }
        let app_id = stored_id.or_else(|| self.cli.app_id.clone());
        match (app_id, has_key) {
            (Some(_), true) if self.text_of(APP_ID)?.is_some() => self.go_on(),
            (Some(app_id), true) => {
                let key = self.vault.read(&self.path, PRIVATE_KEY_PEM)?;
                self.adopt(app_id, key).map_err(|failure| match failure.http_status {
                    Some(401 | 404) => failure.fix(format!(
                        "where the key in {} is of no use, delete it there, and give another on standard input",
                        self.path
                    )),
                    _ => failure,
                })
            }
            (Some(app_id), false) if self.cli.app_id.is_some() => self.adopt(app_id, new_key()?),
            (Some(app_id), false) => Err(
                Failure::new(Code::BotSecretsNone, format!("there is no App's key in {}", self.path))
                    .cause(format!("it holds {APP_ID}, and nothing that could sign for it"))
                    .fix(format!(
                        "make a key on the App's page, and give it with {}",
                        self.line(&format!("--resume --app-id {}", text::quote(&app_id)), " < key.pem")
                    )),
            ),
            (None, true) => Err(
                Failure::new(Code::BotSecretsMissingKeys, format!("{} lacks {APP_ID}", self.path))
                    .cause("it holds a key, and whose it is is not known")
                    .fix(format!("name the App: {}", self.line("--resume --app-id ID", ""))),
            ),
            (None, false) => Err(
                Failure::new(Code::BotSecretsNone, format!("there is no App's key in {}", self.path))
                    .cause("there is nothing to go on with")
                    .fix(format!(
                        "start without --resume; or, for an App whose key was lost, make a new one on its page, and give it with {}",
                        self.line("--resume --app-id ID", " < key.pem")
                    )),
            ),
        }
    }

    /// An id that is stored; none where it is not, or is empty.
    fn text_of(&self, name: &str) -> Result<Option<String>, Failure> {
        if !self.vault.has(&self.path, name)? {
            return Ok(None);
        }
        let value = self.vault.read(&self.path, name)?;
        Ok(Some(value.expose_secret().trim().to_owned()).filter(|value| !value.is_empty()))
    }

    /// App and key are there.
    fn go_on(&self) -> Result<(), Failure> {
        let secrets = self.stored()?;
        self.look_for_a_dispatcher()?;
        self.exists.say(format!(
            "App and key are in their places; {} goes on",
            self.resume_line()
        ));
        let app = installation::app(self.context, &self.api, &secrets)?;
        let is_whole = !secrets.installation_id.is_empty();
        if self.cli.dry_run {
            let left = if is_whole {
                "try it"
            } else {
                "wait for its installation"
            };
            terminal::tell(&format!(
                "Would {left}: App {} of {}.",
                secrets.app_id,
                text::quote(&app.owner.login)
            ));
            if let Some(name) = &self.cli.dispatcher {
                terminal::tell(&format!("And make the machine identity {}.", text::quote(name)));
            }
            return Ok(());
        }
        if is_whole {
            terminal::tell(&format!("{} holds all three already.", self.path));
            return self.finish(&secrets);
        }
        self.install(secrets, &app.owner.login, &app.install_page())
    }

    /// Takes an App over whose id or key is not stored.
    fn adopt(&self, app_id: String, private_key_pem: secrecy::SecretString) -> Result<(), Failure> {
        self.look_for_a_dispatcher()?;
        let secrets = BotSecrets {
            path: Some(self.path.clone()),
            app_id,
            installation_id: String::new(),
            private_key_pem,
        };
        let app = installation::app(self.context, &self.api, &secrets)?;
        let app_id = &secrets.app_id;
        terminal::tell(&format!(
            "That is a key of App {app_id}, which belongs to {}.",
            text::quote(&app.owner.login)
        ));
        if let Some(slug) = app.slug.as_deref().filter(|slug| *slug != self.bot.as_str()) {
            let slug = text::quote(slug);
            return Err(
                Failure::new(Code::Usage, format!("App {app_id} is called {slug}, not {}", self.bot))
                    .cause("a bot's folder is called like its App, by whose name its commits go")
                    .fix(format!(
                        "write {}",
                        self.line_for(&slug, &format!("--resume --app-id {app_id}"), " < key.pem")
                    )),
            );
        }
        if self.cli.dry_run {
            return Ok(());
        }
        self.make_ready()?;
        self.exists.say(format!(
            "App {app_id} exists; its id and key may be in {}: {} tells",
            self.path,
            self.resume_line()
        ));
        let secrets = self.put_key(secrets)?;
        self.install(secrets, &app.owner.login, &app.install_page())
    }
}
