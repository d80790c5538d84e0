//! Wall time, CPU time and peak memory of this process.

use std::{fs, time::Instant};

/// One run, in seconds.
#[derive(Clone, Copy)]
pub struct Sample {
    pub cpu: f64,
    pub wall: f64,
}

pub fn measure(run: impl FnOnce()) -> Sample {
    let (cpu, wall) = (cpu_seconds(), Instant::now());
    run();
    Sample { wall: wall.elapsed().as_secs_f64(), cpu: cpu_seconds() - cpu }
}

/// User and system time of all threads; the kernel counts hundredths.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("/proc/self/stat");
    // The name in parentheses may hold spaces; the fields behind it start with the third.
    let fields: Vec<&str> = stat.rsplit(')').next().expect("fields").split_whitespace().collect();
    let ticks = |field: usize| fields[field - 3].parse::<f64>().expect("a number of ticks");
    (ticks(14) + ticks(15)) / 100.0
}

/// Lets the peak start from the memory in use now.
pub fn reset_peak() {
    fs::write("/proc/self/clear_refs", "5").expect("/proc/self/clear_refs");
}

/// The most memory that was resident since the last reset.
pub fn peak_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("/proc/self/status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("VmHWM");
    line.trim().trim_end_matches("kB").trim().parse::<u64>().expect("a number of kB") * 1024
}

pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
