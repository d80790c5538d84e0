// Index maps: an entry of the result is one of the source's, or a fill.
#pragma once
#include "typed.cuh"

// An axis of the result: index / stride mod extent, valid below `valid`.
struct Digit {
    int64_t coef;
    uint32_t stride, extent, valid, padding;
};

// An axis of the source: number / divisor mod extent.
struct Place {
    uint32_t divisor, extent, stride;
};

// The digits make a number in 0..total, whose places make an address.
struct Part {
    int64_t offset;
    uint32_t total, digits, places, padding;
};

constexpr uint32_t MOST_AXES = 8;

struct Map {
    int64_t fill;
    Part parts[MOST_AXES];
    Digit digits[MOST_AXES];
    Place places[MOST_AXES];
    uint32_t base, count;
};

KERNEL(gather)(Entries out, Entries src, const __grid_constant__ Map map, uint32_t n) {
    FOR_EACH_INDEX(i, n) {
        uint32_t address = map.base, digit = 0, place = 0;
        bool inside = true;
#pragma unroll 1
        for (uint32_t p = 0; p < map.count && inside; p++) {
            const Part &part = map.parts[p];
            int64_t number = part.offset;
#pragma unroll 1
            for (uint32_t end = digit + part.digits; digit < end; digit++) {
                uint32_t value = i / map.digits[digit].stride % map.digits[digit].extent;
                inside = inside && value < map.digits[digit].valid;
                number += (int64_t)value * map.digits[digit].coef;
            }
            inside = inside && number >= 0 && number < (int64_t)part.total;
#pragma unroll 1
            for (uint32_t end = place + part.places; place < end; place++)
                address += (uint32_t)number / map.places[place].divisor % map.places[place].extent * map.places[place].stride;
        }
        out.store(i, (uint64_t)(inside ? src.load(address) : map.fill));
    }
}
EXPORT(gather)
