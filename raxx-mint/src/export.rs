//! A token as the variables that `gh` and others read, in the words of a shell.

use clap::ValueEnum;
use plumbing::documents::InstallationToken;
use plumbing::{Code, Failure};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use servers::github::{GithubApi, Product};

/// Whose words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// bash, zsh, dash and every other POSIX shell: `export NAME='value'`
    Sh,
    /// fish: `set -gx NAME 'value'`
    Fish,
    /// PowerShell: `$env:NAME = 'value'`
    Powershell,
    /// A .env file: `NAME='value'`
    Dotenv,
    /// GitHub Actions' GITHUB_ENV file: `NAME=value`; masks the token in the log
    GithubEnv,
    /// One JSON object
    Json,
}

/// The variables that make `gh` and others use the token, the token last
/// (<https://cli.github.com/manual/gh_help_environment>).
///
/// `gh` takes `GH_TOKEN` for github.com and `*.ghe.com`, and `GH_ENTERPRISE_TOKEN` for every other host.
///
/// # Errors
/// [`Code::DocumentInvalid`] where the token's REST base is none.
pub fn variables(token: &InstallationToken) -> Result<Vec<(&'static str, SecretString)>, Failure> {
    let api = GithubApi::at(&token.github_api_url).map_err(|cause| {
        Failure::new(Code::DocumentInvalid, "the token's github_api_url cannot be used").cause(cause)
    })?;
    let host = ("GH_HOST", SecretString::from(api.git_host()));
    Ok(match api.product() {
        Product::Dotcom => vec![("GH_TOKEN", token.token.clone())],
        Product::DataResidency => vec![host, ("GH_TOKEN", token.token.clone())],
        Product::EnterpriseServer => vec![host, ("GH_ENTERPRISE_TOKEN", token.token.clone())],
    })
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

/// As one word of a POSIX shell.
pub fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Within quotes of each shell only the quote itself, and in fish the backslash, means anything. A token holds neither
/// today; GitHub calls it opaque.
fn line(name: &str, value: &str, format: Format) -> String {
    match format {
        Format::Sh => format!("export {name}={}", quoted(value)),
        Format::Dotenv => format!("{name}={}", quoted(value)),
        Format::Fish => format!("set -gx {name} '{}'", value.replace('\\', r"\\").replace('\'', r"\'")),
        Format::Powershell => format!("$env:{name} = '{}'", value.replace('\'', "''")),
        Format::GithubEnv | Format::Json => format!("{name}={value}"),
    }
}

/// The workflow command that hides a value in the log of GitHub Actions from here on
/// (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#masking-a-value-in-a-log>).
pub fn mask(secret: &SecretString) -> String {
    format!("::add-mask::{}\n", secret.expose_secret())
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
