//! What is to be examined.

use clap::Args;
use plumbing::{Environment, Failure};

/// The variable of the bots' names, between white space or commas.
pub const BOTS: &str = "RAXX_BOTS";

/// What is to be examined.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct DoctorFlags {
    /// A bot by name (repeatable) [env: RAXX_BOTS] [default: every folder that holds bot secrets]
    #[arg(long = "bot", value_name = "NAME", help_heading = "Which bots")]
    pub bots: Vec<String>,
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
        let named = match &self.bots[..] {
            [] => environment.text(&[BOTS])?.map_or_else(Vec::new, |names| {
                let names = names.split([',', ' ', '\t', '\n']);
                names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
            }),
            bots => bots.to_vec(),
        };
        Ok(infisical_fetch::FetchFlags {
            all_bots: named.is_empty(),
            bots: named,
            paths: vec![],
            project: self.project.clone(),
        })
    }
}
