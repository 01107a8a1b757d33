
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'with-bot-token' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $before = @($commandAst.CommandElements | ForEach-Object { "$_" })
    if ($wordToComplete) {
        $before = @($before | Select-Object -SkipLast 1)
    }
    if ($before.Count -eq 1 -and -not $wordToComplete.StartsWith('-')) {
        return raxx-mint bots --quiet 2>$null | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
            [CompletionResult]::new($_, $_, [CompletionResultType]::ParameterValue, $_)
        }
    }

    $commandElements = $commandAst.CommandElements
    $command = @(
        'with-bot-token'
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
        'with-bot-token' {
            [CompletionResult]::new('--bot', '--bot', [CompletionResultType]::ParameterName, 'The bot by a flag, so that what follows is the command alone')
            [CompletionResult]::new('--project-id', '--project-id', [CompletionResultType]::ParameterName, 'The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The slug of the environment in it [env: INFISICAL_ENV] [default: prod]')
            [CompletionResult]::new('--path-prefix', '--path-prefix', [CompletionResultType]::ParameterName, 'The folder of the bots'' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'A repository of the installation''s owner, by its bare name (repeatable)')
            [CompletionResult]::new('--repository-id', '--repository-id', [CompletionResultType]::ParameterName, 'A repository by its id, which survives renames (repeatable)')
            [CompletionResult]::new('--permission', '--permission', [CompletionResultType]::ParameterName, 'A permission and its level, such as contents=read (repeatable)')
            [CompletionResult]::new('--github-api-url', '--github-api-url', [CompletionResultType]::ParameterName, 'GitHub''s REST base [env: GITHUB_API_URL] [default: api.github.com]')
            [CompletionResult]::new('--github-api-version', '--github-api-version', [CompletionResultType]::ParameterName, 'Version of GitHub''s REST API, a date [default: 2022-11-28]')
            [CompletionResult]::new('--infisical-host', '--infisical-host', [CompletionResultType]::ParameterName, 'Infisical''s base URL [env: INFISICAL_HOST] [default: app.infisical.com]')
            [CompletionResult]::new('--min-ttl', '--min-ttl', [CompletionResultType]::ParameterName, 'How long a token must live on to be used again, such as 10m or 90s')
            [CompletionResult]::new('--keep', '--keep', [CompletionResultType]::ParameterName, 'Keep this variable in the command''s environment: one of the dispatcher''s, or one that holds a GitHub token (repeatable)')
            [CompletionResult]::new('--error-format', '--error-format', [CompletionResultType]::ParameterName, 'How failures are written to standard error')
            [CompletionResult]::new('--unscoped', '--unscoped', [CompletionResultType]::ParameterName, 'Ask for everything the installation can access, whatever scope a configuration file names')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'Wait up to ten seconds until GitHub accepts the new token: in its first seconds it may be refused')
            [CompletionResult]::new('--fresh', '--fresh', [CompletionResultType]::ParameterName, 'Mint anew, and neither use nor keep a token')
            [CompletionResult]::new('--git-identity', '--git-identity', [CompletionResultType]::ParameterName, 'Set GIT_AUTHOR_* and GIT_COMMITTER_* to the bot''s name and address')
            [CompletionResult]::new('--git', '--git', [CompletionResultType]::ParameterName, 'Let git act as the bot too, over HTTPS, and send its ssh remotes on that host that way')
            [CompletionResult]::new('--revoke', '--revoke', [CompletionResultType]::ParameterName, 'Wait for the command, then revoke the token')
            [CompletionResult]::new('--renew', '--renew', [CompletionResultType]::ParameterName, 'Stay, and keep a live token in a GH_CONFIG_DIR of the command''s own, not in its environment; implies --revoke')
            [CompletionResult]::new('--keep-credentials', '--keep-credentials', [CompletionResultType]::ParameterName, 'Keep all of the dispatcher''s: INFISICAL_* and CF_ACCESS_*')
            [CompletionResult]::new('--require-bot', '--require-bot', [CompletionResultType]::ParameterName, 'Fail where no credentials are set, never run as the operator [env: RAXX_REQUIRE_BOT=1]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print the first line of a failure only, and no notes')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print the first line of a failure only, and no notes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show each step with its time, host, status and request id (never a secret)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show each step with its time, host, status and request id (never a secret)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
