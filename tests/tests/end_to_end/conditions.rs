//! What a test set suffers is the same for all methods, grows with its level, and stays within its bounds.

use bench_store::Scores;

use super::{place::Place, run::Run};

const METHODS: [&str; 3] = ["concat", "late", "raml"];
const SEED: u64 = 42;
const NOISE: [&str; 5] = ["noise(image,0.08)", "noise(image,0.12)", "noise(image,0.18)", "noise(image,0.26)", "noise(image,0.38)"];
const MASKS: [&str; 5] = ["mask(text,0.05)", "mask(text,0.1)", "mask(text,0.15)", "mask(text,0.2)", "mask(text,0.25)"];
const ATTACKS: [(&str, f32); 3] = [("fgsm(image,1/255)", 1.0 / 255.0), ("fgsm(image,4/255)", 4.0 / 255.0), ("fgsm(image,16/255)", 16.0 / 255.0)];
const LEVEL_0: [&str; 3] = ["fgsm(image,0)", "noise(image,0)", "mask(text,0)"];

fn evaluated(place: &Place) -> Run {
    let settings = "run --suite robustness --dataset openmoji?train=100 --seeds 1 --epochs 3 --device cpu --quiet --out out --method";
    place.fine(&settings.split(' ').chain([METHODS.join(",").as_str()]).collect::<Vec<_>>());
    let more: Vec<&str> = LEVEL_0.iter().flat_map(|condition| ["--condition", *condition]).collect();
    place.fine(&[&["eval", "out", "--quiet"], &more[..]].concat());
    Run::at(place.path("out"))
}

/// The realised perturbation of each sample of the only perturbed modality.
fn perturbation(scores: &Scores) -> Vec<f32> {
    assert_eq!(scores.perturbations.len(), 1);
    assert_eq!(scores.perturbations[0].1.len(), scores.len());
    scores.perturbations[0].1.clone()
}

#[test]
fn corruptions_and_attacks_keep_their_promises() {
    let place = Place::new();
    let run = evaluated(&place);
    every_method_sees_the_same_corrupted_sample(&run);
    a_higher_level_perturbs_no_sample_less(&run);
    level_0_is_clean_to_the_last_bit(&run);
    an_attack_stays_within_its_epsilon_and_harms(&run);
}

fn every_method_sees_the_same_corrupted_sample(run: &Run) {
    for condition in NOISE.iter().chain(&MASKS) {
        let [first, others @ ..] = METHODS.map(|method| perturbation(&run.scores(method, SEED, condition)));
        assert!(first.iter().any(|size| *size > 0.0), "{condition} perturbs nothing");
        assert!(others.iter().all(|other| *other == first), "{condition}");
    }
}

fn a_higher_level_perturbs_no_sample_less(run: &Run) {
    for conditions in [NOISE, MASKS] {
        let levels = conditions.map(|condition| perturbation(&run.scores("concat", SEED, condition)));
        for (at, pair) in levels.windows(2).enumerate() {
            let falls = pair[0].iter().zip(&pair[1]).position(|(lower, higher)| lower > higher);
            assert_eq!(falls, None, "from {} to {}", conditions[at], conditions[at + 1]);
            assert!(pair[0].iter().sum::<f32>() < pair[1].iter().sum(), "from {} to {}", conditions[at], conditions[at + 1]);
        }
    }
}

fn level_0_is_clean_to_the_last_bit(run: &Run) {
    let bits = |scores: &Scores| scores.values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    for method in METHODS {
        let clean = bits(&run.scores(method, SEED, "clean"));
        for condition in LEVEL_0 {
            let scores = run.scores(method, SEED, condition);
            assert!(bits(&scores) == clean, "{method} under {condition}");
            assert!(perturbation(&scores).iter().all(|size| *size == 0.0), "{method} under {condition}");
        }
    }
}

fn an_attack_stays_within_its_epsilon_and_harms(run: &Run) {
    let loss = |condition: &str| run.value("concat", condition, "negative_log_likelihood");
    for method in METHODS {
        for (condition, epsilon) in ATTACKS {
            let sizes = perturbation(&run.scores(method, SEED, condition));
            let largest = sizes.iter().copied().fold(0.0, f32::max);
            assert!(largest > 0.0 && largest <= epsilon + 1e-6, "{method} under {condition}: {largest}");
        }
    }
    assert!(loss("fgsm(image,1/255)") > loss("clean"));
}
