// Products of sparse matrices in compressed rows and vectors.
//
// Rows are cut into tiles by what they cost: entry by entry, with one more item for the end of each row. A tile has the same
// number of items whether its rows are empty, short, or part of a long one (the merge path of Merrill and Garland, "Merge-based
// parallel sparse matrix-vector multiplication", 2016). A group of threads for each row would idle on the rows of one or two
// entries that constraint systems are made of, and a thread for each would leave the others waiting for a long one.
//
// Whatever the bytes of a matrix are, only its own entries, the vector and the tile are read: a mapped file may have changed.
#pragma once
#include "../field/element.cuh"
#include "kernel.cuh"

// Items of a tile: what 32 KiB of shared memory hold.
constexpr uint32_t TILE = 1024;

// Where tiles begin: `ended[t]` rows end among the items of the tiles before t, whose other items are entries.
struct Tiles {
    const uint32_t *ended;
    // Where rows begin, and the end.
    const uint32_t *starts;
    // Of all tiles.
    uint64_t items;

    __device__ __forceinline__ uint32_t first_row(uint32_t tile) const { return ended[tile]; }

    __device__ __forceinline__ uint32_t first_entry(uint32_t tile) const {
        return (uint32_t)(min((uint64_t)tile * TILE, items) - ended[tile]);
    }
};

// Entries from `first` on.
struct MatrixEntries {
    const uint32_t *columns;
    const Fr *values;
    uint32_t first, count;

    // The entry times the vector's value. Ones are multiplied like others: reading an entry takes longer than its product.
    __device__ __forceinline__ Fr product(uint32_t entry, const Fr *vector, uint32_t len) const {
        uint32_t at = entry - first;
        if (at >= count || columns[at] >= len) return Fr::zero();
        return values[at] * vector[columns[at]];
    }
};

// A block for each tile from `first_tile` on: the products of its entries, then the sums of its rows. A row that ends in the tile
// is stored; what the tile has of one that goes on is its tail.
KERNEL(multiply_rows)(Fr *out, Fr *tails, Tiles tiles, MatrixEntries entries, const Fr *vector, uint32_t len, uint32_t first_tile) {
    DYNAMIC_SHARED(Fr, products);
    uint32_t tile = first_tile + blockIdx.x;
    uint32_t first = tiles.first_entry(tile), count = min(tiles.first_entry(tile + 1) - first, TILE);
    for (uint32_t k = threadIdx.x; k < count; k += blockDim.x) products[k] = entries.product(first + k, vector, len);
    __syncthreads();
    uint32_t open = tiles.first_row(tile + 1);
    for (uint32_t row = tiles.first_row(tile) + threadIdx.x; row <= open; row += blockDim.x) {
        uint32_t start = tiles.starts[row], end = row < open ? min(tiles.starts[row + 1] - first, count) : count;
        Fr sum = Fr::zero();
#pragma unroll 1
        for (uint32_t k = start > first ? start - first : 0; k < end; k++) sum = sum + products[k];
        *(row < open ? out + row : tails + tile) = sum;
    }
}
EXPORT(multiply_rows)

// Adds to the first row that ends in each tile what the tiles before have of it.
KERNEL(join_rows)(Fr *out, const Fr *tails, Tiles tiles, uint32_t n) {
    FOR_EACH_INDEX(tile, n) {
        uint32_t row = tiles.first_row(tile), start = tiles.starts[row];
        if (row == tiles.first_row(tile + 1) || tiles.first_entry(tile) <= start) continue;
        Fr sum = out[row];
#pragma unroll 1
        for (uint32_t before = tile; before > 0 && tiles.first_entry(before) > start; before--) sum = sum + tails[before - 1];
        out[row] = sum;
    }
}
EXPORT(join_rows)

// The first index where a b is not c, into `first`, which is not below n before.
KERNEL(first_false_product)(uint32_t *first, const Fr *a, const Fr *b, const Fr *c, uint32_t n) {
    FOR_EACH_INDEX(i, n) {
        if (a[i] * b[i] == c[i]) continue;
        atomicMin(first, i);
        // This thread's other ones come later.
        break;
    }
}
EXPORT(first_false_product)
