//! The documents of this very version, for a machine without a network and for agents.

use clap::ValueEnum;
use clap::builder::PossibleValue;

/// A document that this program carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Document {
    /// What this is, how it is installed and used
    Readme,
    /// How a coding agent acts as a bot, and what it never does
    Agents,
    /// From nothing to a bot, step by step; rotation, leaks; every failure
    Runbook,
    /// Documents, variables, exit codes, failure codes, recipes
    Pipeline,
    /// What is promised, what is not, and what holds each promise
    Security,
}

impl Document {
    /// The whole text, as Markdown.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Readme => include_str!("../../README.md"),
            Self::Agents => include_str!("../../docs/agents.md"),
            Self::Runbook => include_str!("../../docs/runbook.md"),
            Self::Pipeline => include_str!("../../docs/pipeline.md"),
            Self::Security => include_str!("../../docs/security.md"),
        }
    }
}

/// The documents' names, each with what it is about.
pub(crate) fn list() -> String {
    let documents = Document::value_variants()
        .iter()
        .filter_map(ValueEnum::to_possible_value);
    let line = |document: PossibleValue| {
        let about = document.get_help().map(ToString::to_string).unwrap_or_default();
        format!("{:10}{about}\n", document.get_name())
    };
    documents.map(line).collect()
}
