//! CPU time, which other processes disturb less than they do wall time. Linux only.

#![allow(unsafe_code)]

/// Of this thread, in nanoseconds.
#[allow(dead_code)] // not every target that includes this file needs both clocks
pub fn of_thread() -> f64 {
    read(libc::CLOCK_THREAD_CPUTIME_ID)
}

/// Of all threads of this process, in nanoseconds.
#[allow(dead_code)]
pub fn of_process() -> f64 {
    read(libc::CLOCK_PROCESS_CPUTIME_ID)
}

fn read(clock: libc::clockid_t) -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live timespec, which the call fills.
    let status = unsafe { libc::clock_gettime(clock, &mut time) };
    assert_eq!(status, 0, "no clock of CPU time");
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}
