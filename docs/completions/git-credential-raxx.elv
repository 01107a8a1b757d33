
use builtin;
use str;

set edit:completion:arg-completer[git-credential-raxx] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'git-credential-raxx'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'git-credential-raxx'= {
            cand --bot 'Bot name: its folder''s name under the path prefix (repeatable)'
            cand --path 'Whole path of a bot''s folder (repeatable)'
            cand --project-id 'The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]'
            cand --env 'The slug of the environment in it [env: INFISICAL_ENV] [default: prod]'
            cand --path-prefix 'The folder of the bots'' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]'
            cand --token-env 'Answer with the token in this variable instead, as with-bot-token sets it for a command'
            cand --token-file 'Answer with the installation-token document in this file instead, as with-bot-token --renew keeps it'
            cand --repo 'A repository of the installation''s owner, by its bare name (repeatable)'
            cand --repository-id 'A repository by its id, which survives renames (repeatable)'
            cand --permission 'A permission and its level, such as contents=read (repeatable)'
            cand --github-api-url 'GitHub''s REST base [env: GITHUB_API_URL] [default: api.github.com]'
            cand --github-api-version 'Version of GitHub''s REST API, a date [default: 2022-11-28]'
            cand --infisical-host 'Infisical''s base URL [env: INFISICAL_HOST] [default: app.infisical.com]'
            cand --min-ttl 'How long a token must live on to be used again, such as 10m or 90s'
            cand --error-format 'How failures are written to standard error'
            cand --all-bots 'Every folder under the path prefix that holds bot secrets'
            cand --scope-to-repo 'Mint a token for the repository that git asks about only; needs credential.useHttpPath = true'
            cand --unscoped 'Ask for everything the installation can access, whatever scope a configuration file names'
            cand --verify 'Wait up to ten seconds until GitHub accepts the new token: in its first seconds it may be refused'
            cand --fresh 'Mint anew, and neither use nor keep a token'
            cand -q 'Print the first line of a failure only, and no notes'
            cand --quiet 'Print the first line of a failure only, and no notes'
            cand -v 'Show each step with its time, host, status and request id (never a secret)'
            cand --verbose 'Show each step with its time, host, status and request id (never a secret)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand install 'Put the helper into git''s configuration, show what changes, and refuse where git would still be the operator'
            cand uninstall 'Remove the helper from git''s configuration; nothing else changes'
        }
        &'git-credential-raxx;install'= {
            cand --for 'For the repositories of an owner only, or for a single one: OWNER or OWNER/NAME'
            cand --bot 'Bot name: its folder''s name under the path prefix (repeatable)'
            cand --path 'Whole path of a bot''s folder (repeatable)'
            cand --project-id 'The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]'
            cand --env 'The slug of the environment in it [env: INFISICAL_ENV] [default: prod]'
            cand --path-prefix 'The folder of the bots'' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]'
            cand --token-env 'Answer with the token in this variable instead, as with-bot-token sets it for a command'
            cand --token-file 'Answer with the installation-token document in this file instead, as with-bot-token --renew keeps it'
            cand --repo 'A repository of the installation''s owner, by its bare name (repeatable)'
            cand --repository-id 'A repository by its id, which survives renames (repeatable)'
            cand --permission 'A permission and its level, such as contents=read (repeatable)'
            cand --github-api-url 'GitHub''s REST base [env: GITHUB_API_URL] [default: api.github.com]'
            cand --github-api-version 'Version of GitHub''s REST API, a date [default: 2022-11-28]'
            cand --infisical-host 'Infisical''s base URL [env: INFISICAL_HOST] [default: app.infisical.com]'
            cand --min-ttl 'How long a token must live on to be used again, such as 10m or 90s'
            cand --error-format 'How failures are written to standard error'
            cand --local 'For this repository only, in its own configuration; else for all of this user''s'
            cand --dry-run 'Show what would change, and change nothing'
            cand --all-bots 'Every folder under the path prefix that holds bot secrets'
            cand --scope-to-repo 'Mint a token for the repository that git asks about only; needs credential.useHttpPath = true'
            cand --unscoped 'Ask for everything the installation can access, whatever scope a configuration file names'
            cand --verify 'Wait up to ten seconds until GitHub accepts the new token: in its first seconds it may be refused'
            cand --fresh 'Mint anew, and neither use nor keep a token'
            cand -q 'Print the first line of a failure only, and no notes'
            cand --quiet 'Print the first line of a failure only, and no notes'
            cand -v 'Show each step with its time, host, status and request id (never a secret)'
            cand --verbose 'Show each step with its time, host, status and request id (never a secret)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'git-credential-raxx;uninstall'= {
            cand --for 'For the repositories of an owner only, or for a single one: OWNER or OWNER/NAME'
            cand --github-api-url 'GitHub''s REST base [env: GITHUB_API_URL] [default: api.github.com]'
            cand --github-api-version 'Version of GitHub''s REST API, a date [default: 2022-11-28]'
            cand --error-format 'How failures are written to standard error'
            cand --local 'For this repository only, in its own configuration; else for all of this user''s'
            cand --dry-run 'Show what would change, and change nothing'
            cand -q 'Print the first line of a failure only, and no notes'
            cand --quiet 'Print the first line of a failure only, and no notes'
            cand -v 'Show each step with its time, host, status and request id (never a secret)'
            cand --verbose 'Show each step with its time, host, status and request id (never a secret)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
    ]
    $completions[$command]
}

var flags-of-git-credential-raxx = $edit:completion:arg-completer[git-credential-raxx]
set edit:completion:arg-completer[git-credential-raxx] = {|@words|
    if (and (> (count $words) 2) (eq $words[-2] --bot)) {
        raxx-mint bots --quiet 2>/dev/null | from-lines
    } else {
        $flags-of-git-credential-raxx $@words
    }
}
