// Scalars as signed sizes, and their Booth digits: the first half of a sum of points.
//
// A window of c bits, with the bit below it, gives the digit (window + bit below) - 2^c (top bit of the window), of size
// at most 2^(c - 1) (Booth 1951). Digits are sorted by window and size: counted, the counts summed up, and placed.
#pragma once
#include "../field/integers.cuh"
#include "kernel.cuh"

// A size below 2^253 and the sign in the top bit.
struct __align__(16) Signed {
    uint32_t v[8];
};

// Brings field elements into that form: s above half the order stands for -(order - s).
KERNEL(signed_sizes)(Signed *out, const Fr *scalars, uint32_t n) {
    FOR_EACH_INDEX(i, n) {
        Fr unit = Fr::zero();
        unit.v[0] = 1;
        Fr size = scalars[i] * unit, opposite = opposite_unreduced(size);
        // opposite - size is negative where size is above half the (odd) order.
        sub_cc(opposite.v[0], size.v[0]);
#pragma unroll
        for (int k = 1; k < 8; k++) subc_cc(opposite.v[k], size.v[k]);
        bool negative = subc(0, 0) != 0;
        Signed result;
#pragma unroll
        for (int k = 0; k < 8; k++) result.v[k] = negative ? opposite.v[k] : size.v[k];
        if (negative) result.v[7] |= 0x80000000u;
        out[i] = result;
    }
}
EXPORT(signed_sizes)

// A digit of `bits` + 1 bits, the lowest of which belongs to the window below.
__device__ __forceinline__ int32_t booth_digit(uint32_t field, uint32_t bits, bool negative) {
    field &= (2u << bits) - 1;
    int32_t digit = (int32_t)((field + 1) >> 1) - (int32_t)(field >> bits << bits);
    return negative ? -digit : digit;
}

// Scalars in the order of the points, through indices unless those are null.
struct FullScalars {
    const Signed *sizes;
    const uint32_t *indices;

    struct Scalar {
        const uint32_t *words;
        bool negative;

        __device__ __forceinline__ uint32_t word(uint32_t k) const { return k < 7 ? words[k] : k == 7 ? words[7] & 0x7fffffffu : 0; }

        __device__ __forceinline__ int32_t digit(uint32_t window, uint32_t bits) const {
            if (window == 0) return booth_digit(word(0) << 1, bits, negative);
            uint32_t bit = window * bits - 1, k = bit / 32;
            uint64_t both = word(k) | (uint64_t)word(k + 1) << 32;
            return booth_digit((uint32_t)(both >> (bit % 32)), bits, negative);
        }
    };

    __device__ __forceinline__ Scalar at(uint32_t i) const {
        const uint32_t *words = sizes[indices ? indices[i] : i].v;
        return {words, words[7] >> 31 != 0};
    }
};

template <class T> struct IntegerScalars {
    const T *ints;

    struct Scalar {
        Magnitude x;

        __device__ __forceinline__ int32_t digit(uint32_t window, uint32_t bits) const {
            uint32_t bit = window * bits;
            uint64_t field = bit == 0 ? x.size << 1 : bit <= 64 ? x.size >> (bit - 1) : 0;
            return booth_digit((uint32_t)field, bits, x.negative);
        }
    };

    __device__ __forceinline__ Scalar at(uint32_t i) const { return {magnitude(ints[i])}; }
};

// How scalars are cut: `count` windows of `bits` bits. Window w has the buckets of set w mod `sets`; where there are fewer sets
// than windows, it takes its points from the list of multiples w / `sets`, `stride` entries behind the one before.
struct Windows {
    uint32_t count, bits, sets, stride;

    // The bucket of a digit that is not zero, in a set.
    __device__ __forceinline__ uint32_t bucket(int32_t digit, uint32_t set) const {
        return (set << (bits - 1)) + (uint32_t)(digit < 0 ? -digit : digit) - 1;
    }
};

// local[b] = how many digits of this block's scalars fall into bucket b, for b < `local_count`; others into counts[b],
// unless that is null. The lowest buckets of the lowest window hold the bits and units of which real data is full:
// counted in global memory, all threads would wait for one address.
template <class S>
__device__ __forceinline__ void count_in_block(uint32_t *local, uint32_t local_count, uint32_t *counts, S scalars, Windows windows,
                                               uint32_t n) {
    for (uint32_t b = threadIdx.x; b < local_count; b += blockDim.x) local[b] = 0;
    __syncthreads();
    FOR_EACH_INDEX(i, n) {
        auto scalar = scalars.at(i);
#pragma unroll 1
        for (uint32_t window = 0, set = 0; window < windows.count; window++, set = set + 1 == windows.sets ? 0 : set + 1) {
            if (!counts && set << (windows.bits - 1) >= local_count) continue;
            int32_t digit = scalar.digit(window, windows.bits);
            if (digit == 0) continue;
            uint32_t bucket = windows.bucket(digit, set);
            if (bucket < local_count) atomicAdd(&local[bucket], 1u);
            else if (counts) atomicAdd(&counts[bucket], 1u);
        }
    }
    __syncthreads();
}

// counts[set * buckets + |digit| - 1] of the digits that are not zero.
template <class S>
__device__ __forceinline__ void count_digits(uint32_t *counts, S scalars, Windows windows, uint32_t local_count, uint32_t n, uint32_t *local) {
    count_in_block(local, local_count, counts, scalars, windows, n);
    for (uint32_t b = threadIdx.x; b < local_count; b += blockDim.x)
        if (local[b] > 0) atomicAdd(&counts[b], local[b]);
}

// entries[next free place of its bucket] = (index of the point or its multiple) << 1 | negative. A block reserves its places in
// the lowest buckets.
template <class S>
__device__ __forceinline__ void place_digits(uint32_t *entries, uint32_t *next, S scalars, Windows windows, uint32_t local_count, uint32_t n,
                                             uint32_t *local) {
    count_in_block(local, local_count, nullptr, scalars, windows, n);
    for (uint32_t b = threadIdx.x; b < local_count; b += blockDim.x)
        if (local[b] > 0) local[b] = atomicAdd(&next[b], local[b]);
    __syncthreads();
    FOR_EACH_INDEX(i, n) {
        auto scalar = scalars.at(i);
        uint32_t point = i;
#pragma unroll 1
        for (uint32_t window = 0, set = 0; window < windows.count; window++) {
            int32_t digit = scalar.digit(window, windows.bits);
            if (digit != 0) {
                uint32_t bucket = windows.bucket(digit, set);
                uint32_t place = atomicAdd(bucket < local_count ? &local[bucket] : &next[bucket], 1u);
                entries[place] = point << 1 | (digit < 0 ? 1u : 0u);
            }
            if (++set == windows.sets) set = 0, point += windows.stride;
        }
    }
}

#define DIGIT_KERNELS(suffix, S)                                                                                              \
    KERNEL(count_digits_##suffix)(uint32_t *counts, S scalars, Windows windows, uint32_t local_count, uint32_t n) {           \
        DYNAMIC_SHARED(uint32_t, local);                                                                                      \
        count_digits(counts, scalars, windows, local_count, n, local);                                                        \
    }                                                                                                                         \
    EXPORT(count_digits_##suffix)                                                                                             \
    KERNEL(place_digits_##suffix)(uint32_t *entries, uint32_t *next, S scalars, Windows windows, uint32_t local_count, uint32_t n) { \
        DYNAMIC_SHARED(uint32_t, local);                                                                                      \
        place_digits(entries, next, scalars, windows, local_count, n, local);                                                 \
    }                                                                                                                         \
    EXPORT(place_digits_##suffix)
#define INTEGER_DIGIT_KERNELS(suffix, T) DIGIT_KERNELS(suffix, IntegerScalars<T>)
FOR_EACH_INTEGER(INTEGER_DIGIT_KERNELS)
DIGIT_KERNELS(full, FullScalars)
#undef INTEGER_DIGIT_KERNELS
#undef DIGIT_KERNELS

// The largest size.
template <class T> __device__ __forceinline__ void largest_size(unsigned long long *out, const T *ints, uint32_t n) {
    uint64_t largest = 0;
    FOR_EACH_INDEX(i, n) {
        uint64_t size = magnitude(ints[i]).size;
        largest = size > largest ? size : largest;
    }
    if (largest > 0) atomicMax(out, (unsigned long long)largest);
}

#define LARGEST_KERNEL(suffix, T)                                                                             \
    KERNEL(largest_size_##suffix)(unsigned long long *out, const T *ints, uint32_t n) { largest_size(out, ints, n); } \
    EXPORT(largest_size_##suffix)
FOR_EACH_INTEGER(LARGEST_KERNEL)
#undef LARGEST_KERNEL
