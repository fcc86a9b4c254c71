//! Training from another trial's weights: what is kept, what is frozen, what is refused.

use std::{collections::BTreeMap, path::Path};

use tch::Tensor;

use super::{
    place::{Place, errors},
    run::Run,
};

const SETTINGS: &str = "run --suite missing --method concat --epochs 2 --device cpu --quiet";

fn weights(folder: &Path) -> BTreeMap<String, Tensor> {
    Tensor::read_safetensors(folder.join("weights.safetensors")).unwrap().into_iter().collect()
}

fn with<'a>(settings: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    settings.split(' ').chain(more.iter().copied()).collect()
}

/// From six classes to one value: the same two modalities, another head.
#[test]
fn encoders_are_taken_over_and_a_head_of_another_shape_starts_fresh() {
    let place = Place::new();
    place.fine(&with(SETTINGS, &["--seeds", "2", "--dataset", "cremad-votes?train=200", "--out", "votes"]));
    let agree = ["--seeds", "2", "--dataset", "cremad-agree?train=200", "--out", "agree"];
    let transfer = [&agree[..], &["--init-from", "votes"]].concat();
    place.fine(&with(SETTINGS, &agree));
    place.fine(&with(SETTINGS, &transfer));
    place.fine(&with(SETTINGS, &[&transfer[..], &["--freeze", "encoders"]].concat()));
    let (votes, agree) = (Run::at(place.path("votes")), Run::at(place.path("agree")));
    let (sources, trials) = (votes.trials(), agree.trials());
    assert_eq!(trials.len(), 6, "{:?}", trials.keys());
    for seed in [42, 123] {
        let (folder, source) = &sources[&("concat".to_string(), seed)];
        let source_weights = weights(folder);
        for (label, frozen) in [("concat (from cremad-votes?train=200)", false), ("concat (from cremad-votes?train=200, encoders frozen)", true)] {
            let (folder, trained) = &trials[&(label.to_string(), seed)];
            let init = trained.spec.init.as_ref().unwrap();
            assert_eq!((&init.weights, init.freeze_encoders), (&source.outcome.weights, frozen));
            assert_eq!(trained.outcome.fresh, ["model/head.bias", "model/head.weight"]);
            let own = weights(folder);
            let same = own.iter().filter(|(name, _)| name.contains("encoder")).all(|(name, tensor)| *tensor == source_weights[name]);
            assert_eq!(same, frozen, "{label}, seed {seed}");
            let head: u64 = own.iter().filter(|(name, _)| name.contains("head")).map(|(_, tensor)| tensor.numel() as u64).sum();
            assert_eq!(trained.outcome.parameters == head, frozen, "{label}: {} trainable parameters", trained.outcome.parameters);
        }
    }
}

#[test]
fn one_trial_can_start_all_and_what_does_not_fit_is_refused_in_a_sentence() {
    let place = Place::new();
    place.fine(&with(SETTINGS, &["--seeds", "42,", "--dataset", "digits?train=100", "--out", "digits"]));
    let source = Run::at(place.path("digits"));
    let folder = source.trials().into_values().next().unwrap().0;
    let folder = folder.to_str().unwrap();
    let low = ["--seeds", "7,8", "--dataset", "digits?train=50", "--out", "low", "--init-from", folder];
    place.fine(&with(SETTINGS, &low));
    let low = Run::at(place.path("low"));
    assert!(low.trials().values().all(|(_, trained)| trained.outcome.fresh.is_empty() && trained.label == "concat (from digits?train=100)"));

    let refusal = |arguments: &[&str]| {
        let output = place.run(&with(SETTINGS, &[arguments, &["--out", "refused", "--seeds", "42,"]].concat()));
        assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
        errors(&output)
    };
    let openmoji = ["--dataset", "openmoji?train=50", "--init-from"];
    assert!(refusal(&[&openmoji[..], &[folder]].concat()).contains("do not fit this dataset's modalities"));
    assert!(refusal(&["--dataset", "digits?train=100", "--init-from", "digits"]).contains("no trial of concat with seed 42 on another dataset"));
    assert!(refusal(&[&openmoji[..], &["nowhere"]].concat()).contains("nowhere holds no finished trial"));
    assert!(refusal(&["--dataset", "openmoji?train=50", "--freeze", "encoders"]).contains("--freeze needs --init-from"));
}
