//! A ledger: papers' tables, claims and outside facts as data.

mod builtin;
mod claims;
mod error;
mod papers;
mod plain;
mod printed;
mod read;
mod start;
mod tables;

use std::collections::{BTreeMap, HashMap};

pub use builtin::builtin;
pub use error::LedgerError;
pub use plain::{Plain, read_plain};
pub use printed::Printed;
pub use read::{read_folder, read_table};
use serde::{Deserialize, Serialize};
pub use start::start;

use crate::number::{Interval, Rational};

/// Tables, claims and facts of some papers.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Papers in the order in which claims and tables name them.
    pub papers: Vec<Paper>,
    /// Tables, sorted by paper (as in `papers`) and file name in natural order.
    pub tables: Vec<Table>,
    /// Claims, in the order of the file.
    pub claims: Vec<Claim>,
    /// Numbers that no paper here prints.
    pub facts: BTreeMap<String, Fact>,
}

impl Ledger {
    /// A ledger of tables alone.
    pub fn of_tables(tables: Vec<Table>) -> Self {
        let mut papers: Vec<Paper> = Vec::new();
        for table in &tables {
            if !papers.iter().any(|paper| paper.id == table.paper) {
                papers.push(Paper { id: table.paper.clone(), ..Paper::default() });
            }
        }
        Self { papers, tables, ..Self::default() }
    }

    /// The table `id` (`4`, `IV`) of a paper.
    pub fn table(&self, paper: &str, id: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.paper == paper && table.id == id)
    }

    /// What is known of a paper.
    pub fn paper(&self, id: &str) -> Option<&Paper> {
        self.papers.iter().find(|paper| paper.id == id)
    }
}

/// What is known of a paper beside its tables (`papers.toml`).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Paper {
    /// Short name by which files and claims call it.
    pub id: String,
    /// What its method is called, such as `DEF+AAF`.
    pub method: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Sizes of test sets, by dataset, with where each is taken from.
    pub test_sizes: Vec<TestSize>,
    /// Metrics that are plain accuracies (a share of correct answers) though their names do not say so.
    pub accuracies: Vec<String>,
    /// Frozen networks that its pipeline runs.
    pub extractors: Vec<Extractor>,
    /// Samples in one pass, where the paper says so of its costs.
    pub batch: Option<u64>,
}

impl Paper {
    /// The sizes that a dataset's test set may have; empty where none is known.
    pub fn sizes(&self, dataset: &str) -> &[u64] {
        self.test_sizes.iter().find(|size| size.dataset == dataset).map_or(&[], |size| &size.n)
    }
}

/// Sizes that a test set may have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestSize {
    /// The dataset, as the tables' `dataset` column calls it.
    pub dataset: String,
    /// Sizes in use, such as with and without neutral samples.
    pub n: Vec<u64>,
    /// Where they are taken from.
    pub source: String,
}

/// A frozen network and what it reads for one sample.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extractor {
    /// `bert-base`, `resnet50` or `wav2vec2-base`.
    pub model: String,
    /// Tokens, frames or seconds of one sample.
    pub amount: f64,
    /// Where that is taken from.
    pub source: String,
}

/// A table as cells, each found by its row and column.
#[derive(Debug, Clone)]
pub struct Table {
    /// The paper's short name.
    pub paper: String,
    /// `4`, `IV`.
    pub id: String,
    /// The file it was read from, for messages.
    pub file: String,
    /// Row keys in the order of the file.
    pub rows: Vec<String>,
    /// Column keys in the order of the file.
    pub columns: Vec<String>,
    /// Cells in the order of the file.
    pub cells: Vec<Cell>,
    index: HashMap<(String, String), usize>,
}

impl Table {
    /// A table without cells yet.
    pub(crate) fn empty(paper: &str, id: &str, file: &str) -> Self {
        Self {
            paper: paper.to_owned(),
            id: id.to_owned(),
            file: file.to_owned(),
            rows: Vec::new(),
            columns: Vec::new(),
            cells: Vec::new(),
            index: HashMap::new(),
        }
    }

    /// Adds a cell; `false`, and nothing happens, where its place is taken.
    pub(crate) fn push(&mut self, cell: Cell) -> bool {
        let key = (cell.row.clone(), cell.column.clone());
        if self.index.contains_key(&key) {
            return false;
        }
        if !self.rows.contains(&cell.row) {
            self.rows.push(cell.row.clone());
        }
        if !self.columns.contains(&cell.column) {
            self.columns.push(cell.column.clone());
        }
        self.index.insert(key, self.cells.len());
        self.cells.push(cell);
        true
    }

    /// The cell at a row and column.
    pub fn cell(&self, row: &str, column: &str) -> Option<&Cell> {
        self.index.get(&(row.to_owned(), column.to_owned())).map(|place| &self.cells[*place])
    }

    /// All cells of a row, in column order; a combination without a cell is left out.
    pub fn row<'a>(&'a self, row: &'a str) -> impl Iterator<Item = &'a Cell> {
        self.columns.iter().filter_map(move |column| self.cell(row, column))
    }

    /// All cells of a column, in row order; a combination without a cell is left out.
    pub fn column<'a>(&'a self, column: &'a str) -> impl Iterator<Item = &'a Cell> {
        self.rows.iter().filter_map(move |row| self.cell(row, column))
    }

    /// `Table 4`.
    pub fn name(&self) -> String {
        format!("Table {}", self.id)
    }
}

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Row key.
    pub row: String,
    /// Column key.
    pub column: String,
    /// The method of the row, where the row is a method.
    pub method: String,
    /// Its variant.
    pub variant: String,
    /// The dataset, empty where there is none.
    pub dataset: String,
    /// The condition, such as `Noise-V`.
    pub condition: String,
    /// The metric, such as `Acc`.
    pub metric: String,
    /// The number, `None` where the cell is empty.
    pub value: Option<Printed>,
    /// Its printed standard deviation.
    pub std: Option<Printed>,
    /// Runs behind it.
    pub seeds: Option<u32>,
    /// `%`, `fraction`, `pp`, `params`, `samples`, …
    pub unit: String,
    /// Whether more is better, where that has a meaning.
    pub higher_is_better: Option<bool>,
    /// The mark it carries.
    pub marked: Mark,
    /// Remark of whoever extracted it.
    pub note: String,
    /// Line of the source text.
    pub line: Option<u32>,
}

/// The mark of a cell: bold is best, underlined is second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// None.
    #[default]
    None,
    /// Marked as the best.
    Best,
    /// Marked as the second best.
    Second,
}

/// A number that no paper here prints.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// Its value.
    pub value: Rational,
    /// Where it is from.
    pub source: String,
}

/// A sentence of a paper, or an auditor's question about it, as an expression over cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Unique name.
    pub id: String,
    /// The paper's short name.
    pub paper: String,
    /// Place in the paper, in words.
    pub loc: String,
    /// Line of the source text.
    pub line: Option<u32>,
    /// The sentence, often paraphrased.
    pub quote: String,
    /// `ratio`, `delta`, `ranking`, …
    pub kind: String,
    /// Who says it.
    pub origin: Origin,
    /// The expression; empty where only reading can decide.
    pub expr: String,
    /// What the expression is compared with, and how.
    pub op: Op,
    /// The stated number as printed.
    pub stated: String,
    /// Its exact value.
    pub stated_value: Option<Rational>,
    /// All numbers that print like it.
    pub stated_interval: Option<Interval>,
    /// Its unit, for people.
    pub unit: String,
    /// Whether the wording is loose; changes no verdict.
    pub hedged: bool,
    /// Remark on the claim.
    pub note: String,
    /// Why the verdict stands where a reader could doubt it.
    pub justification: String,
}

/// Whose claim it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The authors say it, in a sentence, a mark or a printed number.
    #[default]
    Authors,
    /// The auditor asks it.
    Auditor,
}

impl Origin {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Authors => "authors' sentence",
            Self::Auditor => "auditor's question",
        }
    }
}

/// How an expression is compared with the stated number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Op {
    /// The intervals meet.
    Approx,
    /// Two printed values of one quantity: the difference can be 0.
    Agree,
    /// Less than.
    Lt,
    /// At most.
    Le,
    /// More than.
    Gt,
    /// At least.
    Ge,
    /// Equal to.
    Eq,
    /// Equal to 1.
    True,
    /// By reading only.
    Manual,
}
