module completions {

  def "nu-complete gh-install-token error_format" [] {
    [ "text" "json" ]
  }

  # Exchange a GitHub App's JWT for an installation token
  export extern gh-install-token [
    --repo: string            # A repository of the installation's owner, by its bare name (repeatable)
    --repository-id: string   # A repository by its id, which survives renames (repeatable)
    --permission: string      # A permission and its level, such as contents=read (repeatable)
    --unscoped                # Ask for everything the installation can access, whatever scope a configuration file names
    --verify                  # Wait up to ten seconds until GitHub accepts the new token: in its first seconds it may be refused
    --github-api-url: string  # GitHub's REST base [env: GITHUB_API_URL] [default: api.github.com]
    --github-api-version: string # Version of GitHub's REST API, a date [default: 2022-11-28]
    --revoke                  # Read an installation-token document instead, and revoke that token
    --reveal                  # Print secrets unmasked even on a terminal
    --quiet(-q)               # Print the first line of a failure only, and no notes
    --verbose(-v)             # Show each step with its time, host, status and request id (never a secret)
    --error-format: string@"nu-complete gh-install-token error_format" # How failures are written to standard error
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

}

export use completions *
