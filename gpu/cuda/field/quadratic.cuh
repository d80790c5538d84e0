// The quadratic extension Fq[u] / (u^2 + 1): (c0, c1) stands for c0 + c1 u.
#pragma once
#include "element.cuh"

struct Fq2 {
    Fq c0, c1;

    __device__ __forceinline__ static Fq2 zero() { return {Fq::zero(), Fq::zero()}; }
    __device__ __forceinline__ static Fq2 one() { return {Fq::one(), Fq::zero()}; }
    __device__ __forceinline__ bool is_zero() const { return c0.is_zero() && c1.is_zero(); }
};

__device__ __forceinline__ Fq2 operator+(Fq2 a, Fq2 b) { return {a.c0 + b.c0, a.c1 + b.c1}; }
__device__ __forceinline__ Fq2 operator-(Fq2 a, Fq2 b) { return {a.c0 - b.c0, a.c1 - b.c1}; }
__device__ __forceinline__ Fq2 operator-(Fq2 a) { return {-a.c0, -a.c1}; }
__device__ __forceinline__ bool operator==(Fq2 a, Fq2 b) { return a.c0 == b.c0 && a.c1 == b.c1; }
__device__ __forceinline__ Fq2 twice(Fq2 a) { return a + a; }

// Karatsuba: three products.
__device__ __forceinline__ Fq2 operator*(Fq2 a, Fq2 b) {
    Fq low = a.c0 * b.c0, high = a.c1 * b.c1;
    Fq crossed = (a.c0 + a.c1) * (b.c0 + b.c1);
    return {low - high, crossed - low - high};
}

// (c0 + c1)(c0 - c1) + 2 c0 c1 u: two products.
__device__ __forceinline__ Fq2 squared(Fq2 a) {
    Fq product = a.c0 * a.c1;
    return {(a.c0 + a.c1) * (a.c0 - a.c1), twice(product)};
}
