//! Names looked up once.

use std::collections::HashMap;
use std::fs::File;
use std::sync::{Arc, Mutex, PoisonError};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::error::is_exhausted;

/// Remembers where names lead for as long as a client lives, 45 s at most, and so below what a DNS record is good for.
///
/// ureq looks a name up before it looks whether it has a connection, so that every request would pay for a lookup.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    known: Arc<Mutex<HashMap<String, ResolvedSocketAddrs>>>,
    look_up: Arc<DefaultResolver>,
}

impl Resolver for Names {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let name = match (uri.scheme(), uri.authority()) {
            (Some(scheme), Some(authority)) => DefaultResolver::host_and_port(scheme, authority),
            _ => None,
        };
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(addresses) = name.as_ref().and_then(|name| known().get(name).cloned()) {
            return Ok(addresses);
        }
        let addresses = self.look_up.resolve(uri, config, timeout).map_err(because_exhausted)?;
        if let Some(name) = name {
            known().insert(name, addresses.clone());
        }
        Ok(addresses)
    }
}

/// A lookup needs files too, and says that there is no such name where it has none.
fn because_exhausted(error: Error) -> Error {
    match File::open("/dev/null") {
        Err(none_left) if is_exhausted(&none_left) => Error::Io(none_left),
        _ => error,
    }
}
