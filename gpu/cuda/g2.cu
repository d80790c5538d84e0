// The module of sums of points in the second group.
#include "kernels/buckets.cuh"
#include "kernels/multiples.cuh"

BUCKET_KERNELS(g2, Fq2)
MULTIPLES_KERNEL(g2, Fq2)
