#!/usr/bin/env bash
# Compiles the workspace for systems that this machine is not, without linking anything, and says which of them pass.
#
#     packaging/cross-check.sh [TARGET …]
#
# Needs cargo-zigbuild and ziglang (both from PyPI), and each target's standard library: rustup's (`rustup target add`), or, where
# RAXX_RUST_SRC names the `library` folder of exactly this toolchain's source, one that is built from it.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

targets=("$@")
((${#targets[@]})) || targets=(x86_64-unknown-linux-musl aarch64-unknown-linux-musl x86_64-apple-darwin aarch64-apple-darwin x86_64-pc-windows-gnu)
arguments=(--workspace --exclude tests --locked)
if [[ -n ${RAXX_RUST_SRC:-} ]]; then
    export RUSTC_BOOTSTRAP=1 __CARGO_TESTS_ONLY_SRC_ROOT=$RAXX_RUST_SRC
    arguments+=(-Zbuild-std)
fi
failed=0
for target in "${targets[@]}"; do
    own=()
    # It writes completions and man pages, and runs where a release is made.
    [[ $target != *-windows-* ]] || own=(--exclude raxx-pages)
    if cargo-zigbuild check "${arguments[@]}" "${own[@]}" --target "$target"; then
        printf '| %s | passes |\n' "$target"
    else
        printf '| %s | fails |\n' "$target"
        failed=1
    fi
done
exit "$failed"
