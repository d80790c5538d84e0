// Fractional sums (LogUp-GKR): layers of the tree of fractions p/q, and the round of the sumcheck that walks down one.
// Arrays have a virtual length; a tree's entries beyond the physical length are the fraction 0/1.
#pragma once
#include "reduce.cuh"
#include "tails.cuh"

// One layer up: p' = p_low q_high + p_high q_low, q' = q_low q_high. Fractions with no partner move up unchanged.
KERNEL(fraction_layer)(Fr *upper_p, Fr *upper_q, const Fr *p, const Fr *q, uint32_t half, uint32_t pairs, uint32_t n) {
    FOR_EACH_INDEX(i, n) {
        Fr p_low = p[i], q_low = q[i];
        if (i < pairs) {
            Fr p_high = p[i + half], q_high = q[i + half];
            p_low = p_low * q_high + p_high * q_low;
            q_low = q_low * q_high;
        }
        upper_p[i] = p_low;
        upper_q[i] = q_low;
    }
}
EXPORT(fraction_layer)

// p0, p1, q0, q1: how many entries of each are there, and what the others are.
struct Layer {
    Fr *values[4];
    uint32_t lengths[4];
    Fr tails[4];
};

// p0 q1 + p1 q0.
__device__ __forceinline__ Fr fraction_summand(const Fr (&v)[4]) { return v[0] * v[3] + v[1] * v[2]; }

// Three sums: t(0) and the coefficient of X^2 over the entries that some array has, and eq over the others, where the
// summand is that of the tails whatever X is.
struct FractionSums {
    FieldSum constant, square, rest;

    __device__ __forceinline__ void add(Fr weight, const Fr (&low)[4], const Fr (&high)[4]) {
        Fr step[4];
#pragma unroll
        for (int j = 0; j < 4; j++) step[j] = high[j] - low[j];
        constant.add(weight, fraction_summand(low));
        square.add(weight, fraction_summand(step));
    }

    __device__ __forceinline__ void finish(Fr *shared, Fr *partials) {
        Fr sums[3] = {constant.finish(), square.finish(), rest.finish()};
        block_sums(sums, shared, partials);
    }
};

// Arrays of virtual length 2 half, all at their tails from `end` on in both halves.
KERNEL(fraction_round)(Fr *partials, Layer layer, const Fr *eq, uint32_t end, uint32_t half) {
    DYNAMIC_SHARED(Fr, shared);
    FractionSums sums;
    FOR_EACH_INDEX(x, half) {
        Fr weight = eq[x];
        if (x >= end) {
            sums.rest.add(weight);
            continue;
        }
        Fr low[4], high[4];
#pragma unroll
        for (int j = 0; j < 4; j++) {
            low[j] = entry(layer.values[j], x, layer.lengths[j], layer.tails[j]);
            high[j] = entry(layer.values[j], x + half, layer.lengths[j], layer.tails[j]);
        }
        sums.add(weight, low, high);
    }
    sums.finish(shared, partials);
}
EXPORT(fraction_round)

// Binds variable 0 of arrays of virtual length 4 quarter to r and removes it from eq, all in place, and computes the next
// round from what is in registers. All arrays are at their tails from `end` on in all quarters.
KERNEL(fold_fraction_round)(Fr *partials, Layer layer, Fr *eq, Fr r, uint32_t end, uint32_t quarter) {
    DYNAMIC_SHARED(Fr, shared);
    FractionSums sums;
    FOR_EACH_INDEX(x, quarter) {
        Fr weight = eq[x] + eq[x + quarter];
        eq[x] = weight;
        if (x >= end) {
            sums.rest.add(weight);
            continue;
        }
        Fr low[4], high[4];
#pragma unroll
        for (int j = 0; j < 4; j++) {
            low[j] = bound(layer.values[j], x, 2 * quarter, layer.lengths[j], layer.tails[j], r);
            high[j] = bound(layer.values[j], x + quarter, 2 * quarter, layer.lengths[j], layer.tails[j], r);
        }
        sums.add(weight, low, high);
    }
    sums.finish(shared, partials);
}
EXPORT(fold_fraction_round)
