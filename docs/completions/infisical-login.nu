module completions {

  def "nu-complete infisical-login error_format" [] {
    [ "text" "json" ]
  }

  # Log in to Infisical with a machine identity and write the session as JSON
  export extern infisical-login [
    --infisical-host: string  # Infisical's base URL [env: INFISICAL_HOST] [default: app.infisical.com]
    --reveal                  # Print secrets unmasked even on a terminal
    --quiet(-q)               # Print the first line of a failure only, and no notes
    --verbose(-v)             # Show each step with its time, host, status and request id (never a secret)
    --error-format: string@"nu-complete infisical-login error_format" # How failures are written to standard error
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

}

export use completions *
