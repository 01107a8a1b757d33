
use builtin;
use str;

set edit:completion:arg-completer[with-bot-token] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'with-bot-token'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'with-bot-token'= {
            cand --bot 'The bot by a flag, so that what follows is the command alone'
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
            cand --keep 'Keep this variable in the command''s environment: one of the dispatcher''s, or one that holds a GitHub token (repeatable)'
            cand --error-format 'How failures are written to standard error'
            cand --unscoped 'Ask for everything the installation can access, whatever scope a configuration file names'
            cand --verify 'Wait up to ten seconds until GitHub accepts the new token: in its first seconds it may be refused'
            cand --fresh 'Mint anew, and neither use nor keep a token'
            cand --git-identity 'Set GIT_AUTHOR_* and GIT_COMMITTER_* to the bot''s name and address'
            cand --git 'Let git act as the bot too, over HTTPS, and send its ssh remotes on that host that way'
            cand --revoke 'Wait for the command, then revoke the token'
            cand --renew 'Stay, and keep a live token in a GH_CONFIG_DIR of the command''s own, not in its environment; implies --revoke'
            cand --keep-credentials 'Keep all of the dispatcher''s: INFISICAL_* and CF_ACCESS_*'
            cand --require-bot 'Fail where no credentials are set, never run as the operator [env: RAXX_REQUIRE_BOT=1]'
            cand -q 'Print the first line of a failure only, and no notes'
            cand --quiet 'Print the first line of a failure only, and no notes'
            cand -v 'Show each step with its time, host, status and request id (never a secret)'
            cand --verbose 'Show each step with its time, host, status and request id (never a secret)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
    ]
    $completions[$command]
}

var flags-of-with-bot-token = $edit:completion:arg-completer[with-bot-token]
set edit:completion:arg-completer[with-bot-token] = {|@words|
    if (and (== (count $words) 2) (not (str:has-prefix $words[-1] -))) {
        raxx-mint bots --quiet 2>/dev/null | from-lines
    } else {
        $flags-of-with-bot-token $@words
    }
}
