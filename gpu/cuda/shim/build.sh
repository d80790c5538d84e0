#!/bin/sh
# Builds the stand-in for the CUDA driver: gpu/cuda/shim/build.sh OUTPUT [compiler flags, such as -fsanitize=address]
# CXX names the compiler (default: c++). The library answers to the names under which the driver is looked for.
set -eu
output="$1"
shift
cd "$(dirname "$0")"
exec "${CXX:-c++}" -x c++ -O2 -g1 -std=c++17 -fPIC -shared -fvisibility=hidden -Wall -Wno-unknown-pragmas -include cuda.h \
    "$@" driver.cpp -pthread -Wl,-soname,libcuda.so -o "$output"
