//! The robustness suite on a test split, with everything reused and with each condition from scratch.

use bench_benches::Case;
use criterion::{Criterion, criterion_group, criterion_main};

fn evaluation(criterion: &mut Criterion) {
    tch::set_num_threads(1);
    let mut group = criterion.benchmark_group("robustness suite");
    group.sample_size(10);
    for (dataset, method) in [("openmoji", "concat"), ("cremad-votes", "raml"), ("mfeat", "concat")] {
        let case = Case::open(dataset, method, 1).unwrap();
        let conditions = case.conditions("robustness").unwrap();
        let model = case.build().unwrap();
        group
            .bench_function(format!("{method} on {dataset}, reused"), |bencher| bencher.iter(|| case.evaluate(model.as_ref(), &conditions).unwrap()));
        group.bench_function(format!("{method} on {dataset}, from scratch"), |bencher| {
            bencher.iter(|| case.evaluate_from_scratch(case.build().unwrap(), &conditions).unwrap());
        });
    }
}

criterion_group!(benches, evaluation);
criterion_main!(benches);
