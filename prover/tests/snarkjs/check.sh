#!/bin/sh
# Has snarkjs 0.7.6 judge our ceremonies, keys and proofs. Needs cargo, Node.js and npm; without npm it says so and passes.
# snarkjs is installed into a temporary folder and used as a program only.
set -eu
cd "$(dirname "$0")/../../.."

if ! command -v npm > /dev/null || ! command -v node > /dev/null; then
    echo "snarkjs check: skipped, npm is not available"
    exit 0
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cargo build --locked --quiet -p assay --bin assay
cargo build --locked --quiet -p assay-prover --example ceremony
programs=${CARGO_TARGET_DIR:-target}/debug
npm install --silent --no-audit --no-fund --prefix "$folder" snarkjs@0.7.6 > "$folder/npm.log" 2>&1 || {
    cat "$folder/npm.log"
    echo "snarkjs check: FAILED, snarkjs 0.7.6 could not be installed"
    exit 1
}

fail() {
    cat "$folder/log"
    echo "snarkjs check: FAILED: $1"
    exit 1
}

snarkjs() {
    node "$folder/node_modules/snarkjs/build/cli.cjs" "$@" > "$folder/log" 2>&1
}

# Runs snarkjs, which must end well and say the words.
accepts() {
    what=$1 words=$2
    shift 2
    if snarkjs "$@" && grep -q "$words" "$folder/log"; then echo "ok: $what"; else fail "$what"; fi
}

# Runs snarkjs, which must fail and say the words.
rejects() {
    what=$1 words=$2
    shift 2
    if snarkjs "$@" || ! grep -q "$words" "$folder/log"; then fail "$what"; else echo "ok: $what"; fi
}

# Adds 1 to a byte of a file.
spoil() {
    node -e 'const fs = require("fs"), [file, at] = process.argv.slice(1), bytes = fs.readFileSync(file);
        bytes[Number(at)] = (bytes[Number(at)] + 1) % 256; fs.writeFileSync(file, bytes);' "$1" "$2"
}

snarkjs powersoftau new bn128 8 "$folder/0.ptau" || fail "making powers of tau"
snarkjs powersoftau contribute "$folder/0.ptau" "$folder/1.ptau" --name=check -e="not a secret" || fail "making powers of tau"
snarkjs powersoftau beacon "$folder/1.ptau" "$folder/raw.ptau" 0102030405060708090a0b0c0d0e0f10 10 -n=check || fail "making powers of tau"
snarkjs powersoftau prepare phase2 "$folder/raw.ptau" "$folder/pot.ptau" || fail "making powers of tau"

# By the library: x^3 + x + 5 = y with y = 35; random constraints in a domain below, and of, the file's power. Then
# without Lagrange forms in the file, which snarkjs needs and we do not.
for constraints in "" 100 200; do
    out=$folder/library$constraints
    mkdir "$out"
    "$programs/examples/ceremony" "$folder/pot.ptau" "$out" $constraints > "$folder/log" 2>&1 || fail "the library's ceremony"
    accepts "wtns check, .r1cs and .wtns" "WITNESS IS CORRECT" wtns check "$out/circuit.r1cs" "$out/witness.wtns"
    accepts "zkey verify" "ZKey Ok!" zkey verify "$out/circuit.r1cs" "$folder/pot.ptau" "$out/final.zkey"
    accepts "zkey export verificationkey" "FINISHED" zkey export verificationkey "$out/final.zkey" "$out/exported.json"
    node -e 'const read = (file) => JSON.stringify(JSON.parse(require("fs").readFileSync(file)));
        process.exit(read(process.argv[1]) === read(process.argv[2]) ? 0 : 1)' "$out/vkey.json" "$out/exported.json" ||
        fail "our verifying key is not the exported one"
    accepts "groth16 verify, a proof by arkworks" "OK!" groth16 verify "$out/exported.json" "$out/public.json" "$out/proof.json"
    snarkjs groth16 prove "$out/final.zkey" "$out/witness.wtns" "$out/proof2.json" "$out/public2.json" || fail "groth16 prove"
    accepts "groth16 prove, then verify" "OK!" groth16 verify "$out/vkey.json" "$out/public2.json" "$out/proof2.json"
done
echo '["36"]' > "$folder/wrong.json"
out=$folder/library
rejects "groth16 verify rejects another public value" "Invalid proof" \
    groth16 verify "$out/vkey.json" "$folder/wrong.json" "$out/proof.json"
mkdir "$folder/raw"
"$programs/examples/ceremony" "$folder/raw.ptau" "$folder/raw" 100 > "$folder/log" 2>&1 || fail "powers without Lagrange forms"
accepts "zkey verify, powers without Lagrange forms" "ZKey Ok!" \
    zkey verify "$folder/raw/circuit.r1cs" "$folder/pot.ptau" "$folder/raw/final.zkey"

# By the command line, three people and a beacon.
out=$folder/cli
mkdir "$out"
circuit=$folder/library100/circuit.r1cs
assay() {
    "$programs/assay" ceremony "$@" > "$folder/log" 2>&1
}
set -- --ptau "$folder/pot.ptau" --circuit "$circuit"
assay new "$@" -o "$out/0.ceremony" || fail "assay ceremony new"
assay contribute "$out/0.ceremony" -o "$out/1.ceremony" --name first || fail "assay ceremony contribute"
echo "dice rolls" | assay contribute "$out/1.ceremony" -o "$out/2.ceremony" --name second --entropy - || fail "assay ceremony contribute"
assay contribute "$out/2.ceremony" -o "$out/3.ceremony" --name third || fail "assay ceremony contribute"
assay verify "$@" "$out/0.ceremony" "$out/1.ceremony" "$out/2.ceremony" "$out/3.ceremony" || fail "assay ceremony verify"
assay verify "$@" "$out/2.ceremony" "$out/1.ceremony" && fail "assay ceremony verify took files in the wrong order"
assay verify --ptau "$folder/pot.ptau" --circuit "$folder/library/circuit.r1cs" "$out/3.ceremony" && fail "assay ceremony verify took another circuit"
assay finalize "$@" "$out/3.ceremony" --beacon 00112233 -o "$out/final.ceremony" --zkey "$out/final.zkey" --vkey "$out/vkey.json" \
    --key "$out/proving.key" || fail "assay ceremony finalize"
assay verify "$@" "$out/final.ceremony" || fail "assay ceremony verify, with its beacon"
accepts "zkey verify, a ceremony by the command line" "ZKey Ok!" zkey verify "$circuit" "$folder/pot.ptau" "$out/final.zkey"
snarkjs groth16 prove "$out/final.zkey" "$folder/library100/witness.wtns" "$out/proof.json" "$out/public.json" || fail "groth16 prove"
accepts "groth16 prove, then verify, with its keys" "OK!" groth16 verify "$out/vkey.json" "$out/public.json" "$out/proof.json"

# snarkjs notices a spoiled contribution: the last bytes of the file are the beacon's value.
cp "$out/final.zkey" "$out/spoiled.zkey"
spoil "$out/spoiled.zkey" $(($(wc -c < "$out/spoiled.zkey") - 1))
rejects "zkey verify rejects a spoiled transcript" "INVALID(3): Key of the beacon" zkey verify "$circuit" "$folder/pot.ptau" "$out/spoiled.zkey"

echo "snarkjs check: passed"
