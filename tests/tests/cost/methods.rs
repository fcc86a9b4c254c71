//! Every registered method, its variants and options: nothing that it runs is without a rule.

use std::collections::BTreeMap;

use bench_methods::{Optimisers, Step};

use crate::{
    cases::{self, seeded},
    counted::{Counted, count},
    toy::viewed,
};

#[test]
fn no_method_runs_an_operation_without_a_rule() {
    let mut unknown: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for case in cases::all() {
        let mut method = case.prepared(1);
        let batch = case.problem.batch();
        let mut counts: Vec<Counted> = [&batch, &case.problem.incomplete_batch()]
            .into_iter()
            .map(|batch| count(|| drop(cases::predict(method.as_ref(), &batch.inputs))))
            .collect();
        if case.card.capabilities.trained {
            let mut optimisers = Optimisers::new(method.as_mut(), &case.card.recipe).unwrap();
            // A later step of a later epoch: what only begins is over, what only ends is not there yet.
            for epoch in [0, 2] {
                let step = Step { epoch, epochs: 4, step: 0, steps: 1 };
                seeded(1, || {
                    viewed(&batch, |train| method.begin_epoch(epoch, train));
                    optimisers.begin_step(&step);
                    counts.push(count(|| drop(method.train_step(&batch, &step, &mut optimisers))));
                });
            }
            let last = counts.last().unwrap();
            assert!(last.0.backward.total() + last.0.forward.total() > 0, "{} trains without a product", case.name());
        }
        for (name, _) in counts.iter().flat_map(|counted| counted.phases()).flat_map(|work| &work.unknown) {
            unknown.entry(name.clone()).or_default().push(case.name());
        }
    }
    let list: Vec<String> = unknown.iter().map(|(name, at)| format!("{name}: {} cases, first {}", at.len(), at[0])).collect();
    assert!(list.is_empty(), "{}", list.join("\n"));
}

/// What ends before training does (modulation) and what begins only later (a second stage) is in the step that is measured.
#[test]
fn the_step_that_is_measured_is_the_one_that_does_most() {
    const EPOCHS: usize = 4;
    for case in cases::all().iter().filter(|case| case.card.overrides(&case.options).is_empty() && case.card.capabilities.trained) {
        let batch = case.problem.batch();
        let passed = |epoch: usize| -> u64 {
            let mut method = case.prepared(1);
            let mut optimisers = Optimisers::new(method.as_mut(), &case.card.recipe).unwrap();
            let step = Step { epoch, epochs: EPOCHS, step: 0, steps: 1 };
            seeded(1, || {
                viewed(&batch, |train| method.begin_epoch(epoch, train));
                optimisers.begin_step(&step);
                count(|| drop(method.train_step(&batch, &step, &mut optimisers))).phases().iter().map(|work| work.elementwise).sum()
            })
        };
        let measured = passed(case.build(1).busiest_epoch(EPOCHS));
        assert!([0, EPOCHS - 1].iter().all(|&epoch| passed(epoch) <= measured), "{}", case.name());
    }
}
