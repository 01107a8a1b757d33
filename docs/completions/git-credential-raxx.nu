module completions {

  def "nu-complete git-credential-raxx bots" [] {
    raxx-mint bots --quiet | lines
  }

  def "nu-complete git-credential-raxx error_format" [] {
    [ "text" "json" ]
  }

  # git's credential helper for a bot: git over HTTPS acts as it
  export extern git-credential-raxx [
    --bot: string@"nu-complete git-credential-raxx bots"             # Bot name: its folder's name under the path prefix (repeatable)
    --path: string            # Whole path of a bot's folder (repeatable)
    --all-bots                # Every folder under the path prefix that holds bot secrets
    --project-id: string      # The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]
    --env: string             # The slug of the environment in it [env: INFISICAL_ENV] [default: prod]
    --path-prefix: string     # The folder of the bots' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]
    --token-env: string       # Answer with the token in this variable instead, as with-bot-token sets it for a command
    --token-file: path        # Answer with the installation-token document in this file instead, as with-bot-token --renew keeps it
    --scope-to-repo           # Mint a token for the repository that git asks about only; needs credential.useHttpPath = true
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
    --quiet(-q)               # Print the first line of a failure only, and no notes
    --verbose(-v)             # Show each step with its time, host, status and request id (never a secret)
    --error-format: string@"nu-complete git-credential-raxx error_format" # How failures are written to standard error
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    operation: string         # What git wants: get, store, erase or capability
  ]

  def "nu-complete git-credential-raxx install error_format" [] {
    [ "text" "json" ]
  }

  # Put the helper into git's configuration, show what changes, and refuse where git would still be the operator
  export extern "git-credential-raxx install" [
    --local                   # For this repository only, in its own configuration; else for all of this user's
    --for: string             # For the repositories of an owner only, or for a single one: OWNER or OWNER/NAME
    --dry-run                 # Show what would change, and change nothing
    --bot: string@"nu-complete git-credential-raxx bots"             # Bot name: its folder's name under the path prefix (repeatable)
    --path: string            # Whole path of a bot's folder (repeatable)
    --all-bots                # Every folder under the path prefix that holds bot secrets
    --project-id: string      # The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]
    --env: string             # The slug of the environment in it [env: INFISICAL_ENV] [default: prod]
    --path-prefix: string     # The folder of the bots' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]
    --token-env: string       # Answer with the token in this variable instead, as with-bot-token sets it for a command
    --token-file: path        # Answer with the installation-token document in this file instead, as with-bot-token --renew keeps it
    --scope-to-repo           # Mint a token for the repository that git asks about only; needs credential.useHttpPath = true
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
    --quiet(-q)               # Print the first line of a failure only, and no notes
    --verbose(-v)             # Show each step with its time, host, status and request id (never a secret)
    --error-format: string@"nu-complete git-credential-raxx install error_format" # How failures are written to standard error
    --help(-h)                # Print help (see more with '--help')
    ...named: string          # Bot name, or the whole path of its folder, as with --bot and --path (repeatable)
  ]

  def "nu-complete git-credential-raxx uninstall error_format" [] {
    [ "text" "json" ]
  }

  # Remove the helper from git's configuration; nothing else changes
  export extern "git-credential-raxx uninstall" [
    --local                   # For this repository only, in its own configuration; else for all of this user's
    --for: string             # For the repositories of an owner only, or for a single one: OWNER or OWNER/NAME
    --dry-run                 # Show what would change, and change nothing
    --github-api-url: string  # GitHub's REST base [env: GITHUB_API_URL] [default: api.github.com]
    --github-api-version: string # Version of GitHub's REST API, a date [default: 2022-11-28]
    --quiet(-q)               # Print the first line of a failure only, and no notes
    --verbose(-v)             # Show each step with its time, host, status and request id (never a secret)
    --error-format: string@"nu-complete git-credential-raxx uninstall error_format" # How failures are written to standard error
    --help(-h)                # Print help (see more with '--help')
  ]

}

export use completions *
