function __raxx_bots
    raxx-mint bots --quiet 2>/dev/null
end

# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_raxx_mint_global_optspecs
    string join \n bot= path= all-bots project-id= env= path-prefix= repo= repository-id= permission= unscoped verify github-api-url= github-api-version= infisical-host= fresh min-ttl= json export= list forget reveal q/quiet v/verbose error-format= h/help V/version
end

function __fish_raxx_mint_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_raxx_mint_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_raxx_mint_using_subcommand
    set -l cmd (__fish_raxx_mint_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -l bot -d 'Bot name: its folder\'s name under the path prefix (repeatable)' -r -f -a '(__raxx_bots)'
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -l path -d 'Whole path of a bot\'s folder (repeatable)' -r -f
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -l project-id -d 'The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]' -r -f
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -l env -d 'The slug of the environment in it [env: INFISICAL_ENV] [default: prod]' -r -f
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -l path-prefix -d 'The folder of the bots\' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]' -r -f
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -l repo -d 'A repository of the installation\'s owner, by its bare name (repeatable)' -r -f
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -l repository-id -d 'A repository by its id, which survives renames (repeatable)' -r -f
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -l permission -d 'A permission and its level, such as contents=read (repeatable)' -r -f
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -l github-api-url -d 'GitHub\'s REST base [env: GITHUB_API_URL] [default: api.github.com]' -r -f
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -l github-api-version -d 'Version of GitHub\'s REST API, a date [default: 2022-11-28]' -r -f
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -l infisical-host -d 'Infisical\'s base URL [env: INFISICAL_HOST] [default: app.infisical.com]' -r -f
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -l min-ttl -d 'How long a token must live on to be used again, such as 10m or 90s' -r -f
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -l export -d 'Print the variables that gh reads, for `eval`' -r -f -a "sh\t'bash, zsh, dash and every other POSIX shell: `export NAME=\'value\'`'
fish\t'fish: `set -gx NAME \'value\'`'
powershell\t'PowerShell: `$env:NAME = \'value\'`'
dotenv\t'A .env file: `NAME=value`, in quotes where it needs them'
github-env\t'GitHub Actions\' GITHUB_ENV file: `NAME=value`; masks the token in the log'
json\t'One JSON object, for nushell too: `| from json | load-env`'"
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -l error-format -d 'How failures are written to standard error' -r -f -a "text\t'For people: `error: …`, then `cause:` and `fix:`'
json\t'For programs: one JSON object on a line'"
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -l all-bots -d 'Every folder under the path prefix that holds bot secrets'
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -l unscoped -d 'Ask for everything the installation can access, whatever scope a configuration file names'
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -l verify -d 'Wait up to ten seconds until GitHub accepts the new token: in its first seconds it may be refused'
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -l fresh -d 'Mint anew, and neither use nor keep a token'
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -l json -d 'Print the whole installation-token document instead of the token alone'
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -l list -d 'Show which tokens are kept for reuse, for which bot and scope, and for how long'
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -l forget -d 'Revoke the tokens that are kept and forget them: all, or those of the bots that are named'
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -l reveal -d 'Print secrets unmasked even on a terminal'
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -s q -l quiet -d 'Print the first line of a failure only, and no notes'
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -s v -l verbose -d 'Show each step with its time, host, status and request id (never a secret)'
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -s V -l version -d 'Print version'
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -a "docs" -d 'Print a document of this version, without a network: README, runbook, how an agent acts as a bot'
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -a "bots" -d 'Print the names of the bots that are configured, else of those whose tokens are kept; no server is asked'
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -a "init" -d 'Ask for the configuration at a terminal, try each answer, and write your file'
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -a "allow" -d 'Trust a repository\'s configuration file in its current content'
complete -c raxx-mint -n "__fish_raxx_mint_needs_command" -a "deny" -d 'Ignore a repository\'s configuration file from now on'
complete -c raxx-mint -n "__fish_raxx_mint_using_subcommand docs" -l error-format -d 'How failures are written to standard error' -r -f -a "text\t'For people: `error: …`, then `cause:` and `fix:`'
json\t'For programs: one JSON object on a line'"
complete -c raxx-mint -n "__fish_raxx_mint_using_subcommand docs" -s q -l quiet -d 'Print the first line of a failure only, and no notes'
complete -c raxx-mint -n "__fish_raxx_mint_using_subcommand docs" -s v -l verbose -d 'Show each step with its time, host, status and request id (never a secret)'
complete -c raxx-mint -n "__fish_raxx_mint_using_subcommand docs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c raxx-mint -n "__fish_raxx_mint_using_subcommand bots" -l error-format -d 'How failures are written to standard error' -r -f -a "text\t'For people: `error: …`, then `cause:` and `fix:`'
json\t'For programs: one JSON object on a line'"
complete -c raxx-mint -n "__fish_raxx_mint_using_subcommand bots" -s q -l quiet -d 'Print the first line of a failure only, and no notes'
complete -c raxx-mint -n "__fish_raxx_mint_using_subcommand bots" -s v -l verbose -d 'Show each step with its time, host, status and request id (never a secret)'
complete -c raxx-mint -n "__fish_raxx_mint_using_subcommand bots" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c raxx-mint -n "__fish_raxx_mint_using_subcommand init" -l error-format -d 'How failures are written to standard error' -r -f -a "text\t'For people: `error: …`, then `cause:` and `fix:`'
json\t'For programs: one JSON object on a line'"
complete -c raxx-mint -n "__fish_raxx_mint_using_subcommand init" -l keychain -d 'Keep the machine identity\'s credentials in the system\'s keychain'
complete -c raxx-mint -n "__fish_raxx_mint_using_subcommand init" -s q -l quiet -d 'Print the first line of a failure only, and no notes'
complete -c raxx-mint -n "__fish_raxx_mint_using_subcommand init" -s v -l verbose -d 'Show each step with its time, host, status and request id (never a secret)'
complete -c raxx-mint -n "__fish_raxx_mint_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c raxx-mint -n "__fish_raxx_mint_using_subcommand allow" -l error-format -d 'How failures are written to standard error' -r -f -a "text\t'For people: `error: …`, then `cause:` and `fix:`'
json\t'For programs: one JSON object on a line'"
complete -c raxx-mint -n "__fish_raxx_mint_using_subcommand allow" -s q -l quiet -d 'Print the first line of a failure only, and no notes'
complete -c raxx-mint -n "__fish_raxx_mint_using_subcommand allow" -s v -l verbose -d 'Show each step with its time, host, status and request id (never a secret)'
complete -c raxx-mint -n "__fish_raxx_mint_using_subcommand allow" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c raxx-mint -n "__fish_raxx_mint_using_subcommand deny" -l error-format -d 'How failures are written to standard error' -r -f -a "text\t'For people: `error: …`, then `cause:` and `fix:`'
json\t'For programs: one JSON object on a line'"
complete -c raxx-mint -n "__fish_raxx_mint_using_subcommand deny" -s q -l quiet -d 'Print the first line of a failure only, and no notes'
complete -c raxx-mint -n "__fish_raxx_mint_using_subcommand deny" -s v -l verbose -d 'Show each step with its time, host, status and request id (never a secret)'
complete -c raxx-mint -n "__fish_raxx_mint_using_subcommand deny" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c raxx-mint -n 'not __fish_seen_subcommand_from docs' -f -a '(__raxx_bots)'
