//! Folders: made ready for a key before there is one, and taken away.

use aws_lc_rs::rand;
use plumbing::{Code, Failure, FolderPath};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::json;
use servers::http::Method;
use servers::infisical::message;

use super::{Vault, bytes, is_no_route};

/// How what is written and taken back is called, to know whether it can be: another name each time, so that no trial that was left behind
/// stands in the way.
const TRIAL: &str = "RAXX_PROVISION_TRIAL";

impl Vault<'_> {
    /// Whether a folder is there.
    ///
    /// # Errors
    /// Where Infisical does not tell.
    pub(crate) fn has_folder(&self, path: &FolderPath) -> Result<bool, Failure> {
        #[derive(Deserialize)]
        struct Folders {
            folders: Vec<Folder>,
        }
        #[derive(Deserialize)]
        struct Folder {
            name: String,
        }
        let Some(parent) = path.parent() else { return Ok(true) };
        let request = self
            .infisical
            .request(Method::Get, "/api/v2/folders")
            .query("projectId", self.project_id)
            .query("environment", self.env_slug)
            .query("path", parent.as_str());
        let response = self.ask(request)?;
        let Folders { folders } = self.read_as(&response, "list the folders", &parent)?;
        Ok(folders.iter().any(|folder| folder.name == path.bot().as_str()))
    }

    /// Makes a folder, and those above it that are missing; false where it was there.
    ///
    /// # Errors
    /// Where it may not be made.
    pub(crate) fn make_folder(&self, path: &FolderPath) -> Result<bool, Failure> {
        let parent = path.parent().unwrap_or_else(|| FolderPath::parse("/"));
        let body =
            json!({"projectId": self.project_id, "environment": self.env_slug, "name": path.bot(), "path": parent});
        let request = self.infisical.request(Method::Post, "/api/v2/folders");
        let response = self.ask(request.body(bytes(&body)?, []))?;
        let says_so = message(&response).is_some_and(|message| message.contains("already exists"));
        match response.status {
            400 if says_so => Ok(false),
            _ if response.is_success() => Ok(true),
            _ => Err(self.refused("make the folder", path, &response)),
        }
    }

    /// Writes a secret and takes it away again: whoever may do that can write the App's key later, when it cannot be had again.
    ///
    /// # Errors
    /// Where it may not be written, or would have to be approved first.
    pub(crate) fn try_to_write(&self, path: &FolderPath) -> Result<(), Failure> {
        let mut random = [0; 4];
        rand::fill(&mut random).map_err(|_| Failure::new(Code::Internal, "the system gives no random numbers"))?;
        let name = format!("{TRIAL}_{:08X}", u32::from_be_bytes(random));
        let name = name.as_str();
        // As long as a key, and with as many lines: what cuts or joins them is found out before there is one.
        let value = "a trial of raxx-provision: 0123456789abcdef0123456789abcdef0123\n".repeat(50);
        let written = self.put(path, &[(name, value.as_str().into())]);
        let there = self.read(path, name);
        // An answer may be lost behind its work.
        let may_be_there = match &written {
            Ok(()) => true,
            Err(failure) => matches!(failure.http_status, None | Some(200..=299 | 500..)),
        };
        if may_be_there && self.delete(path, name).is_err() {
            // Whoever may write and not delete can go on.
            self.context.report.note(&format!(
                "{name} was to be written to {path} to see whether it can be, and could not be taken away again: if it is there, delete it"
            ));
        }
        written.map_err(|failure| match failure.code {
            Code::InfisicalWritePending => failure.fix(
                "close that request, which holds a trial and no key; and write as somebody whom the policy does not hold, or as a machine \
                 identity",
            ),
            _ => failure,
        })?;
        // What cannot be read back cannot be compared, and then nobody knows whether the key is there.
        if there?.expose_secret() == value {
            return Ok(());
        }
        Err(Failure::new(
            Code::InfisicalWriteHttp,
            format!("what is written to {path} comes back as something else"),
        )
        .cause("whoever writes may not read it, or something in between changes it")
        .fix("log in to Infisical as somebody who may read secrets there too"))
    }

    /// Takes a folder away if it holds nothing; whether it is gone.
    ///
    /// # Errors
    /// Where it may not be taken away.
    pub(crate) fn delete_folder(&self, path: &FolderPath) -> Result<bool, Failure> {
        let Some(parent) = path.parent() else {
            return Ok(false);
        };
        let body = json!({"projectId": self.project_id, "environment": self.env_slug, "path": parent});
        let route = format!("/api/v2/folders/{}", path.bot());
        let request = self.infisical.request(Method::Delete, &route);
        let response = self.ask(request.body(bytes(&body)?, []))?;
        match response.status {
            400 if message(&response).is_some_and(|message| message.contains("contains resources")) => Ok(false),
            404 if !is_no_route(&response) => Ok(true),
            _ if response.is_success() => Ok(true),
            _ => Err(self.refused("delete the folder", path, &response)),
        }
    }
}
