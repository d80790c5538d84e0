//! How much memory this process used, and how much there is.

use std::fs;

/// The peak resident set in bytes, where the system tells (Linux).
pub fn peak_bytes() -> Option<u64> {
    parse(&fs::read_to_string("/proc/self/status").ok()?, "VmHWM:")
}

/// What a process may have at most: the machine's memory or its control group's, where the system tells (Linux).
pub fn total_bytes() -> Option<u64> {
    let machine = parse(&fs::read_to_string("/proc/meminfo").ok()?, "MemTotal:")?;
    let group = fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    Some(group.map_or(machine, |group: u64| group.min(machine)))
}

/// A line of the form `NAME 123 kB`.
fn parse(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_line_that_linux_writes() {
        assert_eq!(parse("Name:\tassay\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n", "VmHWM:"), Some(2048 * 1024));
        assert_eq!(parse("Name:\tassay\n", "VmHWM:"), None);
        assert_eq!(parse("VmHWM:\t99999999999999999999 kB\n", "VmHWM:"), None);
    }
}
