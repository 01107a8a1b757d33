module completions {

  def "nu-complete raxx-mint bots" [] {
    raxx-mint bots --quiet | lines
  }

  def "nu-complete raxx-mint export" [] {
    [ "sh" "fish" "powershell" "dotenv" "github-env" "json" ]
  }

  def "nu-complete raxx-mint error_format" [] {
    [ "text" "json" ]
  }

  # Mint a short-lived GitHub token for a bot, from credentials kept in Infisical
  export extern raxx-mint [
    --bot: string@"nu-complete raxx-mint bots"             # Bot name: its folder's name under the path prefix (repeatable)
    --path: string            # Whole path of a bot's folder (repeatable)
    --all-bots                # Every folder under the path prefix that holds bot secrets
    --project-id: string      # The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]
    --env: string             # The slug of the environment in it [env: INFISICAL_ENV] [default: prod]
    --path-prefix: string     # The folder of the bots' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]
    --repo: string            # A repository of the installation's owner, by its bare name (repeatable)
    --repository-id: string   # A repository by its id, which survives renames (repeatable)
    --permission: string      # A permission and its level, such as contents=read (repeatable)
    --unscoped                # Ask for everything the installation can access, whatever scope a configuration file names
    --verify                  # Wait up to ten seconds until GitHub accepts the new token: in its first seconds it may be refused
    --github-api-url: string  # GitHub's REST base [env: GITHUB_API_URL] [default: api.github.com]
    --github-api-version: string # Version of GitHub's REST API, a date [default: 2022-11-28]
    --infisical-host: string  # Infisical's base URL [env: INFISICAL_HOST] [default: app.infisical.com]
    --fresh                   # Mint anew, and neither use nor keep a token
    --min-ttl: string         # How long a token must live on to be used again, such as 10m or 90s
    --json                    # Print the whole installation-token document instead of the token alone
    --export: string@"nu-complete raxx-mint export" # Print the variables that gh reads, for `eval`
    --list                    # Show which tokens are kept for reuse, for which bot and scope, and for how long
    --forget                  # Revoke the tokens that are kept and forget them: all, or those of the bots that are named
    --reveal                  # Print secrets unmasked even on a terminal
    --quiet(-q)               # Print the first line of a failure only, and no notes
    --verbose(-v)             # Show each step with its time, host, status and request id (never a secret)
    --error-format: string@"nu-complete raxx-mint error_format" # How failures are written to standard error
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    ...named: string          # Bot name, or the whole path of its folder, as with --bot and --path (repeatable)
  ]

  def "nu-complete raxx-mint docs document" [] {
    [ "readme" "agents" "runbook" "pipeline" "security" ]
  }

  def "nu-complete raxx-mint docs error_format" [] {
    [ "text" "json" ]
  }

  # Print a document of this version, without a network: README, runbook, how an agent acts as a bot
  export extern "raxx-mint docs" [
    --quiet(-q)               # Print the first line of a failure only, and no notes
    --verbose(-v)             # Show each step with its time, host, status and request id (never a secret)
    --error-format: string@"nu-complete raxx-mint docs error_format" # How failures are written to standard error
    --help(-h)                # Print help (see more with '--help')
    document?: string@"nu-complete raxx-mint docs document" # Which one; without it, the list of them
  ]

  def "nu-complete raxx-mint bots error_format" [] {
    [ "text" "json" ]
  }

  # Print the names of the bots that are configured, else of those whose tokens are kept; no server is asked
  export extern "raxx-mint bots" [
    --quiet(-q)               # Print the first line of a failure only, and no notes
    --verbose(-v)             # Show each step with its time, host, status and request id (never a secret)
    --error-format: string@"nu-complete raxx-mint bots error_format" # How failures are written to standard error
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete raxx-mint init error_format" [] {
    [ "text" "json" ]
  }

  # Ask for the configuration at a terminal, try each answer, and write your file
  export extern "raxx-mint init" [
    --keychain                # Keep the machine identity's credentials in the system's keychain
    --quiet(-q)               # Print the first line of a failure only, and no notes
    --verbose(-v)             # Show each step with its time, host, status and request id (never a secret)
    --error-format: string@"nu-complete raxx-mint init error_format" # How failures are written to standard error
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete raxx-mint allow error_format" [] {
    [ "text" "json" ]
  }

  # Trust a repository's configuration file in its current content
  export extern "raxx-mint allow" [
    --quiet(-q)               # Print the first line of a failure only, and no notes
    --verbose(-v)             # Show each step with its time, host, status and request id (never a secret)
    --error-format: string@"nu-complete raxx-mint allow error_format" # How failures are written to standard error
    --help(-h)                # Print help (see more with '--help')
    file?: path               # The file, or the folder that it is in; without it, the nearest .raxx.toml upwards
  ]

  def "nu-complete raxx-mint deny error_format" [] {
    [ "text" "json" ]
  }

  # Ignore a repository's configuration file from now on
  export extern "raxx-mint deny" [
    --quiet(-q)               # Print the first line of a failure only, and no notes
    --verbose(-v)             # Show each step with its time, host, status and request id (never a secret)
    --error-format: string@"nu-complete raxx-mint deny error_format" # How failures are written to standard error
    --help(-h)                # Print help (see more with '--help')
    file?: path               # The file, or the folder that it is in; without it, the nearest .raxx.toml upwards
  ]

}

export use completions *
