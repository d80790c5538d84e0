// Every kernel, for the CPU's stand-in. A device gets the same sources as one module each.
#include "digits.cu"
#include "g1.cu"
#include "g2.cu"
#include "ntt.cu"
#include "sparse.cu"
#include "tensors.cu"
#include "vectors.cu"
