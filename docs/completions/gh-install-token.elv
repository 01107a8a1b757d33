
use builtin;
use str;

set edit:completion:arg-completer[gh-install-token] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'gh-install-token'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'gh-install-token'= {
            cand --repo 'A repository of the installation''s owner, by its bare name (repeatable)'
            cand --repository-id 'A repository by its id, which survives renames (repeatable)'
            cand --permission 'A permission and its level, such as contents=read (repeatable)'
            cand --github-api-url 'GitHub''s REST base [env: GITHUB_API_URL] [default: api.github.com]'
            cand --github-api-version 'Version of GitHub''s REST API, a date [default: 2022-11-28]'
            cand --error-format 'How failures are written to standard error'
            cand --unscoped 'Ask for everything the installation can access, whatever scope a configuration file names'
            cand --verify 'Wait up to ten seconds until GitHub accepts the new token: in its first seconds it may be refused'
            cand --revoke 'Read an installation-token document instead, and revoke that token'
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
