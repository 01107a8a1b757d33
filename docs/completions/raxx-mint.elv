
use builtin;
use str;

set edit:completion:arg-completer[raxx-mint] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'raxx-mint'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'raxx-mint'= {
            cand --bot 'Bot name: its folder''s name under the path prefix (repeatable)'
            cand --path 'Whole path of a bot''s folder (repeatable)'
            cand --project-id 'The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]'
            cand --env 'The slug of the environment in it [env: INFISICAL_ENV] [default: prod]'
            cand --path-prefix 'The folder of the bots'' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]'
            cand --repo 'A repository of the installation''s owner, by its bare name (repeatable)'
            cand --repository-id 'A repository by its id, which survives renames (repeatable)'
            cand --permission 'A permission and its level, such as contents=read (repeatable)'
            cand --github-api-url 'GitHub''s REST base [env: GITHUB_API_URL] [default: api.github.com]'
            cand --github-api-version 'Version of GitHub''s REST API, a date [default: 2022-11-28]'
            cand --infisical-host 'Infisical''s base URL [env: INFISICAL_HOST] [default: app.infisical.com]'
            cand --min-ttl 'How long a token must live on to be used again, such as 10m or 90s'
            cand --export 'Print the variables that gh reads, for `eval`'
            cand --error-format 'How failures are written to standard error'
            cand --all-bots 'Every folder under the path prefix that holds bot secrets'
            cand --unscoped 'Ask for everything the installation can access, whatever scope a configuration file names'
            cand --verify 'Wait up to ten seconds until GitHub accepts the new token: in its first seconds it may be refused'
            cand --fresh 'Mint anew, and neither use nor keep a token'
            cand --json 'Print the whole installation-token document instead of the token alone'
            cand --list 'Show which tokens are kept for reuse, for which bot and scope, and for how long'
            cand --forget 'Revoke the tokens that are kept and forget them: all, or those of the bots that are named'
            cand --reveal 'Print secrets unmasked even on a terminal'
            cand -q 'Print the first line of a failure only, and no notes'
            cand --quiet 'Print the first line of a failure only, and no notes'
            cand -v 'Show each step with its time, host, status and request id (never a secret)'
            cand --verbose 'Show each step with its time, host, status and request id (never a secret)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand docs 'Print a document of this version, without a network: README, runbook, how an agent acts as a bot'
            cand bots 'Print the names of the bots that are configured, else of those whose tokens are kept; no server is asked'
            cand init 'Ask for the configuration at a terminal, try each answer, and write your file'
            cand allow 'Trust a repository''s configuration file in its current content'
            cand deny 'Ignore a repository''s configuration file from now on'
        }
        &'raxx-mint;docs'= {
            cand --error-format 'How failures are written to standard error'
            cand -q 'Print the first line of a failure only, and no notes'
            cand --quiet 'Print the first line of a failure only, and no notes'
            cand -v 'Show each step with its time, host, status and request id (never a secret)'
            cand --verbose 'Show each step with its time, host, status and request id (never a secret)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'raxx-mint;bots'= {
            cand --error-format 'How failures are written to standard error'
            cand -q 'Print the first line of a failure only, and no notes'
            cand --quiet 'Print the first line of a failure only, and no notes'
            cand -v 'Show each step with its time, host, status and request id (never a secret)'
            cand --verbose 'Show each step with its time, host, status and request id (never a secret)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'raxx-mint;init'= {
            cand --error-format 'How failures are written to standard error'
            cand --keychain 'Keep the machine identity''s credentials in the system''s keychain'
            cand -q 'Print the first line of a failure only, and no notes'
            cand --quiet 'Print the first line of a failure only, and no notes'
            cand -v 'Show each step with its time, host, status and request id (never a secret)'
            cand --verbose 'Show each step with its time, host, status and request id (never a secret)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'raxx-mint;allow'= {
            cand --error-format 'How failures are written to standard error'
            cand -q 'Print the first line of a failure only, and no notes'
            cand --quiet 'Print the first line of a failure only, and no notes'
            cand -v 'Show each step with its time, host, status and request id (never a secret)'
            cand --verbose 'Show each step with its time, host, status and request id (never a secret)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'raxx-mint;deny'= {
            cand --error-format 'How failures are written to standard error'
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

var flags-of-raxx-mint = $edit:completion:arg-completer[raxx-mint]
set edit:completion:arg-completer[raxx-mint] = {|@words|
    if (and (> (count $words) 2) (eq $words[-2] --bot)) {
        raxx-mint bots --quiet 2>/dev/null | from-lines
    } else {
        $flags-of-raxx-mint $@words
    }
}
