#!/usr/bin/env bash
# Builds the verifier for browsers: verifier/wasm/build.sh
#
# Writes verifier/wasm/page/assay.wasm and prints its size; more than 400 KB is a failure. Needs wasm-opt (Debian and Homebrew:
# binaryen), without which the module is a tenth larger, over the limit; and one of
#   - rustup with the target and the library's sources:
#                                 rustup target add wasm32-unknown-unknown && rustup component add rust-src
#   - Debian's compiler, library sources and linker, which this script installs if it may:
#                                 apt-get install rustc-web rust-web-src lld-22 binaryen
# The standard library is built along the way, for size: some minutes, once. Without a compiler and with ASSAY_ALLOW_SKIP=1, the
# script says so and succeeds.
set -euo pipefail
cd "$(dirname "$0")/../.."

most=400000
target=wasm32-unknown-unknown
debian=(rustc-web rust-web-src lld-22 binaryen)
linker=/usr/lib/llvm-22/bin/wasm-ld
out="${CARGO_TARGET_DIR:-target}/$target/wasm/assay_wasm.wasm"

build=(cargo rustc --locked --package assay-wasm --lib --crate-type cdylib --target "$target" --profile wasm)
# A program's longest chain of sums is followed by recursion: more than the stack of 1 MiB that is the default.
link=(-- -C link-arg=-zstack-size=4194304)
# A library built for size, in which a panic, which no bytes should cause, traps without a message. Releases of the compiler
# call these options unstable; RUSTC_BOOTSTRAP=1 allows them. Flags for other processors are replaced.
small=(-Zbuild-std=std,panic_abort -Zbuild-std-features=optimize_for_size)
unset CARGO_ENCODED_RUSTFLAGS
export RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zunstable-options -Cpanic=immediate-abort"

has_sources() {
    [ -d "$("$1" --print sysroot 2>/dev/null || echo /nonexistent)/lib/rustlib/src/rust/library/std" ]
}

rustup_is_there() {
    [ -d "$(rustc --print target-libdir --target "$target" 2>/dev/null || echo /nonexistent)" ] && has_sources rustc
}

debian_is_there() {
    [ -x "$linker" ] && [ -x /usr/bin/rustc ] && has_sources /usr/bin/rustc && command -v wasm-opt >/dev/null
}

if ! rustup_is_there && ! debian_is_there && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${debian[@]}" >/dev/null || true
fi
if rustup_is_there; then
    "${build[@]}" "${small[@]}" "${link[@]}"
elif debian_is_there; then
    RUSTC=/usr/bin/rustc "${build[@]}" "${small[@]}" --config "target.$target.linker=\"$linker\"" "${link[@]}"
elif [ "${ASSAY_ALLOW_SKIP:-}" = 1 ]; then
    echo "skipped: no compiler for $target"
    exit 0
else
    echo "no compiler for $target: 'rustup target add $target && rustup component add rust-src'," \
        "or on Debian 'apt-get install ${debian[*]}'" >&2
    exit 1
fi

# What the compiler's own baseline for this target uses.
features=(--enable-bulk-memory --enable-mutable-globals --enable-nontrapping-float-to-int --enable-sign-ext)
if command -v wasm-opt >/dev/null; then
    wasm-opt -Oz "${features[@]}" "$out" -o verifier/wasm/page/assay.wasm
else
    echo "wasm-opt is not installed (Debian and Homebrew: binaryen): the module stays a tenth larger" >&2
    install -m 644 "$out" verifier/wasm/page/assay.wasm
fi
size="$(stat -c %s verifier/wasm/page/assay.wasm)"
printf 'verifier/wasm/page/assay.wasm: %d bytes\n' "$size"
if [ "$size" -gt "$most" ]; then
    printf 'expected at most %d bytes\n' "$most" >&2
    exit 1
fi
