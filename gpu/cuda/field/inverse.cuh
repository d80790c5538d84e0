// Inverses, by Fermat's little theorem; that of zero is zero.
#pragma once
#include "quadratic.cuh"

// x^(p - 2). Called, since it is long and rare.
template <class M> __device__ __noinline__ Element<M> inverse(Element<M> x) {
    Element<M> r = Element<M>::one();
#pragma unroll 1
    for (int bit = 253; bit >= 0; bit--) {
        r = squared(r);
        // The lowest limb of either modulus is above 2, so that nothing is borrowed.
        uint32_t limb = M::limb(bit / 32) - (bit < 32 ? 2u : 0u);
        if (limb >> (bit % 32) & 1) r = r * x;
    }
    return r;
}

// The conjugate divided by the norm.
__device__ __forceinline__ Fq2 inverse(Fq2 a) {
    Fq norm = inverse(squared(a.c0) + squared(a.c1));
    return {a.c0 * norm, -(a.c1 * norm)};
}
