//! Every number in long form, exact: for programs.

use super::{
    Place, discounted_gain, dominated_by, latency,
    measured::{Group, Row, Timed},
    paired_ratio, throughput,
    value::cost_normalised_accuracy,
};

/// A number with all that names it; empty text where a name does not apply.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Which table: `parameters`, `flops`, `families`, `unknown`, `memory`, `latency`, `ratio`, `value`, `unavailable`, `refused`, `growth`, `fit`.
    pub table: &'static str,
    /// The dataset.
    pub dataset: String,
    /// The method or extractor.
    pub method: String,
    /// The phase: `inference`, `training step`, …
    pub what: String,
    /// Samples in the batch.
    pub batch: Option<usize>,
    /// `clean` or `missing(a,b)`.
    pub pattern: String,
    /// A family, an operation, what grew.
    pub part: String,
    /// What the number is, with its unit.
    pub quantity: &'static str,
    /// The number.
    pub value: Value,
}

/// A value as files hold it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Exact.
    Count(u64),
    /// Measured or derived.
    Number(f64),
    /// Words.
    Text(String),
    /// Not known or not applicable.
    Absent,
}

impl Record {
    /// The columns of a CSV file.
    pub const HEADER: &'static str = "table,dataset,method,what,batch,pattern,part,quantity,value";

    /// A line of a CSV file, without its end.
    pub fn csv(&self) -> String {
        let value = match &self.value {
            Value::Count(count) => count.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Text(text) => text.clone(),
            Value::Absent => String::new(),
        };
        let batch = self.batch.map_or_else(String::new, |batch| batch.to_string());
        let cells = [self.table, &self.dataset, &self.method, &self.what, &batch, &self.pattern, &self.part, self.quantity, &value];
        cells.map(quoted).join(",")
    }
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.into() }
}

/// All numbers of `groups`, in the groups' and rows' order.
pub fn records(groups: &[Group]) -> Vec<Record> {
    let mut found = Vec::new();
    for group in groups {
        for row in &group.rows {
            let start = Record {
                table: "",
                dataset: group.name.clone(),
                method: row.label.clone(),
                what: String::new(),
                batch: None,
                pattern: String::new(),
                part: String::new(),
                quantity: "",
                value: Value::Absent,
            };
            counts(row, &start, &mut found);
            times(row, group.rows.first(), &start, &mut found);
            value(row, group, &start, &mut found);
            for (what, reason) in &row.unavailable {
                let reason = Value::Text(reason.clone());
                found.push(Record { table: "unavailable", what: what.clone(), quantity: "reason", value: reason, ..start.clone() });
            }
        }
        for (label, reason) in &group.refused {
            found.push(Record {
                table: "refused",
                dataset: group.name.clone(),
                method: label.clone(),
                what: String::new(),
                batch: None,
                pattern: String::new(),
                part: String::new(),
                quantity: "reason",
                value: Value::Text(reason.clone()),
            });
        }
    }
    found
}

/// Puts one record for each quantity.
fn put<const N: usize>(found: &mut Vec<Record>, start: &Record, values: [(&'static str, Value); N]) {
    found.extend(values.map(|(quantity, value)| Record { quantity, value, ..start.clone() }));
}

fn counts(row: &Row, start: &Record, found: &mut Vec<Record>) {
    let of = |table: &'static str| Record { table, ..start.clone() };
    let parameters = row.parameters;
    put(
        found,
        &of("parameters"),
        [
            ("trainable", Value::Count(parameters.trainable)),
            ("frozen", Value::Count(parameters.frozen)),
            ("training_only", Value::Count(parameters.training_only)),
            ("state", Value::Count(parameters.state)),
        ],
    );
    for (phase, work) in row.phases() {
        let at = |table: &'static str, part: &str| Record { what: phase.into(), batch: Some(row.batch), part: part.into(), ..of(table) };
        put(
            found,
            &at("flops", ""),
            [
                ("flops", Value::Count(work.flops())),
                ("elementwise_elements", Value::Count(work.elementwise)),
                ("moves_calls", Value::Count(work.moves)),
            ],
        );
        for family in &work.families {
            put(found, &at("families", family.name), [("flops", Value::Count(family.flops)), ("calls", Value::Count(family.calls))]);
        }
        for (operation, calls) in &work.unknown {
            put(found, &at("unknown", operation), [("calls", Value::Count(*calls))]);
        }
    }
    let memory = row.memory;
    put(
        found,
        &Record { batch: Some(row.batch), ..of("memory") },
        [
            ("parameters_bytes", Value::Count(memory.parameters)),
            ("gradients_bytes", Value::Count(memory.gradients)),
            ("optimiser_bytes", Value::Count(memory.optimiser)),
            ("activations_bytes", Value::Count(memory.activations)),
            ("step_peak_bytes", Value::Count(memory.step_peak)),
            ("inference_peak_bytes", Value::Count(memory.inference_peak)),
            ("process_peak_bytes", Value::Count(memory.process_peak)),
        ],
    );
}

fn times(row: &Row, reference: Option<&Row>, start: &Record, found: &mut Vec<Record>) {
    for timing in &row.timings {
        let at =
            |table| Record { table, what: timing.what.name().into(), batch: Some(timing.batch), pattern: timing.pattern.clone(), ..start.clone() };
        let Some(times) = latency(&timing.nanoseconds) else { continue };
        let end = |end: Option<f64>| end.map_or(Value::Absent, Value::Number);
        put(
            found,
            &at("latency"),
            [
                ("median_ns", Value::Number(times.median.median)),
                ("low_ns", end(times.median.interval.map(|interval| interval.0))),
                ("high_ns", end(times.median.interval.map(|interval| interval.1))),
                ("coverage", end(times.median.coverage)),
                ("p5_ns", Value::Number(times.p5)),
                ("p95_ns", Value::Number(times.p95)),
                ("samples_per_second", end(throughput(timing.batch, times.median.median))),
                ("calls", Value::Count(times.calls as u64)),
            ],
        );
        let same = reference.filter(|reference| reference.label != row.label).and_then(|reference| {
            let fits = |other: &&super::Timing| (other.what, other.batch, &other.pattern) == (timing.what, timing.batch, &timing.pattern);
            reference.timings.iter().find(fits)
        });
        if let Some(ratio) = same.and_then(|other| paired_ratio(&timing.nanoseconds, &other.nanoseconds)) {
            put(
                found,
                &at("ratio"),
                [
                    ("ratio", Value::Number(ratio.median)),
                    ("low", end(ratio.interval.map(|interval| interval.0))),
                    ("high", end(ratio.interval.map(|interval| interval.1))),
                ],
            );
        }
    }
}

fn value(row: &Row, group: &Group, start: &Record, found: &mut Vec<Record>) {
    let Some(score) = &row.score else { return };
    let number = |value: Option<f64>| value.map_or(Value::Absent, Value::Number);
    let hours = row.training_hours();
    let scored = places(group, |row| Some(row.flops_a_sample()));
    let own = scored.iter().find(|(at, _)| group.rows.get(*at).is_some_and(|other| std::ptr::eq(other, row)));
    let control = group.control.and_then(|control| scored.iter().find(|(at, _)| *at == control));
    let gain = own.zip(control).map(|((_, own), (_, control))| discounted_gain(*own, *control));
    let dominator = own.and_then(|(at, _)| dominator(group, &scored, *at));
    put(
        found,
        &Record { table: "value", part: score.metric.clone(), ..start.clone() },
        [
            ("score", Value::Number(score.mean)),
            ("seeds", Value::Count(score.seeds as u64)),
            ("flops_per_sample", Value::Number(row.flops_a_sample())),
            ("training_hours", number(hours)),
            (
                "cost_normalised_accuracy_per_1000_hours",
                number(hours.filter(|_| score.is_accuracy).and_then(|hours| cost_normalised_accuracy(score.mean, hours))),
            ),
            ("discounted_gain", number(gain)),
            ("dominated_by", dominator.map_or(Value::Absent, |at| Value::Text(group.rows[at].label.clone()))),
        ],
    );
}

/// Cost and score of the rows that have both, with the row's position.
pub(super) fn places(group: &Group, cost: impl Fn(&Row) -> Option<f64>) -> Vec<(usize, Place)> {
    let place = |(at, row): (usize, &Row)| Some((at, Place { cost: cost(row)?, score: row.score.as_ref()?.upwards() }));
    group.rows.iter().enumerate().filter_map(place).collect()
}

/// The row that dominates row `at` among `places`.
pub(super) fn dominator(group: &Group, places: &[(usize, Place)], at: usize) -> Option<usize> {
    let only: Vec<Place> = places.iter().map(|(_, place)| *place).collect();
    let own = places.iter().position(|(row, _)| *row == at)?;
    let (found, _) = places.get(dominated_by(&only).get(own).copied().flatten()?)?;
    group.rows.get(*found).map(|_| *found)
}

/// The batch whose inference times stand for a group: that of the counts where it was timed by all, else the largest timed.
pub(super) fn usual_batch(group: &Group) -> Option<usize> {
    let counted = group.rows.first()?.batch;
    let timed = |row: &Row| row.timings.iter().filter(|timing| timing.what == Timed::Inference).map(|timing| timing.batch).collect::<Vec<_>>();
    let all: Vec<usize> = group.rows.iter().flat_map(timed).collect();
    if all.contains(&counted) { Some(counted) } else { all.into_iter().max() }
}

#[cfg(test)]
mod tests {
    use super::super::tables::tests::group;
    use super::*;

    fn find<'a>(records: &'a [Record], table: &str, method: &str, quantity: &str) -> &'a Value {
        &records.iter().find(|record| record.table == table && record.method == method && record.quantity == quantity).unwrap().value
    }

    /// The made-up group: `b` has 3 × the FLOPs of `a`, takes twice as long, and is right 10 points more often.
    #[test]
    fn counts_are_exact_and_ratios_paired() {
        let records = records(&[group()]);
        assert_eq!(find(&records, "flops", "b", "flops"), &Value::Count(3_000_000));
        assert_eq!(find(&records, "ratio", "b", "ratio"), &Value::Number(2.0));
        assert_eq!(find(&records, "unknown", "b", "calls"), &Value::Count(7));
        assert_eq!(find(&records, "refused", "c", "reason"), &Value::Text("needs three modalities".into()));
        // (0.6 − 0.5) / (1 + log₂ 3).
        let Value::Number(gain) = find(&records, "value", "b", "discounted_gain") else { panic!("no gain") };
        assert!((gain - 0.1 / (1.0 + 3f64.log2())).abs() < 1e-12);
    }

    #[test]
    fn a_cell_with_a_comma_is_quoted() {
        let mut record = records(&[group()]).remove(0);
        record.pattern = "missing(a,b)".into();
        assert!(record.csv().contains(",\"missing(a,b)\","), "{}", record.csv());
        assert_eq!(Record::HEADER.split(',').count(), 9);
    }
}
