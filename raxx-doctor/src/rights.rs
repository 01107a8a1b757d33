//! What an identity may do with a project's secrets, as Infisical itself adds it up: its roles and its additional privileges.

use serde::Deserialize;
use serde_json::Value;
use servers::infisical::rules::Rule;

/// The answer to `…/permissions/audit`, from Infisical 2026 on.
#[derive(Deserialize)]
pub(crate) struct Audit {
    sources: Vec<Source>,
}

/// A role or an additional privilege.
#[derive(Deserialize)]
struct Source {
    #[serde(rename = "type")]
    kind: String,
    name: String,
    permissions: Vec<Rule>,
}

/// What changes a secret (<https://infisical.com/docs/internals/permissions/project-permissions>).
const CHANGES: [&str; 3] = ["create", "edit", "delete"];

impl Audit {
    /// The roles and privileges, by their names.
    pub(crate) fn names(&self) -> String {
        let names: Vec<_> = self.sources.iter().map(|source| source.name.as_str()).collect();
        names.join(", ")
    }

    /// Whatever lets the identity change secrets: what, by which role or privilege, and where.
    pub(crate) fn changes(&self) -> Vec<String> {
        let rules = self
            .sources
            .iter()
            .flat_map(|source| source.permissions.iter().map(move |rule| (source, rule)));
        rules
            .filter_map(|(source, rule)| {
                let actions = changes_of_secrets(rule)?;
                let kind = if source.kind == "role" {
                    "the role"
                } else {
                    "the privilege"
                };
                Some(format!(
                    "{actions} by {kind} {} {}",
                    source.name,
                    place(rule.conditions.as_ref())
                ))
            })
            .collect()
    }
}

/// What a rule allows to be done to secrets, if that changes any.
fn changes_of_secrets(rule: &Rule) -> Option<String> {
    if rule.forbids || !rule.is_about("secrets") {
        return None;
    }
    let changes: Vec<_> = rule
        .actions
        .iter()
        .map(String::as_str)
        .filter(|action| CHANGES.contains(action) || *action == "manage")
        .collect();
    (!changes.is_empty()).then(|| changes.join(", "))
}

/// Where a rule holds.
fn place(conditions: Option<&Value>) -> String {
    let of = |name: &str| {
        let condition = conditions?.get(name)?;
        let values = condition.as_object()?.values();
        let texts = values.flat_map(|value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]));
        let texts: Vec<_> = texts.filter_map(|text| text.as_str().map(str::to_owned)).collect();
        (!texts.is_empty()).then(|| texts.join(" or "))
    };
    match (of("secretPath"), of("environment")) {
        (Some(path), Some(environment)) => format!("in {path} of {environment}"),
        (Some(path), None) => format!("in {path} of every environment"),
        (None, Some(environment)) => format!("in all of {environment}"),
        (None, None) => "everywhere".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::Audit;

    #[test]
    fn only_rules_that_allow_changes_to_secrets_count() {
        for (rule, changes) in [
            (r#"["describeSecret,readValue","secrets"]"#, None),
            (r#"["edit","secret-folders"]"#, None),
            (r#"["edit","secrets",0,1]"#, None),
            (
                r#"["create,readValue","secrets"]"#,
                Some("create by the privilege x everywhere"),
            ),
            (r#"["manage","all"]"#, Some("manage by the privilege x everywhere")),
            (
                r#"["edit","secrets",{"secretPath":{"$glob":"/a/**"},"environment":{"$in":["dev","prod"]}}]"#,
                Some("edit by the privilege x in /a/** of dev or prod"),
            ),
            (
                r#"["delete","tags,secrets",{"environment":{"$eq":"prod"}}]"#,
                Some("delete by the privilege x in all of prod"),
            ),
        ] {
            let audit =
                format!(r#"{{"sources":[{{"type":"additional_privilege","name":"x","permissions":[{rule}]}}]}}"#);
            let audit: Audit = serde_json::from_str(&audit).unwrap();
            assert_eq!(audit.changes().first().map(String::as_str), changes, "{rule}");
        }
    }
}
