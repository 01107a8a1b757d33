//! The system's keychain.

use std::fmt::Display;

use plumbing::keychain::{Kept, NAMES};
use plumbing::{Code, Failure};
use secrecy::SecretString;

#[cfg(any(target_os = "macos", windows))]
use crate::native as system;
#[cfg(target_os = "linux")]
use crate::secret_service as system;

/// What entries are filed under; each is called like the variable that it stands for.
#[cfg(any(target_os = "linux", target_os = "macos", windows))]
pub(crate) const SERVICE: &str = "raxx-mint";

/// All that is kept.
///
/// # Errors
/// [`Code::Keychain`] where there is no keychain, or it does not answer.
pub fn get() -> Result<Kept, Failure> {
    let mut kept = Kept::default();
    for name in NAMES {
        if let Some(value) = system::get(name)? {
            kept.put(name, value);
        }
    }
    Ok(kept)
}

/// Keeps a credential.
///
/// # Errors
/// Those of [`get`].
pub fn set(name: &str, value: &SecretString) -> Result<(), Failure> {
    system::set(name, value)
}

/// Forgets a credential; false where it was not kept.
///
/// # Errors
/// Those of [`get`].
pub fn forget(name: &str) -> Result<bool, Failure> {
    system::forget(name)
}

/// The failure where there is no keychain to ask, or it stays closed.
pub(crate) fn none(cause: impl Display) -> Failure {
    Failure::new(Code::Keychain, "the system's keychain is not available")
        .cause(cause.to_string())
        .fix(
            "on Linux a Secret Service is needed in this session (GNOME Keyring, KWallet, KeePassXC), and unlocked; without \
             one export the variables, or name files in INFISICAL_CLIENT_ID_FILE and INFISICAL_CLIENT_SECRET_FILE",
        )
}

/// The failure where it answers, and does not do it.
#[cfg(any(target_os = "linux", target_os = "macos", windows))]
pub(crate) fn refused(cause: impl Display) -> Failure {
    Failure::new(Code::Keychain, "the system's keychain refused the request")
        .cause(cause.to_string())
        .fix("look at the entries of raxx-mint in the keychain's own program")
}

/// Other systems have none that is known here.
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
mod system {
    use plumbing::Failure;
    use secrecy::SecretString;

    const WHY: &str = "none is known on this system";

    pub(super) fn get(_: &str) -> Result<Option<SecretString>, Failure> {
        Err(super::none(WHY))
    }

    pub(super) fn set(_: &str, _: &SecretString) -> Result<(), Failure> {
        Err(super::none(WHY))
    }

    pub(super) fn forget(_: &str) -> Result<bool, Failure> {
        Err(super::none(WHY))
    }
}
