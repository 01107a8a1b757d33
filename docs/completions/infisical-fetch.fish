function __raxx_bots
    raxx-mint bots --quiet 2>/dev/null
end

complete -c infisical-fetch -l bot -d 'Bot name: its folder\'s name under the path prefix (repeatable)' -r -f -a '(__raxx_bots)'
complete -c infisical-fetch -l path -d 'Whole path of a bot\'s folder (repeatable)' -r -f
complete -c infisical-fetch -l project-id -d 'The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]' -r -f
complete -c infisical-fetch -l env -d 'The slug of the environment in it [env: INFISICAL_ENV] [default: prod]' -r -f
complete -c infisical-fetch -l path-prefix -d 'The folder of the bots\' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]' -r -f
complete -c infisical-fetch -l error-format -d 'How failures are written to standard error' -r -f -a "text\t'For people: `error: …`, then `cause:` and `fix:`'
json\t'For programs: one JSON object on a line'"
complete -c infisical-fetch -l all-bots -d 'Every folder under the path prefix that holds bot secrets'
complete -c infisical-fetch -l reveal -d 'Print secrets unmasked even on a terminal'
complete -c infisical-fetch -s q -l quiet -d 'Print the first line of a failure only, and no notes'
complete -c infisical-fetch -s v -l verbose -d 'Show each step with its time, host, status and request id (never a secret)'
complete -c infisical-fetch -s h -l help -d 'Print help (see more with \'--help\')'
complete -c infisical-fetch -s V -l version -d 'Print version'
complete -c infisical-fetch -n 'not __fish_seen_subcommand_from docs' -f -a '(__raxx_bots)'
