// A libcuda for tests: the driver functions that the host code calls, over the kernels run on the CPU.
//
// Host code loads it in place of the driver and runs unchanged. Every copy and every allocation is checked against the
// live allocations, their device, and what is ordered behind what.
#include "cuda.h"

thread_local uint32_t carry_flag;

#include "../modules.h"

#include "faults.h"
#include "machine.h"

#define API extern "C" __attribute__((visibility("default"))) int

// After a launch that failed, a context answers nothing else.
#define NEEDS_WHOLE \
    if (shim::broken()) return BROKEN

static int module_tag, pool_tag;
// Whether any stream is stuck, even when all else of this library has ended.
static bool hung;

__attribute__((constructor)) static void refuse_to_load() {
    if (getenv("SHIM_UNLOADABLE")) abort();
}
// What the driver does at the end of a process may wait for the device.
__attribute__((destructor)) static void end() {
    shim::wait_in_driver(hung, "the end of the process");
}

// ---- devices and contexts -------------------------------------------------------------------------
API cuInit(unsigned) { return getenv("SHIM_NO_DEVICE") ? NO_DEVICE : OK; }
API cuDriverGetVersion(int *version) { return *version = (int)setting("SHIM_DRIVER", 12000), OK; }
API cuDeviceGetCount(int *count) { return *count = device_count(), OK; }
API cuDeviceGet(int *device, int ordinal) { return *device = ordinal, ordinal < device_count() ? OK : INVALID_DEVICE; }
API cuDeviceGetName(char *name, int bytes, int) { return snprintf(name, bytes, "CPU stand-in"), OK; }
API cuDeviceGetUuid(char *uuid, int device) { return memset(uuid, 0xA5, 16), uuid[15] = (char)device, OK; }
API cuDeviceTotalMem_v2(size_t *bytes, int device) { return *bytes = memory_bytes(device), OK; }
API cuMemGetInfo_v2(size_t *free_bytes, size_t *total) {
    Locked lock(guard);
    if (!current) return INVALID_CONTEXT;
    return *total = memory_bytes(current->device), *free_bytes = *total - current->live_bytes, OK;
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
API cuDevicePrimaryCtxRetain(void **context, int device) {
    Locked lock(guard);
    return *context = context_of(device), OK;
}
API cuDevicePrimaryCtxRelease_v2(int) { return OK; }
API cuDevicePrimaryCtxReset_v2(int device) {
    Locked lock(guard);
    auto *context = context_of(device);
    for (auto *stream : streams_of(*context)) {
        shim::wait_in_driver(stream->stuck, "the end of a context");
        stream->late.clear();
    }
    for (auto allocation = live.begin(); allocation != live.end();) {
        if (allocation->second.device != device) {
            ++allocation;
            continue;
        }
        free((void *)allocation->first);
        allocation = live.erase(allocation);
    }
    context->live_bytes = 0;
    if (!getenv("SHIM_STAYS_BROKEN")) shim::broken() = false;
    return OK;
}
API cuCtxSetCurrent(void *context) { return current = (Context *)context, OK; }
API cuCtxGetCurrent(void **context) { return *context = current, OK; }
API cuCtxSynchronize() {
    Locked lock(guard);
    NEEDS_WHOLE;
    if (!current) return INVALID_CONTEXT;
    for (auto *stream : streams_of(*current)) wait_for_all(*stream, "a context");
    return OK;
}

// ---- streams and events -------------------------------------------------------------------------------
API cuStreamCreate(void **stream, unsigned) {
    Locked lock(guard);
    if (!current) return INVALID_CONTEXT;
    current->others.push_back(new shim::Stream{stream_count++, current->device, {}, {}});
    return *stream = current->others.back(), OK;
}
// Streams are few, and events may still name them.
API cuStreamDestroy_v2(void *stream) {
    Locked lock(guard);
    return stream_of(stream).catch_up(), OK;
}
API cuStreamSynchronize(void *stream) {
    Locked lock(guard);
    NEEDS_WHOLE;
    NEEDS_DEVICE(stream);
    return wait_for_all(stream_of(stream), "a stream"), OK;
}
API cuStreamWaitEvent(void *stream, void *event, unsigned) {
    Locked lock(guard);
    NEEDS_DEVICE(stream);
    return wait_for(stream_of(stream), *(shim::Event *)event), OK;
}
API cuEventCreate(void **event, unsigned) { return *event = new shim::Event, OK; }
API cuEventRecord(void *event, void *stream) {
    Locked lock(guard);
    NEEDS_DEVICE(stream);
    return record(*(shim::Event *)event, stream_of(stream)), OK;
}
API cuEventSynchronize(void *event) {
    Locked lock(guard);
    return wait_for(*(shim::Event *)event), OK;
}
API cuEventQuery(void *handle) {
    Locked lock(guard);
    NEEDS_WHOLE;
    auto &event = *(shim::Event *)handle;
    if (event.stuck || (event.stream && !event.asked)) return event.asked = true, NOT_READY;
    return wait_for(event), OK;
}
API cuEventDestroy_v2(void *event) { return delete (shim::Event *)event, OK; }

// ---- memory -----------------------------------------------------------------------------------------
API cuMemAllocAsync(DevicePointer *p, size_t bytes, void *handle) {
    static shim::Fault fault("SHIM_FAIL_ALLOCATION");
    Locked lock(guard);
    if (!bytes) return INVALID_VALUE;
    if (!current) return INVALID_CONTEXT;
    NEEDS_WHOLE;
    if (fault.due()) return OUT_OF_MEMORY;
    if (bytes > memory_bytes(current->device) - current->live_bytes) return OUT_OF_MEMORY;
    // Of the exact size, so that the address sanitizer sees accesses beyond it.
    void *memory = nullptr;
    if (posix_memalign(&memory, 256, bytes)) return OUT_OF_MEMORY;
    memset(memory, 0xA5, bytes);
    *p = (DevicePointer)memory;
    auto &allocation = live[*p] = {bytes, current->device, {}};
    current->live_bytes += bytes;
    auto &stream = stream_of(handle);
    step(stream);
    return touch(stream, allocation, "an allocation"), OK;
}
API cuMemFreeAsync(DevicePointer p, void *handle) {
    Locked lock(guard);
    NEEDS_DEVICE(handle);
    NEEDS_WHOLE;
    auto allocation = live.find(p);
    if (allocation == live.end()) return INVALID_VALUE;
    auto &stream = stream_of(handle);
    step(stream);
    touch(stream, allocation->second, "a free");
    if (stream.stuck) return OK;
    stream.catch_up();
    context_of(allocation->second.device)->live_bytes -= allocation->second.bytes;
    live.erase(allocation);
    return free((void *)p), OK;
}
API cuDeviceGetDefaultMemPool(void **pool, int) { return *pool = &pool_tag, OK; }
API cuMemPoolSetAttribute(void *, int, void *) { return OK; }
// Nothing that was freed stays.
API cuMemPoolGetAttribute(void *, int, void *value) { return *(uint64_t *)value = 0, OK; }

API cuMemHostAlloc(void **p, size_t bytes, unsigned) {
    Locked lock(guard);
    if (getenv("SHIM_NO_PINNED_MEMORY") || posix_memalign(p, 4096, bytes)) return OUT_OF_MEMORY;
    memset(*p, 0xA5, bytes);
    return pinned[(const char *)*p] = bytes, OK;
}
API cuMemFreeHost(void *p) {
    Locked lock(guard);
    auto memory = pinned.find((const char *)p);
    if (memory == pinned.end()) return INVALID_VALUE;
    for (int device = 0; device < device_count(); device++)
        for (auto *stream : streams_of(*context_of(device))) {
            shim::wait_in_driver(stream->stuck, "a free of pinned memory");
            for (auto &copy : stream->late)
                if (copy.pinned >= p && copy.pinned < memory->first + memory->second) {
                    fprintf(stderr, "shim: pinned memory is freed while stream %u may copy from or to it\n", stream->id);
                    abort();
                }
        }
    pinned.erase(memory);
    return free(p), OK;
}

API cuMemcpyHtoDAsync_v2(DevicePointer to, const void *from, size_t bytes, void *handle) {
    Locked lock(guard);
    NEEDS_DEVICE(handle);
    NEEDS_WHOLE;
    auto *target = holding(to, bytes);
    if (!target) return INVALID_VALUE;
    auto &stream = stream_of(handle);
    step(stream);
    touch(stream, *target, "a copy to the device");
    auto copy = [=] { memcpy((void *)to, from, bytes); };
    if (is_pinned(from, bytes)) return stream.late.push_back({from, copy}), OK;
    // The driver may wait for the stream before it has read the rest.
    shim::wait_in_driver(stream.stuck, "a copy to the device");
    return stream.catch_up(), copy(), OK;
}
API cuMemcpyDtoHAsync_v2(void *to, DevicePointer from, size_t bytes, void *handle) {
    Locked lock(guard);
    NEEDS_DEVICE(handle);
    NEEDS_WHOLE;
    auto *source = holding(from, bytes);
    if (!source) return INVALID_VALUE;
    auto &stream = stream_of(handle);
    step(stream);
    touch(stream, *source, "a copy from the device");
    auto copy = [=] { memcpy(to, (void *)from, bytes); };
    if (is_pinned(to, bytes)) return stream.late.push_back({to, copy}), OK;
    return wait_for_all(stream, "a copy from the device"), copy(), OK;
}
API cuMemcpyDtoDAsync_v2(DevicePointer to, DevicePointer from, size_t bytes, void *handle) {
    Locked lock(guard);
    NEEDS_DEVICE(handle);
    auto *source = holding(from, bytes), *target = holding(to, bytes);
    if (!source || !target) return INVALID_VALUE;
    auto &stream = stream_of(handle);
    step(stream);
    touch(stream, *source, "a copy"), touch(stream, *target, "a copy");
    if (stream.stuck) return OK;
    stream.catch_up();
    return memmove((void *)to, (void *)from, bytes), OK;
}
API cuMemsetD8Async(DevicePointer to, unsigned char value, size_t bytes, void *handle) {
    Locked lock(guard);
    NEEDS_DEVICE(handle);
    auto *target = holding(to, bytes);
    if (!target) return INVALID_VALUE;
    auto &stream = stream_of(handle);
    step(stream);
    touch(stream, *target, "a filling");
    if (stream.stuck) return OK;
    stream.catch_up();
    return memset((void *)to, value, bytes), OK;
}

// ---- modules and launches: whatever image is loaded, the kernels are those of this build -------------
API cuModuleLoadData(void **module, const void *) { return getenv("SHIM_REFUSE_MODULES") ? UNSUPPORTED_PTX : (*module = &module_tag, OK); }
API cuModuleUnload(void *) { return OK; }
// The kernel that is to give a wrong result.
static shim::Fault wrong("SHIM_WRONG_KERNEL");
static std::atomic<shim::Kernel *> wrong_kernel{nullptr};

extern "C" __attribute__((visibility("default"))) void shim_break_kernel(const char *name) { wrong_kernel = &shim::kernels().at(name); }
static bool is_wrong(const shim::Kernel *kernel) {
    if (kernel != wrong_kernel) return false;
    if (wrong.asked()) return wrong.due(1);
    return wrong_kernel = nullptr, true;
}

API cuModuleGetFunction(void **function, void *, const char *name) {
    auto &kernels = shim::kernels();
    auto at = kernels.find(name);
    if (at == kernels.end()) return NOT_FOUND;
    if (wrong.is(name)) wrong_kernel = &at->second;
    return *function = (void *)&at->second, OK;
}
API cuFuncSetAttribute(void *, int, int) { return OK; }
API cuFuncGetAttribute(int *value, int, void *) { return *value = 0, OK; }
// Every eight bytes of the arguments that are an address count as that memory being used.
static void touch_arguments(shim::Stream &stream, const shim::Kernel &kernel, void **arguments) {
    step(stream);
    stream.catch_up();
    for (size_t i = 0; i < kernel.sizes.size(); i++)
        for (size_t at = 0; at + 8 <= kernel.sizes[i]; at += 8) {
            DevicePointer p;
            memcpy(&p, (const char *)arguments[i] + at, 8);
            if (auto *allocation = holding(p, 1)) touch(stream, *allocation, "a kernel");
        }
}
API cuLaunchKernel(void *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared_bytes,
                   void *handle, void **arguments, void **) {
    if (!gx || !gy || !gz || !bx || !by || !bz || gy > 65535 || gz > 65535) return INVALID_VALUE;
    // More shared memory than this needs an attribute that the host code never sets.
    if (bx * by * bz > 1024 || shared_bytes > 48 * 1024) return LAUNCH_FAILED;
    static shim::Fault failure("SHIM_FAIL_LAUNCH"), hanging("SHIM_HANG_LAUNCH");
    if (failure.due()) shim::broken() = true;
    NEEDS_WHOLE;
    auto &kernel = *(shim::Kernel *)function;
    {
        Locked lock(guard);
        if (!current) return INVALID_CONTEXT;
        if (setting("SHIM_BROKEN_DEVICE", UINT64_MAX) == (uint64_t)current->device) return BROKEN;
        auto &stream = stream_of(handle);
        touch_arguments(stream, kernel, arguments);
        if (hanging.due()) hung = stream.stuck = true;
        if (stream.stuck) return OK;
        current->launches++;
    }
    shim::launch([&] { kernel.run(arguments); }, dim3(gx, gy, gz), dim3(bx, by, bz), shared_bytes);
    if (is_wrong(&kernel)) {
        Locked lock(guard);
        auto result = *(DevicePointer *)arguments[0];
        if (!holding(result, 1)) return INVALID_VALUE;
        *(unsigned char *)result ^= 1;
    }
    return OK;
}
API cuGetErrorName(int, const char **text) { return *text = "SHIM_ERROR", OK; }
API cuGetErrorString(int error, const char **text) {
    switch (error) {
        case NO_DEVICE: *text = "no CUDA-capable device is detected"; break;
        case OUT_OF_MEMORY: *text = "out of memory"; break;
        case INVALID_VALUE: *text = "invalid argument"; break;
        case BROKEN: *text = "unspecified launch failure"; break;
        case NOT_READY: *text = "device not ready"; break;
        case UNSUPPORTED_PTX: *text = "the provided PTX was compiled with an unsupported toolchain."; break;
        default: *text = "an error of the stand-in";
    }
    return OK;
}
