complete -c infisical-login -l infisical-host -d 'Infisical\'s base URL [env: INFISICAL_HOST] [default: app.infisical.com]' -r -f
complete -c infisical-login -l error-format -d 'How failures are written to standard error' -r -f -a "text\t'For people: `error: …`, then `cause:` and `fix:`'
json\t'For programs: one JSON object on a line'"
complete -c infisical-login -l reveal -d 'Print secrets unmasked even on a terminal'
complete -c infisical-login -s q -l quiet -d 'Print the first line of a failure only, and no notes'
complete -c infisical-login -s v -l verbose -d 'Show each step with its time, host, status and request id (never a secret)'
complete -c infisical-login -s h -l help -d 'Print help (see more with \'--help\')'
complete -c infisical-login -s V -l version -d 'Print version'
