// The two prime fields of BN254, by 32-bit limbs from the lowest.
//
// Limbs come from functions of a constant index, which unrolled loops turn into immediate operands.
#pragma once
#include <stdint.h>

#define LIMBS(name, a, b, c, d, e, f, g, h)                                                          \
    __host__ __device__ __forceinline__ static constexpr uint32_t name(int i) {                      \
        return i == 0 ? a : i == 1 ? b : i == 2 ? c : i == 3 ? d : i == 4 ? e : i == 5 ? f : i == 6 ? g : h; \
    }

// The order of the groups.
struct ScalarModulus {
    LIMBS(limb, 0xf0000001u, 0x43e1f593u, 0x79b97091u, 0x2833e848u, 0x8181585du, 0xb85045b6u, 0xe131a029u, 0x30644e72u)
    // -1 / modulus mod 2^32.
    static constexpr uint32_t NEGATED_INVERSE = 0xefffffffu;
    // 2^256 mod the modulus: 1 in Montgomery form.
    LIMBS(one, 0x4ffffffbu, 0xac96341cu, 0x9f60cd29u, 0x36fc7695u, 0x7879462eu, 0x666ea36fu, 0x9a07df2fu, 0x0e0a77c1u)
    // 2^512 mod the modulus: what brings an integer into Montgomery form.
    LIMBS(square, 0xae216da7u, 0x1bb8e645u, 0xe35c59e3u, 0x53fe3ab1u, 0x53bb8085u, 0x8c49833du, 0x7f4e44a5u, 0x0216d0b1u)
};

// The field of the curves' coordinates.
struct BaseModulus {
    LIMBS(limb, 0xd87cfd47u, 0x3c208c16u, 0x6871ca8du, 0x97816a91u, 0x8181585du, 0xb85045b6u, 0xe131a029u, 0x30644e72u)
    static constexpr uint32_t NEGATED_INVERSE = 0xe4866389u;
    // 2^256 mod the modulus: 1 in Montgomery form.
    LIMBS(one, 0xc58f0d9du, 0xd35d438du, 0xf5c70b3du, 0x0a78eb28u, 0x7879462cu, 0x666ea36fu, 0x9a07df2fu, 0x0e0a77c1u)
    // 2^512 mod the modulus: what brings an integer into Montgomery form.
    LIMBS(square, 0x538afa89u, 0xf32cfc5bu, 0xd44501fbu, 0xb5e71911u, 0x0a417ff6u, 0x47ab1effu, 0xcab8351fu, 0x06d89f71u)
};
#undef LIMBS
