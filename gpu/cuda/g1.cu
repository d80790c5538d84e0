// The module of sums of points in the first group.
#include "kernels/buckets.cuh"
#include "kernels/multiples.cuh"

BUCKET_KERNELS(g1, Fq)
MULTIPLES_KERNEL(g1, Fq)
