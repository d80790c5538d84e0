#!/usr/bin/env bash
# A job from post to payment on a local chain.
#
#   anvil.sh                  with synthetic receipts
#   anvil.sh KEY COMMAND      with a prover's: KEY is a wrapped receipts' key; COMMAND is run by sh and proves under the
#                             context $ASSAY_CONTEXT (hexadecimal, possibly empty) into the file $ASSAY_RECEIPT
#
# Needs node and npm; anvil is package-lock.json's.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$#" -ne 0 ] && [ "$#" -ne 2 ]; then
    sed -n '2,8p' e2e/anvil.sh >&2
    exit 2
fi
key="${1:+$(realpath "$OLDPWD/$1" 2>/dev/null || realpath "$1")}"
[ -d node_modules/solc ] || npm ci --ignore-scripts --no-audit --no-fund

scratch="$(mktemp -d)"
anvil_pid=""
cleanup() {
    [ -z "$anvil_pid" ] || kill "$anvil_pid" 2>/dev/null || true
    rm -rf "$scratch"
}
trap cleanup EXIT

cargo build --locked -p assay-contracts --features client --example e2e --example render

# The kernel picks the port; anvil says which.
node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil --port 0 >"$scratch/anvil.log" 2>&1 &
anvil_pid=$!
url=""
for _ in $(seq 100); do
    address="$(sed -n 's/^Listening on //p' "$scratch/anvil.log")"
    if [ -n "$address" ]; then
        url="http://$address"
        break
    fi
    kill -0 "$anvil_pid" 2>/dev/null || break
    sleep 0.1
done
if [ -z "$url" ]; then
    echo "anvil did not start:" >&2
    cat "$scratch/anvil.log" >&2
    exit 1
fi

examples="${CARGO_TARGET_DIR:-../target}/debug/examples"
if [ "$#" -eq 0 ]; then
    "$examples/e2e" "$url"
else
    "$examples/render" "$key" >"$scratch/AssayVerifier.sol"
    ./build.sh "$scratch/AssayVerifier.sol" "$scratch/AssayVerifier.json"
    "$examples/e2e" "$url" "$key" "$scratch/AssayVerifier.json" "$2"
fi
