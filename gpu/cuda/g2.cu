// The module of sums of points in the second group.
#include "kernels/buckets.cuh"

BUCKET_KERNELS(g2, Fq2)
