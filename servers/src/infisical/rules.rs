//! What a role or a privilege allows, as Infisical packs it (`packRules`, <https://casl.js.org/v6/en/api/casl-ability-extra>).

use serde::Deserialize;
use serde_json::Value;

/// One rule: who it is about may do these things with these subjects, where its conditions hold; or may not.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "Vec<Value>")]
pub struct Rule {
    /// Such as `readValue`; `manage` stands for all of them.
    pub actions: Vec<String>,
    /// Such as `secrets`; `all` stands for all of them.
    pub subjects: Vec<String>,
    /// By names such as `secretPath`; none where it holds everywhere.
    pub conditions: Option<Value>,
    /// Whether it forbids instead.
    pub forbids: bool,
}

impl From<Vec<Value>> for Rule {
    fn from(packed: Vec<Value>) -> Self {
        let words = |place: usize| {
            let text = packed.get(place).and_then(Value::as_str).unwrap_or_default();
            text.split(',').map(str::to_owned).collect()
        };
        let conditions = packed.get(2).and_then(Value::as_object);
        Self {
            actions: words(0),
            subjects: words(1),
            conditions: conditions.filter(|names| !names.is_empty()).cloned().map(Value::Object),
            forbids: packed.get(3).is_some_and(|inverted| inverted.as_u64() == Some(1)),
        }
    }
}

impl Rule {
    /// Whether it is about a subject.
    pub fn is_about(&self, subject: &str) -> bool {
        self.subjects.iter().any(|own| own == subject || own == "all")
    }

    fn is_about_doing(&self, action: &str) -> bool {
        self.actions.iter().any(|own| own == action || own == "manage")
    }

    /// Whether its conditions hold for what is so named; none where that cannot be told from here.
    fn holds(&self, place: &[(&str, &str)]) -> Option<bool> {
        let Some(conditions) = self.conditions.as_ref().and_then(Value::as_object) else {
            return Some(true);
        };
        let each = conditions.iter().map(|(name, condition)| {
            let (_, value) = place.iter().find(|(own, _)| own == name)?;
            fits(condition, value)
        });
        let each: Vec<_> = each.collect();
        if each.contains(&Some(false)) {
            return Some(false);
        }
        each.into_iter().collect::<Option<Vec<_>>>().map(|_| true)
    }
}

/// Whether rules let something be done; none where that cannot be told. Of those that fit the last one decides
/// (<https://casl.js.org/v6/en/guide/define-rules#combine-conditions>).
pub fn allow(rules: &[Rule], action: &str, subject: &str, place: &[(&str, &str)]) -> Option<bool> {
    let own = rules
        .iter()
        .rev()
        .filter(|rule| rule.is_about(subject) && rule.is_about_doing(action));
    for rule in own {
        if rule.holds(place)? {
            return Some(!rule.forbids);
        }
    }
    Some(false)
}

/// Whether a value is as a condition wants it.
fn fits(condition: &Value, value: &str) -> Option<bool> {
    let Some(operators) = condition.as_object() else {
        return condition.as_str().map(|own| own == value);
    };
    let each = operators.iter().map(|(operator, own)| match operator.as_str() {
        "$eq" => own.as_str().map(|own| own == value),
        "$ne" => own.as_str().map(|own| own != value),
        "$in" => own.as_array().map(|all| all.iter().any(|own| own == value)),
        "$glob" => glob(own.as_str()?, value),
        _ => None,
    });
    each.collect::<Option<Vec<_>>>().map(|all| all.iter().all(|fits| *fits))
}

/// The globs that people write here: a whole path, and everything below one. Others are left undecided.
fn glob(pattern: &str, value: &str) -> Option<bool> {
    let is_special = |text: &str| text.contains(['*', '?', '[', '{', '(', '!', '\\']);
    match pattern.strip_suffix("**") {
        Some(start) if !is_special(start) => {
            let folder = start.trim_end_matches('/');
            let below = value.strip_prefix(folder);
            Some(below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
        }
        None if !is_special(pattern) => Some(pattern == value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Rule, allow};

    #[test]
    fn the_last_rule_that_fits_decides_and_what_cannot_be_told_is_not_guessed() {
        let place = [("environment", "prod"), ("secretPath", "/MooseQuest/raxx-dev-bot")];
        for (rules, allows) in [
            ("[]", Some(false)),
            (r#"[["read,edit,create","secrets"]]"#, Some(true)),
            (r#"[["create","secrets",{}]]"#, Some(true)),
            (r#"[["manage","all"]]"#, Some(true)),
            (r#"[["create","secret-folders"]]"#, Some(false)),
            (r#"[["create","secrets"],["create","secrets",0,1]]"#, Some(false)),
            (r#"[["create","secrets",0,1],["create","secrets"]]"#, Some(true)),
            (r#"[["create","secrets",{"environment":"dev"}]]"#, Some(false)),
            (
                r#"[["create","secrets",{"environment":{"$in":["dev","prod"]}}]]"#,
                Some(true),
            ),
            (r#"[["create","secrets",{"environment":{"$ne":"prod"}}]]"#, Some(false)),
            (
                r#"[["create","secrets",{"secretPath":{"$glob":"/MooseQuest/**"}}]]"#,
                Some(true),
            ),
            (r#"[["create","secrets",{"secretPath":{"$glob":"/**"}}]]"#, Some(true)),
            (
                r#"[["create","secrets",{"secretPath":{"$glob":"/MooseQuest/raxx-dev-bot/**"}}]]"#,
                Some(true),
            ),
            (
                r#"[["create","secrets",{"secretPath":{"$glob":"/Moose/**"}}]]"#,
                Some(false),
            ),
            (
                r#"[["create","secrets",{"secretPath":{"$glob":"/MooseQuest"}}]]"#,
                Some(false),
            ),
            (r#"[["create","secrets",{"secretPath":{"$glob":"/*/raxx-*"}}]]"#, None),
            (r#"[["create","secrets",{"secretName":{"$eq":"X"}}]]"#, None),
            (
                r#"[["create","secrets",{"secretName":"X","environment":"dev"}]]"#,
                Some(false),
            ),
            (r#"[["create","secrets",{"environment":{"$regex":"p"}}]]"#, None),
        ] {
            let unpacked: Vec<Rule> = serde_json::from_str(rules).unwrap();
            assert_eq!(allow(&unpacked, "create", "secrets", &place), allows, "{rules}");
        }
    }
}
