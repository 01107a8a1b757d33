//! Whether the project and its environment are what the machine was told; asked where a fetch has failed, of servers that tell.

use infisical_fetch::{BotFolders, ENV_SLUG, Fetched, PROJECT_ID};
use plumbing::{Code, Failure, text};
use serde_json::Value;

use crate::Asking;
use crate::sheet::Sheet;

/// Those that the identity is a member of
/// (<https://infisical.com/docs/api-reference/endpoints/projects/list>).
const PROJECTS: &str = "/api/v1/projects";
/// The type of a project that holds secrets.
const OF_SECRETS: &str = "secret-manager";

struct Project {
    id: String,
    name: String,
    slug: String,
    kind: Option<String>,
    environments: Vec<String>,
}

impl Project {
    fn all_in(answer: &Value) -> Option<Vec<Self>> {
        let projects = answer.get("projects")?.as_array()?;
        Some(projects.iter().filter_map(Self::read).collect())
    }

    fn read(project: &Value) -> Option<Self> {
        let text = |value: &Value, name: &str| value.get(name)?.as_str().map(str::to_owned);
        let environments = project.get("environments").and_then(Value::as_array);
        Some(Self {
            id: text(project, "id")?,
            name: text(project, "name")?,
            slug: text(project, "slug")?,
            kind: text(project, "type"),
            environments: environments
                .into_iter()
                .flatten()
                .filter_map(|it| text(it, "slug"))
                .collect(),
        })
    }

    fn shown(&self) -> String {
        text::quote(&format!("{} ({}), {}", self.name, self.slug, self.id))
    }

    fn holds_secrets(&self) -> bool {
        self.kind.as_deref().is_none_or(|kind| kind == OF_SECRETS)
    }
}

/// Names what is wrong with the project, if that is why nothing was fetched.
pub(crate) fn examine(
    sheet: &mut Sheet<'_>,
    asking: &Asking<'_>,
    folders: &BotFolders,
    fetched: &Result<Vec<Fetched>, Failure>,
) {
    let has_failed = match fetched {
        Err(_) => true,
        Ok(bots) => bots.iter().any(|bot| bot.outcome.is_err()),
    };
    if !has_failed {
        return;
    }
    sheet.begin("asking for the project");
    let answer = asking.first::<Value>(&[PROJECTS.to_owned()]);
    let Some(projects) = answer.as_ref().and_then(Project::all_in) else {
        return;
    };
    if let Some(failure) = verdict(&projects, &folders.project_id, &folders.env_slug) {
        sheet.fail("project", failure);
    }
}

fn verdict(projects: &[Project], id: &str, environment: &str) -> Option<Failure> {
    let invalid = |summary: String| Failure::new(Code::ConfigInvalid, summary);
    let Some(project) = projects.iter().find(|project| project.id == id) else {
        let meant = projects
            .iter()
            .find(|project| [&project.slug, &project.name].contains(&&id.to_owned()));
        let of_secrets: Vec<_> = projects.iter().filter(|project| project.holds_secrets()).collect();
        return Some(match (meant, of_secrets[..].first()) {
            (Some(project), _) => invalid(format!("{PROJECT_ID} holds a project's slug or name"))
                .cause(format!("it is of {}", project.shown()))
                .fix(format!("set {PROJECT_ID} to {}", text::quote(&project.id))),
            (None, Some(_)) => {
                let all: Vec<_> = of_secrets.iter().map(|project| project.shown()).collect();
                invalid(format!("the identity sees no project with the id {}", text::quote(id)))
                    .cause(format!("it is a member of: {}", all.join("; ")))
                    .fix(format!(
                        "set {PROJECT_ID} to the id of one of them, or add the identity to the project that is meant"
                    ))
            }
            (None, None) => invalid("the identity is a member of no project that holds secrets".to_owned())
                .cause("it can log in, and read nothing")
                .fix("in Infisical, add the identity under the project's Access Control, with read on the bot paths"),
        });
    };
    if !project.holds_secrets() {
        let kind = text::quote(project.kind.as_deref().unwrap_or_default());
        return Some(
            invalid(format!("the project {} holds no secrets", text::quote(id)))
                .cause(format!("it is of the type {kind}, not {OF_SECRETS}"))
                .fix(format!("set {PROJECT_ID} to the project that has the bots' folders")),
        );
    }
    let slugs: Vec<_> = project.environments.iter().map(|it| text::quote(it)).collect();
    if !slugs.is_empty() && !project.environments.iter().any(|it| it == environment) {
        let [name, ..] = ENV_SLUG;
        return Some(
            invalid(format!("the project has no environment {}", text::quote(environment)))
                .cause(format!(
                    "those of {} are {}",
                    text::quote(&project.name),
                    slugs.join(", ")
                ))
                .fix(format!(
                    "set {name} to the one that has the bots' folders: its slug, not its name"
                )),
        );
    }
    None
}
