/*!
Honest papers, made up: what every check of discovery has to stay silent on.

A paper has a main table, one with missing or noisy modalities, an ablation, a sweep, counts, shares, memory and costs. Every number is worked out from simulated runs and then
rounded, in one of the ways in which people do it: averages and differences from unrounded or from printed numbers, runs rounded before averaging or not, deviations divided by
n − 1 or n, marks with ties, empty cells, the same number in two tables. Some habits are as unfavourable to the checks as honest numbers can be: one true spread for all cells, true
spreads exactly on a line in the mean, runs that correlate across conditions.
*/

mod runs;
mod sheet;
mod tables;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{
    Ledger,
    ledger::{Extractor, Paper, TestSize},
};

/// How a paper's authors measure and print.
#[derive(Debug, Clone)]
pub struct Habits {
    /// Names of methods; the last is the paper's own.
    pub methods: Vec<String>,
    /// Datasets with the sizes of their test sets.
    pub datasets: Vec<(String, u64)>,
    /// Conditions of the second table.
    pub conditions: Vec<String>,
    /// Runs behind every number.
    pub seeds: u32,
    /// Whether accuracies are printed as fractions with four digits, not as percentages.
    pub fraction: bool,
    /// Digits behind the point of a percentage.
    pub digits: usize,
    /// Whether each run is rounded to the printed digits before anything is computed.
    pub round_first: bool,
    /// Whether differences are taken of printed numbers, not of unrounded ones.
    pub printed_differences: bool,
    /// Whether standard deviations are divided by n, not n − 1.
    pub population: bool,
    /// True spread from run to run, as a share.
    pub spread: f64,
    /// How fast the true spread falls with the mean: ln σ = ln `spread` − `slope` · (share − 0.8).
    pub slope: f64,
    /// Correlation of runs across conditions.
    pub correlation: f64,
    /// Share of cells that are empty.
    pub missing: f64,
    /// Whether the paper says how large its test sets are.
    pub sizes_known: bool,
}

impl Habits {
    /// Draws habits.
    fn draw(draws: &mut ChaCha8Rng) -> Self {
        let one_of = |draws: &mut ChaCha8Rng, from: &[f64]| from.get(draws.random_range(0..from.len())).copied().unwrap_or_default();
        let methods = draws.random_range(4..=10);
        let datasets = draws.random_range(1..=3);
        let names = ["MulT", "MISA", "Self-MM", "Late Fusion", "Concat", "FiLM", "Sum", "Dropout-Net", "MMIM"];
        let sets = ["Digits", "Scenes-6", "Speech"];
        let conditions = ["Full", "Miss-A", "Miss-V", "Miss-T", "sigma=0.1", "sigma=0.5", "sigma=1.0", "FGSM"];
        let seeds = [1, 1, 2, 3, 3, 5, 5, 10][draws.random_range(0..8)];
        Self {
            methods: names.iter().take(methods - 1).map(|name| (*name).to_owned()).chain(["Ours".to_owned()]).collect(),
            datasets: sets.iter().take(datasets).map(|name| ((*name).to_owned(), (200.0 * 30.0_f64.powf(draws.random())) as u64)).collect(),
            conditions: conditions.iter().take(draws.random_range(3..=8)).map(|name| (*name).to_owned()).collect(),
            seeds,
            fraction: draws.random_bool(0.2),
            digits: if draws.random_bool(0.7) { 2 } else { 1 },
            round_first: draws.random_bool(0.3),
            printed_differences: draws.random_bool(0.5),
            population: draws.random_bool(0.3),
            spread: one_of(draws, &[0.002, 0.005, 0.01, 0.02]),
            slope: one_of(draws, &[0.0, 0.0, 2.0, 5.0]),
            correlation: one_of(draws, &[0.0, 0.5, 0.9]),
            missing: one_of(draws, &[0.0, 0.0, 0.02, 0.1]),
            sizes_known: draws.random_bool(0.8),
        }
    }
}

/// An honest paper; the same for the same key.
pub fn honest(key: u64) -> (Ledger, Habits) {
    let mut draws = ChaCha8Rng::seed_from_u64(key);
    let habits = Habits::draw(&mut draws);
    let mut paper = Paper { id: "honest".into(), method: Some("Ours".into()), ..Paper::default() };
    if habits.sizes_known {
        paper.test_sizes =
            habits.datasets.iter().map(|(name, n)| TestSize { dataset: name.clone(), n: vec![*n], source: "simulated".into() }).collect();
    }
    let tokens = f64::from(draws.random_range(20..=128));
    let seconds = draws.random_range(1.0..10.0);
    let frames = f64::from(draws.random_range(1..=20));
    paper.extractors = [("bert-base", tokens), ("resnet50", frames), ("wav2vec2-base", seconds)]
        .map(|(model, amount)| Extractor { model: model.into(), amount, source: "simulated".into() })
        .to_vec();
    paper.batch = Some(64);
    let tables = tables::all(&habits, &paper, &mut draws);
    (Ledger { papers: vec![paper], tables, ..Ledger::default() }, habits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_gives_one_paper() {
        let texts = |key| -> Vec<String> {
            let (ledger, _) = honest(key);
            ledger.tables.iter().flat_map(|table| &table.cells).map(|cell| format!("{cell:?}")).collect()
        };
        assert_eq!(texts(1), texts(1));
        assert_ne!(texts(1), texts(2));
    }

    #[test]
    fn papers_have_what_the_checks_look_at() {
        let ledgers: Vec<Ledger> = (0..50).map(|key| honest(key).0).collect();
        let cells = || ledgers.iter().flat_map(|ledger| &ledger.tables).flat_map(|table| &table.cells);
        for (what, count) in [
            ("deviations", cells().filter(|cell| cell.std.is_some()).count()),
            ("empty cells", cells().filter(|cell| cell.value.is_none()).count()),
            ("marks", cells().filter(|cell| cell.marked != crate::ledger::Mark::None).count()),
            ("differences", cells().filter(|cell| cell.unit == "pp").count()),
            ("costs", cells().filter(|cell| cell.unit == "GFLOP").count()),
            ("averages", cells().filter(|cell| cell.column.contains("Average")).count()),
        ] {
            assert!(count > 50, "only {count} {what}");
        }
    }
}
