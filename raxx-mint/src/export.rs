//! A token as the variables that `gh` and others read, in the words of a shell.

use std::ffi::OsString;

use clap::ValueEnum;
use plumbing::documents::InstallationToken;
use plumbing::shell::{is_plain, quoted, quoted_for_fish, quoted_for_powershell};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use servers::github::{GithubApi, Product};

/// Whose words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// bash, zsh, dash and every other POSIX shell: `export NAME='value'`
    #[value(aliases = ["bash", "zsh", "dash", "ksh", "posix"])]
    Sh,
    /// fish: `set -gx NAME 'value'`
    Fish,
    /// PowerShell: `$env:NAME = 'value'`
    #[value(alias = "pwsh")]
    Powershell,
    /// A .env file: `NAME=value`, in quotes where it needs them
    #[value(alias = "env")]
    Dotenv,
    /// GitHub Actions' GITHUB_ENV file: `NAME=value`; masks the token in the log
    GithubEnv,
    /// One JSON object, for nushell too: `| from json | load-env`
    #[value(aliases = ["nu", "nushell"])]
    Json,
}

impl Format {
    /// The format that a command line asks for, also where it cannot be read otherwise. One that is not known is `sh`.
    pub fn asked_for(arguments: impl IntoIterator<Item = OsString>) -> Option<Self> {
        let arguments = arguments.into_iter().take_while(|argument| argument != "--");
        let asked = arguments.filter_map(|argument| {
            let argument = argument.to_str()?.strip_prefix("--export")?;
            let format = argument.strip_prefix('=');
            (argument.is_empty() || format.is_some()).then(|| Self::from_str(format?, false).ok())
        });
        asked.last().map(|format| format.unwrap_or(Self::Sh))
    }
}

/// What stands in for a token where there is none: GitHub refuses it, where without any `gh` would take the operator's.
const NO_TOKEN: &str = "no-token-since-raxx-mint-failed";
/// The variables in which `gh` looks for a token, each with its twin that `gh` and others read too
/// (<https://cli.github.com/manual/gh_help_environment>).
pub const TOKENS: [[&str; 2]; 2] = [
    ["GH_TOKEN", "GITHUB_TOKEN"],
    ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"],
];

/// What a shell gets in place of a token: words that fail when they are evaluated, so that a script with `set -e` stops, and a
/// token that GitHub refuses in every variable, so that without it `gh` fails too, and nothing stays of an earlier token.
pub fn no_token(format: Format) -> String {
    let variables: Vec<_> = TOKENS
        .as_flattened()
        .iter()
        .map(|name| (*name, NO_TOKEN.into()))
        .collect();
    let stop = match format {
        Format::Sh | Format::Fish => "false\n",
        Format::Powershell => "throw 'raxx-mint has no token'\n",
        Format::Dotenv | Format::GithubEnv | Format::Json => "",
    };
    render(&variables, format) + stop
}

/// The variables that make `gh` and others use the token, the token last
/// (<https://cli.github.com/manual/gh_help_environment>).
///
/// `gh` takes `GH_TOKEN` for github.com and, in its later versions, `*.ghe.com`, and `GH_ENTERPRISE_TOKEN` for every other host.
pub fn variables(token: &InstallationToken) -> Vec<(&'static str, SecretString)> {
    let api = GithubApi::at(token.github_api_url.clone());
    let host = ("GH_HOST", SecretString::from(api.git_host()));
    let secret = token.token.as_secret().clone();
    match api.product() {
        Product::Dotcom => vec![("GH_TOKEN", secret)],
        // An old gh, such as 2.23, takes it for an Enterprise Server.
        Product::DataResidency => vec![host, ("GH_ENTERPRISE_TOKEN", secret.clone()), ("GH_TOKEN", secret)],
        Product::EnterpriseServer => vec![host, ("GH_ENTERPRISE_TOKEN", secret)],
    }
}

/// The variables in a shell's words, each on a line.
pub fn render(variables: &[(&'static str, SecretString)], format: Format) -> String {
    if format == Format::Json {
        let object: Map<_, _> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Value::from(value.expose_secret())))
            .collect();
        return Value::Object(object).to_string() + "\n";
    }
    variables
        .iter()
        .map(|(name, value)| line(name, value.expose_secret(), format) + "\n")
        .collect()
}

fn line(name: &str, value: &str, format: Format) -> String {
    match format {
        Format::Sh => format!("export {name}={}", quoted(value)),
        // Who reads such a file without a shell (docker, kubectl, make) takes quotes for a part of the value.
        Format::Dotenv if is_plain(value) => format!("{name}={value}"),
        Format::Dotenv => format!("{name}={}", quoted(value)),
        Format::Fish => format!("set -gx {name} {}", quoted_for_fish(value)),
        Format::Powershell => format!("$env:{name} = {}", quoted_for_powershell(value)),
        Format::GithubEnv | Format::Json => format!("{name}={value}"),
    }
}

/// The workflow command that hides a value in the log of GitHub Actions from here on
/// (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#masking-a-value-in-a-log>).
pub fn mask(token: &InstallationToken) -> String {
    format!("::add-mask::{}\n", token.token.expose())
}

#[cfg(test)]
mod tests {
    use super::{Format, render};

    #[test]
    fn a_quote_in_a_value_ends_no_string() {
        let variables = [("NAME", r"a'b\c".into())];
        let rendered = |format| render(&variables, format);
        assert_eq!(rendered(Format::Sh), "export NAME='a'\\''b\\c'\n");
        assert_eq!(rendered(Format::Fish), "set -gx NAME 'a\\'b\\\\c'\n");
        assert_eq!(rendered(Format::Powershell), "$env:NAME = 'a''b\\c'\n");
        assert_eq!(rendered(Format::Json), "{\"NAME\":\"a'b\\\\c\"}\n");
    }
}
