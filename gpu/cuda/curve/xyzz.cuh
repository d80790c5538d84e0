// Points of y^2 = x^3 + b as (X, Y, ZZ, ZZZ): x = X / ZZ, y = Y / ZZZ, ZZ^3 = ZZZ^2, and ZZ = 0 at infinity.
//
// Formulas: Bernstein and Lange, Explicit-Formulas Database, short Weierstrass, coordinates xyzz, a = 0: madd-2008-s,
// add-2008-s, dbl-2008-s-1, mdbl-2008-s-1. Sutherland 2008. All exceptional cases are handled.
#pragma once
#include "../field/quadratic.cuh"

// An affine point; (0, 0), which is on neither curve, stands for infinity.
template <class F> struct Affine {
    F x, y;

    __device__ __forceinline__ bool is_infinity() const { return x.is_zero() && y.is_zero(); }
};

template <class F> struct Xyzz {
    F x, y, zz, zzz;

    __device__ __forceinline__ static Xyzz infinity() { return {F::zero(), F::zero(), F::zero(), F::zero()}; }
    __device__ __forceinline__ bool is_infinity() const { return zz.is_zero(); }
};

// p = 2 p. Points of order two do not exist in either group.
template <class F> __device__ __noinline__ void double_in_place(Xyzz<F> *p) {
    F zz = p->zz;
    if (zz.is_zero()) return;
    F y = p->y, u = twice(y), v = squared(u), w = u * v, s = p->x * v;
    F xx = squared(p->x), m = twice(xx) + xx;
    F x = squared(m) - twice(s);
    p->x = x;
    p->y = m * (s - x) - w * y;
    p->zz = v * zz;
    p->zzz = w * p->zzz;
}

// 2 p for an affine point.
template <class F> __device__ __noinline__ Xyzz<F> doubled(Affine<F> p) {
    F u = twice(p.y), v = squared(u), w = u * v, s = p.x * v;
    F xx = squared(p.x), m = twice(xx) + xx;
    F x = squared(m) - twice(s);
    return {x, m * (s - x) - w * p.y, v, w};
}

// p + q for an affine q: 8 products and 2 squares.
template <class F> __device__ __forceinline__ Xyzz<F> add(Xyzz<F> p, Affine<F> q) {
    if (q.is_infinity()) return p;
    if (p.is_infinity()) return {q.x, q.y, F::one(), F::one()};
    F h = q.x * p.zz - p.x;
    F r = q.y * p.zzz - p.y;
    if (h.is_zero()) return r.is_zero() ? doubled(q) : Xyzz<F>::infinity();
    F hh = squared(h);
    F hhh = h * hh;
    p.zz = p.zz * hh;
    p.zzz = p.zzz * hhh;
    F v = p.x * hh;
    p.x = squared(r) - hhh - twice(v);
    p.y = r * (v - p.x) - p.y * hhh;
    return p;
}

// p += q: 12 products and 2 squares. Called, and with both points in memory: kernels that add such points keep several,
// more than there are registers.
template <class F> __device__ __noinline__ void add_to(Xyzz<F> *p, const Xyzz<F> *q) {
    F q_zz = q->zz, p_zz = p->zz;
    if (q_zz.is_zero()) return;
    if (p_zz.is_zero()) {
        *p = *q;
        return;
    }
    // Products of what nothing else needs come early, which leaves fewer values to be held.
    F u = p->x * q_zz, h = q->x * p_zz - u, zz = p_zz * q_zz;
    F q_zzz = q->zzz, p_zzz = p->zzz;
    F s = p->y * q_zzz, r = q->y * p_zzz - s, zzz = p_zzz * q_zzz;
    if (h.is_zero()) {
        if (r.is_zero()) double_in_place(p);
        else *p = Xyzz<F>::infinity();
        return;
    }
    F hh = squared(h);
    F hhh = h * hh;
    p->zz = zz * hh;
    p->zzz = zzz * hhh;
    F v = u * hh;
    F x = squared(r) - hhh - twice(v);
    p->x = x;
    p->y = r * (v - x) - s * hhh;
}

// p = n p.
template <class F> __device__ __forceinline__ void scale_by(Xyzz<F> *p, uint32_t n) {
    Xyzz<F> base = *p;
    *p = Xyzz<F>::infinity();
#pragma unroll 1
    for (int bit = 31 - __clz((int)n); bit >= 0; bit--) {
        double_in_place(p);
        if (n >> bit & 1) add_to(p, &base);
    }
}
