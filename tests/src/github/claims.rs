//! Who a JWT speaks for: GitHub's checks, in the order that its messages suggest.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::answers::Refusal;
use super::settings::{App, Settings};
use crate::server::Request;

/// `exp` may be at most that many seconds ahead of the server's clock.
const MAX_LIFETIME: i64 = 600;

const UNDECODABLE: &str = "A JSON web token could not be decoded";
const EXP_TOO_FAR: &str = "'Expiration time' claim ('exp') is too far in the future";
const EXP_PAST: &str = "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires";
const IAT_FUTURE: &str =
    "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
/// Of the years before client ids were accepted; what GitHub says today to a missing `iss` is not known.
const ISS_MISSING: &str = "'Issuer' claim ('iss') must be an Integer";

/// The App whose JWT the request carries.
pub(super) fn app<'a>(settings: &'a Settings, request: &Request) -> Result<&'a App, Refusal> {
    request.header("Authorization").ok_or_else(Refusal::unauthenticated)?;
    let jwt = request.bearer().ok_or_else(Refusal::bad_credentials)?;
    let undecodable = || Refusal::new(401, UNDECODABLE);
    // An installation token gets the same words as a broken JWT; what is neither is a credential of another kind.
    if jwt.starts_with("ghs_") {
        return Err(undecodable());
    }
    let [head, claims, signature] = jwt.split('.').collect::<Vec<_>>()[..] else {
        return Err(Refusal::bad_credentials());
    };
    let algorithm = decoded(head).and_then(|head| Some(head.get("alg")?.as_str()? == "RS256"));
    let (Some(true), Some(claims)) = (algorithm, decoded(claims)) else {
        return Err(undecodable());
    };
    let app = issuer(settings, &claims)?;
    let key = app
        .key
        .as_ref()
        .ok_or(Refusal::new(401, "Integration must generate a public key"))?;
    let (message, _) = jwt.rsplit_once('.').expect("it has three parts");
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| undecodable())?;
    if !key.verifies(message.as_bytes(), &signature) {
        return Err(undecodable());
    }
    check_times(&claims, settings.now().as_second())?;
    Ok(app)
}

fn decoded(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// `iss`: the App ID, as a string or a number, or the client id.
fn issuer<'a>(settings: &'a Settings, claims: &Value) -> Result<&'a App, Refusal> {
    let issuer = match claims.get("iss") {
        Some(Value::String(issuer)) => issuer.clone(),
        Some(Value::Number(issuer)) => issuer.to_string(),
        _ => return Err(Refusal::new(401, ISS_MISSING)),
    };
    let app = settings
        .apps
        .iter()
        .find(|app| app.client_id == issuer || app.id.to_string() == issuer);
    app.ok_or(Refusal::new(404, "Integration not found"))
}

/// `exp` first: a clock that runs ahead is reported as an `exp` too far in the future, not as an `iat` to come.
fn check_times(claims: &Value, now: i64) -> Result<(), Refusal> {
    let seconds = |name: &str| claims.get(name).and_then(Value::as_i64);
    match seconds("exp") {
        Some(exp) if exp > now + MAX_LIFETIME => return Err(Refusal::new(401, EXP_TOO_FAR)),
        Some(exp) if exp > now => {}
        _ => return Err(Refusal::new(401, EXP_PAST)),
    }
    match seconds("iat") {
        Some(iat) if iat <= now => Ok(()),
        _ => Err(Refusal::new(401, IAT_FUTURE)),
    }
}
