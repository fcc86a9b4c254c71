//! Frozen extractors and fusion together.

use super::super::{Group, Table, Timed, latency, units};

/// What a batch costs from raw input to answer: every extractor once a sample, then the method; `None` without extractors or methods.
///
/// Extractors are counted on their own batch and scaled: each of their samples costs the same. In a training step they only run forward.
pub fn end_to_end(extractors: &Group, group: &Group) -> Option<Table> {
    let batch = group.rows.first()?.batch;
    let heads =
        ["method", "extractors", "fusion, inference", "together", "fusion's share", "fusion, training", "together, training", "latency a sample"];
    let names: Vec<&str> = extractors.rows.iter().map(|row| row.label.as_str()).collect();
    let mut table = Table::new(format!("{} · end to end, FLOPs of a batch of {batch}", group.name), &heads);
    let extracted: f64 = extractors.rows.iter().map(|row| row.flops_a_sample()).sum::<f64>() * batch as f64;
    let alone = |row: &super::super::Row| Some(latency(&row.clean(Timed::Inference, 1)?.nanoseconds)?.median.median);
    let waited: Option<f64> = extractors.rows.iter().map(alone).sum();
    for row in group.rows.iter().filter(|_| !names.is_empty()) {
        let fusion = row.inference.flops() as f64;
        let training = row.training.as_ref().map(|training| training.flops() as f64);
        let absent = || super::ABSENT.to_owned();
        table.rows.push(vec![
            row.label.clone(),
            units::flops(extracted),
            units::flops(fusion),
            units::flops(extracted + fusion),
            share(fusion / (extracted + fusion)),
            training.map_or_else(absent, units::flops),
            training.map_or_else(absent, |training| units::flops(extracted + training)),
            waited.zip(alone(row)).map_or_else(absent, |(extractors, fusion)| units::time(extractors + fusion)),
        ]);
    }
    table.notes = vec![
        format!("Extractors: {}, one input each a sample, forward only. FLOPs = 2 × MACs.", names.join("; ")),
        "The methods ran on the dataset's own modalities, not on these extractors' features.".into(),
    ];
    (!table.rows.is_empty()).then_some(table)
}

/// Percent with two digits that say something, however small.
fn share(part: f64) -> String {
    let percent = 100.0 * part;
    let decimals = match percent {
        percent if percent >= 1.0 => 1,
        percent if percent >= 0.1 => 2,
        percent if percent >= 0.01 => 3,
        _ => 4,
    };
    format!("{percent:.decimals$} %")
}

#[cfg(test)]
mod tests {
    use super::{
        super::super::{FamilyWork, Row, Work},
        *,
    };

    /// By hand: extractors of 10 and 20 FLOP a sample are 1920 a batch of 64; with 640 of fusion 2560, of which fusion is 25 %.
    #[test]
    fn extractors_are_scaled_to_the_methods_batch() {
        let row = |label: &str, batch: usize, flops: u64| Row {
            label: label.into(),
            batch,
            inference: Work { families: vec![FamilyWork { name: "matrix products", flops, calls: 1 }], ..Work::default() },
            ..Row::default()
        };
        let extractors = Group { rows: vec![row("bert-base:128", 1, 10), row("resnet-50:1", 1, 20)], ..Group::default() };
        let group = Group { name: "x".into(), rows: vec![row("a", 64, 640)], ..Group::default() };
        let table = end_to_end(&extractors, &group).unwrap();
        assert_eq!(table.rows[0][..5], ["a", "1.92 kFLOP", "640 FLOP", "2.56 kFLOP", "25.0 %"]);
        assert_eq!([0.5, 0.0046, 0.000_046].map(share), ["50.0 %", "0.46 %", "0.0046 %"]);
        assert_eq!(end_to_end(&Group::default(), &group), None);
    }
}
