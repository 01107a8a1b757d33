//! GitHub's OpenAPI description (a part of it, OpenAPI 3.0), and a check of an answer against it.
//!
//! The check knows the keywords that the description uses and panics at any other, so that none is passed over unseen.

use std::path::Path;

use serde_json::Value;

pub(crate) struct Description(Value);

impl Description {
    pub(crate) fn read() -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings/github-openapi-subset.json");
        Self(serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap())
    }

    /// Panics unless `body` is what the description promises for that answer.
    pub(crate) fn hold(&self, method: &str, path: &str, status: u16, body: &Value) {
        let response = &self.0["paths"][path][method.to_lowercase()]["responses"][status.to_string()];
        assert!(
            !response.is_null(),
            "{method} {path} has no answer {status} in the description"
        );
        let schema = &self.resolved(response)["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{method} {path} {status}: no schema");
        let mut faults = Vec::new();
        self.check(schema, body, "body", &mut faults);
        assert!(faults.is_empty(), "{method} {path} {status}: {faults:#?}\n{body:#}");
    }

    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self
                .0
                .pointer(reference.trim_start_matches('#'))
                .expect("a reference into the file"),
            None => value,
        }
    }

    fn check(&self, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
        let schema = self.resolved(schema);
        if value.is_null() && schema["nullable"] == true {
            return;
        }
        for (keyword, rule) in schema.as_object().unwrap() {
            match keyword.as_str() {
                "type" if !has_type(value, rule.as_str().unwrap()) => faults.push(format!("{at}: not {rule}: {value}")),
                "enum" if !rule.as_array().unwrap().contains(value) => {
                    faults.push(format!("{at}: not in {rule}: {value}"));
                }
                "format" if !has_format(value, rule.as_str().unwrap()) => {
                    faults.push(format!("{at}: not {rule}: {value}"));
                }
                "required" => faults.extend(missing(rule, value).map(|name| format!("{at}: no {name}"))),
                "properties" => self.check_properties(rule, value, at, faults),
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(rule, item, &format!("{at}[{index}]"), faults);
                    }
                }
                "additionalProperties" => self.check_others(schema, rule, value, at, faults),
                "allOf" => rule
                    .as_array()
                    .unwrap()
                    .iter()
                    .for_each(|schema| self.check(schema, value, at, faults)),
                "oneOf" | "anyOf" => self.check_one_of(rule, value, at, faults),
                "type"
                | "enum"
                | "format"
                | "nullable"
                | "title"
                | "description"
                | "example"
                | "examples"
                | "default"
                | "deprecated"
                | "x-github-breaking-changes" => {}
                unknown => panic!("{at}: the check does not know {unknown}"),
            }
        }
    }

    fn check_properties(&self, properties: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
        for (name, rule) in properties.as_object().unwrap() {
            if let Some(property) = value.get(name) {
                self.check(rule, property, &format!("{at}.{name}"), faults);
            }
        }
    }

    fn check_others(&self, schema: &Value, rule: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
        for (name, other) in value.as_object().into_iter().flatten() {
            if schema["properties"].get(name).is_some() {
                continue;
            }
            match rule {
                Value::Bool(true) => {}
                Value::Bool(false) => faults.push(format!("{at}.{name}: not allowed")),
                rule => self.check(rule, other, &format!("{at}.{name}"), faults),
            }
        }
    }

    fn check_one_of(&self, schemas: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
        let faults_of = |schema: &Value| {
            let mut faults = Vec::new();
            self.check(schema, value, at, &mut faults);
            faults
        };
        let all: Vec<_> = schemas.as_array().unwrap().iter().map(faults_of).collect();
        if all.iter().all(|faults| !faults.is_empty()) {
            faults.push(format!("{at}: none of {all:?}"));
        }
    }
}

fn missing<'a>(required: &'a Value, value: &Value) -> impl Iterator<Item = &'a str> {
    let names = required.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
    names.filter(|name| value.is_object() && value.get(*name).is_none())
}

fn has_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        unknown => panic!("no type {unknown}"),
    }
}

fn has_format(value: &Value, name: &str) -> bool {
    let text = value.as_str().unwrap_or_default();
    match name {
        "uri" => text.contains(':') && !text.contains(['{', ' ']),
        "date-time" => text.parse::<jiff::Timestamp>().is_ok(),
        "int64" => value.is_i64(),
        unknown => panic!("no format {unknown}"),
    }
}
