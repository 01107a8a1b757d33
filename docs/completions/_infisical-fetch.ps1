
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'infisical-fetch' -ScriptBlock {
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
        'infisical-fetch'
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
        'infisical-fetch' {
            [CompletionResult]::new('--bot', '--bot', [CompletionResultType]::ParameterName, 'Bot name: its folder''s name under the path prefix (repeatable)')
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'Whole path of a bot''s folder (repeatable)')
            [CompletionResult]::new('--project-id', '--project-id', [CompletionResultType]::ParameterName, 'The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The slug of the environment in it [env: INFISICAL_ENV] [default: prod]')
            [CompletionResult]::new('--path-prefix', '--path-prefix', [CompletionResultType]::ParameterName, 'The folder of the bots'' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]')
            [CompletionResult]::new('--error-format', '--error-format', [CompletionResultType]::ParameterName, 'How failures are written to standard error')
            [CompletionResult]::new('--all-bots', '--all-bots', [CompletionResultType]::ParameterName, 'Every folder under the path prefix that holds bot secrets')
            [CompletionResult]::new('--reveal', '--reveal', [CompletionResultType]::ParameterName, 'Print secrets unmasked even on a terminal')
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
