// Kernels of the executor with one thread an entry. Arithmetic is modulo 2^64, of which an entry keeps the low bits: a program's
// bounds say that nothing is lost.
#pragma once
#include "typed.cuh"

KERNEL(combine)(Entries out, const __grid_constant__ Combination of, uint32_t n) {
    FOR_EACH_INDEX(i, n) out.store(i, of.at(i));
}
EXPORT(combine)

KERNEL(multiply_entries)(Entries out, Entries a, Entries b, uint32_t n) {
    FOR_EACH_INDEX(i, n) out.store(i, (uint64_t)a.load(i) * (uint64_t)b.load(i));
}
EXPORT(multiply_entries)

// The quotient that leaves a remainder of 0 or more; 0 where d is 0, which programs exclude.
KERNEL(divide_entries)(Entries out, Entries x, Entries d, uint32_t n) {
    FOR_EACH_INDEX(i, n) {
        int64_t a = x.load(i), b = d.load(i), q = 0;
        if (b == -1) q = (int64_t)(0 - (uint64_t)a);
        else if (b != 0) {
            q = a / b;
            if (a % b < 0) q += b > 0 ? -1 : 1;
        }
        out.store(i, (uint64_t)q);
    }
}
EXPORT(divide_entries)

// out[i] = values[x[i] - lo], or the nearest of the `count` values.
KERNEL(look_up)(Entries out, Entries x, const int32_t *values, int64_t lo, uint32_t count, uint32_t n) {
    FOR_EACH_INDEX(i, n) {
        int64_t place = (int64_t)((uint64_t)x.load(i) - (uint64_t)lo);
        int64_t last = (int64_t)count - 1;
        out.store(i, (uint64_t)(int64_t)values[place < 0 ? 0 : place > last ? last : place]);
    }
}
EXPORT(look_up)

enum RoundingRule : uint32_t { FLOOR, HALF_UP, HALF_EVEN };

// x / 2^shift: down, or to the nearest integer, with ties up or to the even one.
KERNEL(round_shift)(Entries out, Entries x, uint32_t shift, uint32_t rule, uint32_t n) {
    FOR_EACH_INDEX(i, n) {
        uint64_t value = (uint64_t)x.load(i), half = 1ull << (shift - 1);
        int64_t q = (int64_t)(rule == FLOOR ? value : value + half) >> shift;
        bool tie = (value & (2 * half - 1)) == half;
        out.store(i, (uint64_t)(rule == HALF_EVEN && tie && (q & 1) == 1 ? q - 1 : q));
    }
}
EXPORT(round_shift)

// The bits of x + add from `low` on, as many as the mask has; or, with `compare`, whether they are more than `most`.
KERNEL(limb)(Entries out, Entries x, int64_t add, uint64_t mask, uint64_t most, uint32_t low, uint32_t compare, uint32_t n) {
    FOR_EACH_INDEX(i, n) {
        uint64_t bits = (uint64_t)((int64_t)((uint64_t)x.load(i) + (uint64_t)add) >> low) & mask;
        out.store(i, compare ? bits > most : bits);
    }
}
EXPORT(limb)
