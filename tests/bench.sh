#!/usr/bin/env bash
# What a mint costs, beside scripts that do the same job (tests/bench/): first on loopback, without TLS; then over TLS
# from four distances, for one bot and for many. All against the same sandbox, side by side in one run of hyperfine.
# Prints Markdown, and draws docs/benchmarks.svg. A benchmark, not a test: it judges nothing; docs/benchmarks.md does,
# and says what each row means.
#
#     tests/bench.sh                        200 runs of each, 20 over the network
#     RUNS=50 NETWORK_RUNS=5 tests/bench.sh
#
# Wants curl, gnuplot, hyperfine, jq, openssl, python3 with venv, and GNU time; npm, where the SDKs are to be compared.
# What Python and Node need is installed below target/bench.
set -euo pipefail
cd "$(dirname "$0")/.."

for tool in curl gnuplot hyperfine jq openssl python3 /usr/bin/time; do
    command -v "$tool" > /dev/null && continue
    echo "tests/bench.sh: $tool is missing; on Debian: apt-get install curl gnuplot-nox hyperfine jq openssl python3-venv time" >&2
    exit 1
done

cargo build --quiet --release --locked --workspace
metadata=$(cargo metadata --locked --no-deps --format-version 1)
target=$(jq --raw-output .target_directory <<< "$metadata")
release=$target/release
mapfile -t programs < <(jq --raw-output \
    '.packages[] | select(.name != "tests") | .targets[] | select(.kind == ["bin"]).name' <<< "$metadata")

# The sandbox puts what was just built first on PATH. Extra roots are the operator's own, and would be read at every start.
env --unset=SSL_CERT_FILE "$release/sandbox" --plain tests/bench/measure.sh "${programs[@]/#/$release/}"

python3 -m venv "$target/bench/python"
"$target/bench/python/bin/pip" install --quiet --requirement tests/bench/requirements.txt >&2
export BENCH_PYTHON=$target/bench/python/bin/python BENCH_NODE=
if command -v npm > /dev/null; then
    BENCH_NODE=$target/bench/node
    mkdir -p "$BENCH_NODE"
    cp tests/bench/node/package.json tests/bench/node/mint.mjs "$BENCH_NODE"
    npm install --prefix "$BENCH_NODE" --silent --no-audit --no-fund --no-package-lock >&2
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
distances=(0 10 40 150)
for distance in "${distances[@]}"; do
    env --unset=SSL_CERT_FILE RUNS="${NETWORK_RUNS:-20}" "$release/sandbox" --bots 64 --distance "$distance" \
        tests/bench/network.sh "$distance" "$work"
    # Seconds become milliseconds; a result carries its distance.
    jq --argjson distance "$distance" '.results[] | {
        distance: $distance, command,
        median: (.median * 1000), min: (.min * 1000), cpu: ((.user + .system) * 1000)
    }' "$work/$distance.json"
done | jq --slurp . > "$work/all.json"
jq --raw-output --from-file tests/bench/network.jq "$work/all.json"

jq --raw-output 'map(select(.command | test("^raxx-mint, (3|16|a live token)$") | not)) | group_by(.command)[] |
    (.[0].command | @json), (.[] | "\(.distance) \(.median)"), "", ""' "$work/all.json" > "$work/plot.data"
gnuplot -e "data = '$work/plot.data'" tests/bench/plot.gnuplot > docs/benchmarks.svg
