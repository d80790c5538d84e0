// Multiples of points by powers of two, for sums whose windows share buckets.
#pragma once
#include "../curve/xyzz.cuh"
#include "../field/inverse.cuh"
#include "kernel.cuh"

// out[i] = 2^doublings in[i], for at least one doubling. The order is odd, so that no other point becomes infinity.
template <class F> __device__ __forceinline__ void multiples(Affine<F> *out, const Affine<F> *in, uint32_t doublings, uint32_t n) {
    uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    if (in[i].is_infinity()) {
        out[i] = in[i];
        return;
    }
    Xyzz<F> point = doubled(in[i]);
#pragma unroll 1
    for (uint32_t k = 1; k < doublings; k++) double_in_place(&point);
    // With ZZ = z^2 and ZZZ = z^3, ZZ / ZZZ = 1 / z.
    F inverted = inverse(point.zzz), of_z = point.zz * inverted;
    out[i] = {point.x * squared(of_z), point.y * inverted};
}

#define MULTIPLES_KERNEL(group, F)                                                                             \
    KERNEL(multiples_##group)(Affine<F> *out, const Affine<F> *in, uint32_t doublings, uint32_t n) {           \
        multiples(out, in, doublings, n);                                                                      \
    }                                                                                                          \
    EXPORT(multiples_##group)
