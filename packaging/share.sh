#!/usr/bin/env bash
# Puts what is no program under PREFIX/share: man pages, completions, licences and documents.
#
#     packaging/share.sh PREFIX
set -euo pipefail
prefix=$(realpath -m "$1")
cd "$(dirname "$0")/.."

install -D -m 644 -t "$prefix/share/man/man1" docs/man/*.1
install -D -m 644 -t "$prefix/share/doc/raxx-mint" README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT docs/*.md
install -D -m 644 -t "$prefix/share/fish/vendor_completions.d" docs/completions/*.fish
for script in docs/completions/*.bash; do
    # bash-completion looks for the name of the command.
    install -D -m 644 "$script" "$prefix/share/bash-completion/completions/$(basename "$script" .bash)"
done
for script in docs/completions/_*; do
    [[ $script == *.ps1 ]] || install -D -m 644 -t "$prefix/share/zsh/site-functions" "$script"
done
