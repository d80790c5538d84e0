// Elements of a prime field: arkworks' memory layout, Montgomery form with R = 2^256, always fully reduced.
//
// Elements travel by value: through a reference, every volatile statement would load its operands again.
#pragma once
#include "modulus.cuh"
#include "product.cuh"

template <class M> struct __align__(16) Element {
    uint32_t v[8];

    __device__ __forceinline__ static Element zero() {
        Element r;
#pragma unroll
        for (int i = 0; i < 8; i++) r.v[i] = 0;
        return r;
    }
    __device__ __forceinline__ static Element one() {
        Element r;
#pragma unroll
        for (int i = 0; i < 8; i++) r.v[i] = M::one(i);
        return r;
    }
    // 2^512 mod p.
    __device__ __forceinline__ static Element square_of_r() {
        Element r;
#pragma unroll
        for (int i = 0; i < 8; i++) r.v[i] = M::square(i);
        return r;
    }
    __device__ __forceinline__ bool is_zero() const {
        return (v[0] | v[1] | v[2] | v[3] | v[4] | v[5] | v[6] | v[7]) == 0;
    }
};

// x or x - p, for x < 2 p.
template <class M> __device__ __forceinline__ Element<M> reduced(Element<M> x) {
    Element<M> s;
    s.v[0] = sub_cc(x.v[0], M::limb(0));
#pragma unroll
    for (int i = 1; i < 8; i++) s.v[i] = subc_cc(x.v[i], M::limb(i));
    bool below = subc(0, 0) != 0;
#pragma unroll
    for (int i = 0; i < 8; i++) s.v[i] = below ? x.v[i] : s.v[i];
    return s;
}

template <class M> __device__ __forceinline__ Element<M> operator+(Element<M> a, Element<M> b) {
    a.v[0] = add_cc(a.v[0], b.v[0]);
#pragma unroll
    for (int i = 1; i < 7; i++) a.v[i] = addc_cc(a.v[i], b.v[i]);
    a.v[7] = addc(a.v[7], b.v[7]);
    return reduced(a);
}

template <class M> __device__ __forceinline__ Element<M> operator-(Element<M> a, Element<M> b) {
    a.v[0] = sub_cc(a.v[0], b.v[0]);
#pragma unroll
    for (int i = 1; i < 8; i++) a.v[i] = subc_cc(a.v[i], b.v[i]);
    uint32_t borrowed = subc(0, 0);
    a.v[0] = add_cc(a.v[0], M::limb(0) & borrowed);
#pragma unroll
    for (int i = 1; i < 7; i++) a.v[i] = addc_cc(a.v[i], M::limb(i) & borrowed);
    a.v[7] = addc(a.v[7], M::limb(7) & borrowed);
    return a;
}

// a b; b may be unreduced.
template <class M> __device__ __forceinline__ Element<M> operator*(Element<M> a, Element<M> b) {
    Element<M> r;
    montgomery_product<M>(r.v, a.v, b.v);
    return reduced(r);
}

template <class M> __device__ __forceinline__ bool operator==(Element<M> a, Element<M> b) {
    uint32_t difference = 0;
#pragma unroll
    for (int i = 0; i < 8; i++) difference |= a.v[i] ^ b.v[i];
    return difference == 0;
}

// p - a without the reduction of p itself: up to p.
template <class M> __device__ __forceinline__ Element<M> opposite_unreduced(Element<M> a) {
    a.v[0] = sub_cc(M::limb(0), a.v[0]);
#pragma unroll
    for (int i = 1; i < 7; i++) a.v[i] = subc_cc(M::limb(i), a.v[i]);
    a.v[7] = subc(M::limb(7), a.v[7]);
    return a;
}

template <class M> __device__ __forceinline__ Element<M> operator-(Element<M> a) { return Element<M>::zero() - a; }
template <class M> __device__ __forceinline__ Element<M> twice(Element<M> a) { return a + a; }
template <class M> __device__ __forceinline__ Element<M> squared(Element<M> a) { return a * a; }

// x^exponent.
template <class M> __device__ __forceinline__ Element<M> power(Element<M> x, uint32_t exponent) {
    Element<M> r = Element<M>::one();
#pragma unroll 1
    for (int bit = 31 - __clz((int)exponent); bit >= 0; bit--) {
        r = squared(r);
        if (exponent >> bit & 1) r = r * x;
    }
    return r;
}

using Fr = Element<ScalarModulus>;
using Fq = Element<BaseModulus>;
