// A libcuda for tests: the driver functions that the host code calls, over the kernels run on the CPU.
//
// Host code loads it in place of the driver and runs unchanged. Every copy and every allocation is checked against the
// live allocations.
#include "cuda.h"

thread_local uint32_t carry_flag;

#include "../modules.h"
#include "faults.h"

#include <mutex>

#define API extern "C" __attribute__((visibility("default"))) int
typedef unsigned long long DevicePointer;

enum Status { OK = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, INVALID_DEVICE = 101, NO_DEVICE = 100, UNSUPPORTED_PTX = 222, NOT_FOUND = 500, TOO_MANY_RESOURCES = 701, LAUNCH_FAILED = 719 };

static std::mutex guard;
static std::map<DevicePointer, size_t> live;
static size_t live_bytes;
static int context_tag, stream_tag, module_tag;
static thread_local void *current_context;

// What the device has: SHIM_MEMORY, or 8 GiB.
static size_t memory_bytes() {
    static const char *const bytes = getenv("SHIM_MEMORY");
    static const size_t all = bytes ? strtoull(bytes, nullptr, 10) : (size_t)1 << 33;
    return all;
}

static bool in_range(DevicePointer p, size_t bytes) {
    std::lock_guard<std::mutex> lock(guard);
    auto next = live.upper_bound(p);
    if (next == live.begin()) return false;
    --next;
    return p + bytes <= next->first + next->second;
}

// ---- what tests set -------------------------------------------------------------------------------
// In the environment: SHIM_NO_DEVICE, SHIM_REFUSE_MODULES, SHIM_COMPUTE_MAJOR=7, SHIM_MEMORY, the bytes that it has, and the
// faults of faults.h.
// The order of threads: 0 forward, 1 backward, others the seed of a shuffle.
extern "C" __attribute__((visibility("default"))) void shim_set_order(uint64_t order) { shim::order() = order; }
// The number of live allocations.
extern "C" __attribute__((visibility("default"))) uint64_t shim_live_allocations() {
    std::lock_guard<std::mutex> lock(guard);
    return live.size();
}

// ---- devices and contexts -------------------------------------------------------------------------
API cuInit(unsigned) { return getenv("SHIM_NO_DEVICE") ? NO_DEVICE : OK; }
API cuDriverGetVersion(int *version) { return *version = 12000, OK; }
API cuDeviceGetCount(int *count) { return *count = 1, OK; }
API cuDeviceGet(int *device, int ordinal) { return *device = 0, ordinal ? INVALID_DEVICE : OK; }
API cuDeviceGetName(char *name, int bytes, int) { return snprintf(name, bytes, "CPU stand-in"), OK; }
API cuDeviceTotalMem_v2(size_t *bytes, int) { return *bytes = memory_bytes(), OK; }
API cuMemGetInfo_v2(size_t *free_bytes, size_t *total) {
    std::lock_guard<std::mutex> lock(guard);
    return *total = memory_bytes(), *free_bytes = *total - live_bytes, OK;
}
API cuDeviceGetAttribute(int *value, int attribute, int) {
    enum { MAX_THREADS = 1, WARP = 10, MULTIPROCESSORS = 16, MAJOR = 75, MINOR = 76, SHARED_OPT_IN = 97, MEMORY_POOLS = 115 };
    const char *major = getenv("SHIM_COMPUTE_MAJOR");
    switch (attribute) {
        case MAX_THREADS: *value = 1024; break;
        case WARP: *value = 32; break;
        case MULTIPROCESSORS: *value = 4; break;
        case MAJOR: *value = major ? atoi(major) : 9; break;
        case SHARED_OPT_IN: *value = 232448; break;
        case MEMORY_POOLS: *value = 1; break;
        default: *value = 0;
    }
    return OK;
}
API cuDevicePrimaryCtxRetain(void **context, int) { return *context = &context_tag, OK; }
API cuDevicePrimaryCtxRelease_v2(int) { return OK; }
API cuDevicePrimaryCtxReset_v2(int) {
    std::lock_guard<std::mutex> lock(guard);
    for (auto &allocation : live) free((void *)allocation.first);
    live.clear();
    live_bytes = 0;
    if (!getenv("SHIM_STAYS_BROKEN")) shim::broken() = false;
    return OK;
}
API cuCtxSetCurrent(void *context) { return current_context = context, OK; }
API cuCtxGetCurrent(void **context) { return *context = current_context, OK; }
API cuCtxSynchronize() { return shim::broken() ? LAUNCH_FAILED : OK; }

// ---- streams and events: everything has happened when a call returns --------------------------------
API cuStreamCreate(void **stream, unsigned) { return *stream = &stream_tag, OK; }
API cuStreamDestroy_v2(void *) { return OK; }
API cuStreamSynchronize(void *) { return shim::broken() ? LAUNCH_FAILED : OK; }
API cuStreamWaitEvent(void *, void *, unsigned) { return OK; }
API cuEventCreate(void **event, unsigned) { return *event = &stream_tag, OK; }
API cuEventRecord(void *, void *) { return OK; }
API cuEventSynchronize(void *) { return OK; }
API cuEventQuery(void *) { return OK; }
API cuEventDestroy_v2(void *) { return OK; }

// ---- memory -----------------------------------------------------------------------------------------
API cuMemAlloc_v2(DevicePointer *p, size_t bytes) {
    if (!bytes) return INVALID_VALUE;
    if (shim::broken()) return LAUNCH_FAILED;
    static shim::Fault fault("SHIM_FAIL_ALLOCATION");
    if (fault.due()) return OUT_OF_MEMORY;
    std::lock_guard<std::mutex> lock(guard);
    if (bytes > memory_bytes() - live_bytes) return OUT_OF_MEMORY;
    // Of the exact size, so that the address sanitizer sees accesses beyond it.
    void *memory = nullptr;
    if (posix_memalign(&memory, 256, bytes)) return OUT_OF_MEMORY;
    memset(memory, 0xA5, bytes);
    *p = (DevicePointer)memory;
    live[*p] = bytes;
    live_bytes += bytes;
    return OK;
}
API cuMemAllocAsync(DevicePointer *p, size_t bytes, void *) { return cuMemAlloc_v2(p, bytes); }
API cuMemFree_v2(DevicePointer p) {
    if (shim::broken()) return LAUNCH_FAILED;
    {
        std::lock_guard<std::mutex> lock(guard);
        auto allocation = live.find(p);
        if (allocation == live.end()) return INVALID_VALUE;
        live_bytes -= allocation->second;
        live.erase(allocation);
    }
    free((void *)p);
    return OK;
}
API cuMemFreeAsync(DevicePointer p, void *) { return cuMemFree_v2(p); }
API cuDeviceGetDefaultMemPool(void **pool, int) { return *pool = &stream_tag, OK; }
API cuMemPoolSetAttribute(void *, int, void *) { return OK; }
// Nothing that was freed stays.
API cuMemPoolGetAttribute(void *, int, void *value) { return *(uint64_t *)value = 0, OK; }
API cuMemcpyHtoD_v2(DevicePointer to, const void *from, size_t bytes) {
    if (shim::broken()) return LAUNCH_FAILED;
    return in_range(to, bytes) ? (memcpy((void *)to, from, bytes), OK) : INVALID_VALUE;
}
API cuMemcpyHtoDAsync_v2(DevicePointer to, const void *from, size_t bytes, void *) { return cuMemcpyHtoD_v2(to, from, bytes); }
API cuMemcpyDtoH_v2(void *to, DevicePointer from, size_t bytes) {
    if (shim::broken()) return LAUNCH_FAILED;
    return in_range(from, bytes) ? (memcpy(to, (void *)from, bytes), OK) : INVALID_VALUE;
}
API cuMemcpyDtoHAsync_v2(void *to, DevicePointer from, size_t bytes, void *) { return cuMemcpyDtoH_v2(to, from, bytes); }
API cuMemcpyDtoDAsync_v2(DevicePointer to, DevicePointer from, size_t bytes, void *) {
    return in_range(from, bytes) && in_range(to, bytes) ? (memmove((void *)to, (void *)from, bytes), OK) : INVALID_VALUE;
}
API cuMemsetD8Async(DevicePointer to, unsigned char value, size_t bytes, void *) {
    return in_range(to, bytes) ? (memset((void *)to, value, bytes), OK) : INVALID_VALUE;
}

// ---- modules and launches: whatever image is loaded, the kernels are those of this build -------------
API cuModuleLoadData(void **module, const void *) { return getenv("SHIM_REFUSE_MODULES") ? UNSUPPORTED_PTX : (*module = &module_tag, OK); }
API cuModuleUnload(void *) { return OK; }
// The kernel that is to give a wrong result.
static shim::Fault wrong("SHIM_WRONG_KERNEL");
static std::atomic<shim::Kernel *> wrong_kernel{nullptr};

API cuModuleGetFunction(void **function, void *, const char *name) {
    auto &kernels = shim::kernels();
    auto at = kernels.find(name);
    if (at == kernels.end()) return NOT_FOUND;
    if (wrong.is(name)) wrong_kernel = &at->second;
    return *function = (void *)&at->second, OK;
}
API cuFuncSetAttribute(void *, int, int) { return OK; }
API cuFuncGetAttribute(int *value, int, void *) { return *value = 0, OK; }
API cuLaunchKernel(void *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared_bytes,
                   void *, void **arguments, void **) {
    if (!gx || !gy || !gz || !bx || !by || !bz || gy > 65535 || gz > 65535) return INVALID_VALUE;
    // More shared memory than this needs an attribute that the host code never sets.
    if (bx * by * bz > 1024 || shared_bytes > 48 * 1024) return TOO_MANY_RESOURCES;
    static shim::Fault failure("SHIM_FAIL_LAUNCH");
    if (failure.due()) shim::broken() = true;
    if (shim::broken()) return LAUNCH_FAILED;
    auto &kernel = *(shim::Kernel *)function;
    shim::launch([&] { kernel(arguments); }, dim3(gx, gy, gz), dim3(bx, by, bz), shared_bytes);
    if (&kernel == wrong_kernel && wrong.due(1)) {
        auto result = *(DevicePointer *)arguments[0];
        if (!in_range(result, 1)) return INVALID_VALUE;
        *(unsigned char *)result ^= 1;
    }
    return OK;
}
API cuGetErrorName(int, const char **text) { return *text = "SHIM_ERROR", OK; }
API cuGetErrorString(int error, const char **text) {
    switch (error) {
        case NO_DEVICE: *text = "no CUDA-capable device is detected"; break;
        case OUT_OF_MEMORY: *text = "out of memory"; break;
        case LAUNCH_FAILED: *text = "unspecified launch failure"; break;
        case INVALID_VALUE: *text = "invalid argument"; break;
        case UNSUPPORTED_PTX: *text = "the provided PTX was compiled with an unsupported toolchain."; break;
        default: *text = "an error of the stand-in";
    }
    return OK;
}
