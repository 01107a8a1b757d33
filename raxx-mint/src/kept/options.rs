//! The flags about reuse.

use clap::{ArgAction, Args};
use jiff::SignedDuration;

/// A command that starts now should be able to end with the token that it got.
const DEFAULT_MIN_TTL: SignedDuration = SignedDuration::from_mins(10);

/// Whether a token that is still live will do.
#[derive(Args, Clone, Debug)]
#[group(skip)]
#[command(next_help_heading = "Reuse of a live token")]
pub struct Options {
    /// Mint anew, and neither use nor keep a token
    #[arg(long, action = ArgAction::SetTrue)]
    pub fresh: bool,
    /// How long a token must live on to be used again, such as 10m or 90s
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = duration)]
    pub min_ttl: SignedDuration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            fresh: false,
            min_ttl: DEFAULT_MIN_TTL,
        }
    }
}

fn duration(text: &str) -> Result<SignedDuration, String> {
    match text.parse::<SignedDuration>() {
        Ok(duration) if !duration.is_negative() => Ok(duration),
        _ => Err("write it as 10m, 90s or 1h".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{DEFAULT_MIN_TTL, Options};
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn the_default_is_the_same_with_and_without_a_command_line() {
        let cli = Cli::try_parse_from(["raxx-mint"]).expect("no flag is needed");
        assert_eq!(cli.options.min_ttl, DEFAULT_MIN_TTL);
        assert_eq!(Options::default().min_ttl, DEFAULT_MIN_TTL);
    }
}
