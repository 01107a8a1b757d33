//! A base is refused, or means the same when it is read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plumbing::BaseUrl;

fuzz_target!(|text: &str| {
    if let Ok(base) = BaseUrl::parse(text) {
        let shown = base.to_string();
        assert_eq!(BaseUrl::parse(&shown).map(|again| again.to_string()), Ok(shown.clone()));
        assert!(!base.authority().contains('@') && !shown.chars().any(char::is_control));
    }
});
