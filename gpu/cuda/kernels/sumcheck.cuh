// Round polynomials of sumchecks over products of multilinear extensions, and folding fused with the next round.
#pragma once
#include "reduce.cuh"
#include "tails.cuh"

template <int D> struct Factors {
    Fr *values[D];
};

// Adds the product of D lines to its values at X = 0, 2, 3, ..., D.
template <int D> __device__ __forceinline__ void add_products(FieldSum (&sums)[D], const Fr (&low)[D], const Fr (&high)[D]) {
    Fr at[D], step[D];
#pragma unroll
    for (int j = 0; j < D; j++) {
        at[j] = low[j];
        step[j] = high[j] - low[j];
    }
#pragma unroll
    for (int x = 0; x < D; x++) {
#pragma unroll
        for (int j = 0; j < D; j++) {
            if (x == 1) at[j] = at[j] + step[j];
            if (x >= 1) at[j] = at[j] + step[j];
        }
        if (D == 1) {
            sums[x].add(at[0]);
            continue;
        }
        Fr product = at[0];
#pragma unroll
        for (int j = 1; j < D - 1; j++) product = product * at[j];
        sums[x].add(product, at[D - 1]);
    }
}

template <int D> __device__ __forceinline__ void finish_round(FieldSum (&sums)[D], Fr *shared, Fr *partials) {
    Fr totals[D];
#pragma unroll
    for (int x = 0; x < D; x++) totals[x] = sums[x].finish();
    block_sums(totals, shared, partials);
}

// Factors of virtual length 2 half, of which `length` entries are there; the others are zero.
template <int D> __device__ __forceinline__ void product_round(Fr *partials, Factors<D> factors, uint32_t half, uint32_t length, Fr *shared) {
    FieldSum sums[D];
    uint32_t end = min(length, half);
    FOR_EACH_INDEX(i, end) {
        Fr low[D], high[D];
#pragma unroll
        for (int j = 0; j < D; j++) {
            low[j] = factors.values[j][i];
            high[j] = entry(factors.values[j], i + half, length, Fr::zero());
        }
        add_products(sums, low, high);
    }
    finish_round(sums, shared, partials);
}

// Binds variable 0 of factors of virtual length 4 quarter to r, in place, and computes the next round from what is in
// registers.
template <int D>
__device__ __forceinline__ void fold_product_round(Fr *partials, Factors<D> factors, Fr r, uint32_t quarter, uint32_t length, Fr *shared) {
    FieldSum sums[D];
    uint32_t end = min(length, quarter);
    FOR_EACH_INDEX(i, end) {
        Fr low[D], high[D];
#pragma unroll
        for (int j = 0; j < D; j++) {
            low[j] = bound(factors.values[j], i, 2 * quarter, length, Fr::zero(), r);
            high[j] = bound(factors.values[j], i + quarter, 2 * quarter, length, Fr::zero(), r);
        }
        add_products(sums, low, high);
    }
    finish_round(sums, shared, partials);
}

#define ROUND_KERNELS(D)                                                                                           \
    KERNEL(product_round_##D)(Fr *partials, Factors<D> factors, uint32_t half, uint32_t length) {                  \
        DYNAMIC_SHARED(Fr, shared);                                                                                \
        product_round<D>(partials, factors, half, length, shared);                                                 \
    }                                                                                                              \
    EXPORT(product_round_##D)                                                                                      \
    KERNEL(fold_product_round_##D)(Fr *partials, Factors<D> factors, Fr r, uint32_t quarter, uint32_t length) {    \
        DYNAMIC_SHARED(Fr, shared);                                                                                \
        fold_product_round<D>(partials, factors, r, quarter, length, shared);                                      \
    }                                                                                                              \
    EXPORT(fold_product_round_##D)
ROUND_KERNELS(1)
ROUND_KERNELS(2)
ROUND_KERNELS(3)
ROUND_KERNELS(4)
#undef ROUND_KERNELS

// The values at X = 0 and 2 of the sum of integers times field elements.
template <class T> __device__ __forceinline__ void product_round_ints(Fr *partials, const T *ints, const Fr *factor, uint32_t half, Fr *shared) {
    Fr totals[2];
    if (sizeof(T) <= 4) {
        IntegerSum sums[2];
        FOR_EACH_INDEX(i, half) {
            int64_t low = (int64_t)ints[i], at_two = 2 * (int64_t)ints[i + half] - low;
            Fr factor_low = factor[i];
            sums[0].add_short(magnitude(low), factor_low);
            Fr factor_two = twice(factor[i + half]) - factor_low;
            // Twice 16 bits less as much is far below 32 bits.
            if (sizeof(T) <= 2) sums[1].add_short(magnitude(at_two), factor_two);
            else sums[1].add_long(magnitude(at_two), factor_two);
        }
        totals[0] = sums[0].finish();
        totals[1] = sums[1].finish();
    } else {
        FieldSum sums[2];
        FOR_EACH_INDEX(i, half) {
            Fr low = to_field(magnitude(ints[i])), high = to_field(magnitude(ints[i + half]));
            Fr factor_low = factor[i];
            sums[0].add(low, factor_low);
            sums[1].add(twice(high) - low, twice(factor[i + half]) - factor_low);
        }
        totals[0] = sums[0].finish();
        totals[1] = sums[1].finish();
    }
    block_sums(totals, shared, partials);
}

#define INTEGER_ROUND_KERNEL(suffix, T)                                                                           \
    KERNEL(product_round_ints_##suffix)(Fr *partials, const T *ints, const Fr *factor, uint32_t half) {           \
        DYNAMIC_SHARED(Fr, shared);                                                                               \
        product_round_ints(partials, ints, factor, half, shared);                                                 \
    }                                                                                                             \
    EXPORT(product_round_ints_##suffix)
FOR_EACH_INTEGER(INTEGER_ROUND_KERNEL)
#undef INTEGER_ROUND_KERNEL
