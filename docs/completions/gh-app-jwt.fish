complete -c gh-app-jwt -l error-format -d 'How failures are written to standard error' -r -f -a "text\t'For people: `error: …`, then `cause:` and `fix:`'
json\t'For programs: one JSON object on a line'"
complete -c gh-app-jwt -l reveal -d 'Print secrets unmasked even on a terminal'
complete -c gh-app-jwt -s q -l quiet -d 'Print the first line of a failure only, and no notes'
complete -c gh-app-jwt -s v -l verbose -d 'Show each step with its time, host, status and request id (never a secret)'
complete -c gh-app-jwt -s h -l help -d 'Print help (see more with \'--help\')'
complete -c gh-app-jwt -s V -l version -d 'Print version'
