#!/usr/bin/env bash
# Makes the .deb, and where cargo-generate-rpm is at hand the .rpm, of programs that are built already.
#
#     packaging/packages.sh [TARGET]     # as packaging/build.sh built them; this machine's own release build, unless said
#
# RAXX_DEB_REVISION is the package's revision, 1 unless said. Needs cargo-deb and cargo-generate-rpm (`cargo install --locked cargo-deb cargo-generate-rpm`).
set -euo pipefail
cd "$(dirname "$0")/.."

dist=${CARGO_TARGET_DIR:-target}/dist
target=()
[[ $# == 0 ]] || target=(--target "$1")
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
mkdir -p "$dist"
# The release profile has stripped them.
cargo deb --quiet --locked --package raxx-mint --no-build --no-strip --deb-revision "${RAXX_DEB_REVISION:-1}" "${target[@]}" --output "$dist/"
# It has no dependencies, so of static programs only.
if [[ ${1:-} == *-musl ]] && command -v cargo-generate-rpm > /dev/null; then
    cargo generate-rpm --package raxx-mint "${target[@]}" --output "$dist/"
fi
