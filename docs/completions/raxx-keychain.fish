# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_raxx_keychain_global_optspecs
    string join \n q/quiet v/verbose error-format= h/help V/version
end

function __fish_raxx_keychain_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_raxx_keychain_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_raxx_keychain_using_subcommand
    set -l cmd (__fish_raxx_keychain_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c raxx-keychain -n "__fish_raxx_keychain_needs_command" -l error-format -d 'How failures are written to standard error' -r -f -a "text\t'For people: `error: …`, then `cause:` and `fix:`'
json\t'For programs: one JSON object on a line'"
complete -c raxx-keychain -n "__fish_raxx_keychain_needs_command" -s q -l quiet -d 'Print the first line of a failure only, and no notes'
complete -c raxx-keychain -n "__fish_raxx_keychain_needs_command" -s v -l verbose -d 'Show each step with its time, host, status and request id (never a secret)'
complete -c raxx-keychain -n "__fish_raxx_keychain_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c raxx-keychain -n "__fish_raxx_keychain_needs_command" -s V -l version -d 'Print version'
complete -c raxx-keychain -n "__fish_raxx_keychain_needs_command" -f -a "get" -d 'Print all stored credentials as one JSON document'
complete -c raxx-keychain -n "__fish_raxx_keychain_needs_command" -f -a "set" -d 'Keep a credential: asked for at a terminal without being shown, else read from standard input'
complete -c raxx-keychain -n "__fish_raxx_keychain_needs_command" -f -a "forget" -d 'Forget a credential, or all of them'
complete -c raxx-keychain -n "__fish_raxx_keychain_using_subcommand get" -l error-format -d 'How failures are written to standard error' -r -f -a "text\t'For people: `error: …`, then `cause:` and `fix:`'
json\t'For programs: one JSON object on a line'"
complete -c raxx-keychain -n "__fish_raxx_keychain_using_subcommand get" -l reveal -d 'Print secrets unmasked even on a terminal'
complete -c raxx-keychain -n "__fish_raxx_keychain_using_subcommand get" -s q -l quiet -d 'Print the first line of a failure only, and no notes'
complete -c raxx-keychain -n "__fish_raxx_keychain_using_subcommand get" -s v -l verbose -d 'Show each step with its time, host, status and request id (never a secret)'
complete -c raxx-keychain -n "__fish_raxx_keychain_using_subcommand get" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c raxx-keychain -n "__fish_raxx_keychain_using_subcommand set" -l error-format -d 'How failures are written to standard error' -r -f -a "text\t'For people: `error: …`, then `cause:` and `fix:`'
json\t'For programs: one JSON object on a line'"
complete -c raxx-keychain -n "__fish_raxx_keychain_using_subcommand set" -s q -l quiet -d 'Print the first line of a failure only, and no notes'
complete -c raxx-keychain -n "__fish_raxx_keychain_using_subcommand set" -s v -l verbose -d 'Show each step with its time, host, status and request id (never a secret)'
complete -c raxx-keychain -n "__fish_raxx_keychain_using_subcommand set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c raxx-keychain -n "__fish_raxx_keychain_using_subcommand forget" -l error-format -d 'How failures are written to standard error' -r -f -a "text\t'For people: `error: …`, then `cause:` and `fix:`'
json\t'For programs: one JSON object on a line'"
complete -c raxx-keychain -n "__fish_raxx_keychain_using_subcommand forget" -s q -l quiet -d 'Print the first line of a failure only, and no notes'
complete -c raxx-keychain -n "__fish_raxx_keychain_using_subcommand forget" -s v -l verbose -d 'Show each step with its time, host, status and request id (never a secret)'
complete -c raxx-keychain -n "__fish_raxx_keychain_using_subcommand forget" -s h -l help -d 'Print help (see more with \'--help\')'
