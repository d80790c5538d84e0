// The Montgomery product, R = 2^256, in even and odd columns.
//
// Row i adds a b_i and m_i p to an accumulator. Low and high words of one 32 x 32 product stand next to each other, so
// that the assembler fuses the pair into one IMAD.WIDE: products of even limbs go to one accumulator, those of odd
// limbs to another that is shifted by a word, and the two change places each row. This is the order of Emmart, Zheng and
// Weems, "Faster modular exponentiation using double precision floating point arithmetic on the GPU" (ARITH 2018), s. 3.
//
// a < p is required; b may be any 256-bit number: (a b + m p) / R < 2 p, so one subtraction reduces.
#pragma once
#include "carry.cuh"

// words[0..8) += (even limbs of a) * b, leaving the carry in the flag.
__device__ __forceinline__ void add_even_products(uint32_t *words, const uint32_t *a, uint32_t b) {
    words[0] = mad_lo_cc(a[0], b, words[0]);
    words[1] = madc_hi_cc(a[0], b, words[1]);
#pragma unroll
    for (int j = 2; j < 8; j += 2) {
        words[j] = madc_lo_cc(a[j], b, words[j]);
        words[j + 1] = madc_hi_cc(a[j], b, words[j + 1]);
    }
}

// One row: `even` and `odd` hold the sum so far, whose word 0 becomes zero and is dropped by the caller's exchange.
template <class M> __device__ __forceinline__ void add_row(uint32_t *even, uint32_t *odd, const uint32_t *a, uint32_t b, bool first) {
    if (first) {
#pragma unroll
        for (int j = 0; j < 8; j += 2) {
            odd[j] = a[j + 1] * b;
            odd[j + 1] = __umulhi(a[j + 1], b);
            even[j] = a[j] * b;
            even[j + 1] = __umulhi(a[j], b);
        }
    } else {
        even[0] = add_cc(even[0], odd[1]);
#pragma unroll
        for (int j = 0; j < 6; j += 2) {
            odd[j] = madc_lo_cc(a[j + 1], b, odd[j + 2]);
            odd[j + 1] = madc_hi_cc(a[j + 1], b, odd[j + 3]);
        }
        odd[6] = madc_lo_cc(a[7], b, 0);
        odd[7] = madc_hi(a[7], b, 0);
        add_even_products(even, a, b);
        odd[7] = addc(odd[7], 0);
    }
    uint32_t p[8];
#pragma unroll
    for (int j = 0; j < 8; j++) p[j] = M::limb(j);
    uint32_t m = even[0] * M::NEGATED_INVERSE;
    odd[0] = mad_lo_cc(p[1], m, odd[0]);
    odd[1] = madc_hi_cc(p[1], m, odd[1]);
#pragma unroll
    for (int j = 2; j < 8; j += 2) {
        odd[j] = madc_lo_cc(p[j + 1], m, odd[j]);
        odd[j + 1] = madc_hi_cc(p[j + 1], m, odd[j + 1]);
    }
    add_even_products(even, p, m);
    odd[7] = addc(odd[7], 0);
}

// a b / R mod p, below 2 p.
template <class M> __device__ __forceinline__ void montgomery_product(uint32_t *even, const uint32_t *a, const uint32_t *b) {
    uint32_t odd[8];
#pragma unroll
    for (int i = 0; i < 8; i += 2) {
        add_row<M>(even, odd, a, b[i], i == 0);
        add_row<M>(odd, even, a, b[i + 1], false);
    }
    even[0] = add_cc(even[0], odd[1]);
#pragma unroll
    for (int j = 1; j < 7; j++) even[j] = addc_cc(even[j], odd[j + 1]);
    even[7] = addc(even[7], 0);
}
