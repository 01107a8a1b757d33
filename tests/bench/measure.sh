#!/usr/bin/env bash
# The measurement of tests/bench.sh, run by the sandbox, whose fakes the environment points at. Arguments: the paths of
# the programs whose sizes to print.
set -euo pipefail
cd "$(dirname "$0")/../.."

programs=("$@")
runs=${RUNS:-200}
bot=raxx-dev-bot
mint="raxx-mint --bot $bot --fresh"
reused="raxx-mint --bot $bot"
running="with-bot-token $bot true"
script="tests/bench/curl-openssl-jq.sh $bot"
start='raxx-mint --version'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One figure of a command from hyperfine's results, which are in seconds, as milliseconds.
timing() { # COMMAND JQ-EXPRESSION
    jq --raw-output --arg command "$1" \
        ".results[] | select(.command == \$command) | ($2) * 10000 | round / 10 | tostring + \" ms\"" "$work/times.json"
}

# The largest resident set of any process that the command starts, itself included, over ten runs.
resident() { # COMMAND
    local -a command
    read -ra command <<< "$1"
    for _ in {1..10}; do
        /usr/bin/time --format=%M --output="$work/resident" --append "${command[@]}" > /dev/null
    done
    sort --numeric-sort "$work/resident" | tail --lines=1 | awk '{ printf "%.1f MiB", $1 / 1024 }'
    rm "$work/resident"
}

# What the fakes of a second sandbox were asked by one run of the command, and over how many connections: a client's port
# belongs to one of them.
requests() { sandbox --journal "$work/journal" bash -c "$1" > /dev/null && wc --lines < "$work/journal"; }
connections() { requests "$1" > /dev/null && cut --fields=1,5 "$work/journal" | sort --unique | wc --lines; }
# By the second run of the command in the same sandbox.
once_more() { # FUNCTION COMMAND
    echo $(($("$1" "$2 && $2") - $("$1" "$2")))
}

# How long a command's requests took together by its own account, and what is left of the wall time of the same run:
# medians, in ms. The filter makes the milliseconds of a request out of a line that the command says on standard error.
split() { # JQ-FILTER COMMAND ARGUMENT...
    local filter=$1 begin end
    shift
    for ((run = 0; run < runs; run++)); do
        begin=${EPOCHREALTIME/[.,]/}
        "$@" > /dev/null 2> "$work/told"
        end=${EPOCHREALTIME/[.,]/}
        jq --null-input --argjson microseconds $((end - begin)) \
            "[inputs | $filter] | add | { asking: ., rest: (\$microseconds / 1000 - .) }" "$work/told"
    done | jq --slurp 'def median: sort | .[length / 2 | floor] * 10 | round / 10 | tostring + " ms";
        { asking: (map(.asking) | median), rest: (map(.rest) | median) }'
}

split_mint() {
    split 'select(.kind == "step" and (.text | test("^(GET|POST) "))).milliseconds' \
        raxx-mint --bot "$bot" --fresh --verbose --error-format json
}

# curl reads its configuration from the directory that CURL_HOME names: the script stays as it is.
split_script() {
    # shellcheck disable=SC2016 # %{…} is curl's own syntax
    printf 'write-out = "%%{stderr}%%{time_total}\\n"\n' > "$work/.curlrc"
    CURL_HOME=$work split '. * 1000' tests/bench/curl-openssl-jq.sh "$bot"
}

row() { printf '| %s | %s | %s | %s | %s | %s |\n' "$@"; }

# A row that one function fills for each of the five commands.
measured() { # NAME FUNCTION ARGUMENT...
    local name=$1 function=$2
    shift 2
    row "$name" "$("$function" "$mint" "$@")" "$("$function" "$script" "$@")" "$("$function" "$reused" "$@")" \
        "$("$function" "$running" "$@")" "$("$function" "$start" "$@")"
}

hyperfine --shell=none --warmup 10 --runs "$runs" --export-json "$work/times.json" \
    "$mint" "$script" "$reused" "$running" "$start" >&2
mint_split=$(split_mint)
script_split=$(split_script)

row "$runs runs each" "\`$mint\`" 'curl + openssl + jq' "the same, reused" "\`$running\`, reused" "\`$start\`"
row --- ---: ---: ---: ---: ---:
measured 'wall, median' timing .median
measured 'wall, fastest' timing .min
measured 'CPU, user and system, mean' timing '.user + .system'
row 'in requests, median' "$(jq --raw-output .asking <<< "$mint_split")" "$(jq --raw-output .asking <<< "$script_split")" '' '' ''
row 'beyond the network, median' "$(jq --raw-output .rest <<< "$mint_split")" "$(jq --raw-output .rest <<< "$script_split")" '' '' ''
measured 'resident at the most' resident
for function in requests connections; do
    row "$function" "$("$function" "$mint")" "$("$function" "$script")" "$(once_more "$function" "$reused")" \
        "$(once_more "$function" "$running")" "$("$function" "$start")"
done

# Each step by itself, its requests to the fakes on loopback included; gh-app-jwt makes none. hyperfine takes away what
# the shell that opens the file costs.
infisical-login > "$work/session"
infisical-fetch --bot "$bot" < "$work/session" > "$work/secrets"
gh-app-jwt < "$work/secrets" > "$work/jwt"
step() { # COMMAND INPUT
    hyperfine --warmup 10 --runs "$runs" --export-json "$work/step.json" --command-name "$1" "$1 < $2" >&2
    jq --raw-output 'def ms: . * 10000 | round / 10 | tostring + " ms";
        .results[] | "| `\(.command)` | \(.median | ms) | \(.min | ms) | \(.user + .system | ms) |"' "$work/step.json"
}
printf '\n| step | median | fastest | CPU |\n|---|---:|---:|---:|\n'
step infisical-login /dev/null
step "infisical-fetch --bot $bot" "$work/session"
step gh-app-jwt "$work/secrets"
step gh-install-token "$work/jwt"

# Many at once, with nothing kept: beside as many starts of a program that does nothing.
many=200
at_once() { # COMMAND
    printf 'bash -c "for i in {1..%d}; do %s > /dev/null & done; wait"' "$many" "$1"
}
hyperfine --shell=none --warmup 1 --runs 10 --export-json "$work/many.json" \
    --prepare 'raxx-mint --forget' --command-name "$many at once: \`$running\`, nothing kept" "$(at_once "$running")" \
    --prepare true --command-name "$many at once: \`$start\`" "$(at_once "$start")" >&2
printf '\n| 10 runs each | median | fastest |\n|---|---:|---:|\n'
jq --raw-output 'def ms: . * 10000 | round / 10 | tostring + " ms";
    .results[] | "| \(.command) | \(.median | ms) | \(.min | ms) |"' "$work/many.json"

printf '\n| program, stripped | MiB |\n|---|---:|\n'
for program in "${programs[@]}"; do
    stat --format=%s "$program" | awk -v name="${program##*/}" '{ printf "| `%s` | %.2f |\n", name, $1 / 1048576 }'
done
