//! docs/security.md: each promise names a test, and that test is there.

use std::fs;
use std::path::Path;

#[test]
fn every_promise_is_held_by_a_test_that_is_there() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(here.join("../docs/security.md")).unwrap();
    let promises = text
        .split("\n## ")
        .find(|section| section.starts_with("Promises"))
        .unwrap();
    let rows: Vec<_> = promises.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(rows.len() > 15, "{rows:?}");
    for row in rows {
        let held_by = row.split(" | ").nth(1).unwrap_or_else(|| panic!("{row}"));
        let tests: Vec<_> = held_by.split('`').filter_map(|word| word.rsplit_once("::")).collect();
        assert!(!tests.is_empty(), "{row}");
        for (module, name) in tests {
            let path = format!("tests/e2e/{}.rs", module.replace("::", "/"));
            let file = fs::read_to_string(here.join(path)).unwrap_or_default();
            assert!(
                file.contains(&format!("#[test]\nfn {name}()")),
                "{module}::{name} of: {row}"
            );
        }
    }
}

/// The page for who comes from the old scripts names tests, too.
#[test]
fn every_test_that_the_migration_page_names_is_there() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(here.join("../docs/migration.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| \""));
    let mut named = 0;
    for row in rows {
        let held_by = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        for word in held_by.split('`').filter(|word| word.contains("::")) {
            let (file, name) = if let Some((package, unit)) = word.split_once(" (unit) ") {
                let (file, name) = unit.split_once("::").unwrap();
                (format!("../{package}/{file}"), name)
            } else if let Some((module, name)) = word.strip_prefix("contract::").and_then(|rest| rest.split_once("::"))
            {
                (format!("tests/contract/{module}.rs"), name)
            } else {
                let (module, name) = word.split_once("::").unwrap();
                (format!("tests/e2e/{module}.rs"), name)
            };
            let content = fs::read_to_string(here.join(&file)).unwrap_or_default();
            assert!(content.contains(&format!("fn {name}()")), "{file} {name} of: {row}");
            named += 1;
        }
    }
    assert!(named > 80, "{named}");
}
