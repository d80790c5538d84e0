// The second half of a sum of points: points sorted by bucket are added up bucket by bucket, and the buckets by weight.
//
// Every thread adds the same number of entries, however the buckets are filled: a bucket that reaches over the border of
// a thread's share leaves partial sums, which further passes put together (segmented reduction by equal shares, as in
// Merrill and Garland, "Merge-based parallel sparse matrix-vector multiplication", 2016).
#pragma once
#include "../curve/xyzz.cuh"
#include "kernel.cuh"

constexpr uint32_t NO_BUCKET = 0xffffffffu;

// The bucket in (above, count) that entry `at` is in: starts[b] <= at < starts[b + 1].
__device__ __forceinline__ uint32_t bucket_of(const uint32_t *starts, uint32_t low, uint32_t count, uint32_t at) {
    // The first index from low + 1 on whose start is beyond the entry, less one.
    uint32_t high = count;
    while (low + 1 < high) {
        uint32_t middle = low + (high - low) / 2;
        if (starts[middle] <= at) low = middle;
        else high = middle;
    }
    return low;
}

// What a pass leaves for the next one: two places a thread, sorted by bucket.
template <class F> struct Partials {
    Xyzz<F> *points;
    uint32_t *buckets;
};

// Adds entries [share * thread, share * (thread + 1)). `starts` has `bucket_count` + 1 sums; empty buckets are not written.
template <class F>
__device__ __forceinline__ void accumulate(Xyzz<F> *buckets, Partials<F> partials, const Affine<F> *bases, const uint32_t *entries,
                                           const uint32_t *starts, uint32_t bucket_count, uint32_t entry_count, uint32_t share) {
    uint32_t thread = blockIdx.x * blockDim.x + threadIdx.x;
    uint32_t first = thread * share;
    if (first >= entry_count) return;
    uint32_t last = min(entry_count, first + share);
    uint32_t bucket = bucket_of(starts, 0, bucket_count, first), bucket_end = starts[bucket + 1];
    bool from_below = starts[bucket] < first;
    uint32_t first_partial = NO_BUCKET, second_partial = NO_BUCKET;
    Xyzz<F> sum = Xyzz<F>::infinity();
#pragma unroll 1
    for (uint32_t at = first; at < last; at++) {
        uint32_t entry = entries[at];
        Affine<F> point = bases[entry >> 1];
        if (entry & 1) point.y = -point.y;
        sum = add(sum, point);
        bool closes = at + 1 == bucket_end;
        if (!closes && at + 1 < last) continue;
        // The bucket or the share ends: here is the only place that stores.
        bool whole = closes && !from_below;
        if (!whole && from_below) first_partial = bucket;
        if (!whole && !from_below) second_partial = bucket;
        *(whole ? buckets + bucket : partials.points + 2 * (uint64_t)thread + (from_below ? 0 : 1)) = sum;
        sum = Xyzz<F>::infinity();
        from_below = false;
        if (at + 1 < last) {
            bucket = bucket_of(starts, bucket + 1, bucket_count, at + 1);
            bucket_end = starts[bucket + 1];
        }
    }
    partials.buckets[2 * (uint64_t)thread] = first_partial;
    partials.buckets[2 * (uint64_t)thread + 1] = second_partial;
}

// Adds up partial sums. Runs of one bucket within a share are whole; the first and the last run may go on elsewhere and
// are left to the next pass, unless this is the only share.
template <class F>
__device__ __forceinline__ void merge(Xyzz<F> *buckets, Partials<F> out, Partials<F> in, uint32_t count, uint32_t share, uint32_t only) {
    uint32_t thread = blockIdx.x * blockDim.x + threadIdx.x;
    uint32_t first = thread * share;
    if (first >= count) return;
    uint32_t last = min(count, first + share);
    uint32_t bucket = NO_BUCKET, first_bucket = NO_BUCKET;
    Xyzz<F> sum = Xyzz<F>::infinity();
#pragma unroll 1
    for (uint32_t at = first; at <= last; at++) {
        uint32_t next = at < last ? in.buckets[at] : NO_BUCKET;
        if (next == NO_BUCKET && at < last) continue;
        if (next != bucket && bucket != NO_BUCKET) {
            bool is_first = first_bucket == NO_BUCKET;
            if (is_first) first_bucket = bucket;
            bool open = !only && (is_first || at == last);
            *(open ? out.points + 2 * (uint64_t)thread + (is_first ? 0 : 1) : buckets + bucket) = sum;
            if (at == last && !is_first && open) out.buckets[2 * (uint64_t)thread + 1] = bucket;
            if (at == last && (is_first || !open)) out.buckets[2 * (uint64_t)thread + 1] = NO_BUCKET;
            sum = Xyzz<F>::infinity();
        }
        if (at == last) break;
        bucket = next;
        add_to(&sum, &in.points[at]);
    }
    out.buckets[2 * (uint64_t)thread] = only ? NO_BUCKET : first_bucket;
    if (bucket == NO_BUCKET) out.buckets[2 * (uint64_t)thread + 1] = NO_BUCKET;
}

// For each window and each piece of `share` buckets: sum_b (b + 1) bucket[b] over the piece, by running sums (Bos and
// Coster 1989 as used by Bernstein, Doumen, Lange and Oosterwijk 2012), with the piece's first index as a multiple.
template <class F>
__device__ __forceinline__ void weigh_buckets(Xyzz<F> *out, const Xyzz<F> *buckets, uint32_t pieces, uint32_t share, uint32_t n) {
    uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    uint32_t first = i % pieces * share;
    buckets += (uint64_t)i * share;
    Xyzz<F> sum = Xyzz<F>::infinity(), weighted = Xyzz<F>::infinity();
#pragma unroll 1
    for (uint32_t b = share; b-- > 0;) {
        add_to(&sum, &buckets[b]);
        add_to(&weighted, &sum);
    }
    scale_by(&sum, first);
    add_to(&weighted, &sum);
    out[i] = weighted;
}

// out[g, i] = sum_k in[g, i + k kept], for groups of `count` points of which `kept` sums stay.
template <class F>
__device__ __forceinline__ void sum_points(Xyzz<F> *out, const Xyzz<F> *in, uint32_t count, uint32_t kept, uint32_t n) {
    uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    const Xyzz<F> *group = in + (uint64_t)(i / kept) * count;
    Xyzz<F> sum = group[i % kept];
#pragma unroll 1
    for (uint32_t k = i % kept + kept; k < count; k += kept) add_to(&sum, &group[k]);
    out[i] = sum;
}

#define BUCKET_KERNELS(group, F)                                                                                          \
    KERNEL(accumulate_##group)(Xyzz<F> *buckets, Partials<F> partials, const Affine<F> *bases, const uint32_t *entries,   \
                               const uint32_t *starts, uint32_t bucket_count, uint32_t entry_count, uint32_t share) {     \
        accumulate(buckets, partials, bases, entries, starts, bucket_count, entry_count, share);                          \
    }                                                                                                                     \
    EXPORT(accumulate_##group)                                                                                            \
    KERNEL(merge_##group)(Xyzz<F> *buckets, Partials<F> out, Partials<F> in, uint32_t count, uint32_t share, uint32_t only) { \
        merge(buckets, out, in, count, share, only);                                                                      \
    }                                                                                                                     \
    EXPORT(merge_##group)                                                                                                 \
    KERNEL(weigh_buckets_##group)(Xyzz<F> *out, const Xyzz<F> *buckets, uint32_t pieces, uint32_t share, uint32_t n) {    \
        weigh_buckets(out, buckets, pieces, share, n);                                                                    \
    }                                                                                                                     \
    EXPORT(weigh_buckets_##group)                                                                                         \
    KERNEL(sum_points_##group)(Xyzz<F> *out, const Xyzz<F> *in, uint32_t count, uint32_t kept, uint32_t n) {              \
        sum_points(out, in, count, kept, n);                                                                              \
    }                                                                                                                     \
    EXPORT(sum_points_##group)
