function __raxx_bots
    raxx-mint bots --quiet 2>/dev/null
end

complete -c raxx-doctor -l bot -d 'Bot name: its folder\'s name under the path prefix (repeatable) [env: RAXX_BOTS] [default: every folder that holds bot secrets]' -r -f -a '(__raxx_bots)'
complete -c raxx-doctor -l project-id -d 'The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]' -r -f
complete -c raxx-doctor -l env -d 'The slug of the environment in it [env: INFISICAL_ENV] [default: prod]' -r -f
complete -c raxx-doctor -l path-prefix -d 'The folder of the bots\' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]' -r -f
complete -c raxx-doctor -l infisical-host -d 'Infisical\'s base URL [env: INFISICAL_HOST] [default: app.infisical.com]' -r -f
complete -c raxx-doctor -l github-api-url -d 'GitHub\'s REST base [env: GITHUB_API_URL] [default: api.github.com]' -r -f
complete -c raxx-doctor -l github-api-version -d 'Version of GitHub\'s REST API, a date [default: 2022-11-28]' -r -f
complete -c raxx-doctor -l error-format -d 'How failures are written to standard error' -r -f -a "text\t'For people: `error: …`, then `cause:` and `fix:`'
json\t'For programs: one JSON object on a line'"
complete -c raxx-doctor -l json -d 'Print one document instead of lines'
complete -c raxx-doctor -s q -l quiet -d 'Print the first line of a failure only, and no notes'
complete -c raxx-doctor -s v -l verbose -d 'Show each step with its time, host, status and request id (never a secret)'
complete -c raxx-doctor -s h -l help -d 'Print help (see more with \'--help\')'
complete -c raxx-doctor -s V -l version -d 'Print version'
complete -c raxx-doctor -n 'not __fish_seen_subcommand_from docs' -f -a '(__raxx_bots)'
