#!/usr/bin/env bash
# Builds the verifier for browsers: verifier/wasm/build.sh
#
# Writes verifier/wasm/page/assay.wasm and prints its size; more than 400 KB is a failure. Needs one of
#   - rustup with the target:     rustup target add wasm32-unknown-unknown
#   - Debian's compiler, library sources and linker, installed by this script for root:
#                                 apt-get install rustc-web rust-web-src lld-22
# The second builds the standard library along the way (some minutes, once).
set -euo pipefail
cd "$(dirname "$0")/../.."

most=400000
target=wasm32-unknown-unknown
debian=(rustc-web rust-web-src lld-22)
linker=/usr/lib/llvm-22/bin/wasm-ld
out="${CARGO_TARGET_DIR:-target}/$target/wasm/assay_wasm.wasm"
# Flags for other processors have no meaning here.
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS
build=(cargo rustc --locked --package assay-wasm --lib --crate-type cdylib --target "$target" --profile wasm)
# A program's longest chain of sums is followed by recursion: more than the stack of 1 MiB that is the default.
link=(-- -C link-arg=-zstack-size=4194304)

rustup_has_target() {
    [ -d "$(rustc --print target-libdir --target "$target" 2>/dev/null || echo /nonexistent)" ]
}

debian_is_there() {
    [ -x "$linker" ] && [ -x /usr/bin/rustc ] && [ -d "$(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust/library/std" ]
}

if rustup_has_target; then
    "${build[@]}" "${link[@]}"
else
    if ! debian_is_there; then
        if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
            apt-get update -qq
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${debian[@]}" >/dev/null
        fi
    fi
    if ! debian_is_there; then
        if [ "${ASSAY_ALLOW_SKIP:-}" = 1 ]; then
            echo "skipped: no compiler for $target"
            exit 0
        fi
        echo "no compiler for $target: 'rustup target add $target', or on Debian 'apt-get install ${debian[*]}'" >&2
        exit 1
    fi
    # Debian has the library's sources, not the library; its compiler is a release that calls this unstable.
    RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
        "${build[@]}" -Zbuild-std=std,panic_abort --config "target.$target.linker=\"$linker\"" "${link[@]}"
fi

install -m 644 "$out" verifier/wasm/page/assay.wasm
size="$(stat -c %s verifier/wasm/page/assay.wasm)"
printf 'verifier/wasm/page/assay.wasm: %d bytes\n' "$size"
if [ "$size" -gt "$most" ]; then
    printf 'expected at most %d bytes\n' "$most" >&2
    exit 1
fi
