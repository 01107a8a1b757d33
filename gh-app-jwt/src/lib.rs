#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod claims;
pub mod cli;

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use plumbing::documents::{AppJwt, BotSecrets};
use plumbing::{BearerToken, Failure, PrivateKey};

use crate::claims::Claims;
pub use crate::claims::JwtId;

/// Signs a JWT for the App that the secrets belong to. `now` is the time by which GitHub will judge it; `id` tells it from
/// all others.
///
/// # Errors
/// One of the `private_key_…` codes where the key cannot sign.
pub fn sign(secrets: &BotSecrets, now: Timestamp, id: &JwtId) -> Result<AppJwt, Failure> {
    let key = PrivateKey::parse(&secrets.private_key_pem)?;
    let claims = Claims::new(&secrets.app_id, now, id);
    let key = EncodingKey::from_rsa_der(key.pkcs1_der());
    let jwt =
        jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &key).map_err(|_| PrivateKey::unusable())?;
    Ok(AppJwt {
        jwt: BearerToken::parse(jwt).map_err(|_| PrivateKey::unusable())?,
        app_id: secrets.app_id.clone(),
        installation_id: secrets.installation_id.clone(),
        path: secrets.path.clone(),
        issued_at: Timestamp::from_second(claims.iat).ok(),
        expires_at: Timestamp::from_second(claims.exp).ok(),
    })
}
