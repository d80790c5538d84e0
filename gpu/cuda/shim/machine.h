// The devices that there are, their memory, and what tests set and ask.
#pragma once
#include "streams.h"
#include <mutex>

typedef unsigned long long DevicePointer;

enum Status {
    OK = 0,
    INVALID_VALUE = 1,
    OUT_OF_MEMORY = 2,
    NO_DEVICE = 100,
    INVALID_DEVICE = 101,
    INVALID_CONTEXT = 201,
    UNSUPPORTED_PTX = 222,
    NOT_FOUND = 500,
    NOT_READY = 600,
    LAUNCH_FAILED = 701,
    BROKEN = 719,
};

// ---- what tests set -------------------------------------------------------------------------------
// In the environment: SHIM_NO_DEVICE, SHIM_REFUSE_MODULES, SHIM_COMPUTE_MAJOR=7, SHIM_DRIVER=12020, SHIM_MEMORY, the bytes that a
// device has (or 8 GiB), SHIM_DEVICES, how many there are (or one), SHIM_NO_PINNED_MEMORY, SHIM_BROKEN_DEVICE, the one that runs no
// kernel, SHIM_SMALL_DEVICE, one that has 64 KiB, and the faults of faults.h.
static uint64_t setting(const char *name, uint64_t otherwise) {
    const char *value = getenv(name);
    return value ? strtoull(value, nullptr, 10) : otherwise;
}
// The order of threads: 0 forward, 1 backward, others the seed of a shuffle.
extern "C" __attribute__((visibility("default"))) void shim_set_order(uint64_t order) { shim::order() = order; }

// ---- what there is ----------------------------------------------------------------------------------
// One lock for all of it. Kernels run outside.
static std::mutex guard;
using Locked = std::lock_guard<std::mutex>;
static std::map<DevicePointer, shim::Allocation> live;
static std::map<const char *, size_t> pinned;
static unsigned stream_count;

struct Context {
    int device;
    size_t live_bytes;
    uint64_t launches;
    shim::Stream first;
    std::vector<shim::Stream *> others;
};
static thread_local Context *current;

static int device_count() { return (int)setting("SHIM_DEVICES", 1); }
static size_t memory_bytes(int device) {
    static const size_t all = setting("SHIM_MEMORY", (uint64_t)1 << 33), small = setting("SHIM_SMALL_DEVICE", UINT64_MAX);
    return (size_t)device == small ? 1 << 16 : all;
}
static Context *context_of(int device) {
    static std::map<int, Context> contexts;
    auto at = contexts.find(device);
    if (at == contexts.end()) at = contexts.emplace(device, Context{device, 0, 0, {stream_count++, device, {}, {}}, {}}).first;
    return &at->second;
}
// Where a call needs a device, it is that of the thread or of the stream.
#define NEEDS_DEVICE(handle) \
    if (!current && !(handle)) return INVALID_CONTEXT
// The stream behind a handle: null is the first one of the current device.
static shim::Stream &stream_of(void *handle) { return handle ? *(shim::Stream *)handle : current->first; }

static std::vector<shim::Stream *> streams_of(Context &context) {
    auto streams = context.others;
    return streams.push_back(&context.first), streams;
}

// The allocation that holds these bytes, or null.
static shim::Allocation *holding(DevicePointer p, size_t bytes) {
    auto next = live.upper_bound(p);
    if (next == live.begin()) return nullptr;
    --next;
    return p + bytes <= next->first + next->second.bytes ? &next->second : nullptr;
}
// The number of live allocations on all devices.
extern "C" __attribute__((visibility("default"))) uint64_t shim_live_allocations() {
    Locked lock(guard);
    return live.size();
}
// The bytes of live allocations on one device.
extern "C" __attribute__((visibility("default"))) uint64_t shim_live_bytes(int device) {
    Locked lock(guard);
    return context_of(device)->live_bytes;
}
// The kernels that one device has run.
extern "C" __attribute__((visibility("default"))) uint64_t shim_launches(int device) {
    Locked lock(guard);
    return context_of(device)->launches;
}

// Whether these bytes are pinned memory.
static bool is_pinned(const void *p, size_t bytes) {
    auto next = pinned.upper_bound((const char *)p);
    return next != pinned.begin() && (--next, (const char *)p + bytes <= next->first + next->second);
}
