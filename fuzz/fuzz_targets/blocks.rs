//! A file of git's is left as it was when our block is put in and taken out.
#![no_main]

use git_door::block::{Block, Blocks};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let before = Blocks::parse(text);
    if !before.ours.is_empty() {
        return;
    }
    let mut blocks = before;
    blocks.put(Block::new("github.com", "", "raxx --bot x"));
    let mut after = Blocks::parse(&blocks.text());
    after.ours.clear();
    let newline = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    assert_eq!(after.text(), format!("{text}{newline}"));
});
