// Machine integers as field elements, and sums of integers times field elements that are reduced once, at the end.
#pragma once
#include "sum.cuh"

// The size of an integer, and its sign.
struct Magnitude {
    uint64_t size;
    bool negative;
};

template <class T> __device__ __forceinline__ Magnitude magnitude(T x) {
    int64_t wide = (int64_t)x;
    bool negative = wide < 0;
    return {negative ? (uint64_t)0 - (uint64_t)wide : (uint64_t)wide, negative};
}

__device__ __forceinline__ Fr to_field(Magnitude x) {
    Fr r = Fr::zero();
    r.v[0] = (uint32_t)x.size;
    r.v[1] = (uint32_t)(x.size >> 32);
    r = Fr::square_of_r() * r;
    return x.negative ? -r : r;
}

// Where the first word of a product goes: words[OFFSET..] += a * x.
template <int OFFSET> __device__ __forceinline__ void add_word_product(uint32_t (&words)[11], Fr a, uint32_t x) {
    uint32_t *w = words + OFFSET;
    w[0] = mad_lo_cc(a.v[0], x, w[0]);
    w[1] = madc_hi_cc(a.v[0], x, w[1]);
#pragma unroll
    for (int j = 2; j < 8; j += 2) {
        w[j] = madc_lo_cc(a.v[j], x, w[j]);
        w[j + 1] = madc_hi_cc(a.v[j], x, w[j + 1]);
    }
    if (OFFSET == 0) w[8] = addc_cc(w[8], 0);
    if (OFFSET == 0) w[9] = addc_cc(w[9], 0);
    if (OFFSET == 1) w[8] = addc_cc(w[8], 0);
    words[10] = addc(words[10], 0);
    w[1] = mad_lo_cc(a.v[1], x, w[1]);
    w[2] = madc_hi_cc(a.v[1], x, w[2]);
#pragma unroll
    for (int j = 3; j < 8; j += 2) {
        w[j] = madc_lo_cc(a.v[j], x, w[j]);
        w[j + 1] = madc_hi_cc(a.v[j], x, w[j + 1]);
    }
    if (OFFSET == 0) w[9] = addc_cc(w[9], 0);
    words[10] = addc(words[10], 0);
}

// A sum of up to 2^32 products of integers and field elements, as an integer of 352 bits.
struct IntegerSum {
    uint32_t words[11];

    __device__ __forceinline__ IntegerSum() {
#pragma unroll
        for (int i = 0; i < 11; i++) words[i] = 0;
    }

    // Adds x value, for |x| < 2^32.
    __device__ __forceinline__ void add_short(Magnitude x, Fr value) {
        Fr opposite = opposite_unreduced(value);
#pragma unroll
        for (int i = 0; i < 8; i++) value.v[i] = x.negative ? opposite.v[i] : value.v[i];
        add_word_product<0>(words, value, (uint32_t)x.size);
    }

    // Adds x value.
    __device__ __forceinline__ void add_long(Magnitude x, Fr value) {
        Fr opposite = opposite_unreduced(value);
#pragma unroll
        for (int i = 0; i < 8; i++) value.v[i] = x.negative ? opposite.v[i] : value.v[i];
        add_word_product<0>(words, value, (uint32_t)x.size);
        add_word_product<1>(words, value, (uint32_t)(x.size >> 32));
    }

    template <class T> __device__ __forceinline__ void add(T x, Fr value) {
        if (sizeof(T) <= 4) add_short(magnitude(x), value);
        else add_long(magnitude(x), value);
    }

    __device__ __forceinline__ Fr finish() const;
};

// low + 2^256 high: one product reduces the low part, another brings the high one down. Called, not inlined: it runs once
// a sum, and its copies would be most of the code.
static __device__ __noinline__ Fr reduced_words(Fr low, uint32_t high0, uint32_t high1, uint32_t high2) {
    Fr high = Fr::zero();
    high.v[0] = high0;
    high.v[1] = high1;
    high.v[2] = high2;
    return Fr::one() * low + Fr::square_of_r() * high;
}

__device__ __forceinline__ Fr IntegerSum::finish() const {
    Fr low;
#pragma unroll
    for (int i = 0; i < 8; i++) low.v[i] = words[i];
    return reduced_words(low, words[8], words[9], words[10]);
}

// The sum that entries of a type want.
template <class T> struct SumOf { using Type = IntegerSum; };
template <> struct SumOf<Fr> { using Type = FieldSum; };
