//! The statistics of a report on 100 000 records: 10 methods, 20 seeds, 500 conditions.

use std::hint::black_box;

use bench_datasets::keyed::{self, Key};
use bench_reports::{
    Record,
    statistics::{Differences, paired_t, two_level},
    summary::{DatasetInfo, Modality, Task, summarise},
};
use criterion::{Criterion, criterion_group, criterion_main};

const METHODS: u64 = 10;
const SEEDS: u64 = 20;
const CONDITIONS: u64 = 500;

fn statistics(criterion: &mut Criterion) {
    let records = records();
    let infos = [info()];
    let mut group = criterion.benchmark_group("100 000 records");
    group.sample_size(10);
    group.bench_function("summary with paired tests", |bencher| bencher.iter(|| black_box(summarise(&records, &infos, None).unwrap())));
    let (first, second): (Vec<f64>, Vec<f64>) = records.iter().filter_map(|record| record.value).map(|value| (value, value * value)).unzip();
    group.bench_function("one paired t-test", |bencher| bencher.iter(|| black_box(paired_t(&first, &second, 0.95))));
    let differences = Differences { values: &first[..5000], samples: 1000, groups: None };
    group.bench_function("bootstrap of 5 seeds and 1000 samples, 10 000 resamples", |bencher| {
        bencher.iter(|| black_box(two_level(&differences, 10_000, [0; 32])));
    });
}

fn records() -> Vec<Record> {
    let mut rng = Key::new("benchmark records").rng();
    let mut records = Vec::new();
    for method in 0..METHODS {
        for seed in 0..SEEDS {
            for condition in 0..CONDITIONS {
                let (condition, group) =
                    if condition == 0 { ("clean".to_string(), "clean") } else { (format!("noise(image,{})", condition as f64 / 1000.0), "noise") };
                records.push(Record {
                    dataset: "digits".into(),
                    method: if method == 0 { "concat".into() } else { format!("method{method}") },
                    preset: "paper".into(),
                    seed,
                    condition,
                    group: group.into(),
                    metric: "accuracy".into(),
                    value: Some(0.5 + 0.1 * keyed::uniform(&mut rng)),
                    note: String::new(),
                    samples: 1000,
                    selected_on: "validation".into(),
                    trial: format!("{method}-{seed}"),
                });
            }
        }
    }
    records
}

fn info() -> DatasetInfo {
    DatasetInfo {
        name: "digits".into(),
        task: Task::Classification,
        classes: 10,
        n_test: 1000,
        chance: Some(0.1),
        modalities: vec![Modality { name: "image".into(), kind: "image".into(), unit: "pixels".into() }],
        groups: None,
        fold: None,
        conditions: Vec::new(),
    }
}

criterion_group!(benches, statistics);
criterion_main!(benches);
