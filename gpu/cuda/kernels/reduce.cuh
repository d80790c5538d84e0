// Sums over all threads: each block leaves one partial sum, a second kernel adds those. Field addition is exact, so the
// order of the additions does not show in the result.
#pragma once
#include "../field/integers.cuh"
#include "kernel.cuh"

// partials[k * gridDim.x + blockIdx.x] = the block's total of sums[k]. `shared` holds blockDim.x elements, a power of two.
template <int K> __device__ __forceinline__ void block_sums(Fr (&sums)[K], Fr *shared, Fr *partials) {
#pragma unroll
    for (int k = 0; k < K; k++) {
        shared[threadIdx.x] = sums[k];
        __syncthreads();
#pragma unroll 1
        for (uint32_t half = blockDim.x / 2; half > 0; half /= 2) {
            if (threadIdx.x < half) shared[threadIdx.x] = shared[threadIdx.x] + shared[threadIdx.x + half];
            __syncthreads();
        }
        if (threadIdx.x == 0) partials[k * gridDim.x + blockIdx.x] = shared[0];
        __syncthreads();
    }
}

// out[blockIdx.x] = sum of the `count` partial sums of that number.
KERNEL(sum_partials)(Fr *out, const Fr *partials, uint32_t count) {
    DYNAMIC_SHARED(Fr, shared);
    const Fr *row = partials + (uint64_t)blockIdx.x * count;
    Fr sums[1] = {Fr::zero()};
    for (uint32_t i = threadIdx.x; i < count; i += blockDim.x) sums[0] = sums[0] + row[i];
    block_sums(sums, shared, out);
}
EXPORT(sum_partials)

KERNEL(dot)(Fr *partials, const Fr *a, const Fr *b, uint32_t n) {
    DYNAMIC_SHARED(Fr, shared);
    FieldSum sum;
    FOR_EACH_INDEX(i, n) sum.add(a[i], b[i]);
    Fr sums[1] = {sum.finish()};
    block_sums(sums, shared, partials);
}
EXPORT(dot)
