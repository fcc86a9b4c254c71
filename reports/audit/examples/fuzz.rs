//! Fuzzes the expression language for as long as asked: `cargo run -p bench-audit --example fuzz -- --seconds 60 [--seed 1]`.

use std::time::{Duration, Instant};

use rand::RngExt;

#[path = "../tests/fuzz/mod.rs"]
mod fuzz;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (mut seconds, mut seed) = (10_u64, 1_u64);
    while let Some(name) = arguments.next() {
        let number = arguments.next().and_then(|value| value.parse().ok());
        match (name.as_str(), number) {
            ("--seconds", Some(number)) => seconds = number,
            ("--seed", Some(number)) => seed = number,
            _ => {
                eprintln!("usage: fuzz [--seconds N] [--seed N]");
                std::process::exit(2);
            }
        }
    }
    let start = Instant::now();
    let mut executions = [0_u64; 5];
    let mut slowest = (Duration::ZERO, String::new());
    while start.elapsed() < Duration::from_secs(seconds) {
        let mut random = fuzz::random(seed);
        seed = seed.wrapping_add(1);
        let (ledger, paper) = (fuzz::small(), "p".to_owned());
        let kind = random.random_range(0..executions.len());
        let begun = Instant::now();
        let text = match kind {
            0 => String::from_utf8_lossy(&(0..random.random_range(0..200)).map(|_| random.random()).collect::<Vec<u8>>()).into_owned(),
            1 => fuzz::soup(&mut random),
            2 => {
                let (paper, text) = fuzz::mutated(&mut random, fuzz::real());
                fuzz::survives(fuzz::real(), &paper, &text);
                text
            }
            3 => fuzz::extreme(&mut random),
            _ => {
                let text = fuzz::valid(&mut random);
                fuzz::holds_every_value(&mut random, &text);
                text
            }
        };
        fuzz::survives(ledger, &paper, &text);
        executions[kind] += 1;
        if begun.elapsed() > slowest.0 {
            slowest = (begun.elapsed(), text);
        }
    }
    let total: u64 = executions.iter().sum();
    println!("{total} executions (bytes, words, mutations, extremes, valid: {executions:?}), next seed {seed}");
    println!("slowest {:.0?}: {}", slowest.0, slowest.1.chars().take(300).collect::<String>());
}
