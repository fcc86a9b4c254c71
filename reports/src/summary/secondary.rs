//! Every test beside the primary family: exploratory, corrected by Holm.

use super::{
    ALPHA, Cell, MethodRow,
    comparison::{common, pair},
    grid::{Grid, Reads},
    quantity::{Quantity, cell, cell_of},
};
use crate::statistics::{PairedT, holm};

/// What is looked at beside the primary quantities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The secondary metric on clean data.
    Secondary,
    /// Expected calibration error on clean data.
    Calibration,
    /// The primary metric under one condition, by its position in the table of conditions.
    Condition(usize),
}

/// A test of a row against the reference.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The row.
    pub row: usize,
    /// What of it.
    pub subject: Subject,
    /// Method minus reference over the common seeds.
    pub paired: PairedT,
    /// Adjusted over the whole exploratory family.
    pub p_holm: f64,
    /// Whether the difference is towards the better.
    pub better: bool,
}

/// The exploratory family of a dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct Exploration {
    /// Tests in the family, those that could not be made included.
    pub size: usize,
    /// Tests made.
    pub tested: usize,
    /// Those whose adjusted p-value is below [`ALPHA`], the smallest first.
    pub findings: Vec<Finding>,
}

/// All rows against row 0; `None` with one row.
pub(super) fn explore(grid: &Grid, rows: &[MethodRow]) -> Option<Exploration> {
    if rows.len() < 2 {
        return None;
    }
    // The clean condition is in the primary family already.
    let conditions = (0..grid.conditions.len()).filter(|&at| grid.conditions[at].group != "clean").map(Subject::Condition);
    let subjects: Vec<Subject> = [Subject::Secondary, Subject::Calibration]
        .into_iter()
        .chain(conditions)
        .filter(|subject| (0..rows.len()).any(|row| read(grid, row, subject).estimate().is_some()))
        .collect();
    let size = subjects.len() * (rows.len() - 1);
    let mut findings = Vec::new();
    // A refused test still counts in the family.
    for row in (1..rows.len()).filter(|&row| rows[row].refusal(&rows[0]).is_none()) {
        for subject in &subjects {
            let (own, reference) = (read(grid, row, subject), read(grid, 0, subject));
            let (Some(own), Some(reference)) = (own.estimate(), reference.estimate()) else { continue };
            let (values, reference) = common(own, reference);
            let Ok(paired) = pair(&values, &reference) else { continue };
            let better = (paired.mean_difference > 0.0) == higher_is_better(grid, subject);
            findings.push(Finding { row, subject: subject.clone(), p_holm: paired.p_two_sided, paired, better });
        }
    }
    let tested = findings.len();
    // A planned test that could not be made still counts, as one that found nothing.
    let p_values: Vec<f64> = findings.iter().map(|finding| finding.paired.p_two_sided).chain(std::iter::repeat_n(1.0, size - tested)).collect();
    for (finding, adjusted) in findings.iter_mut().zip(holm(&p_values)) {
        finding.p_holm = adjusted;
    }
    findings.retain(|finding| finding.p_holm < ALPHA);
    findings.sort_by(|left, right| left.p_holm.total_cmp(&right.p_holm).then(left.paired.p_two_sided.total_cmp(&right.paired.p_two_sided)));
    Some(Exploration { size, tested, findings })
}

fn read(grid: &Grid, row: usize, subject: &Subject) -> Cell {
    let cell = |conditions: &[usize], reads| grid.rows.get(row).map_or(Cell::Absent, |row| cell(grid, row, conditions, reads));
    match subject {
        Subject::Secondary => cell_of(grid, row, Quantity::Secondary),
        Subject::Calibration => cell(&grid.group("clean"), Reads::Calibration),
        Subject::Condition(at) => cell(&[*at], Reads::Primary),
    }
}

fn higher_is_better(grid: &Grid, subject: &Subject) -> bool {
    match subject {
        Subject::Secondary => grid.info.task.secondary().higher_is_better(),
        Subject::Calibration => false,
        Subject::Condition(_) => grid.info.task.primary().higher_is_better(),
    }
}
