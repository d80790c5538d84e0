// Streams and events, and what may happen at the same time.
//
// A stream's work is done when it is asked for, except copies from and to pinned memory: those happen as late as a driver may
// do them, so that whoever reads their target too soon, or writes their source, is found out. A stream may be stuck behind a
// kernel that never ends: nothing that it is asked for happens, and whoever has the driver wait for it ends the process, which
// would wait for ever. For everything else there are vector clocks (Fidge 1988, Mattern 1989): each stream counts its work, an event
// remembers what has been counted, and whoever waits for it learns that. Memory remembers who has used it and when; work
// that touches it without being ordered behind all of that ends the process.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <vector>

namespace shim {

// By stream.
using Clock = std::map<unsigned, uint64_t>;

inline void learn(Clock &clock, const Clock &other) {
    for (auto [stream, time] : other) {
        auto &known = clock[stream];
        known = known < time ? time : known;
    }
}

struct Copy {
    const void *pinned;
    std::function<void()> run;
};

struct Stream {
    unsigned id;
    int device;
    Clock clock;
    std::vector<Copy> late;
    bool stuck = false;

    void catch_up() {
        if (stuck) return;
        for (auto &copy : late) copy.run();
        late.clear();
    }
};

struct Event {
    Stream *stream = nullptr;
    Clock clock;
    bool stuck = false;
    // Whether somebody has asked for it since it was recorded: the first answer is that it is not reached yet.
    bool asked = false;
};

struct Allocation {
    size_t bytes;
    int device;
    Clock uses;
};

// What the process has waited for; all its threads count as one.
inline Clock &host_clock() {
    static Clock clock;
    return clock;
}

// The next piece of a stream's work begins.
inline void step(Stream &stream) {
    learn(stream.clock, host_clock());
    stream.clock[stream.id]++;
}

// This piece of work touches that memory.
inline void touch(Stream &stream, Allocation &allocation, const char *what) {
    if (stream.device != allocation.device) {
        fprintf(stderr, "shim: %s on device %d touches memory of device %d\n", what, stream.device, allocation.device);
        abort();
    }
    for (auto [other, time] : allocation.uses)
        if (stream.clock[other] < time) {
            fprintf(stderr, "shim: %s on stream %u touches memory that stream %u may still use\n", what, stream.id, other);
            abort();
        }
    allocation.uses[stream.id] = stream.clock[stream.id];
}

// The process waits in the driver.
inline void wait_in_driver(bool stuck, const char *what) {
    if (!stuck) return;
    fprintf(stderr, "shim: %s waits for a kernel that never ends\n", what);
    abort();
}

// The process waits for all of a stream's work.
inline void wait_for_all(Stream &stream, const char *what) {
    wait_in_driver(stream.stuck, what);
    stream.catch_up();
    learn(host_clock(), stream.clock);
}

inline void record(Event &event, Stream &stream) {
    step(stream);
    event = {&stream, stream.clock, stream.stuck, false};
}

inline void wait_for(Stream &stream, Event &event) {
    if (event.stream) event.stream->catch_up();
    stream.stuck |= event.stuck;
    learn(stream.clock, event.clock);
}

inline void wait_for(Event &event) {
    wait_in_driver(event.stuck, "an event");
    if (event.stream) event.stream->catch_up();
    learn(host_clock(), event.clock);
}

}  // namespace shim
