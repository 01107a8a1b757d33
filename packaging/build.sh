#!/usr/bin/env bash
# Makes the archive of a release: all programs for one target, their man pages and completions, laid out as under /usr, so that
# it is installed with `tar -xz -C ~/.local --strip-components=1`.
#
#     packaging/build.sh [TARGET]     # this machine's own, unless said; writes target/dist/raxx-mint-VERSION-TARGET.tar.gz
#
# Needs GNU tar; for another target than this machine's also cargo-zigbuild and ziglang (both from PyPI), which bring a
# C compiler and linker for every target, and the target's standard library: rustup's (`rustup target add`), or, where
# RAXX_RUST_SRC names the `library` folder of exactly this toolchain's source, one that is built from it.
set -euo pipefail
cd "$(dirname "$0")/.."

host=$(rustc -vV | sed -n 's/^host: //p')
target=${1:-$host}
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml)
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}

verb=build
[[ $target == "$host" ]] || verb=zigbuild
build=(cargo "$verb")
# For a release: the list of dependencies in each program, by cargo-auditable.
[[ -z ${RAXX_AUDITABLE:-} ]] || build=(cargo auditable "$verb")
arguments=(--workspace --exclude tests --exclude raxx-pages --release --locked --target "$target")
if [[ -n ${RAXX_RUST_SRC:-} ]]; then
    # Both are for cargo's own tests; a release is built with rustup's targets.
    export RUSTC_BOOTSTRAP=1 __CARGO_TESTS_ONLY_SRC_ROOT=$RAXX_RUST_SRC
    arguments+=(-Zbuild-std)
fi
if [[ $target == *-musl && $target != "$host" ]]; then
    # zig brings the start files of musl; rustc's own would be there twice.
    flags=CARGO_TARGET_$(tr 'a-z-' 'A-Z_' <<< "$target")_RUSTFLAGS
    export "$flags=${!flags:-} -C link-self-contained=no -C target-feature=+crt-static"
fi
"${build[@]}" "${arguments[@]}"

name=raxx-mint-$version-$target
dist=${CARGO_TARGET_DIR:-target}/dist
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
suffix=
[[ $target != *-windows-* ]] || suffix=.exe
for folder in */src/main.rs; do
    program=${folder%%/*}
    [[ $program != raxx-pages ]] || continue
    install -D -m 755 -t "$tree/$name/bin" "${CARGO_TARGET_DIR:-target}/$target/release/$program$suffix"
done
packaging/share.sh "$tree/$name"

mkdir -p "$dist"
# Nothing in it depends on when and by whom it was made.
tar --create --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" --directory "$tree" "$name" |
    gzip --no-name --best > "$dist/$name.tar.gz"
(cd "$dist" && sha256sum "$name.tar.gz" > "$name.tar.gz.sha256")
printf '%s\n' "$dist/$name.tar.gz"
