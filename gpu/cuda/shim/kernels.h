// The kernels of this build by name, called as the driver calls them: by an array of pointers to the arguments.
#pragma once
#include "blocks.h"
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace shim {

struct Kernel {
    std::function<void(void **)> run;
    // Bytes of each argument.
    std::vector<size_t> sizes;
};

inline std::map<std::string, Kernel> &kernels() {
    static std::map<std::string, Kernel> kernels;
    return kernels;
}

// The driver copies arguments from wherever they are; a C++ object needs its alignment.
template <class T> T loaded(const void *from) {
    static_assert(std::is_trivially_copyable<T>::value, "a kernel's argument is bytes");
    union Aligned {
        unsigned char bytes[sizeof(T)];
        T value;
        Aligned() {}
    } argument;
    memcpy(argument.bytes, from, sizeof(T));
    return argument.value;
}

template <class... A, size_t... I> void apply(void (*kernel)(A...), void **arguments, std::index_sequence<I...>) {
    kernel(loaded<std::decay_t<A>>(arguments[I])...);
}

template <class... A> bool export_kernel(const char *name, void (*kernel)(A...)) {
    kernels()[name] = {[kernel](void **arguments) { apply(kernel, arguments, std::index_sequence_for<A...>{}); }, {sizeof(std::decay_t<A>)...}};
    return true;
}

}  // namespace shim

#define SHIM_KERNEL(name) static bool shim_exported_##name = shim::export_kernel(#name, name);
