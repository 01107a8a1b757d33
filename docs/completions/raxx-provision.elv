
use builtin;
use str;

set edit:completion:arg-completer[raxx-provision] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'raxx-provision'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'raxx-provision'= {
            cand --org 'The organization that is to own the App, and on which it is installed'
            cand --personal 'Your own account, which is to own it in place of an organization'
            cand --permission 'What the bot may do, such as contents=write (repeatable); metadata=read comes by itself'
            cand --homepage 'The App''s homepage, which GitHub asks for'
            cand --app-id 'With --resume: the id of an App whose key was lost, and a new one, made on its page, on standard input or pasted unseen'
            cand --dispatcher 'Make the machine identity that mints, too: no role, sessions of 600 s, and one privilege to read the bots'' folders'
            cand --port 'The port on 127.0.0.1 of the page that leads to GitHub and back [default: any that is free]'
            cand --wait 'How long the installation, or a server in trouble, is waited for, in minutes'
            cand --project-id 'The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]'
            cand --env 'The slug of the environment in it [env: INFISICAL_ENV] [default: prod]'
            cand --path-prefix 'The folder of the bots'' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]'
            cand --infisical-host 'Infisical''s base URL [env: INFISICAL_HOST] [default: app.infisical.com]'
            cand --github-api-url 'GitHub''s REST base [env: GITHUB_API_URL] [default: api.github.com]'
            cand --github-api-version 'Version of GitHub''s REST API, a date [default: 2022-11-28]'
            cand --error-format 'How failures are written to standard error'
            cand --resume 'Do what is left to do for a bot whose App and key are there'
            cand --rotate 'Put a new key in the place of the old one: made on the App''s page, read from standard input or pasted unseen'
            cand --retire 'Uninstall its App, which ends its tokens, and delete its secrets'
            cand --keychain 'Put its client id and secret into the system''s keychain, in place of printing them once as variables'
            cand --dry-run 'Show what would be done, and do nothing'
            cand --yes 'Do not ask before each step'
            cand --no-browser 'Print addresses, and open no browser'
            cand --json 'Print what was done as one JSON document; nothing with --dry-run'
            cand -q 'Print the first line of a failure only, and no notes'
            cand --quiet 'Print the first line of a failure only, and no notes'
            cand -v 'Show each step with its time, host, status and request id (never a secret)'
            cand --verbose 'Show each step with its time, host, status and request id (never a secret)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
    ]
    $completions[$command]
}
