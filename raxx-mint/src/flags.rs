//! The flags of the chain.

use std::time::Duration;

use clap::{ArgAction, Args};
use jiff::SignedDuration;

/// The flags of the steps that have any, and those about reuse.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct MintFlags {
    /// Those of the fetch: which bots.
    #[command(flatten)]
    pub fetch: infisical_fetch::FetchFlags,
    /// Those of the exchange: what the tokens may reach.
    #[command(flatten)]
    pub exchange: gh_install_token::ExchangeFlags,
    /// Those of the login.
    #[command(flatten)]
    pub login: infisical_login::LoginFlags,
    /// Whether a token that is still live will do.
    #[command(flatten)]
    pub reuse: ReuseFlags,
}

/// A command that starts now should be able to end with the token that it got.
const DEFAULT_MIN_TTL: Duration = Duration::from_secs(10 * 60);

/// What GitHub gives
/// (<https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app>).
const LONGEST_LIFE: Duration = Duration::from_secs(60 * 60);

/// Whether a token that is still live will do.
#[derive(Args, Clone, Debug)]
#[group(skip)]
#[command(next_help_heading = "Reuse of a live token")]
pub struct ReuseFlags {
    /// Mint anew, and neither use nor keep a token
    #[arg(long, action = ArgAction::SetTrue)]
    pub fresh: bool,
    /// How long a token must live on to be used again, such as 10m or 90s
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = duration)]
    pub min_ttl: Duration,
}

impl Default for ReuseFlags {
    fn default() -> Self {
        Self {
            fresh: false,
            min_ttl: DEFAULT_MIN_TTL,
        }
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let duration = text.parse::<SignedDuration>().ok();
    let duration = duration.and_then(|duration| Duration::try_from(duration).ok());
    let duration = duration.ok_or_else(|| "write it as 10m, 90s or 1h".to_owned())?;
    if duration > LONGEST_LIFE {
        return Err(
            "GitHub's tokens live for an hour, so that none would do; --fresh mints one that is new".to_owned(),
        );
    }
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use super::{DEFAULT_MIN_TTL, ReuseFlags};
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        flags: ReuseFlags,
    }

    #[test]
    fn the_default_is_the_same_with_and_without_a_command_line() {
        let cli = Cli::try_parse_from(["raxx-mint"]).expect("no flag is needed");
        assert_eq!(cli.flags.min_ttl, DEFAULT_MIN_TTL);
        assert_eq!(ReuseFlags::default().min_ttl, DEFAULT_MIN_TTL);
    }
}
