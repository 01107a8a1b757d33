module completions {

  def "nu-complete with-bot-token bots" [] {
    raxx-mint bots --quiet | lines
  }

  def "nu-complete with-bot-token error_format" [] {
    [ "text" "json" ]
  }

  # Run a command as a bot, with a short-lived GitHub token in its environment
  export extern with-bot-token [
    --bot: string             # The bot by a flag, so that what follows is the command alone
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
    --git-identity            # Set GIT_AUTHOR_* and GIT_COMMITTER_* to the bot's name and address
    --git                     # Let git act as the bot too, over HTTPS, and send its ssh remotes on that host that way
    --revoke                  # Wait for the command, then revoke the token
    --renew                   # Stay, and keep a live token in a GH_CONFIG_DIR of the command's own, not in its environment; implies --revoke
    --keep: string            # Keep this variable in the command's environment: one of the dispatcher's, or one that holds a GitHub token (repeatable)
    --keep-credentials        # Keep all of the dispatcher's: INFISICAL_* and CF_ACCESS_*
    --require-bot             # Fail where no credentials are set, never run as the operator [env: RAXX_REQUIRE_BOT=1]
    --quiet(-q)               # Print the first line of a failure only, and no notes
    --verbose(-v)             # Show each step with its time, host, status and request id (never a secret)
    --error-format: string@"nu-complete with-bot-token error_format" # How failures are written to standard error
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    ...line: string@"nu-complete with-bot-token bots"           # The bot, by its name or its folder's whole path, then the command and its arguments
  ]

}

export use completions *
