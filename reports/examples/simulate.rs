/*!
How often the tests call two methods different that are equal: the tables of docs/statistics.md.

```text
cargo run -p bench-reports --example simulate [-- [--quick | --repetitions N] [TABLE]]
```

TABLE is one of test-set, population, groups, levels, alone, theory, power; without it all are printed. Markdown goes to stdout, progress to stderr. The same options print the same tables, whatever the number of cores.
*/

#[path = "simulate/trial.rs"]
mod trial;
#[path = "simulate/world.rs"]
mod world;

use std::process::ExitCode;

use bench_reports::statistics::{Bootstrap, critical_t, distributions::student_t_two_sided};
use trial::{Effort, Found, LEVELS, RESAMPLES, Results, simulate, simulate_groups_alone};
use world::{SAMPLES, SeedEffect, Truth, World};

const CHURN: f64 = 0.10;
const DISAGREEMENT: f64 = 0.174;
const EFFECTS: [SeedEffect; 4] = [SeedEffect::None, SeedEffect::Normal(0.01), SeedEffect::Normal(0.03), SeedEffect::Skewed(0.03)];
const WORLD: World =
    World { seeds: 5, effect: SeedEffect::None, truth: Truth::Population, churn: CHURN, disagreement: DISAGREEMENT, groups: None, difference: 0.0 };

/// The name of a table, and what simulates and prints it.
type Table = (&'static str, fn(Effort));

const TABLES: [Table; 7] = [
    ("test-set", |effort| errors(Truth::TestSet, "Equal on this test set (seeds vary, samples stay)", effort)),
    ("population", |effort| errors(Truth::Population, "Equal in the population (samples vary too)", effort)),
    ("groups", groups),
    ("levels", levels),
    ("alone", alone),
    ("theory", theory),
    ("power", power),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let table = words.pop_if(|last| TABLES.iter().any(|(name, _)| name == last));
    let Some(effort) = effort(&words) else {
        eprintln!("usage: simulate [--quick] [--repetitions N] [TABLE], N at least 10, TABLE one of {}", TABLES.map(|(name, _)| name).join(", "));
        return ExitCode::from(2);
    };
    println!(
        "t: paired t-test. B: two-level bootstrap, percentile, one draw less than there are at each level. B′: as many draws as there are. E: B, expanded for few groups (the default; p = 0.05 over {SAMPLES} samples becomes {:.4}). {SAMPLES} samples, accuracy 75 %, two seeds of a method disagree on {} % of the samples and two methods on {} % unless said otherwise. {} repetitions for \
         the t-test, {} for what involves a bootstrap ({RESAMPLES} resamples). Percent ± Monte-Carlo standard error.",
        Bootstrap::expand(0.05, SAMPLES),
        100.0 * CHURN,
        100.0 * DISAGREEMENT,
        effort.repetitions,
        effort.bootstrapped
    );
    TABLES.iter().filter(|(name, _)| table.is_none_or(|asked| asked == *name)).for_each(|(_, print)| print(effort));
    ExitCode::SUCCESS
}

fn effort(words: &[&str]) -> Option<Effort> {
    let repetitions = match *words {
        [] => 10_000,
        ["--quick"] => 500,
        ["--repetitions", number] | ["--quick", "--repetitions", number] => number.parse().ok().filter(|&number| number >= 10)?,
        _ => return None,
    };
    Some(Effort { repetitions, bootstrapped: repetitions / 5, expanded: repetitions / 5 })
}

const HEADER: &str = "t 5 % | t 1 % | t covers | B 5 % | B 1 % | B covers | B′ 5 % | B′ 1 % | t and B 5 % | t and B 1 % |";
const RULE: &str = " --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |";

fn cells(results: &Results) -> String {
    let of = |found: &Found| [found.rejected[0].cell(1), found.rejected[1].cell(1), found.covered.cell(1)];
    let mut cells: Vec<String> = [&results.t, &results.one_less].into_iter().flat_map(of).collect();
    cells.extend([&results.all, &results.both].into_iter().flat_map(|found| [found.rejected[0], found.rejected[1]]).map(|share| share.cell(1)));
    cells.join(" | ")
}

/// Errors of the first kind, and coverage, where samples are independent.
fn errors(truth: Truth, name: &str, effort: Effort) {
    println!("\n### {name}\n\n| seed effect | seeds | {HEADER}\n| --- | --- |{RULE}");
    for effect in EFFECTS {
        for seeds in [3, 5, 10] {
            let name = format!("{name}, {}, {seeds} seeds", effect.name());
            let results = simulate(&name, World { seeds, effect, truth, ..WORLD }, effort);
            println!("| {} | {seeds} | {} |", effect.name(), cells(&results));
        }
    }
}

/// The same where samples come in groups; the bootstrap that does not know of them stands last.
fn groups(effort: Effort) {
    println!(
        "\n### Equal in the population of groups (correlation 0.2 within a group)\n\n| groups | seeds | t 5 % | t 1 % | B 5 % | B 1 % | B′ 5 % | E 5 % | E 1 % | E covers | t and E 5 % | t and E 1 % | ungrouped B 5 % |\n| --- | --- |{RULE} --- |"
    );
    for groups in [6, 18, 60] {
        for seeds in [3, 5, 10] {
            let name = format!("{groups} groups, {seeds} seeds");
            let found = simulate(&name, World { seeds, groups: Some((groups, 0.2)), ..WORLD }, effort);
            let (t, b, e, both) = (found.t.rejected, found.one_less.rejected, found.expanded.rejected, found.both_expanded.rejected);
            let shares =
                [t[0], t[1], b[0], b[1], found.all.rejected[0], e[0], e[1], found.expanded.covered, both[0], both[1], found.ungrouped.rejected[0]];
            println!("| {groups} | {seeds} | {} |", shares.map(|share| share.cell(1)).join(" | "));
        }
    }
}

/// Groups at the levels of a family of tests, with more repetitions.
fn levels(effort: Effort) {
    let effort = Effort { repetitions: 2 * effort.repetitions, bootstrapped: 0, expanded: 2 * effort.repetitions };
    println!(
        "\n### Groups at small levels (five seeds, correlation 0.2 within a group, {} repetitions)\n\n| groups | t 0.25 % | B 5 % | B 1 % | B 0.25 % | theory | E 5 % | E 1 % | E 0.25 % | t and E 5 % | t and E 1 % | t and E 0.25 % |\n| --- |{RULE} --- |",
        effort.repetitions
    );
    for groups in [6, 10, 18, 27, 60] {
        let found = simulate(&format!("{groups} groups, small levels"), World { groups: Some((groups, 0.2)), ..WORLD }, effort);
        let of = |found: &Found| found.rejected.map(|share| share.cell(2)).join(" | ");
        let theory = 100.0 * Bootstrap::expand(LEVELS[2], groups);
        println!(
            "| {groups} | {} | {} | {theory:.2} | {} | {} |",
            found.t.rejected[2].cell(2),
            of(&found.percentile),
            of(&found.expanded),
            of(&found.both_expanded)
        );
    }
}

/// The bootstrap at its worst: nothing but groups varies.
fn alone(effort: Effort) {
    let repetitions = 2 * effort.repetitions;
    println!(
        "\n### Groups alone: standard normal numbers, nothing else varies ({repetitions} repetitions)\n\n| groups | B 5 % | B 1 % | B 0.25 % | E 5 % | E 1 % | E 0.25 % |\n| --- | --- | --- | --- | --- | --- | --- |"
    );
    for groups in [6, 10, 18, 27, 60] {
        let found = simulate_groups_alone(groups, repetitions);
        let of = |found: &Found| found.rejected.map(|share| share.cell(2)).join(" | ");
        println!("| {groups} | {} | {} |", of(&found.percentile), of(&found.expanded));
    }
}

/// The t-test of five seeds against what normal theory says: its t is stretched by √(1 + n I/(E + m S)).
fn theory(effort: Effort) {
    println!(
        "\n### The t-test of five seeds, judged against the population\n\n| methods disagree on | seed effect | t 5 % | theory |\n| --- | --- | --- | --- |"
    );
    for disagreement in [0.12, 0.15, 0.174, 0.20] {
        for effect in [SeedEffect::None, SeedEffect::Normal(0.005)] {
            let name = format!("{disagreement} disagreement, {}", effect.name());
            let results = simulate(&name, World { effect, disagreement, ..WORLD }, Effort { bootstrapped: 0, ..effort });
            let stretch = 1.0 + 5.0 * (disagreement - CHURN) / (CHURN + SAMPLES as f64 * effect.deviation().powi(2));
            let expected = student_t_two_sided(critical_t(0.05, 5).unwrap_or(f64::NAN) / stretch.sqrt(), 4.0);
            println!("| {:.1} % | {} | {} | {:.1} |", 100.0 * disagreement, effect.name(), results.t.rejected[0].cell(1), 100.0 * expected);
        }
    }
}

/// How often a true difference is found.
fn power(effort: Effort) {
    println!(
        "\n### How often a true difference is found (five seeds, population, seed effect none)\n\n| true difference | t 5 % | B 5 % | B′ 5 % | t and B 5 % | t and B 1 % |\n| --- | --- | --- | --- | --- | --- |"
    );
    for points in [1, 2, 3, 4, 6] {
        let results = simulate(&format!("power, {points} points"), World { difference: f64::from(points) / 100.0, ..WORLD }, effort);
        let five = [&results.t, &results.one_less, &results.all, &results.both].map(|found| found.rejected[0].cell(1));
        println!("| {points} pt | {} | {} |", five.join(" | "), results.both.rejected[1].cell(1));
    }
}
