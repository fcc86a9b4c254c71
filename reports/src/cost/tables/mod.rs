//! The tables of a group: what is printed to people.

mod end_to_end;
mod latency;
mod memory;
mod patterns;
mod value;
mod work;

pub use end_to_end::end_to_end;

use super::{Group, Table};

/// Stands where there is nothing.
const ABSENT: &str = "–";

/// All tables that a group has something for; `detail` adds the families of operations.
pub fn tables(group: &Group, detail: bool) -> Vec<Table> {
    let mut found = vec![work::parameters(group), work::flops(group)];
    found.extend(detail.then(|| work::families(group)));
    found.push(memory::memory(group));
    found.extend(latency::latency(group));
    found.extend(patterns::patterns(group));
    found.extend(latency::ratios(group));
    found.extend(value::value(group));
    found.retain(|table| !table.rows.is_empty());
    let parts = group.rows.iter().flat_map(|row| row.unavailable.iter().map(|(what, reason)| format!("{}, {what}: n/a ({reason})", row.label)));
    let refused: Vec<String> = group.refused.iter().map(|(label, reason)| format!("{label}: n/a ({reason})")).chain(parts).collect();
    if !refused.is_empty() {
        if let Some(first) = found.first_mut() {
            first.notes.extend(refused);
        } else {
            found.push(Table { notes: refused, ..Table::new(group.name.clone(), &["method"]) });
        }
    }
    for table in &mut found {
        table.title = format!("{} · {}", group.name, table.title);
    }
    found
}

#[cfg(test)]
pub(super) mod tests {
    use super::{super::*, tables};

    fn work(flops: u64, unknown: &[(&str, u64)]) -> Work {
        Work {
            families: vec![FamilyWork { name: "matrix products", flops, calls: 3 }],
            elementwise: 2_000,
            moves: 5,
            unknown: unknown.iter().map(|(name, calls)| (name.to_string(), *calls)).collect(),
        }
    }

    fn row(label: &str, scale: u64, unknown: &[(&str, u64)], accuracy: f64) -> Row {
        let timing = |what, pattern: &str, base: u64| Timing {
            what,
            batch: 64,
            pattern: pattern.into(),
            nanoseconds: (0..30).map(|round| scale.min(2) * (base + 1000 * round)).collect(),
        };
        Row {
            label: label.into(),
            batch: 64,
            parameters: Parameters { trainable: 1234 * scale, frozen: 10, training_only: 4, state: 2 },
            inference: work(1_000_000 * scale, unknown),
            training: Some(TrainingWork { forward: work(1_000_000 * scale, &[]), backward: work(2_000_000 * scale, &[]), optimiser: work(0, &[]) }),
            memory: Memory {
                parameters: 4936,
                gradients: 4936,
                optimiser: 9872,
                activations: 65_536,
                step_peak: 100_000,
                inference_peak: 5000,
                process_peak: 1 << 27,
            },
            timings: vec![
                timing(Timed::Inference, "clean", 1_000_000),
                timing(Timed::Inference, "missing(image)", 700_000),
                timing(Timed::Inference, "missing(text)", 600_000),
                timing(Timed::TrainingStep, "clean", 3_000_000),
            ],
            unavailable: Vec::new(),
            score: Some(Score {
                metric: "accuracy".into(),
                is_accuracy: true,
                mean: accuracy,
                seeds: 5,
                training: Some(Training { batch: 64, steps: 10, epochs: 20.0 }),
            }),
        }
    }

    /// Two methods on two modalities, and one refused.
    pub fn group() -> Group {
        Group {
            name: "openmoji".into(),
            modalities: 2,
            rows: vec![row("a", 1, &[], 0.5), row("b", 3, &[("aten::erfinv", 7)], 0.6)],
            refused: vec![("c".into(), "needs three modalities".into())],
            control: Some(0),
        }
    }

    fn found(name: &str) -> Table {
        tables(&group(), true).into_iter().find(|table| table.title.contains(name)).unwrap_or_else(|| panic!("no table {name}"))
    }

    /// By hand: forward 1 + backward 2 + optimiser 0 MFLOP; 1 MFLOP over 64 samples is 15.625 kFLOP a sample.
    #[test]
    fn flops_say_what_they_are_and_name_what_has_no_rule() {
        let table = found("FLOPs of a batch of 64");
        assert_eq!(table.rows[0], ["a", "1.00 MFLOP", "15.6 kFLOP", "3.00 MFLOP", "1.00 MFLOP", "2.00 MFLOP", "0", "2.00 k", "6.00 k"]);
        assert!(table.notes.iter().any(|note| note.contains("FLOPs = 2 × MACs")));
        assert!(table.notes.iter().any(|note| note.contains("b, inference: aten::erfinv × 7")), "{:?}", table.notes);
    }

    #[test]
    fn nothing_unknown_is_said_too() {
        let mut group = group();
        group.rows.truncate(1);
        let table = tables(&group, false).remove(1);
        assert!(table.notes.iter().any(|note| note == "Every executed operation has a rule."), "{:?}", table.notes);
    }

    #[test]
    fn a_refused_method_is_never_silent() {
        assert!(found("parameters").notes.contains(&"c: n/a (needs three modalities)".into()));
        let mut partly = group();
        partly.rows[1].unavailable = vec![("training step of 1 sample".into(), "it needs two".into())];
        assert!(tables(&partly, false)[0].notes.contains(&"b, training step of 1 sample: n/a (it needs two)".into()));
        let nobody = Group { rows: Vec::new(), ..group() };
        assert!(tables(&nobody, false)[0].notes.contains(&"c: n/a (needs three modalities)".into()));
    }

    /// By hand: times are 1 ms + 0 to 29 µs: the median is 1.0145 ms, the 10th value 1.009 and the 21st 1.020; 64 samples in 1.0145 ms are 63.1 thousand a second.
    #[test]
    fn latency_has_interval_percentiles_and_throughput() {
        let table = found("latency of inference");
        assert_eq!(table.rows[0][..3], ["a", "64", "1.01 [1.01, 1.02] ms"].map(String::from));
        assert_eq!(table.rows[0][5], "63.1 k");
    }

    /// By hand: every time of `b` is twice that of `a`.
    #[test]
    fn ratios_are_against_the_first_method() {
        let table = found("time against a");
        assert_eq!(table.rows, [["b", "64", "2.00 [2.00, 2.00]", "2.00 [2.00, 2.00]"].map(String::from)]);
    }

    #[test]
    fn patterns_have_a_column_each_for_few_modalities() {
        let table = found("missing patterns");
        assert_eq!(table.heads, ["method", "clean", "missing(image)", "missing(text)"]);
        assert_eq!(table.rows[0][3], "614 µs");
    }

    /// By hand, four modalities: two present {3, 5 ms} give a median of 4 ms.
    #[test]
    fn patterns_are_summed_up_for_many_modalities() {
        let mut group = group();
        group.modalities = 4;
        let timing = |pattern: &str, milliseconds: u64| Timing {
            what: Timed::Inference,
            batch: 64,
            pattern: pattern.into(),
            nanoseconds: vec![milliseconds * 1_000_000; 9],
        };
        group.rows.truncate(1);
        group.rows[0].timings =
            vec![timing("clean", 9), timing("missing(a)", 6), timing("missing(a,b)", 3), timing("missing(b,c)", 5), timing("missing(a,b,c)", 1)];
        let tables = tables(&group, false);
        let table = tables.iter().find(|table| table.title.contains("missing patterns")).unwrap();
        assert_eq!(table.heads, ["method", "4 present", "3 present", "2 present", "1 present", "fastest", "slowest"]);
        assert_eq!(table.rows[0], ["a", "9.00 ms", "6.00 ms", "4.00 ms", "1.00 ms", "1.00 ms missing(a,b,c)", "9.00 ms clean"]);
    }

    /// By hand: `a` trains 200 steps of 3.0145 ms: 0.6029 s = 1.6747e-4 h; 0.5 / that × 1000 = 2.99 M; `b` gains 10 points at three times the FLOPs: 0.1 / (1 + log₂ 3).
    #[test]
    fn accuracy_stands_beside_cost() {
        let table = found("accuracy against cost");
        assert_eq!(table.rows[0], ["a", "50.0 %", "15.6 kFLOP", "603 ms", "2.99 M", "0.0", "on the front"].map(String::from));
        assert_eq!(table.rows[1][5], "+3.9");
        assert!(table.notes.iter().any(|note| note.contains("unit 1 / (1000 h)")));
    }
}
