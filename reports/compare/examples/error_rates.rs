/*!
How often a comparison is wrong, and what it catches: the tables of docs/comparing.md.

```text
cargo run -p bench-compare --example error_rates [-- COMPARISONS]
```

COMPARISONS (default 100) are made for each line of each table, each of 20 rows. Markdown goes to stdout, progress to stderr. The same number prints the same tables,
whatever the number of cores.
*/

#[path = "error_rates/world.rs"]
mod world;

use std::{process::ExitCode, thread};

use bench_compare::{Report, Rules, Verdict};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use world::{Groups, SAMPLES, SeedEffect, World};

/// Enough for the smallest level, 0.05/20, four times over.
const RESAMPLES: usize = 1999;
const ROWS: usize = 20;
/// Points that rows drop by in the second table: five rows each.
const DROPS: [f64; 4] = [0.01, 0.02, 0.05, 0.10];
/// Of the third table, in points: wide, or hardly any row would be the same and no error would show.
const WIDE: f64 = 5.0;

/// A world with its name.
type Named = (&'static str, World);

const WORLDS: [Named; 6] = [
    ("3 seeds, normal 1 pt", world(3, SeedEffect::Normal(0.01), Groups::None)),
    ("5 seeds, none", world(5, SeedEffect::None, Groups::None)),
    ("5 seeds, normal 3 pt", world(5, SeedEffect::Normal(0.03), Groups::None)),
    ("10 seeds, normal 1 pt", world(10, SeedEffect::Normal(0.01), Groups::None)),
    ("5 seeds, none, 20 groups", world(5, SeedEffect::None, Groups::Drawn(20))),
    ("5 seeds, none, these 5 groups", world(5, SeedEffect::None, Groups::These(5))),
];

const MORE: [Named; 6] = [
    ("2 seeds, none", world(2, SeedEffect::None, Groups::None)),
    ("2 seeds, normal 3 pt", world(2, SeedEffect::Normal(0.03), Groups::None)),
    ("3 seeds, none", world(3, SeedEffect::None, Groups::None)),
    ("3 seeds, normal 3 pt", world(3, SeedEffect::Normal(0.03), Groups::None)),
    ("5 seeds, one run in ten loses 10 pt", world(5, SeedEffect::Rare(0.10), Groups::None)),
    ("5 seeds, none, other groups than these 5", world(5, SeedEffect::None, Groups::Drawn(5))),
];

const fn world(seeds: usize, effect: SeedEffect, groups: Groups) -> World {
    World { seeds, effect, groups }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let comparisons = match arguments.as_slice() {
        [] => Some(100),
        [number] => number.parse().ok().filter(|&number: &usize| number > 0),
        _ => None,
    };
    let Some(comparisons) = comparisons else {
        eprintln!("usage: error_rates [COMPARISONS]");
        return ExitCode::from(2);
    };
    println!(
        "{comparisons} comparisons a line, {ROWS} independent rows each, {SAMPLES} test samples, accuracy 75 %, α = 0.05, {RESAMPLES} resamples (100,000 of groups). \
         Percent ± Monte-Carlo standard error."
    );
    nothing(comparisons);
    drops(comparisons);
    margin(comparisons);
    ExitCode::SUCCESS
}

fn nothing(comparisons: usize) {
    println!(
        "\n### Nothing changed, margin 2 points\n\n| world | any row regressed | any row improved | a row is the same | a row cannot be told |\n\
         | --- | --- | --- | --- | --- |"
    );
    for (name, world) in WORLDS {
        let found = gather(name, world, [0.0; ROWS], 2.0, comparisons);
        let of = |verdict| found.iter().map(move |rows| share(rows, verdict));
        let any = |verdict| cell(of(verdict).map(|share| f64::from(u8::from(share > 0.0))));
        let cells = [any(Verdict::Regressed), any(Verdict::Improved), cell(of(Verdict::Same)), cell(of(Verdict::CannotTell))];
        println!("| {name} | {} |", cells.join(" | "));
    }
}

fn drops(comparisons: usize) {
    println!(
        "\n### Five rows of twenty each lose 1, 2, 5 and 10 points, margin 2 points: how many are called regressed\n\n| world | 1 pt | 2 pt | 5 pt | 10 pt |\n\
         | --- | --- | --- | --- | --- |"
    );
    let each = ROWS / DROPS.len();
    for (name, world) in WORLDS {
        let found = gather(name, world, std::array::from_fn(|row| -DROPS[row / each]), 2.0, comparisons);
        let of = |drop: usize| cell(found.iter().map(|rows| share(&rows[drop * each..(drop + 1) * each], Verdict::Regressed)));
        println!("| {name} | {} |", [0, 1, 2, 3].map(of).join(" | "));
    }
}

fn margin(comparisons: usize) {
    println!(
        "\n### Ten rows of twenty lose exactly the margin of {WIDE} points, ten nothing: how many are called the same\n\n| world | lost the margin: the same | regressed | lost nothing: the same | regressed |\n\
         | --- | --- | --- | --- | --- |"
    );
    let half = ROWS / 2;
    for (name, world) in WORLDS.into_iter().chain(MORE) {
        let found = gather(name, world, std::array::from_fn(|row| if row < half { -WIDE / 100.0 } else { 0.0 }), WIDE, comparisons);
        let lost = |verdict| cell(found.iter().map(|rows| share(&rows[..half], verdict)));
        let kept = |verdict| cell(found.iter().map(|rows| share(&rows[half..], verdict)));
        let cells = [lost(Verdict::Same), lost(Verdict::Regressed), kept(Verdict::Same), kept(Verdict::Regressed)];
        println!("| {name} | {} |", cells.join(" | "));
    }
}

/// The verdicts of each comparison's rows. Every comparison has its own key, so the result does not depend on the number of threads.
fn gather(name: &str, world: World, changes: [f64; ROWS], margin: f64, comparisons: usize) -> Vec<Vec<Verdict>> {
    eprintln!("{name}, margin {margin}");
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let judged = |at: usize| {
        let mut key = [0; 32];
        // FNV-1a: nothing here needs more than that names differ.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        key[..8].copy_from_slice(&hash.to_le_bytes());
        key[8..16].copy_from_slice(&changes[0].to_le_bytes());
        key[24..].copy_from_slice(&(at as u64).to_le_bytes());
        let evidence = world.evidence(&changes, &mut ChaCha8Rng::from_seed(key));
        let report = Report::with_resamples(&evidence, Rules { margin, ..Rules::default() }, RESAMPLES);
        report.datasets[0].rows.iter().filter_map(|row| row.verdict).collect::<Vec<_>>()
    };
    let mut found: Vec<(usize, Vec<Verdict>)> = thread::scope(|scope| {
        let judged = &judged;
        let work = |first| (first..comparisons).step_by(threads).map(|at| (at, judged(at))).collect::<Vec<_>>();
        let running: Vec<_> = (0..threads).map(|first| scope.spawn(move || work(first))).collect();
        running.into_iter().flat_map(|thread| thread.join().expect("a simulating thread panicked")).collect()
    });
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, rows)| rows).collect()
}

fn share(rows: &[Verdict], verdict: Verdict) -> f64 {
    rows.iter().filter(|&&row| row == verdict).count() as f64 / rows.len() as f64
}

/// Percent over comparisons, which are independent where their rows may not be.
fn cell(shares: impl Iterator<Item = f64>) -> String {
    let shares: Vec<f64> = shares.map(|share| 100.0 * share).collect();
    let mean = bench_reports::statistics::mean(&shares);
    let error = bench_reports::statistics::sample_standard_deviation(&shares).unwrap_or(f64::NAN) / (shares.len() as f64).sqrt();
    if error == 0.0 { format!("{mean:.1}") } else { format!("{mean:.1} ± {error:.1}") }
}
