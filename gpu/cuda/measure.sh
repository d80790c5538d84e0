#!/bin/bash
# Checks and times the CUDA backend on a machine with a device, which needs the driver, but neither Rust nor a toolkit.
#
#   gpu/cuda/measure.sh pack DIR   builds everything into DIR, with jq; no device is needed
#   DIR/measure.sh run             runs it; what it prints is in DIR/results as well
#
# results/results.jsonl has a line for the device and one for each time, beside that of the processor's best backend and their
# ratio. Every part runs, whatever became of those before; the exit code is 1 if one failed. QUICK=1 takes small sizes and proves
# few times: enough to try the script on the stand-in of shim/.
set -euo pipefail

networks="mlp64 cnn28 mlp784"

# first_of_64 FROM TO: the first of the 64 inputs in an array, whose first axis goes.
first_of_64() {
    local bytes=$((($(stat -c %s "$1") - 128) / 64))
    head -c 128 "$1" | LC_ALL=C sed 's/(64, \(.*\)), }/(\1), }    /' >"$2"
    head -c $((128 + bytes)) "$1" | tail -c "$bytes" >>"$2"
}

pack() {
    mkdir -p "$1"
    local folder
    folder="$(cd "$1" && pwd)"
    cd "$(dirname "$0")/../.."
    local executables='select(.reason == "compiler-artifact" and .executable != null) | .target.name + "-" + .target.kind[0] + " " + .executable'
    {
        cargo test --locked --release --no-run --message-format=json -p assay-gpu --features cuda --test kernels
        cargo test --locked --release --no-run --message-format=json -p assay-prover --features cuda --test groth16
        cargo bench --locked --no-run --message-format=json -p assay-benches --bench kernels --bench kernels_msm --bench device_table --bench groth16
        cargo build --locked --release --message-format=json -p assay
    } | jq -r "$executables" | while read -r name executable; do
        cp "$executable" "$folder/$name"
    done
    # Where `assay bench` looks for networks.
    mkdir -p "$folder/examples" "$folder/benches/peers"
    cp -r examples/digits "$folder/examples/"
    cp -r benches/peers/models "$folder/benches/peers/"
    local network
    for network in $networks; do
        first_of_64 "benches/peers/models/${network}_qoperator/input.input.npy" "$folder/$network.npy"
    done
    cp gpu/cuda/measure.sh "$folder/measure.sh"
    echo "packed into $folder; there: ./measure.sh run"
}

# part NAME COMMAND... runs a command; its output is results/NAME.txt.
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

# number NAME < OBJECT: the first number of that name, as `assay --json` writes it.
number() {
    sed -n "s/^ *\"$1\": *\([0-9][0-9.e+-]*\),\{0,1\}$/\1/p" | head -1
}

line() {
    echo "$1" >>results/results.jsonl
}

device() {
    local smi=""
    ./assay-bin gpu || return 1
    if command -v nvidia-smi >/dev/null; then
        nvidia-smi
        smi="$(nvidia-smi --query-gpu=name,driver_version,clocks.sm,clocks.max.sm,clocks.mem,memory.total,power.limit,temperature.gpu,ecc.errors.uncorrected.volatile.total --format=csv,noheader | head -1)"
    fi
    local gpu processor
    gpu="$(./assay-bin gpu --json | tr -d '\n')"
    processor="$(sed -n '/^model name/ { s/^[^:]*: //p; q }' /proc/cpuinfo)"
    line "{\"kind\":\"device\",\"gpu\":$gpu,\"nvidia_smi\":\"$smi\",\"processor\":\"$processor\",\"threads\":$(nproc),\"date\":\"$(date -u +%FT%TZ)\"}"
}

# compare KIND JOB GPU_SECONDS PROCESSOR_SECONDS: a line for people and one for scripts.
compare() {
    if [ -z "$3" ] || [ -z "$4" ]; then
        echo "$1 $2: the GPU or the processor gave no time"
        return 1
    fi
    local ratio
    ratio="$(awk -v gpu="$3" -v processor="$4" 'BEGIN { printf "%.3f", processor / gpu }')"
    printf '%-8s %-24s GPU %10s s, processor %10s s: %sx\n' "$1" "$2" "$3" "$4" "$ratio"
    line "{\"kind\":\"$1\",\"job\":\"$2\",\"gpu_seconds\":$3,\"processor_seconds\":$4,\"ratio\":$ratio}"
}

# jobs REPEAT JOB...: proofs on the GPU, then on the processor.
jobs() {
    local repeat="$1" job gpu processor status=0
    shift
    for job in "$@"; do
        gpu="$(ASSAY_REQUIRE_GPU=1 ./assay-bin bench --row --json --repeat "$repeat" "$job")" || status=1
        processor="$(env -u ASSAY_REQUIRE_GPU ASSAY_BACKEND=processor ./assay-bin bench --row --json --repeat "$repeat" "$job")" || status=1
        for what in execute prove; do
            compare "$what" "$job" "$(number "${what}_seconds" <<<"$gpu")" "$(number "${what}_seconds" <<<"$processor")" || status=1
        done
    done
    return "$status"
}

# wraps PROGRAM [ARGUMENT...]: an inner proof and its wrap. The first command makes the key.
wraps() {
    local arguments=(prove "$@" --wrap --json -o results/wrapped.receipt) gpu processor status=0
    ./assay-bin "${arguments[@]}" >/dev/null || status=1
    gpu="$(ASSAY_REQUIRE_GPU=1 ./assay-bin "${arguments[@]}")" || status=1
    processor="$(env -u ASSAY_REQUIRE_GPU ASSAY_BACKEND=processor ./assay-bin "${arguments[@]}")" || status=1
    compare wrap "$1" "$(number wrap_seconds <<<"$gpu")" "$(number wrap_seconds <<<"$processor")" || status=1
    return "$status"
}

kernels() {
    local status=0
    rm -f results/kernels.jsonl
    ./device_table-bench --json results/kernels.jsonl "$@" || status=1
    cat results/kernels.jsonl >>results/results.jsonl || status=1
    return "$status"
}

run() {
    cd "$(dirname "$0")"
    mkdir -p results
    rm -f results/results.jsonl
    export ASSAY_REQUIRE_GPU=1 ASSAY_CACHE="$PWD/cache"
    unset ASSAY_BACKEND
    failed=0
    local digit="examples/digits/digits_qdq.onnx --input examples/digits/seven.npy" quick="${QUICK:-}" wrapped
    # A wrap of the network takes the stand-in minutes.
    wrapped="$([ -n "$quick" ] && echo heat2d:4x4x2 || echo "$digit")"
    part device device
    part kernels-agree ./kernels-test
    part groth16-agrees ./groth16-test equality
    # The same random choices are not at hand here: both receipts must verify, and the tests above compare bytes.
    part proves ./assay-bin prove $digit -o results/digit.receipt
    part proves-and-wraps ./assay-bin prove $wrapped --wrap -o results/wrapped.receipt
    part proves-in-little-memory ./assay-bin prove $digit --gpu-memory 64MiB -o results/small.receipt
    part proves-many-times ./assay-bin bench digits --repeat "$([ -n "$quick" ] && echo 3 || echo 200)" --json
    if command -v compute-sanitizer >/dev/null; then
        part memcheck compute-sanitizer --tool memcheck --error-exitcode 1 ./kernels-test --test-threads 1
        part racecheck compute-sanitizer --tool racecheck --error-exitcode 1 ./kernels-test --test-threads 1
    else
        echo "== memcheck, racecheck: skipped, compute-sanitizer is not installed"
    fi
    if [ -n "$quick" ]; then
        part times-of-large-kernels kernels --sums 8,9 --transforms 10 --runs 1
        part times-of-jobs jobs 1 digits mlp64 matmul:64x64x64 heat2d:8x8x4
    else
        part times-of-large-kernels kernels --sums 20,22,24 --transforms 22,24
        part times-of-jobs jobs 5 digits mlp64 cnn28 mlp784 matmul:1024x1024x1024 matmul:4096x4096x4096 heat2d:256x256x64
        part times-of-kernels ./kernels-bench --bench cuda
        part times-of-sums ./kernels_msm-bench --bench cuda
        part times-of-groth16 ./groth16-bench 20 22 --dense --runs 3 --only assay-cuda --only assay-ifma
    fi
    part times-of-wraps wraps $wrapped
    if [ -z "$quick" ]; then
        local network
        for network in $networks; do
            part "times-of-wraps-$network" wraps "benches/peers/models/${network}_qoperator/model.onnx" --input "$network.npy"
        done
    fi
    echo "== results/results.jsonl"
    cat results/results.jsonl
    return "$failed"
}

case "${1:-}" in
    pack) pack "${2:?where to: measure.sh pack DIR}" ;;
    run) run ;;
    *) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
