//! git over HTTPS as the bot, by variables only: no file of the user's is touched
//! (<https://git-scm.com/docs/git-config#ENVIRONMENT>).

use std::path::{Path, PathBuf};

use plumbing::shell::quoted;
use plumbing::{Code, Environment, Failure, text};
use servers::github::{GithubApi, Product};

const COUNT: &str = "GIT_CONFIG_COUNT";
const HELPER: &str = "git-credential-raxx";

/// Where our helper finds the token.
pub(crate) enum Source {
    /// In a variable of the command's environment.
    Variable(&'static str),
    /// In a document that is kept live.
    File(PathBuf),
}

/// The variables that put our helper in the place of all others for the bot's host, and lead ssh remotes of that host to HTTPS. They come after those that the environment has already, so they win.
///
/// # Errors
/// [`Code::ConfigInvalid`] where the environment's own count is none: git would not start with it.
pub(crate) fn variables(
    environment: &Environment,
    api: &GithubApi,
    source: &Source,
) -> Result<Vec<(String, String)>, Failure> {
    let host = api.git_host();
    let url = format!("https://{host}/");
    let set = |name: &str, value: String| (name.to_owned(), value);
    let helper = format!("credential.https://{host}.helper");
    let instead_of = format!("url.{url}.insteadOf");
    // Without its port: what listens there is not ssh.
    let ssh_host = host.split(':').next().unwrap_or(host);
    let mut settings = vec![
        // An empty value forgets all helpers before it, general ones too.
        set(&helper, String::new()),
        set(&helper, our_helper(source, &api.base.to_string())),
        // A header that was set for the host would win over the helper; CI checkouts leave one.
        set(&format!("http.{url}.extraHeader"), String::new()),
        set(&instead_of, format!("git@{ssh_host}:")),
        set(&instead_of, format!("ssh://git@{ssh_host}/")),
    ];
    if api.product() == Product::Dotcom {
        // GitHub's ssh for networks that let only HTTPS's port through.
        settings.push(set(&instead_of, "ssh://git@ssh.github.com:443/".to_owned()));
    }
    let first = already(environment)?;
    let mut variables = vec![(COUNT.to_owned(), (first + settings.len()).to_string())];
    for (index, (name, value)) in settings.into_iter().enumerate() {
        variables.push((format!("GIT_CONFIG_KEY_{}", first + index), name));
        variables.push((format!("GIT_CONFIG_VALUE_{}", first + index), value));
    }
    variables.extend([
        // Where the bot may not, git would ask a person, who would type in their own.
        ("GIT_TERMINAL_PROMPT".to_owned(), "0".to_owned()),
        ("GIT_SSH_COMMAND".to_owned(), guarded_ssh(environment, ssh_host)?),
    ]);
    Ok(variables)
}

/// ssh for every host but the bot's, where it would act as the operator.
///
/// An operator's own `url.git@HOST:.insteadOf` or `pushInsteadOf` leads HTTPS to ssh, and no setting that comes after it
/// can undo that: of equal matches git takes the first, and what it has rewritten it does not rewrite again.
fn guarded_ssh(environment: &Environment, host: &str) -> Result<String, Failure> {
    let own = match (environment.text(&["GIT_SSH_COMMAND"])?, environment.text(&["GIT_SSH"])?) {
        (Some(command), _) => quoted(&command),
        (None, Some(program)) => quoted(&quoted(&program)),
        (None, None) => "\"$(git config core.sshCommand || echo ssh)\"".to_owned(),
    };
    let why = format!(
        "with-bot-token: git would reach {host} over ssh, as the operator; an url.….insteadOf or pushInsteadOf of \
         git's configuration leads there"
    );
    let hosts = format!("{host}|*@{host}|ssh.{host}|*@ssh.{host}");
    Ok(format!(
        "guard() {{ for word; do case $word in {hosts}) echo {} >&2; exit 128;; esac; done; own={own}; eval \"$own \\\"\\$@\\\"\"; }}; guard",
        quoted(&why)
    ))
}

fn already(environment: &Environment) -> Result<usize, Failure> {
    let Some(count) = environment.text(&[COUNT])? else {
        return Ok(0);
    };
    count.parse().map_err(|_| {
        Failure::new(
            Code::ConfigInvalid,
            format!("{COUNT} is no number but “{}”", text::quote(&count)),
        )
        .fix(format!("unset {COUNT}"))
    })
}

/// The helper as git takes it: a line for the shell. The one beside this program, if it is there, since it is of the
/// same version; else the one that PATH has.
fn our_helper(source: &Source, api: &str) -> String {
    let beside = std::env::current_exe()
        .ok()
        .map(|program| program.with_file_name(HELPER));
    let program = beside.filter(|program| program.exists());
    let program = quoted(program.as_deref().and_then(Path::to_str).unwrap_or(HELPER));
    match source {
        Source::Variable(name) => format!("!{program} --token-env {name} --github-api-url {}", quoted(api)),
        Source::File(file) => format!("!{program} --token-file {}", quoted(&file.to_string_lossy())),
    }
}
