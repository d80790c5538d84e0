//! How much memory this process used.

use std::fs;

/// The peak resident set in bytes, where the system tells (Linux).
pub fn peak_bytes() -> Option<u64> {
    parse(&fs::read_to_string("/proc/self/status").ok()?)
}

fn parse(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_line_that_linux_writes() {
        assert_eq!(parse("Name:\tassay\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n"), Some(2048 * 1024));
        assert_eq!(parse("Name:\tassay\n"), None);
        assert_eq!(parse("VmHWM:\t99999999999999999999 kB\n"), None);
    }
}
