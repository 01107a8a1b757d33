module completions {

  def "nu-complete raxx-keychain error_format" [] {
    [ "text" "json" ]
  }

  # Keep the dispatcher's credentials in the system's keychain
  export extern raxx-keychain [
    --quiet(-q)               # Print the first line of a failure only, and no notes
    --verbose(-v)             # Show each step with its time, host, status and request id (never a secret)
    --error-format: string@"nu-complete raxx-keychain error_format" # How failures are written to standard error
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete raxx-keychain get error_format" [] {
    [ "text" "json" ]
  }

  # Print all stored credentials as one JSON document
  export extern "raxx-keychain get" [
    --reveal                  # Print secrets unmasked even on a terminal
    --quiet(-q)               # Print the first line of a failure only, and no notes
    --verbose(-v)             # Show each step with its time, host, status and request id (never a secret)
    --error-format: string@"nu-complete raxx-keychain get error_format" # How failures are written to standard error
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete raxx-keychain set name" [] {
    [ "INFISICAL_CLIENT_ID" "INFISICAL_CLIENT_SECRET" "CF_ACCESS_CLIENT_ID" "CF_ACCESS_CLIENT_SECRET" ]
  }

  def "nu-complete raxx-keychain set error_format" [] {
    [ "text" "json" ]
  }

  # Keep a credential: asked for at a terminal without being shown, else read from standard input
  export extern "raxx-keychain set" [
    --quiet(-q)               # Print the first line of a failure only, and no notes
    --verbose(-v)             # Show each step with its time, host, status and request id (never a secret)
    --error-format: string@"nu-complete raxx-keychain set error_format" # How failures are written to standard error
    --help(-h)                # Print help (see more with '--help')
    name: string@"nu-complete raxx-keychain set name" # Which, by the name of its variable
  ]

  def "nu-complete raxx-keychain forget name" [] {
    [ "INFISICAL_CLIENT_ID" "INFISICAL_CLIENT_SECRET" "CF_ACCESS_CLIENT_ID" "CF_ACCESS_CLIENT_SECRET" ]
  }

  def "nu-complete raxx-keychain forget error_format" [] {
    [ "text" "json" ]
  }

  # Forget a credential, or all of them
  export extern "raxx-keychain forget" [
    --quiet(-q)               # Print the first line of a failure only, and no notes
    --verbose(-v)             # Show each step with its time, host, status and request id (never a secret)
    --error-format: string@"nu-complete raxx-keychain forget error_format" # How failures are written to standard error
    --help(-h)                # Print help (see more with '--help')
    name?: string@"nu-complete raxx-keychain forget name" # Which, by the name of its variable; without it, all
  ]

}

export use completions *
