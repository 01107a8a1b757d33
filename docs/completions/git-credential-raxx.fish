function __raxx_bots
    if test -n "$RAXX_BOTS"
        string split --no-empty ' ' -- (string replace --all ',' ' ' -- $RAXX_BOTS)
    else
        raxx-mint --list --json 2>/dev/null | string replace --regex --filter '.*"bot":"([^"]*)".*' '$1' | sort -u
    end
end

complete -c git-credential-raxx -l bot -d 'A bot by name: the folder of that name below the prefix (repeatable)' -r -f -a '(__raxx_bots)'
complete -c git-credential-raxx -l path -d 'A bot\'s folder by its whole path (repeatable)' -r
complete -c git-credential-raxx -l project-id -d 'The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]' -r
complete -c git-credential-raxx -l env -d 'The slug of the environment in it [env: INFISICAL_ENV] [default: prod]' -r
complete -c git-credential-raxx -l path-prefix -d 'The folder of the bots\' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]' -r
complete -c git-credential-raxx -l token-env -d 'Answer with the token in this variable instead, as with-bot-token sets it for a command' -r
complete -c git-credential-raxx -l token-file -d 'Answer with the installation-token document in this file instead, as with-bot-token --renew keeps it' -r -F
complete -c git-credential-raxx -l repo -d 'A repository of the installation\'s owner, by its bare name (repeatable)' -r
complete -c git-credential-raxx -l repository-id -d 'A repository by its id, which survives renames (repeatable)' -r
complete -c git-credential-raxx -l permission -d 'A permission and its level, such as contents=read (repeatable)' -r
complete -c git-credential-raxx -l github-api-url -d 'GitHub\'s REST base [env: GITHUB_API_URL] [default: api.github.com]' -r
complete -c git-credential-raxx -l github-api-version -d 'Version of GitHub\'s REST API, a date [default: 2022-11-28]' -r
complete -c git-credential-raxx -l infisical-host -d 'Infisical\'s base URL [env: INFISICAL_HOST] [default: app.infisical.com]' -r
complete -c git-credential-raxx -l min-ttl -d 'How long a token must live on to be used again, such as 10m or 90s' -r
complete -c git-credential-raxx -l error-format -d 'How failures are written to standard error' -r -f -a "text\t'For people: `error: …`, then `cause:` and `fix:`'
json\t'For programs: one JSON object on a line'"
complete -c git-credential-raxx -l all-bots -d 'Every folder below the prefix that holds bot secrets'
complete -c git-credential-raxx -l scope-to-repo -d 'Mint a token for the repository that git asks about only; wants credential.useHttpPath'
complete -c git-credential-raxx -l fresh -d 'Mint anew, and neither use nor keep a token'
complete -c git-credential-raxx -s q -l quiet -d 'Print the first line of a failure only, and no notes'
complete -c git-credential-raxx -s v -l verbose -d 'Show each step with its time, host, status and request id (never a secret)'
complete -c git-credential-raxx -s h -l help -d 'Print help (see more with \'--help\')'
complete -c git-credential-raxx -s V -l version -d 'Print version'
