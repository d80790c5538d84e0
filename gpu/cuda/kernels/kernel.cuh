// How kernels are declared: by C names, so that host code finds them, and known by name to the CPU's stand-in too.
#pragma once
#include <stdint.h>

#define KERNEL(name) extern "C" __global__ void name
#ifdef CUDA_SHIM
#define EXPORT(name) SHIM_KERNEL(name)
#define DYNAMIC_SHARED(T, name) SHIM_DYN_SHARED(T, name)
#else
#define EXPORT(name)
#define DYNAMIC_SHARED(T, name)                                       \
    extern __shared__ __align__(16) unsigned char dynamic_shared[];  \
    T *name = reinterpret_cast<T *>(dynamic_shared)
#endif

// Runs X(suffix, type) for each type of machine integers.
#define FOR_EACH_INTEGER(X) \
    X(i8, int8_t) X(u8, uint8_t) X(i16, int16_t) X(u16, uint16_t) X(i32, int32_t) X(u32, uint32_t) X(i64, int64_t)

// All indices below n, however many threads there are; n and the number of threads are below 2^31.
#define FOR_EACH_INDEX(i, n) \
    for (uint32_t i = blockIdx.x * blockDim.x + threadIdx.x; i < (n); i += gridDim.x * blockDim.x)
