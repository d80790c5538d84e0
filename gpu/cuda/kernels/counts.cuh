// Kernels that look at all entries of a tensor: histograms and bounds.
#pragma once
#include "typed.cuh"

// counts[x] += 1 for each combination x from 0 up to below size, and counts[size] += 1 for each other one. Where `local_count`
// is size + 1, blocks count in shared memory first.
KERNEL(histogram)
(uint32_t *counts, const __grid_constant__ Combination of, uint32_t size, uint32_t local_count, uint32_t n) {
    DYNAMIC_SHARED(uint32_t, local);
    for (uint32_t b = threadIdx.x; b < local_count; b += blockDim.x) local[b] = 0;
    __syncthreads();
    FOR_EACH_INDEX(i, n) {
        uint64_t place = of.at(i);
        uint32_t bin = place < size ? (uint32_t)place : size;
        atomicAdd(local_count > 0 ? &local[bin] : &counts[bin], 1u);
    }
    __syncthreads();
    for (uint32_t b = threadIdx.x; b < local_count; b += blockDim.x)
        if (local[b] > 0) atomicAdd(&counts[b], local[b]);
}
EXPORT(histogram)

// partials[2 b] and partials[2 b + 1] = the least and the greatest of block b's entries; each block has some.
KERNEL(min_max)(int64_t *partials, Entries of, uint32_t n) {
    DYNAMIC_SHARED(int64_t, shared);
    int64_t *least = shared, *most = shared + blockDim.x;
    int64_t lo = INT64_MAX, hi = INT64_MIN;
    FOR_EACH_INDEX(i, n) {
        int64_t value = of.load(i);
        lo = value < lo ? value : lo;
        hi = value > hi ? value : hi;
    }
    least[threadIdx.x] = lo;
    most[threadIdx.x] = hi;
    __syncthreads();
#pragma unroll 1
    for (uint32_t half = blockDim.x / 2; half > 0; half /= 2) {
        if (threadIdx.x < half) {
            if (least[threadIdx.x + half] < least[threadIdx.x]) least[threadIdx.x] = least[threadIdx.x + half];
            if (most[threadIdx.x + half] > most[threadIdx.x]) most[threadIdx.x] = most[threadIdx.x + half];
        }
        __syncthreads();
    }
    if (threadIdx.x == 0) {
        partials[2 * blockIdx.x] = least[0];
        partials[2 * blockIdx.x + 1] = most[0];
    }
}
EXPORT(min_max)
