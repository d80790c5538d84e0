// Faults that tests ask for in the environment, to see what the host code makes of a device that fails.
//
//   SHIM_FAIL_LAUNCH=n        the n-th launch fails, and everything behind it until the context is reset
//   SHIM_FAIL_ALLOCATION=n    the n-th allocation finds no memory
//   SHIM_HANG_LAUNCH=n        the n-th launch never ends
//   SHIM_WRONG_KERNEL=name    the first launch of this kernel leaves one wrong bit where its first argument points
//   SHIM_STAYS_BROKEN=1       a reset mends nothing
//   SHIM_UNLOADABLE=1         whoever loads the library ends
// Counted from 1; with a `+` behind it, n or name stands for all later ones too.
#pragma once
#include <atomic>
#include <cstdlib>
#include <string>

namespace shim {

// One of the variables, and how often what it speaks of has happened.
class Fault {
    std::string value;
    bool repeated;
    std::atomic<uint64_t> count{0};

  public:
    explicit Fault(const char *variable) : value(getenv(variable) ? getenv(variable) : "") {
        repeated = !value.empty() && value.back() == '+';
        if (repeated) value.pop_back();
    }
    // Counts one more, and says whether it is to fail.
    bool due(uint64_t first) {
        if (value.empty()) return false;
        uint64_t now = ++count;
        return now == first || (repeated && now > first);
    }
    bool due() { return due(strtoull(value.c_str(), nullptr, 10)); }
    bool asked() const { return !value.empty(); }
    bool is(const std::string &name) const { return value == name; }
};

// Whether a launch failed: the context answers nothing else from then on.
inline std::atomic<bool> &broken() {
    static std::atomic<bool> broken{false};
    return broken;
}

}  // namespace shim
