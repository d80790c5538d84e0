// The module of the executor's kernels.
#include "kernels/counts.cuh"
#include "kernels/entries.cuh"
#include "kernels/gather.cuh"
#include "kernels/products.cuh"
