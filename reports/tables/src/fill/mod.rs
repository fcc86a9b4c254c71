//! From questions and answers to a table: units, tests, differences, cells computed from others, what the audit says.

mod derived;
mod flags;
mod style;
mod versus;

use std::collections::BTreeMap;

use bench_audit::{Ledger, ledger, number::nearest};

pub use flags::Flags;

use self::style::Style;
use crate::{
    Spec,
    assign::{Assigned, StandsIn, assign},
    request::{Ask, Questions, Request},
    spec::{Leaf, Meaning, PaperDatasets},
    table::{Cell, Measured, Reported, Row, StandIn, Table, Trial, Value},
};

/// What came of a question.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Numbers.
    Found(Found),
    /// None, and why, in a few words.
    Absent(String),
}

/// What was measured.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// A value for each seed, by seed, in the quantity's own unit (shares from 0 to 1).
    pub per_seed: Vec<(u64, f64)>,
    /// A value that does not depend on seeds, in the place of those.
    pub constant: Option<f64>,
    /// Keys of the trials, in the order of seeds.
    pub trials: Vec<String>,
    /// The quantity for every test sample, `[n]`, by seed, where it is a mean over samples.
    pub samples: Vec<(u64, Vec<f64>)>,
    /// Group of every test sample, `[n]`, where the dataset has groups.
    pub groups: Option<std::sync::Arc<Vec<u32>>>,
}

/// A measured cell before it is put into the paper's unit.
#[derive(Debug, Clone)]
struct Filled {
    on: String,
    stands_in: bool,
    found: Found,
    higher_is_better: Option<bool>,
    derived: bool,
}

/// Cells with fewer seeds that are named.
const FEW_SHOWN: usize = 8;

/// By row, column, line; `Err` with the reason where there is no number, `None` where nothing belongs.
type Grid = Vec<Vec<Vec<Option<Result<Filled, String>>>>>;

/// What a table is made from.
pub struct Sources<'a> {
    /// The papers' printed numbers.
    pub ledger: &'a Ledger,
    /// What the audit says of them.
    pub flags: &'a Flags,
    /// The papers' datasets.
    pub papers: &'a PaperDatasets,
    /// Ours in their places.
    pub assigned: &'a [Assigned],
    /// What the cells ask.
    pub questions: &'a Questions,
    /// The trials behind the answers, by key: what is ranked depends on their tuning budgets.
    pub trials: &'a BTreeMap<String, Trial>,
}

/// The table with its printed and measured numbers; `answer` is asked once a question.
pub fn fill(spec: &Spec, sources: &Sources<'_>, answer: impl Fn(&Request) -> Answer) -> Table {
    let mut grid = measured(spec, sources, answer);
    derived::fill(spec, &mut grid, sources.trials);
    let versus::Comparisons { tests, compared: versus, refused } = versus::compare(spec, &grid, sources.trials);
    let few = few_seeds(spec, &grid);
    let printed = spec.ledger.as_ref().and_then(|number| sources.ledger.table(&spec.paper, number));
    let style = Style::of(spec, printed);
    let mut flags = flags::Numbered::default();
    let mut rows = Vec::new();
    for (at_row, row) in spec.rows.iter().enumerate() {
        let mut cells = Vec::new();
        for (at_column, column) in spec.columns.iter().enumerate() {
            let (row_key, column_key) = spec.address(row, column);
            let cell = printed.and_then(|table| table.cell(row_key, column_key));
            let look = style.look(at_row, at_column);
            let reported = cell.and_then(reported);
            let lines = (0..sources.questions.lines).map(|line| match grid[at_row][at_column][line].take() {
                None => None,
                Some(Err(reason)) => Some(Measured::Absent(reason)),
                Some(Ok(filled)) => {
                    let scaled = |value: f64| value * look.scale;
                    let per_seed: Vec<(u64, f64)> = filled.found.per_seed.iter().map(|&(seed, value)| (seed, scaled(value))).collect();
                    let (mean, deviation) = moments(&filled.found, look.scale);
                    let of = reported.as_ref().filter(|_| !filled.stands_in && !filled.derived);
                    Some(Measured::Value(Value {
                        on: filled.on,
                        stands_in: filled.stands_in,
                        mean,
                        deviation,
                        decimals: u8::try_from(look.decimals_for(mean)).unwrap_or(u8::MAX),
                        per_seed,
                        difference: of.map(|reported| mean - reported.value),
                        versus: versus.get(&(at_row, at_column, line)).map(|found| found.scaled(look.scale)),
                        trials: filled.found.trials,
                    }))
                }
            });
            let measured: Vec<Option<Measured>> = lines.collect();
            let flagged = sources.flags.of(&spec.paper, spec.ledger.as_deref().unwrap_or_default(), row_key, column_key);
            cells.push(Cell { reported, measured, flags: flags.number(flagged) });
        }
        rows.push(Row {
            group: above(row),
            label: row.labels.last().cloned().unwrap_or_default(),
            reported_only: row.meaning.reported_only.clone(),
            cells,
        });
    }
    let command = (!sources.questions.requests().is_empty()).then(|| command(spec, sources.papers, sources.assigned));
    Table {
        id: spec.id.clone(),
        paper: sources.ledger.paper(&spec.paper).and_then(|paper| paper.method.clone()).unwrap_or_else(|| spec.paper.clone()),
        number: spec.number.trim_start_matches("Table ").to_owned(),
        caption: spec.caption.clone(),
        corner: spec.corner.clone(),
        columns: heads(&spec.columns),
        rows,
        stand_ins: stand_ins(sources.assigned),
        reference: spec.reference.as_ref().filter(|_| tests > 0).map(|key| label_of(spec, key)),
        tests,
        flags: flags.list(),
        notes: notes(spec, sources).into_iter().chain(few).chain(refused).collect(),
        command,
    }
}

/// Numbers of every cell that is measured.
fn measured(spec: &Spec, sources: &Sources<'_>, answer: impl Fn(&Request) -> Answer) -> Grid {
    let requests = sources.questions.requests();
    let answers: Vec<Answer> = requests.iter().map(|request| answer(request)).collect();
    let answer = |request: &Request| {
        let at = requests.iter().position(|known| *known == request);
        at.and_then(|at| answers.get(at)).cloned().unwrap_or_else(|| Answer::Absent("not asked".into()))
    };
    let cell = |says_why: bool, meaning: &Meaning, line: usize, ask: &Ask| match ask {
        Ask::Nothing | Ask::Derive => None,
        // The row, or a note on the column, says it once for all cells.
        Ask::Absent(_) if says_why => None,
        Ask::Absent(reason) => Some(Err(reason.clone())),
        Ask::Measure(request) => Some(match answer(request) {
            Answer::Absent(reason) => Err(reason),
            Answer::Found(found) => Ok(Filled {
                on: request.dataset.clone(),
                stands_in: sources.assigned.iter().any(|one| one.line == line && one.dataset.reference == request.dataset && one.stands_in),
                found,
                higher_is_better: meaning.measure.as_ref().and_then(crate::spec::Measure::higher_is_better),
                derived: false,
            }),
        }),
    };
    let line_up = |(row, asks): (&Leaf, &Vec<Vec<Ask>>)| {
        let one = |(column, asks): (&Leaf, &Vec<Ask>)| {
            let meaning = spec.meaning(row, column).unwrap_or_default();
            let says_why = row.meaning.reported_only.is_some() || column.meaning.reported_only.is_some();
            asks.iter().enumerate().map(|(line, ask)| cell(says_why, &meaning, line, ask)).collect()
        };
        spec.columns.iter().zip(asks).map(one).collect()
    };
    spec.rows.iter().zip(&sources.questions.asks).map(line_up).collect()
}

fn moments(found: &Found, scale: f64) -> (f64, Option<f64>) {
    if let Some(constant) = found.constant {
        return (constant * scale, None);
    }
    let values: Vec<f64> = found.per_seed.iter().map(|(_, value)| value * scale).collect();
    (bench_reports::statistics::mean(&values), bench_reports::statistics::sample_standard_deviation(&values))
}

fn reported(cell: &ledger::Cell) -> Option<Reported> {
    let value = cell.value.as_ref()?;
    let text = match &cell.std {
        Some(deviation) => format!("{} ± {}", value.text, deviation.text),
        None => value.text.clone(),
    };
    Some(Reported {
        text,
        value: nearest(&value.value),
        deviation: cell.std.as_ref().map(|deviation| nearest(&deviation.value)),
        unit: cell.unit.clone(),
        mark: cell.marked,
    })
}

/// Headings above a leaf.
fn above(leaf: &Leaf) -> Vec<String> {
    leaf.labels.split_last().map_or_else(Vec::new, |(_, above)| above.to_vec())
}

/// Heads of one depth: short paths are filled with empty heads at their end.
fn heads(columns: &[Leaf]) -> Vec<Vec<String>> {
    let depth = columns.iter().map(|leaf| leaf.labels.len()).max().unwrap_or(1);
    let full = |leaf: &Leaf| leaf.labels.iter().cloned().chain(std::iter::repeat_n(String::new(), depth - leaf.labels.len())).collect();
    columns.iter().map(full).collect()
}

fn label_of(spec: &Spec, key: &str) -> String {
    let leaf = spec.rows.iter().chain(&spec.columns).find(|leaf| leaf.key == key);
    leaf.and_then(|leaf| leaf.labels.last()).cloned().unwrap_or_else(|| key.to_owned())
}

fn stand_ins(assigned: &[Assigned]) -> Vec<StandIn> {
    let parts = |parts: &BTreeMap<String, String>| parts.iter().map(|(part, name)| format!("{name} as {part}")).collect::<Vec<_>>().join(", ");
    let stand_in = |one: &Assigned| StandIn {
        line: one.line,
        of: if one.of.is_empty() { "the paper's data".into() } else { one.of.clone() },
        dataset: one.dataset.reference.clone(),
        parts: parts(&one.parts),
    };
    assigned.iter().filter(|one| one.stands_in).map(stand_in).collect()
}

fn notes(spec: &Spec, sources: &Sources<'_>) -> Vec<String> {
    let mut notes = spec.notes.clone();
    notes.extend(unmeasured_columns(spec));
    let own = |name: &str| sources.assigned.iter().any(|one| one.of == name && !one.stands_in);
    for name in spec.datasets().into_iter().filter(|name| !own(name)) {
        if let Some(paper) = sources.papers.get(name) {
            notes.push(format!(
                "{name} is not here ({}). A folder `{}` of it, as docs/datasets.md describes, fills these cells; `--on` takes other data.",
                paper.about, paper.name
            ));
        }
    }
    notes
}

/// Cells with fewer seeds than others of the table: a mean over those that happened to finish is no mean over all.
fn few_seeds(spec: &Spec, grid: &Grid) -> Option<String> {
    let cells = spec.rows.iter().zip(grid).flat_map(|(row, cells)| spec.columns.iter().zip(cells).map(move |(column, lines)| (row, column, lines)));
    let counted =
        cells.flat_map(|(row, column, lines)| lines.iter().flatten().flatten().map(move |filled| (row, column, filled.found.per_seed.len())));
    let counted: Vec<(&Leaf, &Leaf, usize)> = counted.filter(|(.., seeds)| *seeds > 0).collect();
    let most = counted.iter().map(|(.., seeds)| *seeds).max()?;
    let few: Vec<String> = counted
        .iter()
        .filter(|(.., seeds)| *seeds < most)
        .map(|(row, column, seeds)| format!("{}, {}: {seeds}", row.labels.join(" "), column.labels.join(" ")))
        .collect();
    let (shown, rest) = few.split_at(few.len().min(FEW_SHOWN));
    let more = if rest.is_empty() { String::new() } else { format!("; and {} more", rest.len()) };
    (!few.is_empty()).then(|| format!("Fewer than {most} seeds: {}{more}. The same `bench run` again adds what is missing.", shown.join("; ")))
}

/// Columns in which nothing is measured, by reason.
fn unmeasured_columns(spec: &Spec) -> Vec<String> {
    let mut by_reason: Vec<(&str, Vec<String>)> = Vec::new();
    for column in &spec.columns {
        let Some(reason) = column.meaning.reported_only.as_deref() else { continue };
        let label = column.labels.join(" ");
        match by_reason.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, labels)) => labels.push(label),
            None => by_reason.push((reason, vec![label])),
        }
    }
    by_reason.into_iter().map(|(reason, labels)| format!("Not measured: {} ({reason}).", labels.join(", "))).collect()
}

/// The command that measures what the table needs: stand-ins by their names where they are dealt out so to the same places, else each with its place.
fn command(spec: &Spec, papers: &PaperDatasets, assigned: &[Assigned]) -> String {
    let stand_ins = || assigned.iter().filter(|one| one.stands_in);
    let own = assigned.iter().filter(|one| !one.stands_in).map(|one| (one.of.clone(), one.dataset.clone())).collect();
    let plain: Vec<StandsIn> = stand_ins().map(|one| StandsIn { only_for: None, dataset: one.dataset.clone() }).collect();
    let is_enough = stand_ins().all(|one| one.start.is_none()) && assign(spec, papers, &own, &plain) == assigned;
    let mut on: Vec<String> = Vec::new();
    for one in stand_ins() {
        let placed = if is_enough || one.of.is_empty() { String::new() } else { format!("{}=", one.of) };
        on.push(format!("{placed}{}", one.dataset.reference));
    }
    for start in stand_ins().filter_map(|one| one.start.as_ref()) {
        if !on.contains(start) {
            on.push(start.clone());
        }
    }
    let quote = |text: String| if text.contains(['?', '&']) { format!("'{text}'") } else { text };
    let on = if on.is_empty() { String::new() } else { format!(" --on {}", quote(on.join(","))) };
    format!("bench run --table {}{on}", spec.id)
}

#[cfg(test)]
mod tests;
