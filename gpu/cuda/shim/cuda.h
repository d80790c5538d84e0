// What CUDA C++ has and C++ has not, as far as the kernels use it. Included before every kernel source.
#pragma once
#include "kernels.h"

#define CUDA_SHIM 1
#define __global__
#define __device__
#define __host__
// A hint here: with everything inlined, building takes minutes.
#define __forceinline__ inline
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(n) alignas(n)
#define __restrict__
#define __grid_constant__
#define SHIM_DYN_SHARED(T, name) T *name = reinterpret_cast<T *>(shim::self().dynamic)

#define threadIdx (shim::self().current->thread)
#define blockIdx (shim::self().block)
#define blockDim (shim::self().block_dim)
#define gridDim (shim::self().grid_dim)

using std::max;
using std::min;

inline void shim_barrier(const char *file, int line) {
    shim::self().current->file = file;
    shim::self().current->line = line;
    shim::wait_for(shim::BARRIER);
}
#define __syncthreads() shim_barrier(__FILE__, __LINE__)
inline void __syncwarp(uint32_t mask = ~0u) { shim::collective(shim::SYNC_WARP, mask, 0, 0); }
inline uint32_t __ballot_sync(uint32_t mask, int predicate) { return (uint32_t)shim::collective(shim::BALLOT, mask, predicate != 0, 0); }

template <class T> T shim_shuffle(uint32_t mask, T value, int source) {
    static_assert(sizeof(T) <= 8, "a shuffle moves at most eight bytes");
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof value);
    bits = shim::collective(shim::SHUFFLE, mask, bits, source);
    memcpy(&value, &bits, sizeof value);
    return value;
}
inline int shim_lane() { return shim::self().current->index & 31; }
template <class T> T __shfl_sync(uint32_t mask, T value, int lane) { return shim_shuffle(mask, value, lane & 31); }
template <class T> T __shfl_up_sync(uint32_t mask, T value, unsigned by) {
    int lane = shim_lane();
    return shim_shuffle(mask, value, (unsigned)lane >= by ? lane - (int)by : lane);
}
template <class T> T __shfl_down_sync(uint32_t mask, T value, unsigned by) {
    int lane = shim_lane();
    return shim_shuffle(mask, value, lane + by < 32 ? lane + (int)by : lane);
}

template <class T> T atomicAdd(T *at, T value) { return __atomic_fetch_add(at, value, __ATOMIC_SEQ_CST); }
template <class T> T atomicMax(T *at, T value) {
    T old = *at;
    while (old < value && !__atomic_compare_exchange_n(at, &old, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {}
    return old;
}
template <class T> T atomicMin(T *at, T value) {
    T old = *at;
    while (old > value && !__atomic_compare_exchange_n(at, &old, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {}
    return old;
}

inline uint32_t __umulhi(uint32_t a, uint32_t b) { return (uint32_t)((uint64_t)a * b >> 32); }
inline int __clz(int x) { return x ? __builtin_clz((unsigned)x) : 32; }
inline int __clzll(long long x) { return x ? __builtin_clzll((unsigned long long)x) : 64; }
inline int __popc(uint32_t x) { return __builtin_popcount(x); }
inline uint32_t __brev(uint32_t x) {
    x = (x >> 1 & 0x55555555) | (x & 0x55555555) << 1;
    x = (x >> 2 & 0x33333333) | (x & 0x33333333) << 2;
    x = (x >> 4 & 0x0f0f0f0f) | (x & 0x0f0f0f0f) << 4;
    return __builtin_bswap32(x);
}
