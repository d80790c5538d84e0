// Every kernel, for the CPU's stand-in. A device gets the same sources as one module each.
#include "vectors.cu"
