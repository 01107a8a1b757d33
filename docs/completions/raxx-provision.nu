module completions {

  def "nu-complete raxx-provision error_format" [] {
    [ "text" "json" ]
  }

  # Make a bot: its GitHub App, its secrets in Infisical, its installation
  export extern raxx-provision [
    --org: string             # The organization that is to own the App, and on which it is installed
    --personal: string        # Your own account, which is to own it in place of an organization
    --permission: string      # What the bot may do, such as contents=write (repeatable); metadata=read comes by itself
    --homepage: string        # The App's homepage, which GitHub asks for
    --resume                  # Do what is left to do for a bot whose App and key are there
    --app-id: string          # With --resume: the id of an App whose key was lost, and a new one, made on its page, on standard input or pasted unseen
    --rotate                  # Put a new key in the place of the old one: made on the App's page, read from standard input or pasted unseen
    --retire                  # Uninstall its App, which ends its tokens, and delete its secrets
    --dispatcher: string      # Make the machine identity that mints, too: no role, sessions of 600 s, and one privilege to read the bots' folders
    --keychain                # Put its client id and secret into the system's keychain, in place of printing them once as variables
    --dry-run                 # Show what would be done, and do nothing
    --yes                     # Do not ask before each step
    --port: string            # The port on 127.0.0.1 of the page that leads to GitHub and back [default: any that is free]
    --no-browser              # Print addresses, and open no browser
    --wait: string            # How long the installation, or a server in trouble, is waited for, in minutes
    --json                    # Print what was done as one JSON document; nothing with --dry-run
    --project-id: string      # The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]
    --env: string             # The slug of the environment in it [env: INFISICAL_ENV] [default: prod]
    --path-prefix: string     # The folder of the bots' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]
    --infisical-host: string  # Infisical's base URL [env: INFISICAL_HOST] [default: app.infisical.com]
    --github-api-url: string  # GitHub's REST base [env: GITHUB_API_URL] [default: api.github.com]
    --github-api-version: string # Version of GitHub's REST API, a date [default: 2022-11-28]
    --quiet(-q)               # Print the first line of a failure only, and no notes
    --verbose(-v)             # Show each step with its time, host, status and request id (never a secret)
    --error-format: string@"nu-complete raxx-provision error_format" # How failures are written to standard error
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    bot: string               # Bot name: that of its App, and of its folder under the path prefix
  ]

}

export use completions *
