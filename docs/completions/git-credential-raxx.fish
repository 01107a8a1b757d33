function __raxx_bots
    raxx-mint bots --quiet 2>/dev/null
end

# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_git_credential_raxx_global_optspecs
    string join \n bot= path= all-bots project-id= env= path-prefix= token-env= token-file= scope-to-repo repo= repository-id= permission= unscoped verify github-api-url= github-api-version= infisical-host= fresh min-ttl= q/quiet v/verbose error-format= h/help V/version
end

function __fish_git_credential_raxx_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_git_credential_raxx_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_git_credential_raxx_using_subcommand
    set -l cmd (__fish_git_credential_raxx_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -l bot -d 'Bot name: its folder\'s name under the path prefix (repeatable)' -r -f -a '(__raxx_bots)'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -l path -d 'Whole path of a bot\'s folder (repeatable)' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -l project-id -d 'The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -l env -d 'The slug of the environment in it [env: INFISICAL_ENV] [default: prod]' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -l path-prefix -d 'The folder of the bots\' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -l token-env -d 'Answer with the token in this variable instead, as with-bot-token sets it for a command' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -l token-file -d 'Answer with the installation-token document in this file instead, as with-bot-token --renew keeps it' -r -F
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -l repo -d 'A repository of the installation\'s owner, by its bare name (repeatable)' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -l repository-id -d 'A repository by its id, which survives renames (repeatable)' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -l permission -d 'A permission and its level, such as contents=read (repeatable)' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -l github-api-url -d 'GitHub\'s REST base [env: GITHUB_API_URL] [default: api.github.com]' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -l github-api-version -d 'Version of GitHub\'s REST API, a date [default: 2022-11-28]' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -l infisical-host -d 'Infisical\'s base URL [env: INFISICAL_HOST] [default: app.infisical.com]' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -l min-ttl -d 'How long a token must live on to be used again, such as 10m or 90s' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -l error-format -d 'How failures are written to standard error' -r -f -a "text\t'For people: `error: …`, then `cause:` and `fix:`'
json\t'For programs: one JSON object on a line'"
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -l all-bots -d 'Every folder under the path prefix that holds bot secrets'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -l scope-to-repo -d 'Mint a token for the repository that git asks about only; needs credential.useHttpPath = true'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -l unscoped -d 'Ask for everything the installation can access, whatever scope a configuration file names'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -l verify -d 'Wait up to ten seconds until GitHub accepts the new token: in its first seconds it may be refused'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -l fresh -d 'Mint anew, and neither use nor keep a token'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -s q -l quiet -d 'Print the first line of a failure only, and no notes'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -s v -l verbose -d 'Show each step with its time, host, status and request id (never a secret)'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -s V -l version -d 'Print version'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -a "install" -d 'Put the helper into git\'s configuration, show what changes, and refuse where git would still be the operator'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_needs_command" -a "uninstall" -d 'Remove the helper from git\'s configuration; nothing else changes'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -l for -d 'For the repositories of an owner only, or for a single one: OWNER or OWNER/NAME' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -l bot -d 'Bot name: its folder\'s name under the path prefix (repeatable)' -r -f -a '(__raxx_bots)'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -l path -d 'Whole path of a bot\'s folder (repeatable)' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -l project-id -d 'The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -l env -d 'The slug of the environment in it [env: INFISICAL_ENV] [default: prod]' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -l path-prefix -d 'The folder of the bots\' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -l token-env -d 'Answer with the token in this variable instead, as with-bot-token sets it for a command' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -l token-file -d 'Answer with the installation-token document in this file instead, as with-bot-token --renew keeps it' -r -F
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -l repo -d 'A repository of the installation\'s owner, by its bare name (repeatable)' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -l repository-id -d 'A repository by its id, which survives renames (repeatable)' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -l permission -d 'A permission and its level, such as contents=read (repeatable)' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -l github-api-url -d 'GitHub\'s REST base [env: GITHUB_API_URL] [default: api.github.com]' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -l github-api-version -d 'Version of GitHub\'s REST API, a date [default: 2022-11-28]' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -l infisical-host -d 'Infisical\'s base URL [env: INFISICAL_HOST] [default: app.infisical.com]' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -l min-ttl -d 'How long a token must live on to be used again, such as 10m or 90s' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -l error-format -d 'How failures are written to standard error' -r -f -a "text\t'For people: `error: …`, then `cause:` and `fix:`'
json\t'For programs: one JSON object on a line'"
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -l local -d 'For this repository only, in its own configuration; else for all of this user\'s'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -l dry-run -d 'Show what would change, and change nothing'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -l all-bots -d 'Every folder under the path prefix that holds bot secrets'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -l scope-to-repo -d 'Mint a token for the repository that git asks about only; needs credential.useHttpPath = true'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -l unscoped -d 'Ask for everything the installation can access, whatever scope a configuration file names'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -l verify -d 'Wait up to ten seconds until GitHub accepts the new token: in its first seconds it may be refused'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -l fresh -d 'Mint anew, and neither use nor keep a token'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -s q -l quiet -d 'Print the first line of a failure only, and no notes'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -s v -l verbose -d 'Show each step with its time, host, status and request id (never a secret)'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand install" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand uninstall" -l for -d 'For the repositories of an owner only, or for a single one: OWNER or OWNER/NAME' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand uninstall" -l github-api-url -d 'GitHub\'s REST base [env: GITHUB_API_URL] [default: api.github.com]' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand uninstall" -l github-api-version -d 'Version of GitHub\'s REST API, a date [default: 2022-11-28]' -r -f
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand uninstall" -l error-format -d 'How failures are written to standard error' -r -f -a "text\t'For people: `error: …`, then `cause:` and `fix:`'
json\t'For programs: one JSON object on a line'"
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand uninstall" -l local -d 'For this repository only, in its own configuration; else for all of this user\'s'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand uninstall" -l dry-run -d 'Show what would change, and change nothing'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand uninstall" -s q -l quiet -d 'Print the first line of a failure only, and no notes'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand uninstall" -s v -l verbose -d 'Show each step with its time, host, status and request id (never a secret)'
complete -c git-credential-raxx -n "__fish_git_credential_raxx_using_subcommand uninstall" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c git-credential-raxx -n '__fish_seen_subcommand_from install' -f -a '(__raxx_bots)'
