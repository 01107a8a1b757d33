complete -c raxx-provision -l org -d 'The organization that is to own the App, and on which it is installed' -r -f
complete -c raxx-provision -l personal -d 'Your own account, which is to own it in place of an organization' -r -f
complete -c raxx-provision -l permission -d 'What the bot may do, such as contents=write (repeatable); metadata=read comes by itself' -r -f
complete -c raxx-provision -l homepage -d 'The App\'s homepage, which GitHub asks for' -r -f
complete -c raxx-provision -l app-id -d 'With --resume: the id of an App whose key was lost, and a new one, made on its page, on standard input or pasted unseen' -r -f
complete -c raxx-provision -l dispatcher -d 'Make the machine identity that mints, too: no role, sessions of 600 s, and one privilege to read the bots\' folders' -r -f
complete -c raxx-provision -l port -d 'The port on 127.0.0.1 of the page that leads to GitHub and back [default: any that is free]' -r -f
complete -c raxx-provision -l wait -d 'How long the installation, or a server in trouble, is waited for, in minutes' -r -f
complete -c raxx-provision -l project-id -d 'The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]' -r -f
complete -c raxx-provision -l env -d 'The slug of the environment in it [env: INFISICAL_ENV] [default: prod]' -r -f
complete -c raxx-provision -l path-prefix -d 'The folder of the bots\' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]' -r -f
complete -c raxx-provision -l infisical-host -d 'Infisical\'s base URL [env: INFISICAL_HOST] [default: app.infisical.com]' -r -f
complete -c raxx-provision -l github-api-url -d 'GitHub\'s REST base [env: GITHUB_API_URL] [default: api.github.com]' -r -f
complete -c raxx-provision -l github-api-version -d 'Version of GitHub\'s REST API, a date [default: 2022-11-28]' -r -f
complete -c raxx-provision -l error-format -d 'How failures are written to standard error' -r -f -a "text\t'For people: `error: …`, then `cause:` and `fix:`'
json\t'For programs: one JSON object on a line'"
complete -c raxx-provision -l resume -d 'Do what is left to do for a bot whose App and key are there'
complete -c raxx-provision -l rotate -d 'Put a new key in the place of the old one: made on the App\'s page, read from standard input or pasted unseen'
complete -c raxx-provision -l retire -d 'Uninstall its App, which ends its tokens, and delete its secrets'
complete -c raxx-provision -l keychain -d 'Put its client id and secret into the system\'s keychain, in place of printing them once as variables'
complete -c raxx-provision -l dry-run -d 'Show what would be done, and do nothing'
complete -c raxx-provision -l yes -d 'Do not ask before each step'
complete -c raxx-provision -l no-browser -d 'Print addresses, and open no browser'
complete -c raxx-provision -l json -d 'Print what was done as one JSON document; nothing with --dry-run'
complete -c raxx-provision -s q -l quiet -d 'Print the first line of a failure only, and no notes'
complete -c raxx-provision -s v -l verbose -d 'Show each step with its time, host, status and request id (never a secret)'
complete -c raxx-provision -s h -l help -d 'Print help (see more with \'--help\')'
complete -c raxx-provision -s V -l version -d 'Print version'
