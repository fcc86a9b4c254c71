//! Free space on disk.

use std::path::Path;
use std::process::Command;

/// Bytes that can still be written under `folder`; `None` where `df` does not tell.
pub(crate) fn available(folder: &Path) -> Option<u64> {
    // POSIX format: one line a file system, sizes in KiB.
    let output = Command::new("df").arg("-Pk").arg(folder).env("LC_ALL", "C").output().ok()?;
    available_in(&String::from_utf8_lossy(&output.stdout))
}

/// The column before the percentage; names of devices and mount points may hold spaces.
fn available_in(listing: &str) -> Option<u64> {
    let columns: Vec<&str> = listing.lines().nth(1)?.split_whitespace().collect();
    let percentage = columns.iter().rposition(|column| column.strip_suffix('%').is_some_and(|number| number.parse::<u32>().is_ok()))?;
    let kibibytes: u64 = columns.get(percentage.checked_sub(1)?)?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// `1.3 GB`.
pub(crate) fn gigabytes(bytes: u64) -> String {
    format!("{:.1} GB", bytes as f64 / 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn available_is_read_before_the_percentage() {
        let listing = "Filesystem     1024-blocks     Used Available Capacity Mounted on\n/dev/vda         263174212 15728640  80740352      17% /\n";
        assert_eq!(available_in(listing), Some(80_740_352 * 1024));
    }

    #[test]
    fn spaces_in_names_do_not_shift_the_columns() {
        let listing = "Filesystem 1024-blocks Used Available Capacity Mounted on\n//server/my share 1000 400 600 40% /mnt/my disk\n";
        assert_eq!(available_in(listing), Some(600 * 1024));
    }

    #[test]
    fn no_listing_is_no_answer() {
        assert_eq!(available_in(""), None);
        assert_eq!(available_in("Filesystem\n-\n"), None);
    }

    #[test]
    fn this_disk_has_a_size() {
        assert!(available(Path::new(".")).is_some());
    }
}
