module completions {

  def "nu-complete gh-app-jwt error_format" [] {
    [ "text" "json" ]
  }

  # Sign a JWT that speaks for a GitHub App
  export extern gh-app-jwt [
    --reveal                  # Print secrets unmasked even on a terminal
    --quiet(-q)               # Print the first line of a failure only, and no notes
    --verbose(-v)             # Show each step with its time, host, status and request id (never a secret)
    --error-format: string@"nu-complete gh-app-jwt error_format" # How failures are written to standard error
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

}

export use completions *
