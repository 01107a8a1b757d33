
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'raxx-provision' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'raxx-provision'
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
        'raxx-provision' {
            [CompletionResult]::new('--org', '--org', [CompletionResultType]::ParameterName, 'The organization that is to own the App, and on which it is installed')
            [CompletionResult]::new('--personal', '--personal', [CompletionResultType]::ParameterName, 'Your own account, which is to own it in place of an organization')
            [CompletionResult]::new('--permission', '--permission', [CompletionResultType]::ParameterName, 'What the bot may do, such as contents=write (repeatable); metadata=read comes by itself')
            [CompletionResult]::new('--homepage', '--homepage', [CompletionResultType]::ParameterName, 'The App''s homepage, which GitHub asks for')
            [CompletionResult]::new('--app-id', '--app-id', [CompletionResultType]::ParameterName, 'With --resume: the id of an App whose key was lost, and a new one, made on its page, on standard input or pasted unseen')
            [CompletionResult]::new('--dispatcher', '--dispatcher', [CompletionResultType]::ParameterName, 'Make the machine identity that mints, too: no role, sessions of 600 s, and one privilege to read the bots'' folders')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'The port on 127.0.0.1 of the page that leads to GitHub and back [default: any that is free]')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'How long the installation, or a server in trouble, is waited for, in minutes')
            [CompletionResult]::new('--project-id', '--project-id', [CompletionResultType]::ParameterName, 'The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The slug of the environment in it [env: INFISICAL_ENV] [default: prod]')
            [CompletionResult]::new('--path-prefix', '--path-prefix', [CompletionResultType]::ParameterName, 'The folder of the bots'' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]')
            [CompletionResult]::new('--infisical-host', '--infisical-host', [CompletionResultType]::ParameterName, 'Infisical''s base URL [env: INFISICAL_HOST] [default: app.infisical.com]')
            [CompletionResult]::new('--github-api-url', '--github-api-url', [CompletionResultType]::ParameterName, 'GitHub''s REST base [env: GITHUB_API_URL] [default: api.github.com]')
            [CompletionResult]::new('--github-api-version', '--github-api-version', [CompletionResultType]::ParameterName, 'Version of GitHub''s REST API, a date [default: 2022-11-28]')
            [CompletionResult]::new('--error-format', '--error-format', [CompletionResultType]::ParameterName, 'How failures are written to standard error')
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'Do what is left to do for a bot whose App and key are there')
            [CompletionResult]::new('--rotate', '--rotate', [CompletionResultType]::ParameterName, 'Put a new key in the place of the old one: made on the App''s page, read from standard input or pasted unseen')
            [CompletionResult]::new('--retire', '--retire', [CompletionResultType]::ParameterName, 'Uninstall its App, which ends its tokens, and delete its secrets')
            [CompletionResult]::new('--keychain', '--keychain', [CompletionResultType]::ParameterName, 'Put its client id and secret into the system''s keychain, in place of printing them once as variables')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask before each step')
            [CompletionResult]::new('--no-browser', '--no-browser', [CompletionResultType]::ParameterName, 'Print addresses, and open no browser')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print what was done as one JSON document; nothing with --dry-run')
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
