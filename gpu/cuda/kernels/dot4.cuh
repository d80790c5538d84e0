// Four products of bytes in one instruction (dp4a).
#pragma once
#include <stdint.h>

// c + sum of the four products; X and Y say whether the bytes are signed.
template <class X, class Y> __device__ __forceinline__ int32_t dot4(uint32_t left, uint32_t right, int32_t c);

#ifdef CUDA_SHIM
template <class X, class Y> inline int32_t dot4(uint32_t left, uint32_t right, int32_t c) {
    for (int k = 0; k < 32; k += 8) c += (int32_t)(X)(left >> k) * (int32_t)(Y)(right >> k);
    return c;
}
#else
#define DOT4(X, Y, instruction)                                                                                         \
    template <> __device__ __forceinline__ int32_t dot4<X, Y>(uint32_t left, uint32_t right, int32_t c) {               \
        int32_t r;                                                                                                      \
        asm(instruction " %0,%1,%2,%3;" : "=r"(r) : "r"(left), "r"(right), "r"(c));                                     \
        return r;                                                                                                       \
    }
DOT4(int8_t, int8_t, "dp4a.s32.s32")
DOT4(int8_t, uint8_t, "dp4a.s32.u32")
DOT4(uint8_t, int8_t, "dp4a.u32.s32")
// Sums of unsigned products have the same bits as signed ones.
DOT4(uint8_t, uint8_t, "dp4a.u32.u32")
#undef DOT4
#endif
