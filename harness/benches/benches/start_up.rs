//! `bench --help`, from the call to its end.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

use criterion::{Criterion, criterion_group, criterion_main};

fn start_up(criterion: &mut Criterion) {
    let bench = bench();
    assert!(bench.is_file(), "{} is not there: `cargo build --workspace` first", bench.display());
    let run = || Command::new(&bench).arg("--help").stdout(Stdio::null()).status().unwrap();
    criterion.bench_function("bench --help", |bencher| bencher.iter(run));
}

/// `deps/start_up-…` lies in the folder where `bench` lies.
fn bench() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    own.ancestors().nth(2).unwrap().join("bench")
}

criterion_group!(benches, start_up);
criterion_main!(benches);
