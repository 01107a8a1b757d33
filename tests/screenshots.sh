#!/usr/bin/env bash
# Draws the README's pictures from what the programs really show on a terminal, against the sandbox over TLS: a session
# (mint, run, push as the bot), and the doctor on a good and on a bad day, each for dark and for light pages. What is this
# machine's or this run's alone (addresses, temporary files) is shown under the name that it would have elsewhere.
# Needs gh, git, and util-linux's script.
set -euo pipefail
cd "$(dirname "$0")/.."
export TERM=xterm LANG=C.UTF-8 GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat
desk=$(mktemp --directory)
trap 'rm -rf "$desk"' EXIT

# On a terminal, in the sandbox; cargo stays in the repository, whose settings count for it.
show() { cargo sandbox sh -c "cd '$desk' && script --quiet --return --command '$1' /dev/null"; }
draw() {
    sed -E -e 's#https://127\.0\.0\.1:[0-9]+/MooseQuest#https://github.com/MooseQuest#g' -e 's#noreply\.127\.0\.0\.1#noreply.github.com#g' \
        -e 's#https://127\.0\.0\.1:[0-9]+/api/v3#https://api.github.com#g' -e 's#https://127\.0\.0\.1:[0-9]+#https://vault.raxx.app#g' \
        -e '/TCP:/!s#127\.0\.0\.1:[0-9]+#github.com#g' -e 's#/(tmp|dev/shm)/\.tmp[A-Za-z0-9]+/raxx-mint#/run/user/1000/raxx-mint#g' \
        -e 's#/(tmp|dev/shm)/\.tmp[A-Za-z0-9]+/config.toml#~/.config/raxx/config.toml#g' -e 's#/tmp/\.tmp[A-Za-z0-9]+#/etc/ssl/vault.pem#g' \
        -e "s#$desk#~/raxx#g" -e 's#[0-9a-f]{8}-[0-9a-f-]{27}#7f1c1e0e-36f5-4d7e-9c59-0c3c8d2f1a11#g' |
        cargo pages --screenshot "docs/$1"
}

cat > "$desk/session" << 'END'
shown() { printf '\033[1m$ %s\033[0m\n' "$1"; }
run() { shown "$1"; eval "$1"; }
url=https://${GITHUB_API_URL#https://}; url=${url%/api/v3}/MooseQuest/raxx
shown "with-bot-token --git raxx-dev-bot git clone https://github.com/MooseQuest/raxx && cd raxx"
with-bot-token --git raxx-dev-bot git clone "$url" 2>&1 && cd raxx || exit
run "echo 'Hello from a bot.' >> README.md && git add README.md"
run "with-bot-token --git-identity raxx-dev-bot git commit -m 'Say hello'"
shown "with-bot-token --git raxx-dev-bot git push"
with-bot-token --git raxx-dev-bot git push 2>&1 | cat
run "git log -1 --format='%an <%ae>: %s'"
run "with-bot-token raxx-dev-bot gh api graphql -f query='{viewer{login}}' --jq .data.viewer.login"
run "raxx-mint --list"
END
show "bash $desk/session" | draw session
show 'raxx-doctor raxx-dev-bot 2> /dev/null' | draw doctor-healthy
# The mistakes of a bad day: half a service token, a file for everybody to read, a secret that is another's.
echo 'export INFISICAL_CLIENT_SECRET=' > "$desk/.envrc"
chmod 644 "$desk/.envrc"
show 'CF_ACCESS_CLIENT_ID=dispatcher.access INFISICAL_CLIENT_SECRET=0123 raxx-doctor raxx-dev-bot 2> /dev/null || true' | draw doctor-broken
