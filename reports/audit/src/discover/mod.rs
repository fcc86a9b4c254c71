//! Discovery: what a paper's tables say against themselves, without being told where to look.

mod accuracies;
mod coincidence;
mod combination;
mod delta;
mod denominator;
mod duplicate;
mod flops;
mod grid;
mod grim;
mod implied_base;
mod mark;
mod mean;
mod names;
mod p_value;
mod same_quantity;
mod std_alike;
mod std_attainable;
mod std_mean;
mod sum;
mod words;

use serde::Serialize;

use crate::Ledger;

/// What may be assumed of the tables beside what they print.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Sizes that the test set may have, for tables whose paper names none.
    pub n_test: Vec<u64>,
    /// Runs behind each number, for cells that do not say.
    pub seeds: Option<u32>,
    /// Whether each run's accuracy may have been rounded to the printed digits before averaging.
    pub round_first: bool,
    /// A finding that rests on chance is reported where an honest table would show it with at most this probability, after correction for every place looked at.
    pub alpha: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { n_test: Vec::new(), seeds: None, round_first: false, alpha: 0.01 }
    }
}

/// A cell that a finding rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The table's number.
    pub table: String,
    /// Row key.
    pub row: String,
    /// Column key.
    pub column: String,
}

/// How much a finding says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// Arithmetic: no rounding of the printed numbers explains it (given what `assumes` says).
    Exact,
    /// The probability that an honest table shows this or more, corrected for every place that was looked at.
    Chance(f64),
    /// Not a contradiction: a limit of what the table can show.
    Open,
}

/// Something that does not fit together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// Which check found it.
    pub check: &'static str,
    /// The paper.
    pub paper: String,
    /// Where, in words: `Table 10, row "Max drop from peak"`.
    pub place: String,
    /// The cells.
    pub cells: Vec<Place>,
    /// How much it says.
    pub strength: Strength,
    /// What has to be true beside the printed numbers, such as a test set of 1,593; empty where nothing has.
    pub assumes: String,
    /// One factual sentence.
    pub sentence: String,
}

impl Finding {
    /// Whether it speaks against the table; what is merely open does not.
    pub fn counts(&self) -> bool {
        self.strength != Strength::Open
    }
}

/// A check of discovery.
pub struct Check {
    /// Its name, as in `implied-base`.
    pub name: &'static str,
    /// What it looks for, in one line.
    pub summary: &'static str,
    /// Looks through all tables.
    pub find: fn(&Ledger, &Settings) -> Vec<Finding>,
}

/// All checks, in the order in which they are documented.
pub const CHECKS: &[Check] = &[
    // arithmetic
    mean::CHECK,
    sum::CHECK,
    delta::CHECK,
    implied_base::CHECK,
    mark::CHECK,
    duplicate::CHECK,
    // statistics
    denominator::CHECK,
    grim::CHECK,
    std_attainable::CHECK,
    std_alike::CHECK,
    std_mean::CHECK,
    p_value::CHECK,
    flops::CHECK,
    same_quantity::CHECK,
];

/// Runs every check over every table.
pub fn discover(ledger: &Ledger, settings: &Settings) -> Vec<Finding> {
    CHECKS.iter().flat_map(|check| (check.find)(ledger, settings)).collect()
}
