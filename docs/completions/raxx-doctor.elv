
use builtin;
use str;

set edit:completion:arg-completer[raxx-doctor] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'raxx-doctor'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'raxx-doctor'= {
            cand --bot 'Bot name: its folder''s name under the path prefix (repeatable) [env: RAXX_BOTS] [default: every folder that holds bot secrets]'
            cand --project-id 'The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]'
            cand --env 'The slug of the environment in it [env: INFISICAL_ENV] [default: prod]'
            cand --path-prefix 'The folder of the bots'' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]'
            cand --infisical-host 'Infisical''s base URL [env: INFISICAL_HOST] [default: app.infisical.com]'
            cand --github-api-url 'GitHub''s REST base [env: GITHUB_API_URL] [default: api.github.com]'
            cand --github-api-version 'Version of GitHub''s REST API, a date [default: 2022-11-28]'
            cand --error-format 'How failures are written to standard error'
            cand --json 'Print one document instead of lines'
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

var flags-of-raxx-doctor = $edit:completion:arg-completer[raxx-doctor]
set edit:completion:arg-completer[raxx-doctor] = {|@words|
    if (and (> (count $words) 2) (eq $words[-2] --bot)) {
        raxx-mint bots --quiet 2>/dev/null | from-lines
    } else {
        $flags-of-raxx-doctor $@words
    }
}
