//! Checkpoints are chosen on validation; the test split's labels reach neither training nor selection.

use std::{fs, path::Path};

use bench_store::Scores;

use super::{
    made_up::{SAMPLES, bytes, is_test, write_dataset},
    place::{Place, files},
    run::Run,
};

fn trained(place: &Place, folder: &str) -> Run {
    let (dataset, out) = (format!("./{folder}"), format!("{folder}-run"));
    let settings = "run --suite missing --method concat,late,prior,mla,decalign?dropout=0 --seeds 2 --epochs 6 --device cpu --quiet";
    place.fine(&settings.split(' ').chain(["--dataset", &dataset, "--out", &out]).collect::<Vec<_>>());
    Run::at(place.path(&out))
}

/// Scores of every test sample under every condition, by file.
fn answers(trial: &Path) -> Vec<(String, Vec<f32>)> {
    let folder = trial.join("eval");
    let read = |name: String| (name.clone(), Scores::read(&folder.join(name)).unwrap().values);
    files(&folder).into_iter().map(read).collect()
}

/// One training sample: the batch order, whose key holds the hash of the whole dataset, cannot matter. Learning it makes all answers alike, so that
/// where all test labels are its own the test split would choose a late epoch, and an early one where they are not. Only methods that draw nothing while they
/// train: draws are keyed by the trial, whose key holds that hash too.
#[test]
fn other_test_labels_train_to_the_same_weights() {
    let place = Place::new();
    let only = 0;
    let write = |folder: &str, same: bool| {
        write_dataset(&place.path(folder), |content| {
            let (train, validation) = (0, 1);
            let split = bytes(content, "split");
            (0..SAMPLES).filter(|&row| !is_test(row)).for_each(|row| split[row] = if row == only { train } else { validation });
            let labels = bytes(content, "label");
            (0..SAMPLES).filter(|&row| same && is_test(row)).for_each(|row| labels[row] = labels[only]);
        })
        .unwrap();
        trained(&place, folder)
    };
    let (own, others) = (write("own", false), write("others", true));
    assert_eq!(own.trials().len(), 10);
    for (key, (folder, trial)) in own.trials() {
        let (other_folder, other) = &others.trials()[&key];
        assert_ne!(trial.spec.dataset_hash, other.spec.dataset_hash);
        let weights = |folder: &Path| fs::read(folder.join("weights.safetensors")).unwrap();
        assert!(weights(&folder) == weights(other_folder), "{key:?}");
        assert_eq!(trial.outcome, other.outcome, "{key:?}");
        assert!(answers(&folder) == answers(other_folder), "{key:?}: other test labels change an answer");
        assert_eq!(trial.outcome.selected_on, if key.0 == "prior" { "none" } else { "validation" });
    }
    let accuracy = |run: &Run| run.value("concat", "clean", "accuracy");
    assert_ne!(accuracy(&own), accuracy(&others), "the test labels do not matter to the scores either");
}

/// No modality of `digits` is text, so the controls decide, and by their validation scores alone.
#[test]
fn a_pivot_is_the_modality_whose_control_is_best_on_validation() {
    let place = Place::new();
    let settings = "run --suite words --dataset digits?train=100 --method unimodal,cp-sl --seeds 3 --epochs 3 --device cpu --quiet --out out";
    place.fine(&settings.split(' ').collect::<Vec<_>>());
    let trials = Run::at(place.path("out")).trials();
    for seed in [42, 123, 456] {
        let control = |modality: &str| trials[&(format!("unimodal/{modality}"), seed)].1.outcome.selected_value.unwrap();
        let pivot = trials[&("cp-sl".to_string(), seed)].1.outcome.pivot.clone().unwrap();
        let best = ["audio", "image", "pen"].map(control).into_iter().fold(f64::NEG_INFINITY, f64::max);
        assert!((control(&pivot) - best).abs() < 1e-12, "seed {seed}: pivot {pivot} has {}, the best {best}", control(&pivot));
    }
}
