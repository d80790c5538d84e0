// Vectors of a virtual length: entries beyond the physical one are all the same, and nothing is written there.
#pragma once
#include "../field/element.cuh"

// values[i], or the tail. A branch, so that the tail stays in registers: a choice between addresses would put it in memory.
__device__ __forceinline__ Fr entry(const Fr *values, uint32_t i, uint32_t length, Fr tail) {
    Fr value = tail;
    if (i < length) value = values[i];
    return value;
}

// Binds variable 0 to r in entry i < half of a vector of virtual length 2 half, in place, and returns the result.
__device__ __forceinline__ Fr bound(Fr *values, uint32_t i, uint32_t half, uint32_t length, Fr tail, Fr r) {
    Fr value = tail;
    if (i < length) {
        Fr low = values[i];
        value = low + (entry(values, i + half, length, tail) - low) * r;
        values[i] = value;
    }
    return value;
}
