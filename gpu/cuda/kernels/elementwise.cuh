// Kernels with one thread an element: scaled sums, folding, tables of products.
#pragma once
#include "../field/element.cuh"
#include "kernel.cuh"

// target[i] += scale * values[i].
KERNEL(add_scaled)(Fr *target, const Fr *values, Fr scale, uint32_t n) {
    FOR_EACH_INDEX(i, n) target[i] = target[i] + values[i] * scale;
}
EXPORT(add_scaled)

KERNEL(add_values)(Fr *target, const Fr *values, uint32_t n) {
    FOR_EACH_INDEX(i, n) target[i] = target[i] + values[i];
}
EXPORT(add_values)

KERNEL(fill)(Fr *target, Fr value, uint32_t n) {
    FOR_EACH_INDEX(i, n) target[i] = value;
}
EXPORT(fill)

// low[i] += r (high[i] - low[i]) where there is a high[i], and r (tail - low[i]) elsewhere.
KERNEL(fold)(Fr *low, const Fr *high, Fr tail, Fr r, uint32_t pairs, uint32_t n) {
    FOR_EACH_INDEX(i, n) {
        Fr value = low[i];
        Fr partner = i < pairs ? high[i] : tail;
        low[i] = value + (partner - value) * r;
    }
}
EXPORT(fold)

// Table of a product of two functions: out[i << log_inner | j] = outer[i] inner[j].
KERNEL(outer_product)(Fr *out, const Fr *outer, const Fr *inner, uint32_t log_inner, uint32_t n) {
    FOR_EACH_INDEX(i, n) out[i] = outer[i >> log_inner] * inner[i & ((1u << log_inner) - 1)];
}
EXPORT(outer_product)

// A point of few coordinates, passed by value.
struct Point10 {
    Fr coordinates[10];
};

// out[x] = scale * eq(point, x) for the k <= 10 coordinates; one block. Doubling, from the last coordinate up: each new
// one decides the most significant bit so far.
KERNEL(eq_small)(Fr *out, Point10 point, Fr scale, uint32_t k) {
    DYNAMIC_SHARED(Fr, table);
    if (threadIdx.x == 0) table[0] = scale;
    __syncthreads();
    for (uint32_t bound = 0; bound < k; bound++) {
        Fr r = point.coordinates[k - 1 - bound];
        for (uint32_t i = threadIdx.x; i < 1u << bound; i += blockDim.x) {
            Fr low = table[i], high = low * r;
            table[i | 1u << bound] = high;
            table[i] = low - high;
        }
        __syncthreads();
    }
    for (uint32_t i = threadIdx.x; i < 1u << k; i += blockDim.x) out[i] = table[i];
}
EXPORT(eq_small)
