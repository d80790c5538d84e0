// Fibers: one for each CUDA thread of a block, and the switch between them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

struct dim3 {
    unsigned x, y, z;
    constexpr dim3(unsigned a = 1, unsigned b = 1, unsigned c = 1) : x(a), y(b), z(c) {}
};

namespace shim {

// What a fiber waits for.
enum Op { RUN, BARRIER, SYNC_WARP, SHUFFLE, BALLOT, DONE };

struct Fiber {
    void *stack_pointer;
    char *stack;
    void *fake_stack;
    dim3 thread;
    unsigned index;
    Op state;
    uint32_t mask;            // of the warp operation
    uint64_t value, result;   // what it brings and takes
    int source;               // lane a shuffle reads
    const char *file;         // where the barrier stands that it waits at
    int line;
};

// The block that a system thread runs.
struct Block {
    std::vector<Fiber> fibers;
    Fiber *current = nullptr;
    void *scheduler = nullptr, *scheduler_fake = nullptr;
    const void *scheduler_bottom = nullptr;
    size_t scheduler_size = 0;
    dim3 block, block_dim, grid_dim;
    unsigned char *dynamic = nullptr;
    const std::function<void()> *body = nullptr;
};

constexpr size_t STACK = 256 << 10;

inline Block &self() {
    static thread_local Block block;
    return block;
}

// Saves the callee's registers on the stack, and continues on another stack.
extern "C" void shim_switch(void **save, void *load);
#if defined(__x86_64__)
asm(R"(.text
.weak shim_switch
.type shim_switch,@function
shim_switch:
 pushq %rbp; pushq %rbx; pushq %r12; pushq %r13; pushq %r14; pushq %r15
 movq %rsp,(%rdi); movq %rsi,%rsp
 popq %r15; popq %r14; popq %r13; popq %r12; popq %rbx; popq %rbp
 ret
.size shim_switch,.-shim_switch
)");
#elif defined(__aarch64__)
asm(R"(.text
.weak shim_switch
.type shim_switch,%function
shim_switch:
 sub sp,sp,#160
 stp x19,x20,[sp]; stp x21,x22,[sp,#16]; stp x23,x24,[sp,#32]
 stp x25,x26,[sp,#48]; stp x27,x28,[sp,#64]; stp x29,x30,[sp,#80]
 stp d8,d9,[sp,#96]; stp d10,d11,[sp,#112]; stp d12,d13,[sp,#128]; stp d14,d15,[sp,#144]
 mov x9,sp; str x9,[x0]; mov sp,x1
 ldp x19,x20,[sp]; ldp x21,x22,[sp,#16]; ldp x23,x24,[sp,#32]
 ldp x25,x26,[sp,#48]; ldp x27,x28,[sp,#64]; ldp x29,x30,[sp,#80]
 ldp d8,d9,[sp,#96]; ldp d10,d11,[sp,#112]; ldp d12,d13,[sp,#128]; ldp d14,d15,[sp,#144]
 add sp,sp,#160
 ret
.size shim_switch,.-shim_switch
)");
#else
#error "no fiber switch for this processor"
#endif

// From a fiber to the scheduler.
inline void wait_for(Op op) {
    Block &block = self();
    Fiber &fiber = *block.current;
    fiber.state = op;
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(op == DONE ? nullptr : &fiber.fake_stack, block.scheduler_bottom, block.scheduler_size);
#endif
    shim_switch(&fiber.stack_pointer, block.scheduler);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fiber.fake_stack, &block.scheduler_bottom, &block.scheduler_size);
#endif
}

extern "C" inline void shim_entry() {
    Block &block = self();
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(nullptr, &block.scheduler_bottom, &block.scheduler_size);
#endif
    (*block.body)();
    wait_for(DONE);
    __builtin_trap();
}

// From the scheduler to a fiber, until it waits or ends.
inline void resume(Block &block, Fiber &fiber) {
    block.current = &fiber;
    fiber.state = RUN;
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(&block.scheduler_fake, fiber.stack, STACK);
#endif
    shim_switch(&block.scheduler, fiber.stack_pointer);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(block.scheduler_fake, nullptr, nullptr);
#endif
    block.current = nullptr;
}

// Lays out a new fiber's stack so that the first switch to it enters `shim_entry`.
inline void prepare(Fiber &fiber) {
    void **top = (void **)(fiber.stack + STACK - 64);
#if defined(__x86_64__)
    *--top = nullptr;
    *--top = (void *)shim_entry;
    for (int k = 0; k < 6; k++) *--top = nullptr;
#else
    top -= 20;
    for (int k = 0; k < 20; k++) top[k] = nullptr;
    top[11] = (void *)shim_entry;
#endif
    fiber.stack_pointer = top;
}

}  // namespace shim
