// The number-theoretic transform: passes of several levels each, whose butterflies run in shared memory.
//
// DIF takes natural order to bit-reversed order, DIT takes it back; who goes there and back never reverses bits. The
// level of half-length m, with w of order 2m: (u, v) -> (u + v, (u - v) w^i), or (u + v w^i, u - v w^i). Over the shift of
// the domain by a root of order 2n, w^i becomes the root of order 4m to the power 2i + 1. Inverses use
// w^-i = -w^(m - i), and do not divide by the length. (Cooley and Tukey 1965; Gentleman and Sande 1966.)
#pragma once
#include "../field/element.cuh"
#include "kernel.cuh"

// Powers of a root of order 2^log_order, from 0 to half the order.
struct Roots {
    const Fr *powers;
    uint32_t log_order;
    uint32_t inverse;
    uint32_t shifted;

    // w^i for the level of half-length 2^log_half, or -w^-i.
    __device__ __forceinline__ Fr at(uint32_t log_half, uint32_t i) const {
        if (inverse) i = (1u << log_half) - i;
        if (!shifted) return powers[(uint64_t)i << (log_order - log_half - 1)];
        uint32_t odd = inverse ? 2 * i - 1 : 2 * i + 1;
        return powers[(uint64_t)odd << (log_order - log_half - 2)];
    }
};

// A pass does `levels` levels from `first` on; level 0 has the longest butterflies. A block holds a tile: rows at the
// distance `stride` of the pass's last level, and 2^log_columns neighbouring columns.
struct Pass {
    uint32_t log_len;
    uint32_t first;
    uint32_t levels;
    uint32_t log_columns;
};

template <bool DIT> __device__ __forceinline__ void ntt_pass(Fr *values, Roots roots, Pass pass, Fr *tile) {
    const uint32_t log_stride = pass.log_len - pass.first - pass.levels;
    const uint32_t log_tiles = log_stride - pass.log_columns;
    const uint32_t column = (blockIdx.x & ((1u << log_tiles) - 1)) << pass.log_columns;
    const uint32_t columns_mask = (1u << pass.log_columns) - 1;
    values += ((uint64_t)(blockIdx.x >> log_tiles) << (pass.log_len - pass.first)) + column;
    const uint32_t size = 1u << (pass.levels + pass.log_columns);

    for (uint32_t e = threadIdx.x; e < size; e += blockDim.x)
        tile[e] = values[((uint64_t)(e >> pass.log_columns) << log_stride) + (e & columns_mask)];
#pragma unroll 1
    for (uint32_t step = 0; step < pass.levels; step++) {
        // Rows between the partners of a butterfly, as a power of two.
        const uint32_t log_rows = DIT ? step : pass.levels - 1 - step;
        __syncthreads();
        for (uint32_t b = threadIdx.x; b < size / 2; b += blockDim.x) {
            uint32_t row = b >> pass.log_columns, in_half = row & ((1u << log_rows) - 1);
            uint32_t low = (((row - in_half) << 1 | in_half) << pass.log_columns) + (b & columns_mask);
            uint32_t high = low + (1u << (log_rows + pass.log_columns));
            Fr root = roots.at(log_stride + log_rows, (in_half << log_stride) + column + (b & columns_mask));
            Fr u = tile[low], v = tile[high];
            if (DIT) {
                Fr product = v * root, sum = u + product, difference = u - product;
                tile[low] = roots.inverse ? difference : sum;
                tile[high] = roots.inverse ? sum : difference;
            } else {
                tile[low] = u + v;
                tile[high] = (roots.inverse ? v - u : u - v) * root;
            }
        }
    }
    __syncthreads();
    for (uint32_t e = threadIdx.x; e < size; e += blockDim.x)
        values[((uint64_t)(e >> pass.log_columns) << log_stride) + (e & columns_mask)] = tile[e];
}

KERNEL(ntt_dif)(Fr *values, Roots roots, Pass pass) {
    DYNAMIC_SHARED(Fr, tile);
    ntt_pass<false>(values, roots, pass, tile);
}
EXPORT(ntt_dif)

KERNEL(ntt_dit)(Fr *values, Roots roots, Pass pass) {
    DYNAMIC_SHARED(Fr, tile);
    ntt_pass<true>(values, roots, pass, tile);
}
EXPORT(ntt_dit)

__device__ __forceinline__ uint32_t reversed(uint32_t i, uint32_t log_len) { return log_len == 0 ? i : __brev(i) >> (32 - log_len); }

// Brings bit-reversed order into natural order, in place, times a factor unless that is not wanted.
KERNEL(reverse)(Fr *values, Fr factor, uint32_t scaled, uint32_t log_len) {
    FOR_EACH_INDEX(i, 1u << log_len) {
        uint32_t j = reversed(i, log_len);
        if (i > j) continue;
        Fr a = values[i], b = values[j];
        if (scaled) {
            a = a * factor;
            b = b * factor;
        }
        values[i] = b;
        values[j] = a;
    }
}
EXPORT(reverse)

// a[i] *= b[i] factor.
KERNEL(multiply)(Fr *a, const Fr *b, Fr factor, uint32_t n) {
    FOR_EACH_INDEX(i, n) a[i] = a[i] * (b[i] * factor);
}
EXPORT(multiply)

// out[i] = (c - a)[reversed i] factor, for i < n.
KERNEL(quotient_high)(Fr *out, const Fr *c, const Fr *a, Fr factor, uint32_t log_len, uint32_t n) {
    FOR_EACH_INDEX(i, n) {
        uint32_t place = reversed(i, log_len);
        out[i] = (c[place] - a[place]) * factor;
    }
}
EXPORT(quotient_high)
