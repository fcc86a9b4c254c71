//! A training step of every registered method on openmoji, forward, backward and optimiser, batch of 128.

use std::hint::black_box;

use bench_benches::Case;
use bench_methods::{Optimisers, Step, registry};
use criterion::{Criterion, criterion_group, criterion_main};

fn training(criterion: &mut Criterion) {
    tch::set_num_threads(1);
    let mut group = criterion.benchmark_group("training step on openmoji");
    for entry in registry::METHODS {
        let card = (entry.card)();
        // One model a modality: that of the image is the costly one.
        let name = if card.capabilities.per_modality { format!("{}/image", card.id) } else { card.id };
        let case = Case::open("openmoji", &name, 1).unwrap();
        let mut method = case.prepared().unwrap();
        let mut optimisers = Optimisers::new(method.as_ref(), &case.spec.recipe).unwrap();
        let batch = case.loaded.train.batch(&(0..case.spec.recipe.batch).collect::<Vec<_>>());
        if method.groups().is_empty() {
            continue;
        }
        let step = Step { epoch: 0, epochs: 1, step: 0, steps: 1 };
        group.bench_function(name, |bencher| bencher.iter(|| black_box(method.train_step(&batch, &step, &mut optimisers))));
    }
}

criterion_group!(benches, training);
criterion_main!(benches);
