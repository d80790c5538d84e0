// Vectors of machine integers as field elements.
#pragma once
#include "../field/integers.cuh"
#include "kernel.cuh"

template <class T> __device__ __forceinline__ void ints_to_field(Fr *out, const T *ints, uint32_t n) {
    FOR_EACH_INDEX(i, n) out[i] = to_field(magnitude(ints[i]));
}

// out[i] = low[i] (1 - r) + high[i] r, given both factors.
template <class T> __device__ __forceinline__ void fold_ints(Fr *out, const T *low, const T *high, Fr rest, Fr r, uint32_t n) {
    FOR_EACH_INDEX(i, n) {
        IntegerSum sum;
        sum.add(low[i], rest);
        sum.add(high[i], r);
        out[i] = sum.finish();
    }
}

// Up to four columns of one type with their factors.
template <class T> struct Columns {
    const T *ints[4];
    Fr scales[4];
};

// target[i] = (start ? constant : target[i]) + sum_j scale_j ints_j[i]: a step of a linear combination.
template <class T>
__device__ __forceinline__ void combine_ints(Fr *target, Columns<T> columns, uint32_t count, Fr constant, uint32_t start, uint32_t n) {
    FOR_EACH_INDEX(i, n) {
        IntegerSum sum;
#pragma unroll
        for (uint32_t j = 0; j < 4; j++)
            if (j < count) sum.add(columns.ints[j][i], columns.scales[j]);
        Fr base = start ? constant : target[i];
        target[i] = base + sum.finish();
    }
}

#define INTEGER_KERNELS(suffix, T)                                                                                    \
    KERNEL(ints_to_field_##suffix)(Fr *out, const T *ints, uint32_t n) { ints_to_field(out, ints, n); }               \
    EXPORT(ints_to_field_##suffix)                                                                                    \
    KERNEL(fold_ints_##suffix)(Fr *out, const T *low, const T *high, Fr rest, Fr r, uint32_t n) {                     \
        fold_ints(out, low, high, rest, r, n);                                                                        \
    }                                                                                                                 \
    EXPORT(fold_ints_##suffix)                                                                                        \
    KERNEL(combine_ints_##suffix)(Fr *target, Columns<T> columns, uint32_t count, Fr constant, uint32_t start, uint32_t n) { \
        combine_ints(target, columns, count, constant, start, n);                                                     \
    }                                                                                                                 \
    EXPORT(combine_ints_##suffix)
FOR_EACH_INTEGER(INTEGER_KERNELS)
#undef INTEGER_KERNELS
