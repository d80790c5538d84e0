// The module that prepares sums of points: scalars, their digits, and the sort by bucket.
#include "kernels/digits.cuh"
#include "kernels/scan.cuh"
