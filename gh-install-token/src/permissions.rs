//! The names of permissions, to suggest one for a name that GitHub does not know. A name that is missing here is sent all the same:
//! GitHub's list grows between releases.

use plumbing::text;

use crate::scope::Scope;

/// Those of GitHub's own description of its API (`app-permissions`,
/// <https://github.com/github/rest-api-description>).
const PERMISSIONS: [&str; 55] = [
    "actions",
    "administration",
    "artifact_metadata",
    "attestations",
    "checks",
    "code_quality",
    "codespaces",
    "contents",
    "custom_properties_for_organizations",
    "dependabot_secrets",
    "deployments",
    "discussions",
    "email_addresses",
    "enterprise_custom_properties_for_organizations",
    "environments",
    "followers",
    "git_ssh_keys",
    "gpg_keys",
    "interaction_limits",
    "issues",
    "members",
    "merge_queues",
    "metadata",
    "organization_administration",
    "organization_announcement_banners",
    "organization_copilot_agent_settings",
    "organization_copilot_seat_management",
    "organization_custom_org_roles",
    "organization_custom_properties",
    "organization_custom_roles",
    "organization_events",
    "organization_hooks",
    "organization_packages",
    "organization_personal_access_token_requests",
    "organization_personal_access_tokens",
    "organization_plan",
    "organization_projects",
    "organization_secrets",
    "organization_self_hosted_runners",
    "organization_user_blocking",
    "packages",
    "pages",
    "profile",
    "pull_requests",
    "repository_custom_properties",
    "repository_hooks",
    "repository_projects",
    "secret_scanning_alerts",
    "secrets",
    "security_events",
    "single_file",
    "starring",
    "statuses",
    "vulnerability_alerts",
    "workflows",
];

/// Names that GitHub's description does not know, each with one that is near, if there is.
pub(crate) fn unknown(scope: &Scope) -> impl Iterator<Item = (&str, Option<&'static str>)> {
    let unknown = scope
        .permissions
        .keys()
        .filter(|name| !PERMISSIONS.contains(&name.as_str()));
    unknown.map(|name| (name.as_str(), text::nearest(name, PERMISSIONS)))
}

/// Which names were perhaps meant, in words behind which others may stand; empty where all are known, or nothing is near.
pub(crate) fn perhaps(scope: &Scope) -> String {
    let meant: Vec<_> = unknown(scope).filter_map(|(_, near)| near).collect();
    if meant.is_empty() {
        return String::new();
    }
    format!("perhaps {} is meant; ", meant.join(" and "))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::PERMISSIONS;

    #[test]
    fn they_are_those_of_githubs_description() {
        let file = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../tests/recordings/github-openapi-subset.json"
        );
        let described: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let names = described["components"]["schemas"]["app-permissions"]["properties"]
            .as_object()
            .unwrap();
        let mut names: Vec<_> = names.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(PERMISSIONS.to_vec(), names);
    }
}
