// Carry-chain primitives: one PTX instruction each on a device, an emulated carry flag on the CPU.
//
// The statements are volatile so that no compiler pass moves one between the writer of the flag and its reader.
#pragma once
#include <stdint.h>

#ifdef CUDA_SHIM
#define CARRY static inline __attribute__((always_inline))
extern thread_local uint32_t carry_flag __attribute__((tls_model("initial-exec")));
CARRY uint32_t carry_add(uint32_t a, uint32_t b, uint32_t carry) {
    uint64_t sum = (uint64_t)a + b + carry;
    carry_flag = (uint32_t)(sum >> 32);
    return (uint32_t)sum;
}
CARRY uint32_t carry_sub(uint32_t a, uint32_t b, uint32_t borrow) {
    uint64_t difference = (uint64_t)a - b - borrow;
    carry_flag = (uint32_t)(difference >> 63);
    return (uint32_t)difference;
}
CARRY uint32_t add_cc(uint32_t a, uint32_t b) { return carry_add(a, b, 0); }
CARRY uint32_t addc_cc(uint32_t a, uint32_t b) { return carry_add(a, b, carry_flag); }
CARRY uint32_t addc(uint32_t a, uint32_t b) { return a + b + carry_flag; }
CARRY uint32_t sub_cc(uint32_t a, uint32_t b) { return carry_sub(a, b, 0); }
CARRY uint32_t subc_cc(uint32_t a, uint32_t b) { return carry_sub(a, b, carry_flag); }
CARRY uint32_t subc(uint32_t a, uint32_t b) { return a - b - carry_flag; }
CARRY uint32_t mad_lo_cc(uint32_t a, uint32_t b, uint32_t c) { return add_cc(a * b, c); }
CARRY uint32_t madc_lo_cc(uint32_t a, uint32_t b, uint32_t c) { return addc_cc(a * b, c); }
CARRY uint32_t madc_hi_cc(uint32_t a, uint32_t b, uint32_t c) { return addc_cc(__umulhi(a, b), c); }
CARRY uint32_t madc_hi(uint32_t a, uint32_t b, uint32_t c) { return addc(__umulhi(a, b), c); }
#else
#define CARRY_2(name, instruction)                                                       \
    __device__ __forceinline__ uint32_t name(uint32_t a, uint32_t b) {                   \
        uint32_t r;                                                                      \
        asm volatile(instruction " %0,%1,%2;" : "=r"(r) : "r"(a), "r"(b));               \
        return r;                                                                        \
    }
#define CARRY_3(name, instruction)                                                       \
    __device__ __forceinline__ uint32_t name(uint32_t a, uint32_t b, uint32_t c) {       \
        uint32_t r;                                                                      \
        asm volatile(instruction " %0,%1,%2,%3;" : "=r"(r) : "r"(a), "r"(b), "r"(c));    \
        return r;                                                                        \
    }
CARRY_2(add_cc, "add.cc.u32")
CARRY_2(addc_cc, "addc.cc.u32")
CARRY_2(addc, "addc.u32")
CARRY_2(sub_cc, "sub.cc.u32")
CARRY_2(subc_cc, "subc.cc.u32")
CARRY_2(subc, "subc.u32")
CARRY_3(mad_lo_cc, "mad.lo.cc.u32")
CARRY_3(madc_lo_cc, "madc.lo.cc.u32")
CARRY_3(madc_hi_cc, "madc.hi.cc.u32")
CARRY_3(madc_hi, "madc.hi.u32")
#undef CARRY_2
#undef CARRY_3
#endif
