//! Renders the reports of a made-up run, to look at: `cargo run -p bench-reports --example render -- [WIDTH | md]`.

use bench_reports::{
    Record,
    report::{RunInfo, markdown, terminal},
    summary::{DatasetInfo, Modality, SummaryError, Task, summarise},
};

const SEEDS: [u64; 5] = [42, 123, 456, 789, 2024];
const METHODS: [(&str, f64, f64); 8] = [
    ("concat", 0.0, 1.0),
    ("sum", -0.002, 1.0),
    ("late", -0.011, 0.7),
    ("augmentation", -0.005, 0.45),
    ("raml", 0.022, 0.5),
    ("prior", -0.5, 0.0),
    ("unimodal/audio", -0.12, 1.3),
    ("unimodal/image", -0.2, 1.4),
];

fn main() -> Result<(), SummaryError> {
    let argument = std::env::args().nth(1);
    let datasets = [
        dataset("digits?train=500", Task::Classification, &[("audio", "training standard deviations"), ("image", "pixels")], ("speaker", 12)),
        dataset(
            "cremad-agree",
            Task::Regression,
            &[("voice", "training standard deviations"), ("face", "training standard deviations")],
            ("actor", 9),
        ),
    ];
    let records: Vec<Record> = datasets.iter().flat_map(records).collect();
    let summary = summarise(&records, &datasets, None)?;
    match argument.as_deref() {
        Some("md") => {
            let facts = [("suite", "robustness@1"), ("device", "cpu"), ("numbers", "made up")].map(|(name, value)| (name.into(), value.into()));
            print!("{}", markdown(&summary, &RunInfo { title: "Robustness".into(), facts: facts.into() }));
        }
        width => print!("{}", terminal(&summary, width.and_then(|width| width.parse().ok()))),
    }
    Ok(())
}

fn dataset(name: &str, task: Task, modalities: &[(&str, &str)], groups: (&str, usize)) -> DatasetInfo {
    let modality = |&(name, unit): &(&str, &str)| Modality { name: name.into(), kind: "vector".into(), unit: unit.into() };
    let (classes, chance) = if task == Task::Classification { (10, 0.1) } else { (0, 1.21) };
    let modalities = modalities.iter().map(modality).collect();
    DatasetInfo {
        name: name.into(),
        task,
        classes,
        n_test: 1000,
        chance: Some(chance),
        modalities,
        groups: Some((groups.0.into(), groups.1)),
        fold: None,
        conditions: Vec::new(),
    }
}

fn records(info: &DatasetInfo) -> Vec<Record> {
    let mut conditions = vec![("clean".to_owned(), "clean", 0.0)];
    for modality in &info.modalities {
        let name = &modality.name;
        let levels = if modality.unit == "pixels" { [0.08, 0.12, 0.18, 0.26] } else { [0.25, 0.5, 1.0, 2.0] };
        conditions.extend((1u8..).zip(levels).map(|(rank, level)| (format!("noise({name},{level})"), "noise", 0.05 * f64::from(rank))));
        conditions.extend([0.02, 0.05, 0.1].map(|level| (format!("fgsm({name},{level})"), "attack", 4.0 * level)));
        conditions.push((format!("missing({name})"), "missing", 0.2));
    }
    let mut random = 1u64;
    let mut records = Vec::new();
    for (method, offset, fragility) in METHODS {
        for seed in SEEDS.into_iter().filter(|&seed| method != "sum" || seed != 456) {
            for (condition, group, loss) in &conditions {
                // A linear congruential generator is random enough for a picture.
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let wobble = if method == "prior" { 0.0 } else { (random >> 40) as f64 / (1u64 << 24) as f64 * 0.03 };
                let accuracy = if method == "prior" { 0.1 } else { (0.86 + offset - loss * fragility + wobble).max(0.0) };
                let score = if info.task == Task::Regression { 1.4 - accuracy } else { accuracy };
                for (metric, factor) in [(info.task.primary(), 1.0), (info.task.secondary(), 0.97)] {
                    let refused = *group == "attack" && method == "prior";
                    records.push(Record {
                        dataset: info.name.clone(),
                        method: method.into(),
                        preset: "paper".into(),
                        seed,
                        condition: condition.clone(),
                        group: (*group).into(),
                        metric: metric.name().into(),
                        value: (!refused).then_some(score * factor),
                        note: if refused { "needs gradients".into() } else { String::new() },
                        samples: 1000,
                        selected_on: "validation".into(),
                        trial: format!("{method}-{seed}"),
                    });
                }
            }
        }
    }
    records
}
