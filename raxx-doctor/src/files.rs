//! Which configuration files there are, and whether they count.

use std::path::Path;

use plumbing::configuration::{OF_REPOSITORY, Settings, Why};
use plumbing::{Context, text};

use crate::sheet::Sheet;

/// Tells of each file; false where one of them cannot be used, so that nothing that it may speak for is known.
pub(crate) fn examine(sheet: &mut Sheet<'_>, context: &Context) -> bool {
    let configuration = match context.environment.configuration() {
        Ok(configuration) => configuration,
        Err(failure) => {
            sheet.fail("configuration file", failure);
            return false;
        }
    };
    if let Some(repository) = &configuration.repository {
        let found = said(&repository.path, &repository.settings);
        sheet.ok(OF_REPOSITORY, format!("{found}, allowed"));
    }
    match &configuration.left_out {
        None => {}
        Some(left_out) if left_out.why == Why::Denied => sheet.ok(OF_REPOSITORY, left_out.words()),
        Some(left_out) => sheet.warn(
            OF_REPOSITORY,
            left_out.words(),
            "it could say where credentials are sent, or that a bot is required",
            "read it, then `raxx-mint allow`; or `raxx-mint deny`",
        ),
    }
    if let Some(user) = &configuration.user {
        sheet.ok("configuration file", said(&user.path, &user.settings));
    }
    true
}

fn said(path: &Path, settings: &Settings) -> String {
    let number = settings.values.len();
    let values = if number == 1 { "value" } else { "values" };
    format!("{}, {number} {values}", text::quote_path(path))
}
