//! The bot as git's author and committer.

use plumbing::documents::InstallationToken;
use plumbing::{Context, Failure};
use servers::github::GithubApi;
use servers::github::viewer::{self, Viewer};
use servers::http::Client;
use token_cache::{Cache, Name};

/// Who commits.
pub(crate) struct Identity {
    /// `SLUG[bot]`.
    name: String,
    email: String,
}

impl Identity {
    /// The variables that git reads.
    pub(crate) fn variables(self) -> [(&'static str, String); 4] {
        [
            ("GIT_AUTHOR_NAME", self.name.clone()),
            ("GIT_AUTHOR_EMAIL", self.email.clone()),
            ("GIT_COMMITTER_NAME", self.name),
            ("GIT_COMMITTER_EMAIL", self.email),
        ]
    }
}

/// Who the token's bot is. GitHub is asked once: an App's user does not change.
///
/// # Errors
/// The `github_…` codes where GitHub does not tell.
pub(crate) fn look_up(context: &Context, cache: &Cache, token: &InstallationToken) -> Result<Identity, Failure> {
    let api = GithubApi::at(token.github_api_url.clone());
    let name = Name::of(&["viewer", &api.base.to_string(), &token.app_id]);
    let known: Viewer = if let Some(viewer) = cache.recall(&name) {
        viewer
    } else {
        let viewer = viewer::ask(&Client::new(context)?, token, &api)?;
        cache.remember(&name, &viewer);
        viewer
    };
    let Viewer { login, database_id } = known;
    // The website's host without a port (<https://docs.github.com/en/account-and-profile/reference/email-addresses-reference>).
    let website = api.base.clone().with_authority(api.git_host());
    Ok(Identity {
        email: format!("{database_id}+{login}@users.noreply.{}", website.host()),
        name: login,
    })
}
