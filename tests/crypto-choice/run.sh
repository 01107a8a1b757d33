#!/usr/bin/env bash
# Measures the crypto libraries that rustls and jsonwebtoken could share, side by side in one run:
#   A   aws-lc-rs for both, as it comes
#   A'  the same built with AWS_LC_SYS_NO_JITTER_ENTROPY=1, as this workspace's .cargo/config.toml has it
#   A"  as A', but optimized for speed (opt-level 3); the others are for size, as the workspace is
#   B   ring for TLS, and for the JWT through a signer of our own
# and prints the Markdown table that docs/architecture.md quotes. Takes some eight minutes: it builds each of them from
# nothing. Wants cargo, a C compiler, openssl, hyperfine and jq. Compare CPU times: wall time suffers from whatever
# else the machine does.
set -euo pipefail
cd "$(dirname "$0")"

starts=500
signatures=500
handshakes=500
variants=(jitter plain fast ring)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# cargo build for one variant. Said for each, since the environment beats the [env] of .cargo/config.toml.
cargo_build() { # VARIANT ARGUMENT...
    local no_jitter=1 library=aws-lc optimize='"s"' variant=$1
    case $variant in
        jitter) no_jitter=0 ;;
        fast) optimize=3 ;;
        ring) library=ring ;;
    esac
    shift
    AWS_LC_SYS_NO_JITTER_ENTROPY=$no_jitter CARGO_TARGET_DIR="$work/$variant" \
        cargo build --quiet --release --locked --features "$library" \
        --config "profile.release.opt-level = $optimize" "$@" > "$work/build.log" 2>&1 ||
        { cat "$work/build.log" >&2; return 1; }
}

# Wall and CPU seconds (user and system, all threads) of a build from nothing.
clean_build() { # VARIANT
    local TIMEFORMAT='%R %U %S' times
    times=$({ time cargo_build "$1" --bin program; } 2>&1) || { echo "$times" >&2; return 1; }
    awk '{ printf "%.0f s, CPU %.0f s\n", $1, $2 + $3 }' <<< "$times"
}

# What a server has: a PKCS#1 key to sign with, and an ECDSA certificate under a root of its own. Made anew each run.
make_keys() {
    openssl genrsa -traditional 2048 | openssl rsa -traditional -outform DER -out "$work/rsa.der"
    local curve=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
    openssl req -x509 "${curve[@]}" -keyout "$work/ca.key" -out "$work/ca.pem" -subj /CN=root -days 2
    openssl req "${curve[@]}" -keyout "$work/server.key" -subj /CN=localhost -out "$work/server.csr"
    printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n' > "$work/server.ext"
    openssl x509 -req -in "$work/server.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 2 \
        -extfile "$work/server.ext" -out "$work/server.pem"
}

# All variants in one hyperfine run, so that none has the quieter minute.
measure_starts() {
    local commands=("${variants[@]/#/$work/}")
    hyperfine --shell=none --warmup 20 --runs "$starts" --style none --export-json "$work/start.json" \
        "${commands[@]/%//release/program start}" > /dev/null 2>&1
}

start() { # VARIANT
    jq -r --arg command "$work/$1/release/program start" '.results[] | select(.command == $command) |
        def ms: . * 10000 | round / 10 | tostring + " ms";
        "median \(.median | ms), min \(.min | ms), CPU \(.user + .system | ms)"' "$work/start.json"
}

sign() { # VARIANT
    "$work/$1/release/program" sign "$signatures" "$work/rsa.der" |
        awk '{ printf "first %.2f ms, median %.2f ms, min %.2f ms\n", $1 / 1000, $3 / 1000, $2 / 1000 }'
}

handshake() { # VARIANT GROUP
    if [[ $1 == ring && $2 == *MLKEM* ]]; then
        echo 'not in ring'
        return
    fi
    "$work/$1/release/handshake" "$2" "$handshakes" "$work" | awk '{
        printf "first %.2f ms, median %.2f ms, min %.2f ms, %d bytes\n", $1 / 1000, $3 / 1000, $2 / 1000, $4 }'
}

size() { # VARIANT
    stat --format=%s "$work/$1/release/program" | awk '{ printf "%.2f MiB\n", $1 / 1048576 }'
}

# One row of the table: a name, then what a command says of each variant.
row() { # NAME COMMAND ARGUMENT...
    local name=$1 command=$2 variant
    shift 2
    printf '| %s |' "$name"
    for variant in "${variants[@]}"; do
        printf ' %s |' "$("$command" "$variant" "$@")"
    done
    echo
}

built() { cat "$work/$1.built"; }

cargo fetch --quiet --locked
make_keys 2> /dev/null
for variant in "${variants[@]}"; do
    clean_build "$variant" > "$work/$variant.built"
    cargo_build "$variant"
done
measure_starts

echo "| | A: aws-lc-rs | A': no jitter entropy | A\": for speed | B: ring |"
echo '|---|---|---|---|---|'
row "process start to a TLS configuration, $starts runs" start
row "RSA-2048 parse and sign, CPU, $signatures runs" sign
row "TLS 1.3 handshake with X25519, client's CPU, $handshakes runs" handshake X25519
row 'the same with X25519MLKEM768' handshake X25519MLKEM768
row 'binary, stripped' size
row "clean release build on $(nproc) CPUs" built
