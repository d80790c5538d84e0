// Four products of bytes in one instruction (dp4a), the right ones signed.
#pragma once
#include <stdint.h>

// c + sum of the four products; X says whether the left bytes are signed.
template <class X> __device__ __forceinline__ int32_t dot4(uint32_t left, uint32_t right, int32_t c);

#ifdef CUDA_SHIM
template <class X> inline int32_t dot4(uint32_t left, uint32_t right, int32_t c) {
    for (int k = 0; k < 32; k += 8) c += (int32_t)(X)(left >> k) * (int32_t)(int8_t)(right >> k);
    return c;
}
#else
template <> __device__ __forceinline__ int32_t dot4<int8_t>(uint32_t left, uint32_t right, int32_t c) {
    int32_t r;
    asm("dp4a.s32.s32 %0,%1,%2,%3;" : "=r"(r) : "r"(left), "r"(right), "r"(c));
    return r;
}
template <> __device__ __forceinline__ int32_t dot4<uint8_t>(uint32_t left, uint32_t right, int32_t c) {
    int32_t r;
    asm("dp4a.u32.s32 %0,%1,%2,%3;" : "=r"(r) : "r"(left), "r"(right), "r"(c));
    return r;
}
#endif
