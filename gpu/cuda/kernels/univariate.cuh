// Univariate polynomials by coefficients, from the constant up.
#pragma once
#include "reduce.cuh"

// Partial sums of f(x): thread t of T takes the coefficients t, t + T, ... by Horner's rule in x^T, times x^t.
KERNEL(evaluate)(Fr *partials, const Fr *coefficients, Fr x, Fr x_to_threads, uint32_t n) {
    DYNAMIC_SHARED(Fr, shared);
    uint32_t thread = blockIdx.x * blockDim.x + threadIdx.x, threads = gridDim.x * blockDim.x;
    Fr value = Fr::zero();
    if (thread < n) {
        for (uint32_t k = (n - 1 - thread) / threads + 1; k-- > 0;) value = value * x_to_threads + coefficients[thread + k * threads];
        value = value * power(x, thread);
    }
    Fr sums[1] = {value};
    block_sums(sums, shared, partials);
}
EXPORT(evaluate)

// Division by X^power - a is q[i] += a q[i + power] from the top: one recurrence for each residue modulo power, seen as
// a column of the matrix with rows of that length. Columns are cut into segments of `rows` rows.
//
// totals[s, c] = what segment s of column c would leave in its lowest row if nothing came from above it.
KERNEL(divide_totals)(Fr *totals, const Fr *values, Fr a, uint32_t width, uint32_t rows, uint32_t n, uint32_t count) {
    FOR_EACH_INDEX(i, count) {
        uint32_t first = i / width * rows * width + i % width;
        Fr total = Fr::zero();
        for (uint32_t k = rows; k-- > 0;) {
            uint64_t at = first + (uint64_t)k * width;
            if (at < n) total = total * a + values[at];
        }
        totals[i] = total;
    }
}
EXPORT(divide_totals)

// Solves each segment, given the lowest row of the segment above (null: nothing comes from above).
KERNEL(divide_segments)(Fr *values, const Fr *totals, Fr a, uint32_t width, uint32_t rows, uint32_t n, uint32_t count, uint32_t known) {
    FOR_EACH_INDEX(i, count) {
        uint32_t first = i / width * rows * width + i % width;
        Fr above = Fr::zero();
        if (i + width < known) above = totals[i + width];
        for (uint32_t k = rows; k-- > 0;) {
            uint64_t at = first + (uint64_t)k * width;
            if (at < n) {
                above = above * a + values[at];
                values[at] = above;
            }
        }
    }
}
EXPORT(divide_segments)
