#!/usr/bin/env bash
# The measurement of tests/bench.sh, run by the sandbox, whose fakes the environment points at. Arguments: the paths of
# the programs whose sizes to print.
set -euo pipefail
cd "$(dirname "$0")/../.."

programs=("$@")
runs=${RUNS:-200}
bot=raxx-dev-bot
mint="raxx-mint --bot $bot"
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
journal() { # COMMAND
    local -a command
    read -ra command <<< "$1"
    sandbox --journal "$work/journal" "${command[@]}" > /dev/null
}
requests() { journal "$1" && wc --lines < "$work/journal"; }
connections() { journal "$1" && cut --fields=1,5 "$work/journal" | sort --unique | wc --lines; }

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
        raxx-mint --bot "$bot" --verbose --error-format json
}

# curl reads its configuration from the directory that CURL_HOME names: the script stays as it is.
split_script() {
    # shellcheck disable=SC2016 # %{…} is curl's own syntax
    printf 'write-out = "%%{stderr}%%{time_total}\\n"\n' > "$work/.curlrc"
    CURL_HOME=$work split '. * 1000' tests/bench/curl-openssl-jq.sh "$bot"
}

row() { printf '| %s | %s | %s | %s |\n' "$@"; }

# A row that one function fills for each of the three commands.
measured() { # NAME FUNCTION ARGUMENT...
    local name=$1 function=$2
    shift 2
    row "$name" "$("$function" "$mint" "$@")" "$("$function" "$script" "$@")" "$("$function" "$start" "$@")"
}

hyperfine --shell=none --warmup 10 --runs "$runs" --export-json "$work/times.json" "$mint" "$script" "$start" >&2
mint_split=$(split_mint)
script_split=$(split_script)

row "$runs runs each" "\`$mint\`" 'curl + openssl + jq' "\`$start\`"
row --- ---: ---: ---:
measured 'wall, median' timing .median
measured 'wall, fastest' timing .min
measured 'CPU, user and system, mean' timing '.user + .system'
row 'in requests, median' "$(jq --raw-output .asking <<< "$mint_split")" "$(jq --raw-output .asking <<< "$script_split")" ''
row 'beyond the network, median' "$(jq --raw-output .rest <<< "$mint_split")" "$(jq --raw-output .rest <<< "$script_split")" ''
measured 'resident at the most' resident
measured 'requests' requests
measured 'connections' connections

printf '\n| program, stripped | MiB |\n|---|---:|\n'
for program in "${programs[@]}"; do
    stat --format=%s "$program" | awk -v name="${program##*/}" '{ printf "| `%s` | %.2f |\n", name, $1 / 1048576 }'
done
