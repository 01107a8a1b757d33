#!/usr/bin/env bash
# One distance of tests/bench.sh's comparison over a network, run by the sandbox, whose fakes answer over TLS from that
# far. Arguments: the distance in milliseconds, a folder for hyperfine's results.
set -euo pipefail
cd "$(dirname "$0")/../.."

distance=$1 folder=$2

# The sandbox's bots: three by their names, the others by number.
bots() { # HOW-MANY
    printf -- '--bot %s\n' raxx-dev-bot raxx-ops-bot raxx-pm-bot
    for ((number = 4; number <= $1; number++)); do printf -- '--bot raxx-bot-%03d\n' "$number"; done
}
several() { bots "$1" | head --lines="$1" | tr '\n' ' '; }

commands=()
for count in 1 3 16 64; do
    commands+=(--command-name "raxx-mint, $count" "raxx-mint --fresh $(several "$count")")
done
commands+=(--command-name 'raxx-mint, a live token' 'raxx-mint --bot raxx-dev-bot')
commands+=(--command-name 'curl + openssl + jq' 'tests/bench/curl-openssl-jq.sh raxx-dev-bot')
commands+=(--command-name 'Python: urllib + PyJWT' "$BENCH_PYTHON tests/bench/mint.py raxx-dev-bot")
if [[ -n ${BENCH_NODE:-} ]]; then
    commands+=(--command-name 'Node: @infisical/sdk + @octokit/auth-app' "node $BENCH_NODE/mint.mjs raxx-dev-bot")
fi

hyperfine --shell=none --warmup 2 --runs "${RUNS:-20}" --export-json "$folder/$distance.json" "${commands[@]}" >&2
