// Kernels of the executor: products of byte matrices, and histograms.
#pragma once
#include "dot4.cuh"
#include "kernel.cuh"

// A block makes a square of outputs, each of its 256 threads 4 x 4 of them, from strips of this many words of four bytes.
constexpr uint32_t SQUARE = 64, STRIP = 8, EACH = 4;

// Bytes a[k], a[k + step], ... as a word, zeros where k reaches `end`.
template <class T> __device__ __forceinline__ uint32_t packed(const T *a, uint64_t step, uint32_t k, uint32_t end, bool inside) {
    uint32_t word = 0;
#pragma unroll
    for (uint32_t j = 0; j < 4; j++)
        if (inside && k + j < end) word |= (uint32_t)(uint8_t)a[(k + j) * step] << (8 * j);
    return word;
}

// out[b, i, j] = sum_k x[b, i, k] y[b, k, j] for blockIdx.z = b; x is [rows, inner], y is [inner, columns].
template <class X> __device__ __forceinline__ void multiply_bytes(int32_t *out, const X *x, const int8_t *y, uint32_t rows, uint32_t inner, uint32_t columns, uint32_t *shared) {
    // A word more than a row has, so that threads of a warp read different banks.
    uint32_t *x_strip = shared, *y_strip = shared + SQUARE * (STRIP + 1);
    x += (uint64_t)blockIdx.z * rows * inner;
    y += (uint64_t)blockIdx.z * inner * columns;
    out += (uint64_t)blockIdx.z * rows * columns;
    const uint32_t first_row = blockIdx.y * SQUARE, first_column = blockIdx.x * SQUARE;
    const uint32_t thread_row = threadIdx.x / 16, thread_column = threadIdx.x % 16;
    int32_t sums[EACH][EACH];
#pragma unroll
    for (uint32_t i = 0; i < EACH; i++)
#pragma unroll
        for (uint32_t j = 0; j < EACH; j++) sums[i][j] = 0;

    for (uint32_t start = 0; start < inner; start += 4 * STRIP) {
        for (uint32_t e = threadIdx.x; e < SQUARE * STRIP; e += blockDim.x) {
            uint32_t row = e / STRIP, word = e % STRIP;
            x_strip[row * (STRIP + 1) + word] =
                packed(x + (uint64_t)(first_row + row) * inner, 1, start + 4 * word, inner, first_row + row < rows);
            uint32_t column = e % SQUARE;
            word = e / SQUARE;
            y_strip[column * (STRIP + 1) + word] =
                packed(y + first_column + column, columns, start + 4 * word, inner, first_column + column < columns);
        }
        __syncthreads();
#pragma unroll
        for (uint32_t word = 0; word < STRIP; word++) {
            uint32_t left[EACH], right[EACH];
#pragma unroll
            for (uint32_t i = 0; i < EACH; i++) {
                left[i] = x_strip[(thread_row + 16 * i) * (STRIP + 1) + word];
                right[i] = y_strip[(thread_column + 16 * i) * (STRIP + 1) + word];
            }
#pragma unroll
            for (uint32_t i = 0; i < EACH; i++)
#pragma unroll
                for (uint32_t j = 0; j < EACH; j++) sums[i][j] = dot4<X>(left[i], right[j], sums[i][j]);
        }
        __syncthreads();
    }
#pragma unroll
    for (uint32_t i = 0; i < EACH; i++)
#pragma unroll
        for (uint32_t j = 0; j < EACH; j++) {
            uint32_t row = first_row + thread_row + 16 * i, column = first_column + thread_column + 16 * j;
            if (row < rows && column < columns) out[(uint64_t)row * columns + column] = sums[i][j];
        }
}

KERNEL(multiply_bytes_i8)(int32_t *out, const int8_t *x, const int8_t *y, uint32_t rows, uint32_t inner, uint32_t columns) {
    DYNAMIC_SHARED(uint32_t, shared);
    multiply_bytes(out, x, y, rows, inner, columns, shared);
}
EXPORT(multiply_bytes_i8)

KERNEL(multiply_bytes_u8)(int32_t *out, const uint8_t *x, const int8_t *y, uint32_t rows, uint32_t inner, uint32_t columns) {
    DYNAMIC_SHARED(uint32_t, shared);
    multiply_bytes(out, x, y, rows, inner, columns, shared);
}
EXPORT(multiply_bytes_u8)

// counts[x - low] += 1 for each integer x from low up to below low + size, and counts[size] += 1 for each other one. Where
// `local_count` is size + 1, blocks count in shared memory first.
template <class T>
__device__ __forceinline__ void histogram(uint32_t *counts, const T *ints, int64_t low, uint32_t size, uint32_t local_count, uint32_t n,
                                          uint32_t *local) {
    for (uint32_t b = threadIdx.x; b < local_count; b += blockDim.x) local[b] = 0;
    __syncthreads();
    FOR_EACH_INDEX(i, n) {
        uint64_t place = (uint64_t)(int64_t)ints[i] - (uint64_t)low;
        uint32_t bin = place < size ? (uint32_t)place : size;
        atomicAdd(local_count > 0 ? &local[bin] : &counts[bin], 1u);
    }
    __syncthreads();
    for (uint32_t b = threadIdx.x; b < local_count; b += blockDim.x)
        if (local[b] > 0) atomicAdd(&counts[b], local[b]);
}

#define HISTOGRAM_KERNEL(suffix, T)                                                                                        \
    KERNEL(histogram_##suffix)(uint32_t *counts, const T *ints, int64_t low, uint32_t size, uint32_t local_count, uint32_t n) { \
        DYNAMIC_SHARED(uint32_t, local);                                                                                   \
        histogram(counts, ints, low, size, local_count, n, local);                                                         \
    }                                                                                                                      \
    EXPORT(histogram_##suffix)
FOR_EACH_INTEGER(HISTOGRAM_KERNEL)
#undef HISTOGRAM_KERNEL
