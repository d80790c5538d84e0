// Sums of row-major tensors [outer, weighted, inner] over the middle axis: out[o, i] = sum_k weights[k] values[o, k, i].
// A sum may be split into pieces, which `sum_splits` puts together.
#pragma once
#include "reduce.cuh"

// One thread an output: neighbours read neighbours where `inner` is large. blockIdx.y is the piece.
template <class T>
__device__ __forceinline__ void contract_columns(Fr *out, const T *values, const Fr *weights, uint32_t weighted, uint32_t inner,
                                                 uint32_t outputs, uint32_t piece) {
    uint32_t start = blockIdx.y * piece, end = min(weighted, start + piece);
    FOR_EACH_INDEX(output, outputs) {
        const T *column = values + (uint64_t)(output / inner) * weighted * inner + output % inner;
        typename SumOf<T>::Type sum;
        for (uint32_t k = start; k < end; k++) sum.add(column[(uint64_t)k * inner], weights[k]);
        out[(uint64_t)blockIdx.y * outputs + output] = sum.finish();
    }
}

// One block an output, for inner = 1: a row is read by all its threads. gridDim.x is the number of outputs.
template <class T>
__device__ __forceinline__ void contract_rows(Fr *out, const T *values, const Fr *weights, uint32_t weighted, uint32_t piece, Fr *shared) {
    uint32_t start = blockIdx.y * piece, end = min(weighted, start + piece);
    const T *row = values + (uint64_t)blockIdx.x * weighted;
    typename SumOf<T>::Type sum;
    for (uint32_t k = start + threadIdx.x; k < end; k += blockDim.x) sum.add(row[k], weights[k]);
    Fr sums[1] = {sum.finish()};
    block_sums(sums, shared, out + (uint64_t)blockIdx.y * gridDim.x);
}

#define CONTRACT_KERNELS(suffix, T)                                                                               \
    KERNEL(contract_columns_##suffix)(Fr *out, const T *values, const Fr *weights, uint32_t weighted, uint32_t inner, \
                                      uint32_t outputs, uint32_t piece) {                                         \
        contract_columns(out, values, weights, weighted, inner, outputs, piece);                                  \
    }                                                                                                             \
    EXPORT(contract_columns_##suffix)                                                                             \
    KERNEL(contract_rows_##suffix)(Fr *out, const T *values, const Fr *weights, uint32_t weighted, uint32_t piece) { \
        DYNAMIC_SHARED(Fr, shared);                                                                               \
        contract_rows(out, values, weights, weighted, piece, shared);                                             \
    }                                                                                                             \
    EXPORT(contract_rows_##suffix)
FOR_EACH_INTEGER(CONTRACT_KERNELS)
CONTRACT_KERNELS(field, Fr)
#undef CONTRACT_KERNELS

// out[i] = sum over the pieces.
KERNEL(sum_splits)(Fr *out, const Fr *pieces, uint32_t count, uint32_t n) {
    FOR_EACH_INDEX(i, n) {
        Fr sum = Fr::zero();
        for (uint32_t k = 0; k < count; k++) sum = sum + pieces[(uint64_t)k * n + i];
        out[i] = sum;
    }
}
EXPORT(sum_splits)
