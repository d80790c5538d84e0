// The module of sums of points in the first group.
#include "kernels/buckets.cuh"

BUCKET_KERNELS(g1, Fq)
