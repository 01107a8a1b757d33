function __raxx_bots
    raxx-mint bots --quiet 2>/dev/null
end

function __raxx_bot_is_named
    for word in (commandline -opc)[2..]
        contains -- $word (__raxx_bots); and return 0
    end
    return 1
end

complete -c with-bot-token -l bot -d 'The bot by a flag, so that what follows is the command alone' -r
complete -c with-bot-token -l project-id -d 'The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]' -r -f
complete -c with-bot-token -l env -d 'The slug of the environment in it [env: INFISICAL_ENV] [default: prod]' -r -f
complete -c with-bot-token -l path-prefix -d 'The folder of the bots\' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]' -r -f
complete -c with-bot-token -l repo -d 'A repository of the installation\'s owner, by its bare name (repeatable)' -r -f
complete -c with-bot-token -l repository-id -d 'A repository by its id, which survives renames (repeatable)' -r -f
complete -c with-bot-token -l permission -d 'A permission and its level, such as contents=read (repeatable)' -r -f
complete -c with-bot-token -l github-api-url -d 'GitHub\'s REST base [env: GITHUB_API_URL] [default: api.github.com]' -r -f
complete -c with-bot-token -l github-api-version -d 'Version of GitHub\'s REST API, a date [default: 2022-11-28]' -r -f
complete -c with-bot-token -l infisical-host -d 'Infisical\'s base URL [env: INFISICAL_HOST] [default: app.infisical.com]' -r -f
complete -c with-bot-token -l min-ttl -d 'How long a token must live on to be used again, such as 10m or 90s' -r -f
complete -c with-bot-token -l keep -d 'Keep this variable in the command\'s environment: one of the dispatcher\'s, or one that holds a GitHub token (repeatable)' -r -f
complete -c with-bot-token -l error-format -d 'How failures are written to standard error' -r -f -a "text\t'For people: `error: …`, then `cause:` and `fix:`'
json\t'For programs: one JSON object on a line'"
complete -c with-bot-token -l unscoped -d 'Ask for everything the installation can access, whatever scope a configuration file names'
complete -c with-bot-token -l verify -d 'Wait up to ten seconds until GitHub accepts the new token: in its first seconds it may be refused'
complete -c with-bot-token -l fresh -d 'Mint anew, and neither use nor keep a token'
complete -c with-bot-token -l git-identity -d 'Set GIT_AUTHOR_* and GIT_COMMITTER_* to the bot\'s name and address'
complete -c with-bot-token -l git -d 'Let git act as the bot too, over HTTPS, and send its ssh remotes on that host that way'
complete -c with-bot-token -l revoke -d 'Wait for the command, then revoke the token'
complete -c with-bot-token -l renew -d 'Stay, and keep a live token in a GH_CONFIG_DIR of the command\'s own, not in its environment; implies --revoke'
complete -c with-bot-token -l keep-credentials -d 'Keep all of the dispatcher\'s: INFISICAL_* and CF_ACCESS_*'
complete -c with-bot-token -l require-bot -d 'Fail where no credentials are set, never run as the operator [env: RAXX_REQUIRE_BOT=1]'
complete -c with-bot-token -s q -l quiet -d 'Print the first line of a failure only, and no notes'
complete -c with-bot-token -s v -l verbose -d 'Show each step with its time, host, status and request id (never a secret)'
complete -c with-bot-token -s h -l help -d 'Print help (see more with \'--help\')'
complete -c with-bot-token -s V -l version -d 'Print version'
complete -c with-bot-token -n 'not __raxx_bot_is_named' -f -a '(__raxx_bots)'
complete -c with-bot-token -n __raxx_bot_is_named -x -a '(__fish_complete_subcommand --fcs-skip=2)'
