#!/bin/bash
# Compiles the kernels to the PTX that is built into the library: gpu/cuda/build.sh [--check] [--registers]
#
#   (nothing)     writes gpu/cuda/ptx
#   --check       compiles into a scratch folder and compares with gpu/cuda/ptx
#   --registers   also assembles for sm_80 and sm_90, lists registers, stack and spills of each kernel, and fails if any spills
#
# CUDA_HOME names a toolkit of the pinned release, which PyPI has without a system-wide installation:
#   pip install --no-deps --target DIR nvidia-cuda-nvcc==13.0.88 nvidia-nvvm==13.0.88 nvidia-cuda-crt==13.0.88 \
#       nvidia-cuda-runtime==13.0.96 nvidia-cuda-cccl==13.0.85
#   export CUDA_HOME=DIR/nvidia/cu13
#
# The code uses nothing newer than PTX ISA 7.8, which drivers know since 520, so that is the version it states, and
# --registers assembles it under that version. A number in the names of internal functions depends on the path and is dropped.
# Comments and indentation are dropped: they are half of the text.
set -euo pipefail
cd "$(dirname "$0")"

release="13.0"
modules="vectors ntt digits g1 g2 sparse tensors"
check= registers=
for argument in "$@"; do
    case "$argument" in
        --check) check=1 ;;
        --registers) registers=1 ;;
        *) echo "unknown argument $argument" >&2; exit 2 ;;
    esac
done

bin="${CUDA_HOME:?set CUDA_HOME to a CUDA $release toolkit}/bin"
"$bin/nvcc" --version | grep -q "release $release," || { echo "this is not nvcc $release: its output would differ" >&2; exit 2; }

scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
status=0
for module in $modules; do
    PATH="$bin:$PATH" "$bin/nvcc" -O3 -std=c++17 -ptx -arch=compute_80 "$module.cu" -o "$scratch/raw"
    sed -E -e '/^[[:space:]]*\/\//d' -e 's/^[[:space:]]+//' -e '/^$/d' -e 's/^\.version .*/.version 7.8/' -e 's/_INTERNAL_[0-9a-f]{8}_/_INTERNAL_/g' "$scratch/raw" > "$scratch/$module.ptx"
    if [ -n "$registers" ]; then
        for arch in sm_80 sm_90; do
            # A function that kernels call is listed behind each of them.
            "$bin/ptxas" -v -arch="$arch" "$scratch/$module.ptx" -o "$scratch/cubin" 2>&1 | awk -v arch="$arch" '
                /error|fatal/ { print }
                /Compiling entry function/ { gsub("\047", "", $0); for (i = 1; i < NF; i++) if ($i == "function") entry = $(i + 1) }
                /Function properties for/ { name = $NF }
                /spill stores/ {
                    stack[name] = $1
                    spill[name] = $5 + $9
                    if (spill[name] > 0) spills = spills sprintf("%s: %s spills in %s\n", arch, entry, name)
                }
                /Used [0-9]+ registers/ {
                    for (i = 1; i < NF; i++) if ($i == "Used") used = $(i + 1)
                    printf "%s %-28s %3d registers %5d stack %5d spilled\n", arch, entry, used, stack[entry], spill[entry]
                }
                END { printf "%s", spills > "/dev/stderr"; exit spills != "" }' || status=1
        done
    fi
    if [ -n "$check" ]; then
        cmp "$scratch/$module.ptx" "ptx/$module.ptx" || { echo "gpu/cuda/ptx/$module.ptx is not what its sources give: run gpu/cuda/build.sh" >&2; status=1; }
    else
        mv "$scratch/$module.ptx" "ptx/$module.ptx"
    fi
done
exit "$status"
