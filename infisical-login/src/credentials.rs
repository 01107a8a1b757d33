//! The one thing that the machine holds: who it is to Infisical.

use plumbing::{BaseUrl, BearerToken, Code, Environment, Failure};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use servers::infisical::{CLIENT_ID, CLIENT_SECRET, TOKEN};
use token_cache::Name;
use zeroize::Zeroizing;

pub(crate) enum Credentials {
    UniversalAuth(UniversalAuth),
    Token(BearerToken),
}

impl Credentials {
    pub(crate) fn from_environment(environment: &Environment) -> Result<Self, Failure> {
        match (
            environment.credential(&CLIENT_ID)?,
            environment.credential(&CLIENT_SECRET)?,
        ) {
            (Some(id), Some(secret)) => Ok(Self::UniversalAuth(UniversalAuth { id, secret })),
            (Some(_), None) => Err(environment.missing_credential(&CLIENT_SECRET)),
            (None, Some(_)) => Err(environment.missing_credential(&CLIENT_ID)),
            (None, None) => session_token(environment)?.map(Self::Token).ok_or_else(|| {
                let [id, _] = CLIENT_ID;
                let [secret, _] = CLIENT_SECRET;
                if environment.uses_keychain().unwrap_or_default() {
                    return nothing_kept();
                }
                Failure::new(Code::ConfigMissing, format!("{id} and {secret} are not set"))
                    .cause("the credentials of the Infisical machine identity are not in this program's environment")
                    .fix(format!(
                        "export {id} and {secret}; if your shell sets them in a file, reload that (`direnv reload`, \
                         or a new shell)"
                    ))
            }),
        }
    }
}

/// The failure where the keychain was to have both, and has none.
fn nothing_kept() -> Failure {
    let [id, _] = CLIENT_ID;
    let [secret, _] = CLIENT_SECRET;
    Failure::new(Code::ConfigMissing, format!("{id} and {secret} are not set"))
        .cause("they stand in no variable, and the system's keychain, which your configuration file names, holds none")
        .fix(format!(
            "`raxx-keychain set {id}` and `raxx-keychain set {secret}`, or `raxx-mint init --keychain`"
        ))
}

fn session_token(environment: &Environment) -> Result<Option<BearerToken>, Failure> {
    let [name] = TOKEN;
    let token = environment.credential(&TOKEN)?.map(BearerToken::parse).transpose();
    token.map_err(|why| {
        Failure::new(Code::ConfigInvalid, format!("{name} holds no token"))
            .cause(why)
            .fix(format!(
                "set {name} anew, or unset it and set {} and {}",
                CLIENT_ID[0], CLIENT_SECRET[0]
            ))
    })
}

/// A machine identity's Universal Auth credentials.
pub(crate) struct UniversalAuth {
    pub(crate) id: SecretString,
    secret: SecretString,
}

impl UniversalAuth {
    /// Under which name processes meet that bring this proof. Its hash holds the secret, which is 64 random digits.
    pub(crate) fn proof(&self, host: &BaseUrl) -> Name {
        let (id, secret) = (self.id.expose_secret(), self.secret.expose_secret());
        Name::of(&["login", &host.to_string(), id, secret])
    }

    /// The body of the login.
    pub(crate) fn to_json(&self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Body<'a> {
            client_id: &'a str,
            client_secret: &'a str,
        }
        let body = Body {
            client_id: self.id.expose_secret(),
            client_secret: self.secret.expose_secret(),
        };
        serde_json::to_vec(&body)
            .map(Zeroizing::new)
            .map_err(|_| Failure::new(Code::Internal, "the login cannot be written as JSON"))
    }

    /// What must not come back in a message.
    pub(crate) fn secrets(&self) -> [SecretString; 2] {
        [self.id.clone(), self.secret.clone()]
    }
}
