//! What can be known of the machine without libtorch.

use std::{fs, num::NonZero, path::Path, thread};

/// Processor threads that this process may use, at least 1.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Memory of the machine and what of it is free for use, in bytes, where the system says so.
pub fn memory() -> Option<(u64, u64)> {
    parse_memory(&fs::read_to_string("/proc/meminfo").ok()?)
}

fn parse_memory(text: &str) -> Option<(u64, u64)> {
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim_start_matches(':').trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
    };
    Some((field("MemTotal")?, field("MemAvailable")?))
}

/// Bytes free for use on the disk that holds `path` or would hold it.
pub fn free_space(path: &Path) -> Option<u64> {
    let existing = path.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let existing = if existing.as_os_str().is_empty() { Path::new(".") } else { existing };
    fs4::available_space(existing).ok()
}

/// `1.5 GB`.
pub fn bytes(count: u64) -> String {
    match count {
        0..1_000_000 => format!("{:.0} kB", count as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.0} MB", count as f64 / 1e6),
        _ => format!("{:.1} GB", count as f64 / 1e9),
    }
}

/// `4 s`, `3 min 10 s`, `2 h 05 min`.
pub fn duration(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    match whole {
        0..60 => format!("{whole} s"),
        60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_in_bytes() {
        let text = "MemTotal:        2048 kB\nMemFree: 1 kB\nMemAvailable:     1024 kB\n";
        assert_eq!(parse_memory(text), Some((2048 * 1024, 1024 * 1024)));
        assert_eq!(parse_memory("MemTotal: x kB"), None);
    }

    #[test]
    fn sizes_and_durations_read_well() {
        assert_eq!([bytes(2_000), bytes(15_000_000), bytes(1_500_000_000)], ["2 kB", "15 MB", "1.5 GB"]);
        assert_eq!([duration(3.6), duration(190.0), duration(7500.0)], ["4 s", "3 min 10 s", "2 h 05 min"]);
    }

    #[test]
    fn the_disk_of_a_folder_that_is_not_there_yet_is_its_parents() {
        let folder = tempfile::tempdir().unwrap();
        assert!(free_space(&folder.path().join("a/b")).is_some_and(|free| free > 0));
    }
}
