// The module of transforms.
#include "kernels/ntt.cuh"
