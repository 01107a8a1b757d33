#!/usr/bin/env bash
# Draws docs/doctor-healthy.svg and docs/doctor-broken.svg from what raxx-doctor really shows on a terminal, against the
# sandbox over TLS. Needs util-linux's script.
set -euo pipefail
cd "$(dirname "$0")/.."

# Standard error, where the spinner turns, is no part of the picture.
doctor="script --quiet --return --command 'raxx-doctor --bot raxx-dev-bot 2> /dev/null' /dev/null"
export TERM=xterm LANG=C.UTF-8 GIT_CONFIG_GLOBAL=/dev/null
desk=$(mktemp --directory)
trap 'rm -r "$desk"' EXIT

# cargo stays in the repository, whose settings count for it.
show() { cargo sandbox sh -c "cd '$desk' && $1"; }
draw() { cargo pages --screenshot "docs/$1"; }

show "$doctor" | draw doctor-healthy.svg
# The mistakes of a bad day: half a service token, a file for everybody to read, a secret that is another's.
echo 'export INFISICAL_CLIENT_SECRET=' > "$desk/.envrc"
chmod 644 "$desk/.envrc"
show "CF_ACCESS_CLIENT_ID=dispatcher.access INFISICAL_CLIENT_SECRET=0123 $doctor || true" | draw doctor-broken.svg
