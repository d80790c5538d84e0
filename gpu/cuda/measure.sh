#!/bin/bash
# Checks and times the CUDA backend on a machine with a device, which needs the driver, but neither Rust nor a toolkit.
#
#   gpu/cuda/measure.sh pack DIR   builds everything into DIR; no device is needed
#   DIR/measure.sh run             runs it; what it prints is in DIR/results as well
#
# Every part runs, whatever became of those before; the exit code is 1 if one failed. QUICK=1 leaves out the timings, and
# proves few times: enough to try the script on the stand-in of shim/.
set -euo pipefail

pack() {
    mkdir -p "$1"
    local folder
    folder="$(cd "$1" && pwd)"
    cd "$(dirname "$0")/../.."
    local executables='select(.reason == "compiler-artifact" and .executable != null) | .target.name + "-" + .target.kind[0] + " " + .executable'
    {
        cargo test --locked --release --no-run --message-format=json -p assay-gpu --features cuda --test kernels
        cargo test --locked --release --no-run --message-format=json -p assay-prover --features cuda --test groth16
        cargo bench --locked --no-run --message-format=json -p assay-benches --bench kernels --bench kernels_msm --bench groth16
        cargo build --locked --release --message-format=json -p assay
    } | jq -r "$executables" | while read -r name executable; do
        cp "$executable" "$folder/$name"
    done
    cp -r examples/digits "$folder/"
    cp gpu/cuda/measure.sh "$folder/measure.sh"
    echo "packed into $folder; there: ./measure.sh run"
}

run() {
    cd "$(dirname "$0")"
    mkdir -p results
    export ASSAY_REQUIRE_GPU=1 ASSAY_CACHE="$PWD/cache"
    local failed=0 digit="digits/digits_qdq.onnx --input digits/seven.npy" jobs="digits mlp64 cnn28 mlp784 matmul:1024x1024x1024 heat2d:256x256x64"
    # part NAME COMMAND...
    part() {
        local name="$1" status=0
        shift
        echo "== $name"
        "$@" 2>&1 | tee "results/$name.txt" || status=$?
        if [ "$status" -ne 0 ]; then
            failed=1
            echo "== $name: FAILED ($status)"
        fi
    }
    command -v nvidia-smi >/dev/null && part device nvidia-smi
    part kernels-agree ./kernels-test
    part groth16-agrees ./groth16-test equality
    # The same random choices are not at hand here: both receipts must verify, and the tests above compare bytes.
    part proves ./assay-bin prove $digit -o results/digit.receipt
    part proves-and-wraps ./assay-bin prove $digit --wrap -o results/wrapped.receipt
    part proves-in-little-memory ./assay-bin prove $digit --gpu-memory 64MiB -o results/small.receipt
    local repeat=200
    [ -n "${QUICK:-}" ] && repeat=3
    part "proves-$repeat-times" ./assay-bin bench digits --repeat "$repeat" --json
    if command -v compute-sanitizer >/dev/null; then
        part memcheck compute-sanitizer --tool memcheck --error-exitcode 1 ./kernels-test --test-threads 1
        part racecheck compute-sanitizer --tool racecheck --error-exitcode 1 ./kernels-test --test-threads 1
    else
        echo "== memcheck, racecheck: skipped, compute-sanitizer is not installed"
    fi
    if [ -z "${QUICK:-}" ]; then
        part times-of-kernels ./kernels-bench --bench cuda
        part times-of-sums ./kernels_msm-bench --bench
        part times-of-groth16 ./groth16-bench 20 22 --dense --runs 3 --only assay-cuda --only assay-ifma
        part jobs-on-the-gpu ./assay-bin bench $jobs --repeat 3
        unset ASSAY_REQUIRE_GPU
        part jobs-on-the-processor ./assay-bin bench $jobs --repeat 3
    fi
    return "$failed"
}

case "${1:-}" in
    pack) pack "${2:?where to: measure.sh pack DIR}" ;;
    run) run ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
