module completions {

  def "nu-complete raxx-doctor bots" [] {
    raxx-mint bots --quiet | lines
  }

  def "nu-complete raxx-doctor error_format" [] {
    [ "text" "json" ]
  }

  # Walk the chain from the environment to GitHub and say what is wrong and how to fix it
  export extern raxx-doctor [
    --bot: string@"nu-complete raxx-doctor bots"             # Bot name: its folder's name under the path prefix (repeatable) [env: RAXX_BOTS] [default: every folder that holds bot secrets]
    --project-id: string      # The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]
    --env: string             # The slug of the environment in it [env: INFISICAL_ENV] [default: prod]
    --path-prefix: string     # The folder of the bots' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]
    --infisical-host: string  # Infisical's base URL [env: INFISICAL_HOST] [default: app.infisical.com]
    --github-api-url: string  # GitHub's REST base [env: GITHUB_API_URL] [default: api.github.com]
    --github-api-version: string # Version of GitHub's REST API, a date [default: 2022-11-28]
    --json                    # Print one document instead of lines
    --quiet(-q)               # Print the first line of a failure only, and no notes
    --verbose(-v)             # Show each step with its time, host, status and request id (never a secret)
    --error-format: string@"nu-complete raxx-doctor error_format" # How failures are written to standard error
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    ...named: string          # Bot name without the flag, or the whole path of its folder
  ]

}

export use completions *
