// Fractional sums (LogUp-GKR): layers of the tree of fractions p/q, and the round of the sumcheck that walks down one.
// Arrays have a virtual length 2 half; entries beyond the physical length are the fraction 0/1.
#pragma once
#include "reduce.cuh"

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

// p0, p1, q0, q1, and how many entries of each are there.
struct Layer {
    const Fr *values[4];
    uint32_t lengths[4];
};

// p0 q1 + p1 q0 + lambda q0 q1.
__device__ __forceinline__ Fr fraction_summand(const Fr (&v)[4], Fr lambda) { return v[0] * v[3] + (v[1] + v[3] * lambda) * v[2]; }

// Three sums: t(0) and the coefficient of X^2 over the entries below `end`, and eq over the others, where the summand
// is lambda whatever X is.
KERNEL(fraction_round)(Fr *partials, Layer layer, const Fr *eq, Fr lambda, uint32_t end, uint32_t half) {
    DYNAMIC_SHARED(Fr, shared);
    FieldSum products[2], rest;
    FOR_EACH_INDEX(x, half) {
        Fr weight = eq[x];
        if (x >= end) {
            rest.add(weight);
            continue;
        }
        Fr low[4], step[4];
#pragma unroll
        for (int j = 0; j < 4; j++) {
            Fr tail = j < 2 ? Fr::zero() : Fr::one();
            low[j] = x < layer.lengths[j] ? layer.values[j][x] : tail;
            Fr high = x + half < layer.lengths[j] ? layer.values[j][x + half] : tail;
            step[j] = high - low[j];
        }
        products[0].add(weight, fraction_summand(low, lambda));
        products[1].add(weight, fraction_summand(step, lambda));
    }
    Fr sums[3] = {products[0].finish(), products[1].finish(), rest.finish()};
    block_sums(sums, shared, partials);
}
EXPORT(fraction_round)
