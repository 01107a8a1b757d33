//! The larger objects of the REST API, with every field that its description requires.

use serde_json::{Value, json};

use super::answers::API_VERSION_2026;
use super::settings::{App, Installation, Repository, Settings};
use crate::server::Request;

/// A date in the past for everything that has one.
const LONG_AGO: &str = "2024-02-29T12:00:00Z";

/// The fields of a repository that are links below its own: name, and what is appended.
const REPOSITORY_LINKS: [(&str, &str); 37] = [
    ("archive_url", "/{archive_format}{/ref}"),
    ("assignees_url", "/assignees{/user}"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("branches_url", "/branches{/branch}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("comments_url", "/comments{/number}"),
    ("commits_url", "/commits{/sha}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("contents_url", "/contents/{+path}"),
    ("contributors_url", "/contributors"),
    ("deployments_url", "/deployments"),
    ("downloads_url", "/downloads"),
    ("events_url", "/events"),
    ("forks_url", "/forks"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("hooks_url", "/hooks"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("issue_events_url", "/issues/events{/number}"),
    ("issues_url", "/issues{/number}"),
    ("keys_url", "/keys{/key_id}"),
    ("labels_url", "/labels{/name}"),
    ("languages_url", "/languages"),
    ("merges_url", "/merges"),
    ("milestones_url", "/milestones{/number}"),
    ("notifications_url", "/notifications{?since,all,participating}"),
    ("pulls_url", "/pulls{/number}"),
    ("releases_url", "/releases{/id}"),
    ("stargazers_url", "/stargazers"),
    ("statuses_url", "/statuses/{sha}"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("tags_url", "/tags"),
    ("teams_url", "/teams"),
    ("trees_url", "/git/trees{/sha}"),
    ("url", ""),
];

/// The same for an account.
const ACCOUNT_LINKS: [(&str, &str); 11] = [
    ("events_url", "/events{/privacy}"),
    ("followers_url", "/followers"),
    ("following_url", "/following{/other_user}"),
    ("gists_url", "/gists{/gist_id}"),
    ("organizations_url", "/orgs"),
    ("received_events_url", "/received_events"),
    ("repos_url", "/repos"),
    ("starred_url", "/starred{/owner}{/repo}"),
    ("subscriptions_url", "/subscriptions"),
    ("avatar_url", "/avatar.png"),
    ("url", ""),
];

/// `GET /app`.
pub(super) fn app(settings: &Settings, app: &App) -> Value {
    let installations: Vec<_> = settings.installations.iter().filter(|it| it.app_id == app.id).collect();
    let first = installations.first();
    json!({
        "id": app.id,
        "slug": app.slug,
        "client_id": app.client_id,
        "node_id": format!("A_kw{}", app.id),
        "owner": account(settings, &app.owner),
        "name": app.slug,
        "description": null,
        "external_url": "https://example.com",
        "html_url": format!("{}/apps/{}", settings.website.origin, app.slug),
        "created_at": LONG_AGO,
        "updated_at": LONG_AGO,
        "permissions": first.map_or_else(|| app.permissions.clone(), |installation| installation.permissions.clone()),
        "events": [],
        "installations_count": installations.len(),
    })
}

/// `GET /app/installations/{installation_id}`.
pub(super) fn installation(settings: &Settings, app: &App, installation: &Installation) -> Value {
    let id = installation.id;
    json!({
        "id": id,
        "account": account(settings, &installation.account),
        "repository_selection": if installation.on_all_repositories { "all" } else { "selected" },
        "access_tokens_url": format!("https://api.github.com/app/installations/{id}/access_tokens"),
        "repositories_url": "https://api.github.com/installation/repositories",
        "html_url": format!("https://github.com/organizations/{}/settings/installations/{id}", installation.account),
        "app_id": app.id,
        "client_id": app.client_id,
        "app_slug": app.slug,
        "target_id": 9_919,
        "target_type": "Organization",
        "permissions": installation.permissions,
        "events": [],
        "created_at": LONG_AGO,
        "updated_at": LONG_AGO,
        "single_file_name": null,
        "has_multiple_single_files": false,
        "single_file_paths": [],
        "suspended_at": installation.suspended.then_some(LONG_AGO),
        "suspended_by": installation.suspended.then(|| account(settings, "octo-owner")),
    })
}

/// Whole repository objects, several kilobytes each, as the API version of the request has them.
pub(super) fn repositories(settings: &Settings, owner: &str, repositories: &[Repository], request: &Request) -> Value {
    let is_2026 = request.header("X-GitHub-Api-Version") == Some(API_VERSION_2026);
    repositories
        .iter()
        .map(|it| repository(settings, owner, it, is_2026))
        .collect()
}

fn repository(settings: &Settings, owner: &str, repository: &Repository, is_2026: bool) -> Value {
    let full_name = format!("{owner}/{}", repository.name);
    let site = format!("https://github.com/{full_name}");
    let mut object = json!({
        "id": repository.id,
        "node_id": format!("R_kgDO{}", repository.id),
        "name": repository.name,
        "full_name": full_name,
        "owner": account(settings, owner),
        "private": true,
        "html_url": site,
        "description": null,
        "fork": false,
        "clone_url": format!("{site}.git"),
        "git_url": format!("git:github.com/{full_name}.git"),
        "ssh_url": format!("git@github.com:{full_name}.git"),
        "svn_url": site,
        "default_branch": "main",
        "archived": false,
        "disabled": false,
        "visibility": "private",
        "homepage": null,
        "language": "Rust",
        "license": null,
        "mirror_url": null,
        "pushed_at": LONG_AGO,
        "created_at": LONG_AGO,
        "updated_at": LONG_AGO,
        "permissions": {"admin": false, "maintain": false, "push": false, "triage": false, "pull": false},
    });
    for name in [
        "forks",
        "forks_count",
        "open_issues",
        "open_issues_count",
        "size",
        "stargazers_count",
        "watchers",
        "watchers_count",
    ] {
        object[name] = json!(0);
    }
    for name in ["has_issues", "has_projects", "has_wiki", "has_pages"] {
        object[name] = json!(true);
    }
    if !is_2026 {
        object["has_downloads"] = json!(true);
        object["use_squash_pr_title_as_default"] = json!(false);
    }
    for (name, end) in REPOSITORY_LINKS {
        object[name] = json!(format!("https://api.github.com/repos/{full_name}{end}"));
    }
    object
}

/// A person, or else an organization.
pub(super) fn account(settings: &Settings, login: &str) -> Value {
    let is_person = login.eq_ignore_ascii_case(&settings.website.person) || login == "octo-owner";
    let mut object = json!({
        "login": login,
        "id": 9_919,
        "node_id": "O_kgDOABCDEF",
        "gravatar_id": "",
        "html_url": format!("https://github.com/{login}"),
        "type": if is_person { "User" } else { "Organization" },
        "site_admin": false,
    });
    for (name, end) in ACCOUNT_LINKS {
        object[name] = json!(format!("https://api.github.com/users/{login}{end}"));
    }
    object
}
