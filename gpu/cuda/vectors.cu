// The module of vector and sumcheck kernels.
#include "kernels/elementwise.cuh"
#include "kernels/fractions.cuh"
#include "kernels/integers.cuh"
#include "kernels/sumcheck.cuh"
#include "kernels/univariate.cuh"
#include "kernels/weigh.cuh"
