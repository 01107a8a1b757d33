//! What is to be examined.

use clap::Args;
use plumbing::{Environment, Failure};

/// What is to be examined.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct DoctorFlags {
    /// Bot name: its folder's name under the path prefix (repeatable) [env: RAXX_BOTS] [default: every folder that holds bot secrets]
    #[arg(long = "bot", value_name = "NAME", help_heading = "Which bots")]
    pub bots: Vec<String>,
    /// Bot name without the flag, or the whole path of its folder
    #[arg(value_name = "BOT", value_hint = clap::ValueHint::Other, help_heading = "Which bots")]
    pub named: Vec<String>,
    /// Where the bots' folders are.
    #[command(flatten)]
    pub project: infisical_fetch::ProjectFlags,
    /// Which Infisical.
    #[command(flatten)]
    pub login: infisical_login::LoginFlags,
    /// Which GitHub.
    #[command(flatten)]
    pub github: servers::github::GithubFlags,
}

impl DoctorFlags {
    /// The flags of the fetch that these come to.
    pub(crate) fn fetch(&self, environment: &Environment) -> Result<infisical_fetch::FetchFlags, Failure> {
        let asked = [&self.bots[..], &self.named[..]].concat();
        let named = match &asked[..] {
            [] => environment.bots()?,
            asked => asked.to_vec(),
        };
        let mut fetch = infisical_fetch::FetchFlags {
            all_bots: named.is_empty(),
            project: self.project.clone(),
            ..infisical_fetch::FetchFlags::default()
        };
        infisical_fetch::BareNames { named }.put_into(&mut fetch);
        Ok(fetch)
    }
}
