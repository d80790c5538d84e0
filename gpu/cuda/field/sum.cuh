// Sums of products of field elements that are reduced once, at the end: a term costs its 64 word products, and not the
// 64 of a Montgomery reduction on top.
#pragma once
#include "element.cuh"

// words[START..START + 8) += (four words of a, every second) * b, leaving the carry in the flag.
template <int START, int N> __device__ __forceinline__ void add_products_at(uint32_t (&words)[N], const uint32_t *a, uint32_t b) {
    words[START] = mad_lo_cc(a[0], b, words[START]);
    words[START + 1] = madc_hi_cc(a[0], b, words[START + 1]);
#pragma unroll
    for (int j = 2; j < 8; j += 2) {
        words[START + j] = madc_lo_cc(a[j], b, words[START + j]);
        words[START + j + 1] = madc_hi_cc(a[j], b, words[START + j + 1]);
    }
}

// Two rows, b[I] and b[I + 1], of even and odd columns; odd[k] stands at word k + 1. Where a row ends on words that no row
// had reached, nothing can be carried out of them; elsewhere the carry opens the next word.
template <int I> __device__ __forceinline__ void add_two_rows(uint32_t (&even)[16], uint32_t (&odd)[16], const uint32_t *a, const uint32_t *b) {
    add_products_at<I>(even, a, b[I]);
    if (I > 0) even[I + 8] = addc(even[I + 8], 0);
    add_products_at<I>(odd, a + 1, b[I]);
    add_products_at<I>(odd, a, b[I + 1]);
    odd[I + 8] = addc(odd[I + 8], 0);
    add_products_at<I + 2>(even, a + 1, b[I + 1]);
}

// Up to 2^32 terms, as an integer of 544 bits.
struct FieldSum {
    uint32_t words[17];

    __device__ __forceinline__ FieldSum() {
#pragma unroll
        for (int i = 0; i < 17; i++) words[i] = 0;
    }

    // Adds a b.
    __device__ __forceinline__ void add(Fr a, Fr b) {
        uint32_t even[16], odd[16];
#pragma unroll
        for (int i = 0; i < 16; i++) even[i] = odd[i] = 0;
        add_two_rows<0>(even, odd, a.v, b.v);
        add_two_rows<2>(even, odd, a.v, b.v);
        add_two_rows<4>(even, odd, a.v, b.v);
        add_two_rows<6>(even, odd, a.v, b.v);
        even[1] = add_cc(even[1], odd[0]);
#pragma unroll
        for (int i = 2; i < 15; i++) even[i] = addc_cc(even[i], odd[i - 1]);
        even[15] = addc(even[15], odd[14]);
        words[0] = add_cc(words[0], even[0]);
#pragma unroll
        for (int i = 1; i < 16; i++) words[i] = addc_cc(words[i], even[i]);
        words[16] = addc(words[16], 0);
    }

    // Adds a itself: a R, which the reduction divides by R.
    __device__ __forceinline__ void add(Fr a) {
        words[8] = add_cc(words[8], a.v[0]);
#pragma unroll
        for (int i = 1; i < 8; i++) words[8 + i] = addc_cc(words[8 + i], a.v[i]);
        words[16] = addc(words[16], 0);
    }

    __device__ __forceinline__ Fr finish() const;
};

// (low + R high + R^2 top) / R. Called, not inlined: it runs once a sum.
static __device__ __noinline__ Fr reduced_sum(Fr low, Fr high, uint32_t top) {
    Fr unit = Fr::zero(), last = Fr::zero();
    unit.v[0] = 1;
    last.v[0] = top;
    return unit * low + Fr::one() * high + Fr::square_of_r() * last;
}

__device__ __forceinline__ Fr FieldSum::finish() const {
    Fr low, high;
#pragma unroll
    for (int i = 0; i < 8; i++) {
        low.v[i] = words[i];
        high.v[i] = words[8 + i];
    }
    return reduced_sum(low, high, words[16]);
}
