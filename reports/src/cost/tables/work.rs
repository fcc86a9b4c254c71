//! Parameters and FLOPs.

use super::super::{
    Group, Row, Table, Work,
    units::{self, count},
};

/// The convention, in every table of FLOPs.
const CONVENTION: &str = "FLOPs = 2 × MACs: a multiplication with its addition counts 2. Element-wise work is beside them, in elements passed over; copies, views and gathers are 0.";

/// How many numbers a model has.
pub fn parameters(group: &Group) -> Table {
    let mut table = Table::new("parameters", &["method", "trainable", "frozen", "of them training-only", "state"])
        .noting(["Training-only: read by no prediction (critic, decoder). State: numbers of the checkpoint that are no parameters."]);
    table.rows.extend(group.rows.iter().map(|row| {
        let parameters = row.parameters;
        let numbers = [parameters.trainable, parameters.frozen, parameters.training_only, parameters.state];
        std::iter::once(row.label.clone()).chain(numbers.map(grouped)).collect()
    }));
    table
}

/// `1 234 567`: exact, and readable.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let lead = digits.len() % 3;
    let (first, rest) = digits.split_at(lead);
    let groups = rest.as_bytes().chunks(3).map(|group| String::from_utf8_lossy(group).into_owned());
    std::iter::once(first.to_string()).filter(|first| !first.is_empty()).chain(groups).collect::<Vec<_>>().join("\u{202f}")
}

/// Work of a batch by phase.
pub fn flops(group: &Group) -> Table {
    let heads = ["method", "inference", "a sample", "training step", "forward", "backward", "optimiser", "elements, inference", "elements, training"];
    let mut table = Table::new(title(group, "FLOPs"), &heads).noting([CONVENTION]);
    table.rows.extend(group.rows.iter().map(|row| {
        let mut cells = vec![row.label.clone(), flops_of(&row.inference), units::flops(row.flops_a_sample())];
        match &row.training {
            Some(training) => {
                cells.push(units::flops(training.flops() as f64));
                cells.extend(training.phases().map(|(_, work)| flops_of(work)));
                cells.extend([count(row.inference.elementwise as f64), count(training.elementwise() as f64)]);
            }
            None => {
                cells.extend([super::ABSENT; 4].map(String::from));
                cells.extend([count(row.inference.elementwise as f64), super::ABSENT.into()]);
            }
        }
        cells
    }));
    let unknown: Vec<String> = group.rows.iter().flat_map(unknown).collect();
    if unknown.is_empty() {
        table.notes.push("Every executed operation has a rule.".into());
    } else {
        table.notes.push(format!("Operations without a rule, whose work is in no number here, with their calls: {}.", unknown.join("; ")));
    }
    table
}

fn flops_of(work: &Work) -> String {
    flops_text(work.flops())
}

fn flops_text(number: u64) -> String {
    units::flops(number as f64)
}

/// `method, phase: operation × calls, …` for each phase that has some.
fn unknown(row: &Row) -> Vec<String> {
    let phases = row.phases().into_iter().filter(|(_, work)| !work.unknown.is_empty());
    let list = |work: &Work| work.unknown.iter().map(|(name, calls)| format!("{name} × {calls}")).collect::<Vec<_>>().join(", ");
    phases.map(|(phase, work)| format!("{}, {phase}: {}", row.label, list(work))).collect()
}

/// Work by family of operations.
pub fn families(group: &Group) -> Table {
    let mut table = Table::new(title(group, "FLOPs by family"), &["method", "phase", "family", "FLOPs", "calls"]).noting([CONVENTION]);
    for row in &group.rows {
        for (phase, work) in row.phases() {
            for family in &work.families {
                table.rows.push(vec![row.label.clone(), phase.into(), family.name.into(), flops_text(family.flops), grouped(family.calls)]);
            }
            table.rows.push(vec![row.label.clone(), phase.into(), "copies, views, gathers".into(), "0".into(), grouped(work.moves)]);
        }
    }
    table
}

/// `FLOPs of a batch of 64`.
pub fn title(group: &Group, what: &str) -> String {
    let mut batches: Vec<usize> = group.rows.iter().map(|row| row.batch).collect();
    batches.dedup();
    match batches.as_slice() {
        [batch] => format!("{what} of a batch of {batch}"),
        _ => format!("{what} of a batch"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_in_threes() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1\u{202f}000", "1\u{202f}234\u{202f}567"]);
    }
}
