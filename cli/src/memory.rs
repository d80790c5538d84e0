//! How much memory this process used, and how much there is.

use std::fs;

/// Lets the allocator keep what is freed: a prover frees large vectors all the time and asks for the next ones at once, and
/// getting their pages from the system anew takes longer than the arithmetic on them.
#[allow(unsafe_code)]
pub fn keep_freed() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // SAFETY: `mallopt` takes two numbers and changes the allocator's settings only; no other thread runs yet.
        unsafe {
            libc::mallopt(libc::M_MMAP_MAX, 0);
            libc::mallopt(libc::M_TRIM_THRESHOLD, -1);
        }
    }
}

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

/// A size: a number with KiB, MiB, GiB or TiB behind it, or with B; without a unit, GiB.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len()));
    let shift = ["b", "kib", "mib", "gib", "tib"].iter().position(|known| unit.eq_ignore_ascii_case(known));
    let shift = if unit.is_empty() { Some(3) } else { shift };
    let size = shift.zip(number.trim().parse::<f64>().ok()).map(|(shift, number)| number * 1024f64.powi(shift as i32));
    match size {
        // Every number below converts without loss of what matters.
        Some(bytes) if (1.0..9e15).contains(&bytes) => Ok(bytes as u64),
        _ => Err(format!("`{text}` is not a size such as 8GiB or 512MiB")),
    }
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
    fn sizes_have_units() {
        let sizes = [("8GiB", 8 << 30), ("8", 8 << 30), ("512 MiB", 512 << 20), ("1.5gib", 3 << 29), ("1024B", 1024), ("2TiB", 2 << 40)];
        for (text, bytes) in sizes {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
        for wrong in ["", "GiB", "8GB", "0", "-1", "8 8", "1e30", "nan", "inf", "much"] {
            assert!(parse_size(wrong).is_err_and(|e| e.contains("8GiB")), "{wrong}");
        }
    }

    #[test]
    fn reads_the_line_that_linux_writes() {
        assert_eq!(parse("Name:\tassay\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n", "VmHWM:"), Some(2048 * 1024));
        assert_eq!(parse("Name:\tassay\n", "VmHWM:"), None);
        assert_eq!(parse("VmHWM:\t99999999999999999999 kB\n", "VmHWM:"), None);
    }
}
