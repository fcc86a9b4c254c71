//! Times of inference under missing modalities.

use super::super::{Group, Row, Table, Timed, Timing, latency, records::usual_batch, units::time};
use crate::statistics::median;

/// Modalities up to which every pattern has a column.
const FEW: usize = 3;

/// Median times under each pattern, or by the number of modalities that are there.
pub fn patterns(group: &Group) -> Option<Table> {
    let batch = usual_batch(group)?;
    let timed = |row: &Row| row.timings.iter().any(|timing| timing.what == Timed::Inference && timing.missing() > 0);
    if !group.rows.iter().any(timed) {
        return None;
    }
    let mut table = if group.modalities <= FEW { each(group, batch) } else { by_number(group, batch) };
    table.title = format!("latency of inference under missing patterns, batches of {batch}");
    table.notes.push("Median times. Other batches and every pattern are in the CSV and JSON output.".into());
    Some(table)
}

/// The median time of each pattern of a row, with the pattern.
fn medians(row: &Row, batch: usize) -> Vec<(&Timing, f64)> {
    let timings = row.timings.iter().filter(|timing| timing.what == Timed::Inference && timing.batch == batch);
    timings.filter_map(|timing| Some((timing, latency(&timing.nanoseconds)?.median.median))).collect()
}

fn each(group: &Group, batch: usize) -> Table {
    let mut names: Vec<String> = Vec::new();
    for (timing, _) in group.rows.iter().flat_map(|row| medians(row, batch)) {
        if !names.contains(&timing.pattern) {
            names.push(timing.pattern.clone());
        }
    }
    let mut table = Table { heads: std::iter::once("method".to_string()).chain(names.iter().cloned()).collect(), ..Table::default() };
    table.rows.extend(group.rows.iter().map(|row| {
        let medians = medians(row, batch);
        let cell = |name: &String| {
            medians.iter().find(|(timing, _)| timing.pattern == *name).map_or_else(|| super::ABSENT.into(), |(_, value)| time(*value))
        };
        std::iter::once(row.label.clone()).chain(names.iter().map(cell)).collect()
    }));
    table
}

fn by_number(group: &Group, batch: usize) -> Table {
    let present: Vec<usize> = (1..=group.modalities).rev().collect();
    let heads = present.iter().map(|present| format!("{present} present")).chain(["fastest".into(), "slowest".into()]);
    let mut table = Table { heads: std::iter::once("method".to_string()).chain(heads).collect(), ..Table::default() };
    for row in &group.rows {
        let medians = medians(row, batch);
        let of_number = |present: &usize| {
            let fitting: Vec<f64> = medians
                .iter()
                .filter(|(timing, _)| group.modalities - timing.missing().min(group.modalities) == *present)
                .map(|(_, value)| *value)
                .collect();
            if fitting.is_empty() { super::ABSENT.into() } else { time(median(&fitting)) }
        };
        let named = |found: Option<&(&Timing, f64)>| {
            found.map_or_else(|| super::ABSENT.into(), |(timing, value)| format!("{} {}", time(*value), timing.pattern))
        };
        let fastest = medians.iter().min_by(|left, right| left.1.total_cmp(&right.1));
        let slowest = medians.iter().max_by(|left, right| left.1.total_cmp(&right.1));
        table.rows.push(std::iter::once(row.label.clone()).chain(present.iter().map(of_number)).chain([named(fastest), named(slowest)]).collect());
    }
    table.notes.push("Median over the patterns with that many modalities present.".into());
    table
}
