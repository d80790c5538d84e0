// The module of the executor's kernels.
#include "kernels/tensors.cuh"
