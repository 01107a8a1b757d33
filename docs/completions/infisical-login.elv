
use builtin;
use str;

set edit:completion:arg-completer[infisical-login] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'infisical-login'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'infisical-login'= {
            cand --infisical-host 'Infisical''s base URL [env: INFISICAL_HOST] [default: app.infisical.com]'
            cand --error-format 'How failures are written to standard error'
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
