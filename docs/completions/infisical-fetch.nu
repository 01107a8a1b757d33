module completions {

  def "nu-complete infisical-fetch bots" [] {
    raxx-mint bots --quiet | lines
  }

  def "nu-complete infisical-fetch error_format" [] {
    [ "text" "json" ]
  }

  # Fetch a bot's secrets from its folder in Infisical
  export extern infisical-fetch [
    --bot: string@"nu-complete infisical-fetch bots"             # Bot name: its folder's name under the path prefix (repeatable)
    --path: string            # Whole path of a bot's folder (repeatable)
    --all-bots                # Every folder under the path prefix that holds bot secrets
    --project-id: string      # The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]
    --env: string             # The slug of the environment in it [env: INFISICAL_ENV] [default: prod]
    --path-prefix: string     # The folder of the bots' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]
    --reveal                  # Print secrets unmasked even on a terminal
    --quiet(-q)               # Print the first line of a failure only, and no notes
    --verbose(-v)             # Show each step with its time, host, status and request id (never a secret)
    --error-format: string@"nu-complete infisical-fetch error_format" # How failures are written to standard error
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    ...named: string          # Bot name, or the whole path of its folder, as with --bot and --path (repeatable)
  ]

}

export use completions *
