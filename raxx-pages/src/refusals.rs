//! The runbook's table of refusals: the tables that the programs look answers up in, for a reader.

use std::fmt::Write as _;

use anyhow::Context;
use servers::refusal::{FRONT_DOORS, Refusal};
use servers::{github, infisical};

const START: &str = "<!-- refusals: written by `cargo pages` -->\n";
const END: &str = "<!-- /refusals -->\n";

/// The tables, under the words that the failures begin with.
const TABLES: [(&str, &[&[Refusal]]); 5] = [
    (
        "Any of them, where something stands in front of the server",
        &[FRONT_DOORS],
    ),
    (
        "`Infisical login failed: HTTP …` and `Infisical fetch failed at …: HTTP …`, where something stands in the way",
        &[infisical::OBSTACLES],
    ),
    ("`Infisical login failed: HTTP …`", &[infisical_login::REFUSALS]),
    (
        "`Infisical fetch failed at …: HTTP …`",
        &[infisical_fetch::OLD_SERVERS, infisical_fetch::REFUSALS],
    ),
    (
        "`GitHub API returned …`",
        &[gh_install_token::REFUSALS, github::GENERAL],
    ),
];

/// The runbook with the table as the programs have it now.
pub(crate) fn put_into(runbook: &str) -> anyhow::Result<String> {
    let (before, rest) = runbook
        .split_once(START)
        .context("the runbook has no place for refusals")?;
    let (_, after) = rest.split_once(END).context("the runbook's refusals have no end")?;
    Ok(format!("{before}{START}{}{END}{after}", rendered()))
}

fn rendered() -> String {
    let mut text = String::new();
    for (heading, tables) in TABLES {
        let _ = write!(text, "\n{heading}\n\n| answer | cause | fix |\n|---|---|---|\n");
        for row in tables.iter().copied().flatten() {
            let _ = writeln!(
                text,
                "| {} | {} | {} |",
                cell(&row.to_string()),
                cell(row.cause),
                cell(row.fix)
            );
        }
    }
    text + "\n"
}

/// What is filled in stands in italics.
fn cell(text: &str) -> String {
    // A word that is only there now and then, such as about an old server.
    let text = text.replace("{old}", "").replace("{perhaps}", "").replace('|', "\\|");
    text.replace(['{', '}'], "*")
}
