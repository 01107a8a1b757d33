//! Reuse of a live token, and one mint at a time.

use std::time::Duration;

use infisical_fetch::Selection;
use plumbing::documents::LiveToken;
use plumbing::{Context, Failure, FolderPath};
use token_cache::{Cache, Flight, Kept, Name, Reach};

use crate::flags::ReuseFlags;
use crate::minted::Minted;
use crate::purpose::Purpose;

/// A live token, or the one that `mint` makes, in this process or in another that has begun before. `way` is what a mint
/// depends on beside its purpose, above all the secret: another's failure is this one's only where that is the same.
///
/// # Errors
/// Those of `mint`, perhaps of the other process.
pub(crate) fn share(
    context: &Context,
    cache: &Cache,
    purpose: &Purpose,
    flags: &ReuseFlags,
    way: impl FnOnce() -> Name,
    mint: impl Fn() -> Result<LiveToken, Failure>,
) -> Result<LiveToken, Failure> {
    if let Some(token) = live(context, cache, purpose, flags.min_ttl) {
        return Ok(token);
    }
    let way = way();
    loop {
        let settled = cache.board(&purpose.name, &way, |flight| match flight {
            Flight::Lead(lead) => {
                // Another process may have been faster than the look and slower than the lock.
                let outcome = match live(context, cache, purpose, flags.min_ttl) {
                    Some(token) => Ok(token),
                    None => mint().inspect(|token| keep(cache, purpose, token)),
                };
                lead.land(&outcome, Reach::SameWay);
                Some(outcome)
            }
            // It is as new as one can be, so that no other would live longer. Where it could not be kept, the next is minted.
            Flight::Landed => live(context, cache, purpose, Duration::ZERO).map(Ok),
            Flight::Failed(failure, _) => Some(Err(failure)),
            Flight::Alone => Some(mint().inspect(|token| keep(cache, purpose, token))),
            Flight::Stuck => {
                context.report.note(
                    "another process has been minting this token for two minutes and was perhaps stopped; minting another",
                );
                Some(mint())
            }
        });
        match settled {
            None => return mint(),
            Some(Some(outcome)) => return outcome,
            Some(None) => {}
        }
    }
}

/// For several bots what is live is used, and the rest is minted together. Nobody waits for another process here: it would
/// mint other bots too.
pub(crate) fn reuse_or_mint(
    context: &Context,
    cache: &Cache,
    purposes: &[Purpose],
    flags: &ReuseFlags,
    mint: impl FnOnce(Selection) -> Result<Vec<Minted>, Failure>,
) -> Result<Vec<Minted>, Failure> {
    let found: Vec<_> = purposes
        .iter()
        .map(|purpose| live(context, cache, purpose, flags.min_ttl))
        .collect();
    let missing: Vec<_> = purposes
        .iter()
        .zip(&found)
        .filter(|(_, found)| found.is_none())
        .map(|(purpose, _)| purpose.path.clone())
        .collect();
    let mut minted = match &missing[..] {
        [] => vec![],
        missing => match mint(Selection::of(missing.to_vec())) {
            Err(failure) if missing.len() == purposes.len() => return Err(failure),
            Err(failure) => missing
                .iter()
                .map(|path| Minted::at(path, Err(failure.clone())))
                .collect(),
            Ok(minted) => minted,
        },
    };
    let all = purposes.iter().zip(found).filter_map(|(purpose, found)| {
        if let Some(token) = found {
            return Some(Minted::at(&purpose.path, Ok(token)));
        }
        let minted = take(&mut minted, &purpose.path)?;
        if let Ok(token) = &minted.outcome {
            keep(cache, purpose, token);
        }
        Some(minted)
    });
    Ok(all.collect())
}

fn take(minted: &mut Vec<Minted>, path: &FolderPath) -> Option<Minted> {
    let position = minted.iter().position(|one| one.path == *path)?;
    Some(minted.swap_remove(position))
}

/// A kept token that lives on for as long as that, and at all.
fn live(context: &Context, cache: &Cache, purpose: &Purpose, min_ttl: Duration) -> Option<LiveToken> {
    let kept = cache.token(&purpose.name)?;
    let left = kept.token.life.left(context.now());
    if left.is_zero() || left < min_ttl {
        return None;
    }
    context.report.step("reused a token that was kept", Duration::ZERO);
    Some(kept.token)
}

fn keep(cache: &Cache, purpose: &Purpose, token: &LiveToken) {
    let kept = Kept::new(purpose.path.clone(), purpose.scope.clone(), token.clone());
    cache.keep(&purpose.name, &kept);
}
