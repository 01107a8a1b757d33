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
        let tests: Vec<_> = held_by.split('`').filter_map(|word| word.split_once("::")).collect();
        assert!(!tests.is_empty(), "{row}");
        for (module, name) in tests {
            let file = fs::read_to_string(here.join(format!("tests/e2e/{module}.rs"))).unwrap_or_default();
            assert!(
                file.contains(&format!("#[test]\nfn {name}()")),
                "{module}::{name} of: {row}"
            );
        }
    }
}
