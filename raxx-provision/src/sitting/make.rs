//! A new bot: look, ask, make the App, store its key.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};

use gh_install_token::{Level, Scope, ScopeFlags};
use plumbing::documents::BotSecrets;
use plumbing::{BotName, Code, Failure, FolderPath, terminal, text};
use secrecy::SecretString;

use super::{APP_ID, INSTALLATION_ID, PRIVATE_KEY_PEM, Sitting, describe};
use crate::app::{self, Made, Wanted};
use crate::page::{self, Page};
use crate::{account, dispatcher, rights};

impl Sitting<'_> {
    pub(super) fn make(self) -> Result<(), Failure> {
        let wanted = self.wanted()?;
        self.look(&wanted)?;
        if self.cli.dry_run {
            return Ok(());
        }
        self.ask("Make it?", None)?;
        let page = Page::open(self.cli.port)?;
        self.prepare()?;
        let made = self.make_app(&wanted, page)?;
        let sitting = self.called_like(&made);
        let secrets = sitting.store(&made)?;
        let page = format!("{}/installations/new", made.page(&sitting.website()));
        sitting.install(secrets, made.owner(), &page)
    }

    fn wanted(&self) -> Result<Wanted, Failure> {
        let scope = ScopeFlags {
            permissions: self.cli.permissions.clone(),
            ..ScopeFlags::default()
        };
        let mut permissions: BTreeMap<String, Level> = scope.resolve()?.permissions;
        if permissions.is_empty() {
            return Err(Failure::new(Code::Usage, "no permission is named")
                .cause("a bot that may do nothing is of no use, and one that may do everything of too much")
                .fix("add --permission contents=write, and others that it needs"));
        }
        if permissions.get("workflows").is_some_and(|level| *level < Level::Write) {
            return Err(Failure::new(Code::Usage, "there is no permission to read workflows")
                .cause("GitHub knows workflows=write only")
                .fix("leave it out: contents=read reads them"));
        }
        let is_page = self.cli.homepage.starts_with("https://") || self.cli.homepage.starts_with("http://");
        if !is_page || self.cli.homepage.contains(char::is_whitespace) {
            return Err(Failure::new(
                Code::Usage,
                format!("{} is no page's address", text::quote(&self.cli.homepage)),
            )
            .fix("write --homepage https://example.com"));
        }
        permissions.entry("metadata".to_owned()).or_insert(Level::Read);
        let owner = self.cli.org.as_ref().or(self.cli.personal.as_ref());
        let owner = owner.cloned().unwrap_or_default();
        app::refuse_odd_names(self.bot.as_str(), &owner)?;
        Ok(Wanted {
            name: self.bot.as_str().to_owned(),
            owner,
            is_personal: self.cli.org.is_none(),
            permissions,
            homepage: self.cli.homepage.clone(),
        })
    }

    /// Shows what there is and what will be done; refuses what would fail later.
    fn look(&self, wanted: &Wanted) -> Result<(), Failure> {
        let is_there = self.vault.has_folder(&self.path)?;
        self.refuse_a_bot_that_is_there()?;
        let makes_a_dispatcher = self.cli.dispatcher.is_some();
        let told = rights::look(&self.vault, self.who, &self.path, !is_there, makes_a_dispatcher)?;
        self.look_for_a_dispatcher()?;
        let about_github = account::look(self.context, &self.api, wanted)?;
        let scope = Scope {
            permissions: wanted.permissions.clone(),
            ..Scope::default()
        };
        terminal::tell(&format!(
            "On {}: the App {} of {}, with {}.",
            self.api.git_host(),
            self.bot,
            wanted.owner,
            scope.words().join(", ")
        ));
        for line in &about_github {
            terminal::tell(line);
        }
        for (name, near) in scope.unknown_permissions() {
            let near = near
                .map(|near| format!(": perhaps {near} is meant"))
                .unwrap_or_default();
            terminal::tell(&format!("  GitHub may know no permission {}{near}.", text::quote(name)));
        }
        let verb = if is_there { "into" } else { "into the new folder" };
        terminal::tell(&format!(
            "In Infisical ({}, {}): {APP_ID}, {PRIVATE_KEY_PEM} and {INSTALLATION_ID} {verb} {}, written by {}.",
            self.vault.infisical.host,
            text::quote(self.vault.env_slug),
            self.path,
            self.who
        ));
        let above = self.folders();
        if !is_there && !self.vault.has_folder(&above)? {
            // Infisical makes what is missing above, too, without a word.
            terminal::tell(&format!(
                "  {above} is not there yet either, and is made too: is --path-prefix right?"
            ));
        }
        terminal::tell(told);
        if let Some(name) = &self.cli.dispatcher {
            terminal::tell(&format!(
                "And the machine identity {}, which reads {} and nothing else.",
                text::quote(name),
                dispatcher::below(&self.folders())
            ));
        }
        terminal::tell("You will click twice: Create GitHub App, and Install.");
        Ok(())
    }

    /// Nothing is written over; and a key that was made for nothing is lost.
    fn refuse_a_bot_that_is_there(&self) -> Result<(), Failure> {
        self.refuse_a_bot_in(&self.path, &self.bot)
    }

    fn refuse_a_bot_in(&self, path: &FolderPath, bot: &BotName) -> Result<(), Failure> {
        for name in [PRIVATE_KEY_PEM, APP_ID, INSTALLATION_ID] {
            if self.vault.has(path, name)? {
                return Err(Failure::new(Code::BotExists, format!("{path} is there already"))
                    .cause(format!("the folder holds {name}, and nothing is written over"))
                    .fix(format!(
                        "if it is {bot} of an earlier sitting, {} goes on with it; else empty the folder first",
                        self.resume_line()
                    )));
            }
        }
        Ok(())
    }

    /// Makes the folder, and finds out whether the key can be written before there is one.
    fn prepare(&self) -> Result<(), Failure> {
        self.make_ready()?;
        // Seen only by those who may, perhaps; made meanwhile by another sitting, perhaps.
        self.refuse_a_bot_that_is_there()
            .map_err(|failure| self.exists.told(failure))
    }

    /// The same, whatever is in the folder.
    pub(super) fn make_ready(&self) -> Result<(), Failure> {
        let is_there = self.vault.has_folder(&self.path)?;
        let folder = if is_there {
            ""
        } else {
            "the folder is there, without a bot in it; and "
        };
        // Said before it is done: an answer may be lost, or this process end, behind the work.
        self.exists.say(format!(
            "in {}: {folder}a secret RAXX_PROVISION_TRIAL_… may be there, and can be deleted",
            self.path
        ));
        let ready = self
            .vault
            .make_folder(&self.path)
            .and_then(|_| self.vault.try_to_write(&self.path));
        ready.map_err(|failure| self.exists.told(failure))?;
        self.exists.say(if is_there {
            String::new()
        } else {
            format!("the folder {} is there, without a bot in it", self.path)
        });
        terminal::tell(&format!("{} can be written to.", self.path));
        Ok(())
    }

    /// Leads the person to GitHub, and fetches the App and its key. The page is gone afterwards.
    fn make_app(&self, wanted: &Wanted, page: Page) -> Result<Made, Failure> {
        let made = self.fetch_app(wanted, &page)?;
        drop(page);
        let website = self.website();
        self.exists.say(format!(
            "the App {} exists, and nothing of it is stored: delete it on {}",
            text::quote(&made.slug()),
            text::quote(&made.page(&website))
        ));
        made.compare(wanted, &website)?;
        describe(&made.pem).map_err(|failure| self.exists.told(failure))?;
        self.exists.say_at_stake(self.lost(&made));
        let lacks = made.lacks(wanted);
        if !lacks.is_empty() {
            terminal::tell(&format!("GitHub has not given it: {}.", text::quote(&lacks.join(", "))));
        }
        terminal::tell(&format!(
            "App {} is made, and belongs to {}.",
            made.id,
            text::quote(made.owner())
        ));
        Ok(made)
    }

    /// What exists while a new key is in this process's memory, and perhaps in Infisical.
    fn lost(&self, made: &Made) -> String {
        format!(
            "the App {} exists; its key may be in {} ({} tells), else it is lost: then make a new key on {} and go on with {}, or delete \
             the App there",
            text::quote(&made.slug()),
            self.path,
            self.resume_line(),
            text::quote(&made.page(&self.website())),
            self.line_for(&made.slug(), &format!("--resume --app-id {}", made.id), " < key.pem")
        )
    }

    /// The person may have given the App another name. A bot's folder is called like its App, by whose name its commits go: so
    /// the bot is, too. The folder that was made ready stays the way out, since the key has to be put somewhere.
    fn called_like(self, made: &Made) -> Self {
        let slug = made.slug();
        let Ok(bot) = BotName::parse(&slug) else {
            return self;
        };
        if bot == self.bot {
            return self;
        }
        terminal::tell(&format!(
            "The App is called {bot}, not {}: its commits will say {bot}[bot], and so its folder is called.",
            self.bot
        ));
        let path = self.folders().join(&bot);
        let ready = self
            .vault
            .make_folder(&path)
            .and_then(|_| self.refuse_a_bot_in(&path, &bot))
            .and_then(|()| self.vault.try_to_write(&path));
        if let Err(failure) = ready {
            self.context.report.trouble(&failure);
            terminal::tell(&format!(
                "Its key goes into {} all the same; the doctor will find the two names apart.",
                self.path
            ));
            return self;
        }
        // Not deleted: another sitting may be about to write there.
        terminal::tell(&format!("{} was made ready and is not used.", self.path));
        Self { path, bot, ..self }
    }

    fn fetch_app(&self, wanted: &Wanted, page: &Page) -> Result<Made, Failure> {
        let form = wanted.form(&self.website());
        let manifest = wanted.manifest(&page.callback()).to_string();
        terminal::tell(&format!("Open {} and click; then Create GitHub App.", page.address()));
        if io::stdin().is_terminal() {
            terminal::tell("If your browser is on another machine: paste here the address at which it ends.");
        }
        if !self.cli.no_browser {
            page::browse(&page.ticket());
        }
        loop {
            let code = page
                .wait(&form, &manifest)
                .map_err(|failure| self.exists.told(failure))?;
            self.exists.say(format!(
                "an App may have been created: look at {}'s list of Apps; for one that is there make a key on its page and go on with {}, \
                 or delete it",
                wanted.owner,
                self.line("--resume --app-id ID", " < key.pem")
            ));
            // While the person clicked, the session may have ended: better before there is a key than after.
            self.again("Infisical", || self.refuse_a_bot_that_is_there())?;
            let mut was_lost = false;
            let made = self.again("GitHub", || {
                let made = app::convert(self.context, &self.api, &code);
                was_lost |= made
                    .as_ref()
                    .is_err_and(|failure| matches!(failure.http_status, None | Some(500..)));
                made
            });
            match made {
                // A code of somebody else's making ends nothing: the right one may be on its way. But where an answer was lost, it was
                // ours, and the key was in it.
                Err(failure) if failure.http_status == Some(404) && !was_lost => {
                    self.context.report.trouble(&failure);
                    terminal::tell("The page is still there, for another click.");
                }
                Err(failure) if failure.http_status == Some(404) => {
                    let lost = Failure::new(Code::GithubManifest, "GitHub's answer with the new App's key was lost")
                        .cause("the code was used up by it, and GitHub gives a key once");
                    return Err(self.exists.told(lost));
                }
                made => return made,
            }
        }
    }

    /// Puts the key into its place, before anything else is done, and looks whether it is there.
    fn store(&self, made: &Made) -> Result<BotSecrets, Failure> {
        self.exists.say_at_stake(self.lost(made));
        self.put_key(BotSecrets {
            path: Some(self.path.clone()),
            app_id: made.id.to_string(),
            installation_id: String::new(),
            private_key_pem: made.pem.clone(),
        })
    }

    /// Writes an App's id and key together, and compares what is there then: a good answer alone does not say that it is.
    pub(super) fn put_key(&self, secrets: BotSecrets) -> Result<BotSecrets, Failure> {
        let key = describe(&secrets.private_key_pem).map_err(|failure| self.exists.told(failure))?;
        let pairs = [
            (APP_ID, SecretString::from(secrets.app_id.as_str())),
            (PRIVATE_KEY_PEM, secrets.private_key_pem.clone()),
        ];
        self.again("to store the key", || self.fill(&pairs))?;
        self.exists.say(format!(
            "App and key are in their places; {} goes on with the installation",
            self.resume_line()
        ));
        terminal::tell(&format!("Its key is in {}: {key}.", self.path));
        Ok(secrets)
    }
}
