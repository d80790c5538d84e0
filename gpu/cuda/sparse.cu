// The module of sparse matrices.
#include "kernels/sparse.cuh"
