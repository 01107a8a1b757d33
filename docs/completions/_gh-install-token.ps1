
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'gh-install-token' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'gh-install-token'
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
        'gh-install-token' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'A repository of the installation''s owner, by its bare name (repeatable)')
            [CompletionResult]::new('--repository-id', '--repository-id', [CompletionResultType]::ParameterName, 'A repository by its id, which survives renames (repeatable)')
            [CompletionResult]::new('--permission', '--permission', [CompletionResultType]::ParameterName, 'A permission and its level, such as contents=read (repeatable)')
            [CompletionResult]::new('--github-api-url', '--github-api-url', [CompletionResultType]::ParameterName, 'GitHub''s REST base [env: GITHUB_API_URL] [default: api.github.com]')
            [CompletionResult]::new('--github-api-version', '--github-api-version', [CompletionResultType]::ParameterName, 'Version of GitHub''s REST API, a date [default: 2022-11-28]')
            [CompletionResult]::new('--error-format', '--error-format', [CompletionResultType]::ParameterName, 'How failures are written to standard error')
            [CompletionResult]::new('--unscoped', '--unscoped', [CompletionResultType]::ParameterName, 'Ask for everything the installation can access, whatever scope a configuration file names')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'Wait up to ten seconds until GitHub accepts the new token: in its first seconds it may be refused')
            [CompletionResult]::new('--revoke', '--revoke', [CompletionResultType]::ParameterName, 'Read an installation-token document instead, and revoke that token')
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
