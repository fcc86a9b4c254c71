//! What the two programs need to start.

use std::process::{Command, Stdio};

use super::place::program;

/// `bench` starts in milliseconds, and where libtorch is missing or broken.
#[cfg(target_os = "linux")]
#[test]
fn bench_is_not_linked_to_libtorch_and_its_worker_is() {
    let needs = |name: &str| needed(&std::fs::read(program(name)).unwrap());
    let (bench, worker) = (needs("bench"), needs("bench-worker"));
    let torch = |libraries: &[String]| libraries.iter().any(|library| library.contains("torch") || library.contains("c10"));
    assert!(bench.iter().any(|library| library.starts_with("libc.")), "{bench:?}");
    assert!(!torch(&bench), "{bench:?}");
    assert!(torch(&worker), "{worker:?}");
}

#[test]
fn the_worker_starts_with_an_empty_environment() {
    let output = Command::new(program("bench-worker")).arg("--describe").env_clear().stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let description: bench_store::protocol::Description = serde_json::from_slice(&output.stdout).unwrap();
    assert!(description.methods.iter().any(|card| card.id == "raml"));
}

/// The `DT_NEEDED` entries of a 64-bit little-endian ELF file (System V ABI, "Dynamic Section").
#[cfg(target_os = "linux")]
fn needed(elf: &[u8]) -> Vec<String> {
    const DYNAMIC: u64 = 6;
    const NEEDED: u64 = 1;
    let number = |at: usize, size: usize| elf[at..at + size].iter().rev().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    let place = |at: usize| usize::try_from(number(at, 8)).unwrap();
    assert_eq!(&elf[..6], b"\x7fELF\x02\x01", "no 64-bit little-endian ELF file");
    let (table, size, sections) = (place(0x28), number(0x3a, 2) as usize, number(0x3c, 2) as usize);
    let section = |at: usize| table + at * size;
    let dynamic = (0..sections).map(section).find(|&header| number(header + 4, 4) == DYNAMIC).unwrap();
    let names = place(section(number(dynamic + 0x28, 4) as usize) + 0x18);
    let entries = (place(dynamic + 0x18)..).step_by(16).take(place(dynamic + 0x20) / 16);
    let name = |entry: usize| elf[names + place(entry + 8)..].iter().take_while(|byte| **byte != 0).map(|byte| char::from(*byte)).collect();
    entries.filter(|&entry| number(entry, 8) == NEEDED).map(name).collect()
}
