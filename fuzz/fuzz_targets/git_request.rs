//! What git asks: read to its end, whatever it is.
#![no_main]

use git_credential_raxx::Attributes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(attributes) = Attributes::read(bytes) {
        let host = attributes.get("host").unwrap_or_default();
        assert!(!host.contains(['\n', '\r']));
        let _ = (attributes.refused(), attributes.take_whole_credentials());
        let _ = git_door::host::is_same(host, "github.com");
    }
});
