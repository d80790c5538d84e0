// Running a block's fibers to their end, in a chosen order, and a grid's blocks on the machine's cores.
#pragma once
#include "fibers.h"
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>
#include <sys/mman.h>

namespace shim {

// 0: forward, 1: backward, others: the seed of a shuffle in every turn.
inline std::atomic<uint64_t> &order() {
    static std::atomic<uint64_t> order{0};
    return order;
}

// Completes the warp operations at which every lane of the mask has arrived.
inline bool complete_warps(Block &block) {
    auto &fibers = block.fibers;
    const unsigned n = fibers.size();
    bool progress = false;
    for (unsigned i = 0; i < n; i++) {
        Fiber &first = fibers[i];
        if (first.state != SYNC_WARP && first.state != SHUFFLE && first.state != BALLOT) continue;
        const unsigned warp = i / 32 * 32;
        const Op op = first.state;
        const uint32_t mask = first.mask;
        bool all = true;
        uint64_t ballot = 0;
        for (unsigned k = 0; k < 32 && warp + k < n; k++) {
            if (!(mask >> k & 1)) continue;
            Fiber &lane = fibers[warp + k];
            if (lane.state == DONE) {
                fprintf(stderr, "shim: a warp operation with mask %08x waits for thread %u, which has returned\n", mask, warp + k);
                abort();
            }
            all &= lane.state == op && lane.mask == mask;
            ballot |= (uint64_t)(lane.value != 0) << k;
        }
        if (!all) continue;
        for (unsigned k = 0; k < 32 && warp + k < n; k++) {
            if (!(mask >> k & 1)) continue;
            Fiber &lane = fibers[warp + k];
            const bool readable = (unsigned)lane.source < 32 && warp + lane.source < n && (mask >> lane.source & 1);
            lane.result = op == BALLOT ? ballot : op == SHUFFLE && readable ? fibers[warp + lane.source].value : lane.value;
        }
        for (unsigned k = 0; k < 32 && warp + k < n; k++)
            if (mask >> k & 1) fibers[warp + k].state = RUN;
        progress = true;
    }
    return progress;
}

[[noreturn]] inline void report_deadlock(const Block &block) {
    static const char *names[] = {"running", "__syncthreads", "__syncwarp", "a shuffle", "a ballot", "its end"};
    fprintf(stderr, "shim: not all threads of block (%u, %u, %u) reach the same barrier\n", block.block.x, block.block.y, block.block.z);
    for (size_t i = 0; i < block.fibers.size(); i++)
        if (i == 0 || block.fibers[i].state != block.fibers[i - 1].state || block.fibers[i].line != block.fibers[i - 1].line)
            fprintf(stderr, "  from thread %zu: at %s (line %d)\n", i, names[block.fibers[i].state], block.fibers[i].line);
    abort();
}

// Opens the barrier at which every thread that has not returned waits.
inline bool open_barrier(Block &block) {
    const Fiber *first = nullptr;
    for (auto &fiber : block.fibers) {
        if (fiber.state == DONE) continue;
        if (fiber.state != BARRIER) return false;
        if (!first) first = &fiber;
        // A device would let them pass, but not in step.
        if (fiber.line != first->line || strcmp(fiber.file, first->file) != 0) report_deadlock(block);
    }
    for (auto &fiber : block.fibers)
        if (fiber.state == BARRIER) fiber.state = RUN;
    return true;
}

// Stacks of fibers, for the system thread that holds them; they go back for the next one.
class Stacks {
    static std::mutex &guard() {
        static std::mutex guard;
        return guard;
    }
    static std::vector<char *> &free_ones() {
        static std::vector<char *> stacks;
        return stacks;
    }
    std::vector<char *> held;

public:
    explicit Stacks(unsigned n) {
        std::lock_guard<std::mutex> lock(guard());
        auto &stacks = free_ones();
        while (held.size() < n && !stacks.empty()) {
            held.push_back(stacks.back());
            stacks.pop_back();
        }
        while (held.size() < n) {
            void *stack = mmap(nullptr, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
            if (stack == MAP_FAILED) abort();
            held.push_back((char *)stack);
        }
    }
    ~Stacks() {
        std::lock_guard<std::mutex> lock(guard());
        free_ones().insert(free_ones().end(), held.begin(), held.end());
    }
    char *operator[](unsigned i) const { return held[i]; }
};

inline void run_block(Block &block, const Stacks &stacks, uint64_t order, uint64_t seed) {
    const unsigned n = block.block_dim.x * block.block_dim.y * block.block_dim.z;
    block.fibers.assign(n, Fiber{});
    std::vector<unsigned> turns(n);
    for (unsigned i = 0; i < n; i++) {
        Fiber &fiber = block.fibers[i];
        fiber.index = i;
        fiber.state = RUN;
        fiber.stack = stacks[i];
        fiber.thread = dim3(i % block.block_dim.x, i / block.block_dim.x % block.block_dim.y, i / (block.block_dim.x * block.block_dim.y));
        prepare(fiber);
        turns[i] = order == 1 ? n - 1 - i : i;
    }
    for (unsigned live = n; live;) {
        if (order > 1)
            for (unsigned i = n; i > 1; i--) {
                seed = seed * 6364136223846793005ull + 1442695040888963407ull;
                std::swap(turns[i - 1], turns[(seed >> 33) % i]);
            }
        bool progress = false;
        for (unsigned i : turns)
            if (block.fibers[i].state == RUN) {
                resume(block, block.fibers[i]);
                progress = true;
                live -= block.fibers[i].state == DONE;
            }
        progress |= complete_warps(block);
        if (live) progress |= open_barrier(block);
        if (live && !progress) report_deadlock(block);
    }
}

inline void launch(const std::function<void()> &body, dim3 grid, dim3 block_dim, size_t shared_bytes) {
    const uint64_t blocks = (uint64_t)grid.x * grid.y * grid.z, order = shim::order();
    std::atomic<uint64_t> next{0};
    auto work = [&] {
        Block &block = self();
        block.block_dim = block_dim;
        block.grid_dim = grid;
        block.body = &body;
        void *dynamic = nullptr;
        const Stacks stacks(block_dim.x * block_dim.y * block_dim.z);
        // Of the exact size, so that the address sanitizer sees accesses beyond it.
        if (posix_memalign(&dynamic, 128, shared_bytes + !shared_bytes)) abort();
        block.dynamic = (unsigned char *)dynamic;
        for (uint64_t i; (i = next++) < blocks;) {
            const uint64_t at = order == 1 ? blocks - 1 - i : i;
            block.block = dim3(at % grid.x, at / grid.x % grid.y, at / ((uint64_t)grid.x * grid.y));
            // Shared memory of a device holds anything.
            memset(dynamic, 0xA5, shared_bytes);
            run_block(block, stacks, order, order + at * 77);
        }
        free(dynamic);
    };
    const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
    if (blocks <= 1 || cores == 1) return work();
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < std::min<uint64_t>(cores, blocks); i++) threads.emplace_back(work);
    for (auto &thread : threads) thread.join();
}

// A warp operation of the current thread.
inline uint64_t collective(Op op, uint32_t mask, uint64_t value, int source) {
    Fiber &fiber = *self().current;
    fiber.mask = mask;
    fiber.value = value;
    fiber.source = source;
    wait_for(op);
    return fiber.result;
}

}  // namespace shim
