//! The step as a library call: what it signs is a function of its arguments.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it meets what it does not expect"
)]

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use gh_app_jwt::JwtId;
use jiff::Timestamp;
use plumbing::documents::BotSecrets;
use serde_json::{Value, json};
use tests::keys::BotKey;

fn secrets(key: &BotKey, app_id: &str) -> BotSecrets {
    BotSecrets {
        path: None,
        app_id: app_id.to_owned(),
        installation_id: "101".to_owned(),
        private_key_pem: key.pkcs1_pem().into(),
    }
}

fn decoded(part: &str) -> Value {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

#[test]
fn the_claims_are_those_that_github_asks_for() {
    let key = BotKey::pooled(0);
    let now: Timestamp = "2026-11-23T17:04:23.987Z".parse().expect("a time");
    for app_id in ["3501352", "Iv23liAbCdEf"] {
        let document =
            gh_app_jwt::sign(&secrets(&key, app_id), now, &JwtId::random().expect("random numbers")).expect("a JWT");
        let jwt = document.jwt.expose();
        let [header, claims, signature] = jwt.split('.').collect::<Vec<_>>()[..] else {
            panic!("three parts: {jwt}")
        };

        assert_eq!(decoded(header), json!({ "typ": "JWT", "alg": "RS256" }));
        let [issued, ends] =
            ["2026-11-23T17:03:23Z", "2026-11-23T17:13:23Z"].map(|time| time.parse::<Timestamp>().expect("a time"));
        let mut claimed = decoded(claims);
        let id = claimed
            .as_object_mut()
            .expect("an object")
            .remove("jti")
            .expect("an id");
        assert_eq!(
            claimed,
            json!({ "iat": issued.as_second(), "exp": ends.as_second(), "iss": app_id })
        );
        let id = id.as_str().expect("a text");
        assert!(
            id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "128 bits: {id}"
        );
        assert_eq!((document.issued_at, document.expires_at), (Some(issued), Some(ends)));

        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        assert!(
            key.verifies(format!("{header}.{claims}").as_bytes(), &signature),
            "signed by the key"
        );
    }
}

#[test]
fn no_two_of_one_second_are_the_same() {
    let secrets = secrets(&BotKey::pooled(0), "3501352");
    let now: Timestamp = "2026-11-23T17:04:23Z".parse().expect("a time");
    let jwts: std::collections::BTreeSet<_> = (0..8)
        .map(|_| {
            let document = gh_app_jwt::sign(&secrets, now, &JwtId::random().expect("random numbers"));
            document.expect("a JWT").jwt.expose().to_owned()
        })
        .collect();
    assert_eq!(jwts.len(), 8);
}
