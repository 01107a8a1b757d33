#!/usr/bin/env bash
# What a mint costs, beside a curl + openssl + jq script that does the same job (tests/bench/curl-openssl-jq.sh): both
# against the same sandbox, in one run of hyperfine. Prints Markdown. A benchmark, not a test: it judges nothing;
# docs/benchmarks.md does, and says what each row means.
#
#     tests/bench.sh          200 runs of each
#     RUNS=50 tests/bench.sh
#
# Wants curl, hyperfine, jq, openssl and GNU time.
set -euo pipefail
cd "$(dirname "$0")/.."

for tool in curl hyperfine jq openssl /usr/bin/time; do
    command -v "$tool" > /dev/null && continue
    echo "tests/bench.sh: $tool is missing; on Debian: apt-get install curl hyperfine jq openssl time" >&2
    exit 1
done

cargo build --quiet --release --locked --workspace
metadata=$(cargo metadata --locked --no-deps --format-version 1)
release=$(jq --raw-output .target_directory <<< "$metadata")/release
mapfile -t programs < <(jq --raw-output \
    '.packages[] | select(.name != "tests") | .targets[] | select(.kind == ["bin"]).name' <<< "$metadata")

# The sandbox puts what was just built first on PATH. Extra roots are the operator's own, and would be read at every start.
env --unset=SSL_CERT_FILE "$release/sandbox" tests/bench/measure.sh "${programs[@]/#/$release/}"
