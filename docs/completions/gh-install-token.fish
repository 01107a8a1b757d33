complete -c gh-install-token -l repo -d 'A repository of the installation\'s owner, by its bare name (repeatable)' -r -f
complete -c gh-install-token -l repository-id -d 'A repository by its id, which survives renames (repeatable)' -r -f
complete -c gh-install-token -l permission -d 'A permission and its level, such as contents=read (repeatable)' -r -f
complete -c gh-install-token -l github-api-url -d 'GitHub\'s REST base [env: GITHUB_API_URL] [default: api.github.com]' -r -f
complete -c gh-install-token -l github-api-version -d 'Version of GitHub\'s REST API, a date [default: 2022-11-28]' -r -f
complete -c gh-install-token -l error-format -d 'How failures are written to standard error' -r -f -a "text\t'For people: `error: …`, then `cause:` and `fix:`'
json\t'For programs: one JSON object on a line'"
complete -c gh-install-token -l unscoped -d 'Ask for everything the installation can access, whatever scope a configuration file names'
complete -c gh-install-token -l verify -d 'Wait up to ten seconds until GitHub accepts the new token: in its first seconds it may be refused'
complete -c gh-install-token -l revoke -d 'Read an installation-token document instead, and revoke that token'
complete -c gh-install-token -l reveal -d 'Print secrets unmasked even on a terminal'
complete -c gh-install-token -s q -l quiet -d 'Print the first line of a failure only, and no notes'
complete -c gh-install-token -s v -l verbose -d 'Show each step with its time, host, status and request id (never a secret)'
complete -c gh-install-token -s h -l help -d 'Print help (see more with \'--help\')'
complete -c gh-install-token -s V -l version -d 'Print version'
