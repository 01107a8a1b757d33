//! Step 3: signs a JWT that speaks for a GitHub App. No network, no configuration.
//!
//! In: a `bot-secrets` document. Out: an `app-jwt` document, good for nine minutes:
//!
//! ```json
//! {"kind":"app-jwt","jwt":"eyJ…","app_id":"3501352","installation_id":"101","issued_at":"2026-11-23T17:03:23Z","expires_at":"2026-11-23T17:13:23Z"}
//! ```
//!
//! The private key goes no further than this program.

#![forbid(unsafe_code)]

mod claims;
pub mod cli;

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use plumbing::documents::{AppJwt, BotSecrets};
use plumbing::{Failure, PrivateKey};

use crate::claims::Claims;

/// Signs a JWT for the App that the secrets belong to. `now` is the time by which GitHub will judge it.
///
/// # Errors
/// One of the `private_key_…` codes where the key cannot sign.
pub fn sign(secrets: &BotSecrets, now: Timestamp) -> Result<AppJwt, Failure> {
    let key = PrivateKey::parse(&secrets.private_key_pem)?;
    let claims = Claims::new(&secrets.app_id, now);
    let key = EncodingKey::from_rsa_der(key.pkcs1_der());
    let jwt =
        jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &key).map_err(|_| PrivateKey::unusable())?;
    Ok(AppJwt {
        jwt: jwt.into(),
        app_id: secrets.app_id.clone(),
        installation_id: secrets.installation_id.clone(),
        issued_at: Timestamp::from_second(claims.iat).ok(),
        expires_at: Timestamp::from_second(claims.exp).ok(),
    })
}
