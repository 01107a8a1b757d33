
use builtin;
use str;

set edit:completion:arg-completer[infisical-fetch] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'infisical-fetch'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'infisical-fetch'= {
            cand --bot 'Bot name: its folder''s name under the path prefix (repeatable)'
            cand --path 'Whole path of a bot''s folder (repeatable)'
            cand --project-id 'The project that holds the bot secrets [env: INFISICAL_PROJECT_ID]'
            cand --env 'The slug of the environment in it [env: INFISICAL_ENV] [default: prod]'
            cand --path-prefix 'The folder of the bots'' folders [env: INFISICAL_PATH_PREFIX] [default: /MooseQuest/]'
            cand --error-format 'How failures are written to standard error'
            cand --all-bots 'Every folder under the path prefix that holds bot secrets'
            cand --reveal 'Print secrets unmasked even on a terminal'
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

var flags-of-infisical-fetch = $edit:completion:arg-completer[infisical-fetch]
set edit:completion:arg-completer[infisical-fetch] = {|@words|
    if (and (> (count $words) 2) (eq $words[-2] --bot)) {
        raxx-mint bots --quiet 2>/dev/null | from-lines
    } else {
        $flags-of-infisical-fetch $@words
    }
}
