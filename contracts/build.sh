#!/usr/bin/env bash
# Compiles the contracts and writes artifacts/: build.sh
# Compiles them and says whether artifacts/ is what comes out: build.sh --check
# Compiles one generated verifier:                             build.sh SOURCE.sol OUT.json
#
# Needs node 20 and npm. The compiler's version is package-lock.json's, its settings are solc.json's.
set -euo pipefail
args=()
for arg in "$@"; do
    case "$arg" in -*) args+=("$arg") ;; *) args+=("$(realpath "$arg")") ;; esac
done
cd "$(dirname "$0")"
if [ ! -d node_modules/solc ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    npm ci --ignore-scripts --no-audit --no-fund
fi
exec node artifacts.mjs "${args[@]+"${args[@]}"}"
