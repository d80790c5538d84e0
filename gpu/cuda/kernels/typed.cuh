// Integers whose type is known when a kernel runs: its switch goes the same way in all threads, and one kernel serves all types.
#pragma once
#include "kernel.cuh"

// In the order of FOR_EACH_INTEGER.
enum IntegerType : uint32_t { I8, U8, I16, U16, I32, U32, I64 };

struct Entries {
    void *memory;
    uint32_t type;

    __device__ __forceinline__ int64_t load(uint64_t i) const {
        switch (type) {
        case I8: return ((const int8_t *)memory)[i];
        case U8: return ((const uint8_t *)memory)[i];
        case I16: return ((const int16_t *)memory)[i];
        case U16: return ((const uint16_t *)memory)[i];
        case I32: return ((const int32_t *)memory)[i];
        case U32: return ((const uint32_t *)memory)[i];
        default: return ((const int64_t *)memory)[i];
        }
    }

    // The low bits of a value: signed and unsigned types of one width store alike.
    __device__ __forceinline__ void store(uint64_t i, uint64_t value) const {
        switch (type) {
        case I8:
        case U8: ((uint8_t *)memory)[i] = (uint8_t)value; break;
        case I16:
        case U16: ((uint16_t *)memory)[i] = (uint16_t)value; break;
        case I32:
        case U32: ((uint32_t *)memory)[i] = (uint32_t)value; break;
        default: ((uint64_t *)memory)[i] = value;
        }
    }
};

constexpr uint32_t MOST_TERMS = 8;

// constant + sum_j coef_j term_j, modulo 2^64.
struct Combination {
    Entries terms[MOST_TERMS];
    int64_t coefs[MOST_TERMS];
    int64_t constant;
    uint32_t count;

    __device__ __forceinline__ uint64_t at(uint32_t i) const {
        uint64_t sum = (uint64_t)constant;
#pragma unroll 1
        for (uint32_t j = 0; j < count; j++) sum += (uint64_t)coefs[j] * (uint64_t)terms[j].load(i);
        return sum;
    }
};
