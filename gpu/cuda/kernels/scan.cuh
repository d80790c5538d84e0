// Exclusive sums of counts: each block sums a tile, the tiles' totals are summed the same way, and added back.
// (Blelloch, "Prefix sums and their applications", 1990.)
#pragma once
#include "kernel.cuh"

// Counts a thread sums alone; a tile is as many for each of the block's threads.
constexpr uint32_t SCAN_EACH = 8;

KERNEL(scan_tiles)(uint32_t *values, uint32_t *totals, uint32_t n) {
    DYNAMIC_SHARED(uint32_t, shared);
    uint32_t first = (blockIdx.x * blockDim.x + threadIdx.x) * SCAN_EACH;
    uint32_t own[SCAN_EACH], total = 0;
#pragma unroll
    for (uint32_t k = 0; k < SCAN_EACH; k++) {
        own[k] = total;
        total += first + k < n ? values[first + k] : 0;
    }
    shared[threadIdx.x] = total;
    __syncthreads();
    for (uint32_t distance = 1; distance < blockDim.x; distance *= 2) {
        uint32_t below = threadIdx.x >= distance ? shared[threadIdx.x - distance] : 0;
        __syncthreads();
        shared[threadIdx.x] += below;
        __syncthreads();
    }
    uint32_t before = shared[threadIdx.x] - total;
#pragma unroll
    for (uint32_t k = 0; k < SCAN_EACH; k++)
        if (first + k < n) values[first + k] = before + own[k];
    if (threadIdx.x == blockDim.x - 1) totals[blockIdx.x] = shared[threadIdx.x];
}
EXPORT(scan_tiles)

// Adds the sum of all tiles below to each tile's values.
KERNEL(add_tile_totals)(uint32_t *values, const uint32_t *totals, uint32_t tile, uint32_t n) {
    FOR_EACH_INDEX(i, n) values[i] += totals[i / tile];
}
EXPORT(add_tile_totals)
