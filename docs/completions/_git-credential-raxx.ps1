
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'git-credential-raxx' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $before = @($commandAst.CommandElements | ForEach-Object { "$_" })
    if ($wordToComplete) {
        $before = @($before | Select-Object -SkipLast 1)
    }
    if ($before[-1] -eq '--bot') {
        return raxx-mint bots --quiet 2>$null | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
            [CompletionResult]::new($_, $_, [CompletionResultType]::ParameterValue, $_)
        }
    }

    $commandElements = $commandAst.CommandElements
    $command = @(
        'git-credential-raxx'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'git-credential-raxx' {
            [CompletionResult]::new('--bot', '--bot', [CompletionResultType]::ParameterName, 'Bot name: its folder''s name under the path prefix (repeatable)')
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'Whole path of a bot''s folder (repeatable)')
            [CompletionResult]::new('--project-id', '--project-id', [CompletionResultType]::ParameterName, 'The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The slug of the environment in it [env: INFISICAL_ENV] [default: prod]')
            [CompletionResult]::new('--path-prefix', '--path-prefix', [CompletionResultType]::ParameterName, 'The folder of the bots'' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]')
            [CompletionResult]::new('--token-env', '--token-env', [CompletionResultType]::ParameterName, 'Answer with the token in this variable instead, as with-bot-token sets it for a command')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Answer with the installation-token document in this file instead, as with-bot-token --renew keeps it')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'A repository of the installation''s owner, by its bare name (repeatable)')
            [CompletionResult]::new('--repository-id', '--repository-id', [CompletionResultType]::ParameterName, 'A repository by its id, which survives renames (repeatable)')
            [CompletionResult]::new('--permission', '--permission', [CompletionResultType]::ParameterName, 'A permission and its level, such as contents=read (repeatable)')
            [CompletionResult]::new('--github-api-url', '--github-api-url', [CompletionResultType]::ParameterName, 'GitHub''s REST base [env: GITHUB_API_URL] [default: api.github.com]')
            [CompletionResult]::new('--github-api-version', '--github-api-version', [CompletionResultType]::ParameterName, 'Version of GitHub''s REST API, a date [default: 2022-11-28]')
            [CompletionResult]::new('--infisical-host', '--infisical-host', [CompletionResultType]::ParameterName, 'Infisical''s base URL [env: INFISICAL_HOST] [default: app.infisical.com]')
            [CompletionResult]::new('--min-ttl', '--min-ttl', [CompletionResultType]::ParameterName, 'How long a token must live on to be used again, such as 10m or 90s')
            [CompletionResult]::new('--error-format', '--error-format', [CompletionResultType]::ParameterName, 'How failures are written to standard error')
            [CompletionResult]::new('--all-bots', '--all-bots', [CompletionResultType]::ParameterName, 'Every folder under the path prefix that holds bot secrets')
            [CompletionResult]::new('--scope-to-repo', '--scope-to-repo', [CompletionResultType]::ParameterName, 'Mint a token for the repository that git asks about only; needs credential.useHttpPath = true')
            [CompletionResult]::new('--unscoped', '--unscoped', [CompletionResultType]::ParameterName, 'Ask for everything the installation can access, whatever scope a configuration file names')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'Wait up to ten seconds until GitHub accepts the new token: in its first seconds it may be refused')
            [CompletionResult]::new('--fresh', '--fresh', [CompletionResultType]::ParameterName, 'Mint anew, and neither use nor keep a token')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print the first line of a failure only, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print the first line of a failure only, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show each step with its time, host, status and request id (never a secret)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show each step with its time, host, status and request id (never a secret)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Put the helper into git''s configuration, show what changes, and refuse where git would still be the operator')
            [CompletionResult]::new('uninstall', 'uninstall', [CompletionResultType]::ParameterValue, 'Remove the helper from git''s configuration; nothing else changes')
            break
        }
        'git-credential-raxx;install' {
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'For the repositories of an owner only, or for a single one: OWNER or OWNER/NAME')
            [CompletionResult]::new('--bot', '--bot', [CompletionResultType]::ParameterName, 'Bot name: its folder''s name under the path prefix (repeatable)')
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'Whole path of a bot''s folder (repeatable)')
            [CompletionResult]::new('--project-id', '--project-id', [CompletionResultType]::ParameterName, 'The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The slug of the environment in it [env: INFISICAL_ENV] [default: prod]')
            [CompletionResult]::new('--path-prefix', '--path-prefix', [CompletionResultType]::ParameterName, 'The folder of the bots'' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]')
            [CompletionResult]::new('--token-env', '--token-env', [CompletionResultType]::ParameterName, 'Answer with the token in this variable instead, as with-bot-token sets it for a command')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Answer with the installation-token document in this file instead, as with-bot-token --renew keeps it')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'A repository of the installation''s owner, by its bare name (repeatable)')
            [CompletionResult]::new('--repository-id', '--repository-id', [CompletionResultType]::ParameterName, 'A repository by its id, which survives renames (repeatable)')
            [CompletionResult]::new('--permission', '--permission', [CompletionResultType]::ParameterName, 'A permission and its level, such as contents=read (repeatable)')
            [CompletionResult]::new('--github-api-url', '--github-api-url', [CompletionResultType]::ParameterName, 'GitHub''s REST base [env: GITHUB_API_URL] [default: api.github.com]')
            [CompletionResult]::new('--github-api-version', '--github-api-version', [CompletionResultType]::ParameterName, 'Version of GitHub''s REST API, a date [default: 2022-11-28]')
            [CompletionResult]::new('--infisical-host', '--infisical-host', [CompletionResultType]::ParameterName, 'Infisical''s base URL [env: INFISICAL_HOST] [default: app.infisical.com]')
            [CompletionResult]::new('--min-ttl', '--min-ttl', [CompletionResultType]::ParameterName, 'How long a token must live on to be used again, such as 10m or 90s')
            [CompletionResult]::new('--error-format', '--error-format', [CompletionResultType]::ParameterName, 'How failures are written to standard error')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'For this repository only, in its own configuration; else for all of this user''s')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('--all-bots', '--all-bots', [CompletionResultType]::ParameterName, 'Every folder under the path prefix that holds bot secrets')
            [CompletionResult]::new('--scope-to-repo', '--scope-to-repo', [CompletionResultType]::ParameterName, 'Mint a token for the repository that git asks about only; needs credential.useHttpPath = true')
            [CompletionResult]::new('--unscoped', '--unscoped', [CompletionResultType]::ParameterName, 'Ask for everything the installation can access, whatever scope a configuration file names')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'Wait up to ten seconds until GitHub accepts the new token: in its first seconds it may be refused')
            [CompletionResult]::new('--fresh', '--fresh', [CompletionResultType]::ParameterName, 'Mint anew, and neither use nor keep a token')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print the first line of a failure only, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print the first line of a failure only, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show each step with its time, host, status and request id (never a secret)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show each step with its time, host, status and request id (never a secret)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'git-credential-raxx;uninstall' {
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'For the repositories of an owner only, or for a single one: OWNER or OWNER/NAME')
            [CompletionResult]::new('--github-api-url', '--github-api-url', [CompletionResultType]::ParameterName, 'GitHub''s REST base [env: GITHUB_API_URL] [default: api.github.com]')
            [CompletionResult]::new('--github-api-version', '--github-api-version', [CompletionResultType]::ParameterName, 'Version of GitHub''s REST API, a date [default: 2022-11-28]')
            [CompletionResult]::new('--error-format', '--error-format', [CompletionResultType]::ParameterName, 'How failures are written to standard error')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'For this repository only, in its own configuration; else for all of this user''s')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print the first line of a failure only, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print the first line of a failure only, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show each step with its time, host, status and request id (never a secret)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show each step with its time, host, status and request id (never a secret)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
