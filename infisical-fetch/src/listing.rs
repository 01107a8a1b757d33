//! Asks Infisical for the secrets of a folder, by whichever of its routes the server has
//! (<https://infisical.com/docs/api-reference/endpoints/secrets/list>).

use std::collections::BTreeMap;

use plumbing::documents::InfisicalSession;
use plumbing::{Code, Failure, FolderPath};
use secrecy::SecretString;
use serde::Deserialize;
use servers::http::{Client, Method, Response};
use servers::infisical::Infisical;

use crate::flags::BotFolders;
use crate::refusal;

/// The routes that list secrets, and what each calls the project. Old servers have the first only, and the newest are
/// announced to keep the second only.
const ROUTES: [(&str, &str); 2] = [("/api/v3/secrets/raw", "workspaceId"), ("/api/v4/secrets", "projectId")];

/// A folder that nobody has.
const NOBODYS: &str = "raxx-mint-asks-for-a-folder-that-nobody-has";

/// One secret of a list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Secret {
    #[serde(rename = "secretKey")]
    pub(crate) key: String,
    #[serde(rename = "secretValue", default)]
    pub(crate) value: SecretString,
    /// The identity may list it but not read it; the value is a placeholder.
    #[serde(rename = "secretValueHidden", default)]
    pub(crate) hidden: bool,
    #[serde(rename = "secretPath")]
    path: Option<String>,
}

#[derive(Deserialize)]
struct Answer {
    secrets: Vec<Secret>,
    #[serde(default)]
    imports: Vec<Import>,
}

#[derive(Deserialize)]
pub(crate) struct Import {
    #[serde(default)]
    pub(crate) secrets: Vec<Secret>,
}

/// The secrets of one or more folders, by folder and key.
pub(crate) struct Listing {
    folders: BTreeMap<FolderPath, BTreeMap<String, Secret>>,
    /// Of a listing of several folders: what some of them import, which is not told.
    pub(crate) imports: Vec<Import>,
}

impl Listing {
    /// The secrets of a folder by their keys; none where it has none or is none.
    pub(crate) fn secrets(&self, path: &FolderPath) -> impl Iterator<Item = (&str, &Secret)> {
        self.folders
            .get(path)
            .into_iter()
            .flatten()
            .map(|(key, secret)| (key.as_str(), secret))
    }

    /// Whether there is nothing in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.folders.values().all(BTreeMap::is_empty)
    }

    /// The folders that hold anything, in the order of their paths.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &FolderPath> {
        self.folders.keys()
    }

    /// A folder's own listing: its secrets, and beneath them what it imports. Of two imports the later one wins
    /// (<https://infisical.com/docs/documentation/platform/secret-reference>).
    fn of_one(path: &FolderPath, answer: Answer) -> Self {
        let imported = answer.imports.into_iter().flat_map(|import| import.secrets);
        let secrets = imported
            .chain(answer.secrets)
            .map(|secret| (secret.key.clone(), secret))
            .collect();
        Self {
            folders: BTreeMap::from([(path.clone(), secrets)]),
            imports: vec![],
        }
    }

    /// A listing of a folder and all below it. Where an import belongs is not told, so none is taken for a folder's.
    fn of_many(root: &FolderPath, answer: Answer) -> Self {
        let mut folders: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for secret in answer.secrets {
            let path = secret.path.as_deref().map_or_else(|| root.clone(), FolderPath::parse);
            folders.entry(path).or_default().insert(secret.key.clone(), secret);
        }
        Self {
            folders,
            imports: answer.imports,
        }
    }
}

/// What is wanted of a folder.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Its own secrets, and what it imports.
    One,
    /// All below it too.
    All,
    /// The same with references as they were written: one that may not be followed fails the whole list otherwise.
    AllUnexpanded,
    /// The same without values, for an identity that may see names only: with values, it is shown nothing.
    AllNames,
}

/// Where listings come from.
pub(crate) struct Source<'a> {
    pub(crate) client: &'a Client,
    pub(crate) infisical: &'a Infisical,
    pub(crate) session: &'a InfisicalSession,
    pub(crate) folders: &'a BotFolders,
}

impl Source<'_> {
    /// One folder, with what it imports.
    pub(crate) fn single(&self, path: &FolderPath) -> Result<Listing, Failure> {
        Ok(Listing::of_one(path, self.list(path, Scope::One)?))
    }

    /// A folder and all below it.
    pub(crate) fn recursive(&self, path: &FolderPath) -> Result<Listing, Failure> {
        Ok(Listing::of_many(path, self.list(path, Scope::All)?))
    }

    /// The same also where a reference of one folder may not be followed, which is no other folder's affair; and whether its values
    /// are what they refer to.
    pub(crate) fn recursive_at_any_rate(&self, path: &FolderPath) -> Result<(Listing, bool), Failure> {
        let response = self.respond(path, Scope::All)?;
        if refusal::is_about_a_reference(&response) {
            return Ok((Listing::of_many(path, self.list(path, Scope::AllUnexpanded)?), false));
        }
        Ok((Listing::of_many(path, self.answer(path, &response)?), true))
    }

    /// The same, but that no value is asked for.
    pub(crate) fn recursive_names(&self, path: &FolderPath) -> Result<Listing, Failure> {
        Ok(Listing::of_many(path, self.list(path, Scope::AllNames)?))
    }

    /// Whether a folder is surely there, though nothing is seen in it: servers of 2026 tell a folder that is missing, older ones
    /// show it empty. Told by asking for one that nobody has.
    pub(crate) fn is_surely_there(&self, path: &FolderPath) -> bool {
        let nobodys = FolderPath::parse(&format!("{path}/{NOBODYS}"));
        let asked = self.respond(&nobodys, Scope::One);
        asked.is_ok_and(|response| refusal::has_no_such_folder(&response))
    }

    fn list(&self, path: &FolderPath, scope: Scope) -> Result<Answer, Failure> {
        let response = self.respond(path, scope)?;
        self.answer(path, &response)
    }

    fn answer(&self, path: &FolderPath, response: &Response) -> Result<Answer, Failure> {
        if !response.is_success() {
            return Err(refusal::explain(self.infisical, self.folders, path, response));
        }
        response
            .json()
            .ok_or_else(|| refusal::unreadable(self.infisical, path, response))
    }

    fn respond(&self, path: &FolderPath, scope: Scope) -> Result<Response, Failure> {
        let [older, newer] = ROUTES;
        let response = self.ask(older, path, scope)?;
        if refusal::has_no_such_route(&response) {
            return self.ask(newer, path, scope);
        }
        Ok(response)
    }

    fn ask(
        &self,
        (route, project): (&str, &'static str),
        path: &FolderPath,
        scope: Scope,
    ) -> Result<Response, Failure> {
        let session = self.session;
        let mut request = self
            .infisical
            .request(Method::Get, route)
            .authorization(&session.token_type, &session.access_token)
            .query(project, &self.folders.project_id)
            .query("environment", &self.folders.env_slug)
            .query("secretPath", path.as_str())
            .query(
                "expandSecretReferences",
                if scope == Scope::AllUnexpanded { "false" } else { "true" },
            );
        // Two spellings: the documented one, and the one that clients of the newer route send.
        for imports in ["include_imports", "includeImports"] {
            request = request.query(imports, "true");
        }
        if scope != Scope::One {
            request = request.query("recursive", "true");
        }
        if scope == Scope::AllNames {
            request = request.query("viewSecretValue", "false");
        }
        self.client.send(&request).map_err(|error| {
            error.into_failure(
                Code::InfisicalFetchConnection,
                &refusal::summary(path),
                &self.infisical.host,
            )
        })
    }
}
