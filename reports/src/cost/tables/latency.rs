//! Times with all modalities there.

use super::super::{
    Group, Row, Table, Timed, latency as measured, paired_ratio, throughput,
    timing::MedianInterval,
    units::{rate, time, time_with_interval},
};

const INTERVAL: &str =
    "Median [95 % interval by order statistics, which assumes no distribution]; methods were timed in turns. Times are of the machine that ran.";

/// One table for inference and one for training steps.
pub fn latency(group: &Group) -> Vec<Table> {
    [Timed::Inference, Timed::TrainingStep].map(|what| one(group, what)).into()
}

fn one(group: &Group, what: Timed) -> Table {
    let heads = ["method", "batch", "median", "5th percentile", "95th percentile", "samples a second"];
    let mut table = Table::new(format!("latency of {}", what.name()), &heads).noting([INTERVAL]);
    for row in &group.rows {
        for batch in batches(row, what) {
            let Some(times) = row.clean(what, batch).and_then(|timing| measured(&timing.nanoseconds)) else { continue };
            table.rows.push(vec![
                row.label.clone(),
                batch.to_string(),
                time_with_interval(times.median.median, times.median.interval),
                time(times.p5),
                time(times.p95),
                throughput(batch, times.median.median).map_or_else(|| super::ABSENT.into(), rate),
            ]);
        }
    }
    let fewest = group.rows.iter().flat_map(|row| &row.timings).map(|timing| timing.nanoseconds.len()).min();
    table.notes.extend(fewest.filter(|&calls| calls < 6).map(|calls| format!("{calls} calls are too few for an interval; 6 are needed.")));
    table
}

/// Batches timed with all modalities, ascending.
fn batches(row: &Row, what: Timed) -> Vec<usize> {
    let clean = row.timings.iter().filter(|timing| timing.what == what && timing.pattern == "clean");
    let mut batches: Vec<usize> = clean.map(|timing| timing.batch).collect();
    batches.sort_unstable();
    batches.dedup();
    batches
}

/// How many times as long as the first method; `None` for extractors, which do different things.
pub fn ratios(group: &Group) -> Option<Table> {
    let (reference, others) = group.rows.split_first().filter(|_| group.modalities > 0)?;
    let mut table = Table::new(format!("time against {}", reference.label), &["method", "batch", "inference", "training step"]).noting([
        "How many times as long: median over rounds of the ratio within a round [95 % interval by order statistics]. A round calls every method once.",
    ]);
    for row in others {
        let mut all: Vec<usize> = [Timed::Inference, Timed::TrainingStep].into_iter().flat_map(|what| batches(row, what)).collect();
        all.sort_unstable();
        all.dedup();
        for batch in all {
            let ratio = |what: Timed| {
                let (own, other) = (row.clean(what, batch)?, reference.clean(what, batch)?);
                paired_ratio(&own.nanoseconds, &other.nanoseconds).map(|ratio| text(&ratio))
            };
            let cells = [Timed::Inference, Timed::TrainingStep].map(|what| ratio(what).unwrap_or_else(|| super::ABSENT.into()));
            table.rows.push([row.label.clone(), batch.to_string()].into_iter().chain(cells).collect());
        }
    }
    Some(table)
}

fn text(ratio: &MedianInterval) -> String {
    let MedianInterval { median, interval, .. } = ratio;
    interval.map_or_else(|| format!("{median:.2}"), |(low, high)| format!("{median:.2} [{low:.2}, {high:.2}]"))
}
