#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod chain;
pub mod cli;
mod consent;
pub mod docs;
pub mod export;
mod flags;
mod init;
mod inventory;
mod minted;
mod purpose;
mod reuse;

use plumbing::documents::LiveToken;
use plumbing::{Code, Context, Failure};
use token_cache::Cache;

use chain::Chain;
pub use flags::{MintFlags, ReuseFlags};
pub use inventory::{Forgotten, KeptToken, Which, forget, forget_refused, list};
pub use minted::Minted;
use purpose::Purpose;

/// A token for every bot that is asked for: one that is kept and live, or a new one.
///
/// # Errors
/// Those of the steps, where a step fails for all bots. What fails for one bot only stands in its [`Minted`].
pub fn mint(context: &Context, cache: &Cache, flags: &MintFlags) -> Result<Vec<Minted>, Failure> {
    // Before the login: what is missing on this machine must not cost a request.
    let account = flags.login.resolve(context)?;
    let folders = flags.fetch.resolve(&context.environment)?;
    let target = flags.exchange.resolve(&context.environment)?;
    let purposes = if flags.reuse.fresh {
        vec![]
    } else {
        Purpose::of_each(&account, &folders, &target)
    };
    let chain = Chain {
        context,
        account: &account,
        target: &target,
    };
    match &purposes[..] {
        [] => chain.run(&folders),
        [purpose] => {
            let anew = || only(chain.run(&folders)?);
            let way = || account.way(&context.environment);
            let token = reuse::share(context, cache, purpose, &flags.reuse, way, anew);
            Ok(vec![Minted::at(&purpose.path, token)])
        }
        several => reuse::reuse_or_mint(context, cache, several, &flags.reuse, |selection| {
            chain.run(&folders.only(selection))
        }),
    }
}

/// The token of the one bot that is asked for.
///
/// # Errors
/// Those of [`mint`], and the bot's own.
pub fn mint_one(context: &Context, cache: &Cache, flags: &MintFlags) -> Result<LiveToken, Failure> {
    only(mint(context, cache, flags)?)
}

fn only(minted: Vec<Minted>) -> Result<LiveToken, Failure> {
    let first = minted.into_iter().next();
    first
        .ok_or_else(|| Failure::new(Code::Internal, "no bot was asked for"))?
        .outcome
}
