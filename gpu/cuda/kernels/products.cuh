// Kernels of the executor: products of matrices.
#pragma once
#include "dot4.cuh"
#include "typed.cuh"

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
template <class X, class Y> __device__ __forceinline__ void multiply_bytes(int32_t *out, const X *x, const Y *y, uint32_t rows, uint32_t inner, uint32_t columns, uint32_t *shared) {
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
                for (uint32_t j = 0; j < EACH; j++) sums[i][j] = dot4<X, Y>(left[i], right[j], sums[i][j]);
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

#define MULTIPLY_BYTES(x_suffix, X, y_suffix, Y)                                                                       \
    KERNEL(multiply_bytes_##x_suffix##_##y_suffix)                                                                      \
    (int32_t * out, const X *x, const Y *y, uint32_t rows, uint32_t inner, uint32_t columns) {                          \
        DYNAMIC_SHARED(uint32_t, shared);                                                                               \
        multiply_bytes(out, x, y, rows, inner, columns, shared);                                                        \
    }                                                                                                                   \
    EXPORT(multiply_bytes_##x_suffix##_##y_suffix)
MULTIPLY_BYTES(i8, int8_t, i8, int8_t)
MULTIPLY_BYTES(i8, int8_t, u8, uint8_t)
MULTIPLY_BYTES(u8, uint8_t, i8, int8_t)
MULTIPLY_BYTES(u8, uint8_t, u8, uint8_t)
#undef MULTIPLY_BYTES

// A block makes squares of outputs, each of its threads one of them.
constexpr uint32_t WIDE = 16;

// The same of wider integers, sums in 64 bits. A block takes the tile of its number, and then every gridDim.x-th one.
template <class T>
__device__ __forceinline__ void multiply_wide(Entries out, const T *x, const T *y, uint32_t batch, uint32_t rows, uint32_t inner, uint32_t columns,
                                              T *shared) {
    T *x_tile = shared, *y_tile = shared + WIDE * (WIDE + 1);
    const uint32_t row_tiles = (rows + WIDE - 1) / WIDE, column_tiles = (columns + WIDE - 1) / WIDE;
    const uint64_t tiles = (uint64_t)batch * row_tiles * column_tiles;
    const uint32_t i = threadIdx.x / WIDE, j = threadIdx.x % WIDE;
    for (uint64_t tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
        const uint64_t matrix = tile / column_tiles / row_tiles;
        const uint32_t row = (uint32_t)(tile / column_tiles % row_tiles) * WIDE + i, column = (uint32_t)(tile % column_tiles) * WIDE + j;
        const T *x_row = x + (matrix * rows + row) * inner, *y_column = y + matrix * inner * columns + column;
        uint64_t sum = 0;
        for (uint32_t start = 0; start < inner; start += WIDE) {
            x_tile[i * (WIDE + 1) + j] = row < rows && start + j < inner ? x_row[start + j] : 0;
            y_tile[i * (WIDE + 1) + j] = column < columns && start + i < inner ? y_column[(uint64_t)(start + i) * columns] : 0;
            __syncthreads();
#pragma unroll
            for (uint32_t k = 0; k < WIDE; k++)
                sum += (uint64_t)(int64_t)x_tile[i * (WIDE + 1) + k] * (uint64_t)(int64_t)y_tile[k * (WIDE + 1) + j];
            __syncthreads();
        }
        if (row < rows && column < columns) out.store((matrix * rows + row) * columns + column, sum);
    }
}

#define MULTIPLY_WIDE(suffix, T)                                                                                        \
    KERNEL(multiply_wide_##suffix)                                                                                      \
    (Entries out, const T *x, const T *y, uint32_t batch, uint32_t rows, uint32_t inner, uint32_t columns) {            \
        DYNAMIC_SHARED(T, shared);                                                                                      \
        multiply_wide(out, x, y, batch, rows, inner, columns, shared);                                                  \
    }                                                                                                                   \
    EXPORT(multiply_wide_##suffix)
MULTIPLY_WIDE(i32, int32_t)
MULTIPLY_WIDE(i64, int64_t)
#undef MULTIPLY_WIDE
