//! A table of a paper with its printed numbers and ours: what every format is rendered from.

use std::collections::BTreeMap;

use bench_audit::ledger::Mark;
pub use bench_reports::summary::Verdict;
use serde::{Deserialize, Serialize};

/// Format of the JSON; raised when a field changes its meaning or goes away.
pub const FORMAT: u32 = 1;

/// Some tables, with everything that is needed to render and check them again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Collection {
    /// [`FORMAT`].
    pub format: u32,
    /// The stand-ins asked for, as in `--on`.
    pub on: Vec<String>,
    /// What the numbers were computed with; `None` where nothing was measured.
    pub code: Option<Code>,
    /// In the papers' order.
    pub tables: Vec<Table>,
    /// Trials behind measured cells, by key.
    pub trials: BTreeMap<String, Trial>,
}

/// What decides bits beside a trial's own settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// Version of the program.
    pub bench: String,
    /// Version of libtorch.
    pub libtorch: String,
    /// Kind of device, `cpu` or `cuda`.
    pub device: String,
    /// Most epochs.
    pub epochs: usize,
    /// Epochs without a better validation score before training stops.
    pub patience: usize,
}

/// A trial behind a measured cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// As in `bench list`.
    pub label: String,
    /// Where it was trained.
    pub dataset: String,
    /// SHA-256 of the dataset with its parameters.
    pub dataset_hash: String,
    /// Seed of weights, order, noise and corruptions.
    pub seed: u64,
    /// `harness`, `paper` or `tuned(N)`.
    pub preset: String,
    /// Revision of the training and evaluation protocol.
    pub protocol: u32,
    /// Revision of the method.
    pub revision: u32,
    /// The split that chose the checkpoint.
    pub selected_on: String,
}

/// One table of a paper.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// `raml-1`.
    pub id: String,
    /// Name of the paper's method, such as `RAML`.
    pub paper: String,
    /// As printed: `I`, `4`; for a figure `Figure 2`.
    pub number: String,
    /// What the table shows, in words of ours.
    pub caption: String,
    /// Head of the row labels.
    pub corner: String,
    /// Heads of the columns, outermost first; all of one length. A head that spans columns is repeated in each of them, an empty one joins the one above it.
    pub columns: Vec<Vec<String>>,
    /// In the paper's order.
    pub rows: Vec<Row>,
    /// Datasets that stand in, in the order in which they are marked.
    pub stand_ins: Vec<StandIn>,
    /// The row that measured rows are tested against, by its label; `None` where nothing is tested.
    pub reference: Option<String>,
    /// Tests in the family that p-values are corrected for.
    pub tests: usize,
    /// What the audit says of printed numbers, by the number that cells refer to (from 1).
    pub flags: Vec<Flag>,
    /// What a reader must know.
    pub notes: Vec<String>,
    /// The command that trains and evaluates what the table needs; `None` where nothing can be measured.
    pub command: Option<String>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Headings above it, outermost first, such as `Ablating DEF components`; empty where there are none.
    pub group: Vec<String>,
    /// As printed.
    pub label: String,
    /// Why nothing is measured in the whole row, where that is so.
    pub reported_only: Option<String>,
    /// In the order of [`Table::columns`].
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// What the paper prints; `None` where it prints nothing.
    pub reported: Option<Reported>,
    /// What we measured, one a line; all cells of a table have as many lines, a line may be empty here.
    pub measured: Vec<Option<Measured>>,
    /// Numbers of [`Table::flags`], ascending.
    pub flags: Vec<usize>,
}

/// A printed number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reported {
    /// As printed, with its standard deviation: `86.91 ± 0.37`.
    pub text: String,
    /// As a number in the table's unit.
    pub value: f64,
    /// Its standard deviation.
    pub deviation: Option<f64>,
    /// `%`, `fraction`, …
    pub unit: String,
    /// Its mark.
    pub mark: Mark,
}

/// What came of a cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measured {
    /// A number.
    Value(Value),
    /// None, and why, in a few words: `needs IEMOCAP`, `n/a (no noise on words)`.
    Absent(String),
}

/// A measured number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Value {
    /// The dataset that it is of, as in trials.
    pub on: String,
    /// Whether the dataset stands in for the paper's.
    pub stands_in: bool,
    /// Mean over the seeds in the unit of the printed number.
    pub mean: f64,
    /// Sample standard deviation over the seeds; `None` with one seed, or for what does not depend on seeds.
    pub deviation: Option<f64>,
    /// Digits behind the point, as the paper prints them.
    pub decimals: u8,
    /// Value of each seed, by seed; empty for what does not depend on seeds.
    pub per_seed: Vec<(u64, f64)>,
    /// Mean minus the printed number; `None` where there is none, or the dataset stands in: that would be no reproduction.
    pub difference: Option<f64>,
    /// Against the reference row.
    pub versus: Option<Versus>,
    /// Keys of the trials, in the order of seeds.
    pub trials: Vec<String>,
}

/// A measured number against the same column of the reference row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Versus {
    /// Mean difference over the common seeds, row minus reference, in the unit of the printed number.
    pub difference: f64,
    /// Paired t-test over seeds, corrected by Holm over all tests of the table.
    pub p: f64,
    /// Two-level bootstrap over seeds and samples (or groups), times the table's tests; `None` where the t-test found nothing, or the quantity is no mean
    /// over samples.
    pub p_samples: Option<f64>,
    /// What the two say.
    pub verdict: Verdict,
}

/// A dataset that stands in for one of the paper's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandIn {
    /// The line of measured numbers, from 0.
    pub line: usize,
    /// The paper's dataset.
    pub of: String,
    /// Ours, as in trials.
    pub dataset: String,
    /// Which modality plays which part, where parts matter: `image for V, pen for T`.
    pub parts: String,
}

/// What the audit says of a printed number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flag {
    /// Id of the claim, or name of the check.
    pub id: String,
    /// One sentence.
    pub text: String,
}

impl Value {
    /// `58.82 ± 1.51`, with the decimals of the printed number.
    pub fn text(&self) -> String {
        let digits = |value: f64| {
            let text = format!("{value:.*}", usize::from(self.decimals));
            // A rounded −0.0 would read as a loss.
            match text.strip_prefix('-') {
                Some(rest) if rest.chars().all(|c| c == '0' || c == '.') => rest.to_owned(),
                _ => text,
            }
        };
        match self.deviation {
            Some(deviation) => format!("{} ± {}", digits(self.mean), digits(deviation)),
            None => digits(self.mean),
        }
    }
}
