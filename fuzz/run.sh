#!/bin/sh
# Fuzzes one target with a stable compiler: libFuzzer is linked from its sources, and LLVM's coverage pass, which rustc
# carries, instruments every crate.
#
#   fuzz/run.sh TARGET [SECONDS] [libFuzzer options]        TARGET: program key receipt verify wrapped onnx
#
# Findings go to fuzz/artifacts/TARGET; the corpus grows in fuzz/corpus/TARGET, beside the committed seeds.
set -eu
cd "$(dirname "$0")"
target=$1
seconds=${2:-300}
[ $# -ge 2 ] && shift 2 || shift 1
host=$(rustc -vV | sed -n 's/^host: //p')
coverage="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
features=""
[ "${host%%-*}" = x86_64 ] && features="-Ctarget-feature=+bmi2,+adx"
# With --target the flags reach the crates but not build scripts and procedural macros, which have no fuzzer to link.
RUSTFLAGS="$coverage $features -Ccodegen-units=1 --cfg fuzzing" cargo build --release --target "$host" --bin "$target"
mkdir -p "corpus/$target" "artifacts/$target"
seeds="seeds/$target"
[ "$target" = onnx ] && seeds=../tests/onnx/fixtures
[ -d "$seeds" ] || seeds=""
exec "target/$host/release/$target" -max_total_time="$seconds" -rss_limit_mb=2560 -malloc_limit_mb=2200 -timeout=20 \
    -artifact_prefix="artifacts/$target/" "$@" "corpus/$target" $seeds
