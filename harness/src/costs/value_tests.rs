//! Units by hand, on made-up profiles.

use bench_store::{
    Init,
    profile::{Family, FamilyWork, Timing},
};

use super::{
    super::files::{How, OfExtractor},
    *,
};
use crate::results::tests::finished;

fn work(flops: u64) -> Work {
    Work { flops: vec![FamilyWork { family: Family::Matmul, flops, calls: 1 }], ..Work::default() }
}

fn timing(what: Timed, batch: usize, pattern: &str, nanoseconds: &[u64]) -> Timing {
    Timing { what, batch, pattern: pattern.into(), nanoseconds: nanoseconds.to_vec() }
}

fn how() -> How {
    let (bench, libtorch, cpu, device) = ("0".into(), "2".into(), "AVX2".into(), "cpu".into());
    How { bench, libtorch, cpu, device, batch: 64, timed_batches: vec![1, 32], repeats: 3, warm_up: 0, in_turns_with: Vec::new() }
}

/// DEF+AAF's Tables 8 and 21 turned back into counts: a step of 5.7 GFLOPs, 2,134 MB of activations and 1,789 MB of gradients, together 3.923 GB.
fn profile() -> Profile {
    Profile {
        batch: 64,
        inference: work(1_700_000_000),
        training: Some(TrainingWork { forward: work(2_000_000_000), backward: work(3_600_000_000), optimiser: work(100_000_000) }),
        memory: Memory { activations: 2_134_000_000, gradients: 1_789_000_000, step_peak: 3_923_000_000, ..Memory::default() },
        timings: vec![
            timing(Timed::Inference, 32, "clean", &[9_000_000]),
            timing(Timed::Inference, 1, "missing(a)", &[8_000_000]),
            timing(Timed::Inference, 1, "clean", &[1_500_000, 7_000_000, 1_000_000]),
            timing(Timed::TrainingStep, 32, "clean", &[36_000_000, 30_000_000, 90_000_000]),
        ],
        ..Profile::default()
    }
}

/// A sample costs 1, 2 and 1.5 GFLOPs: 4.5 together, and 288 a batch of 64.
fn extractors() -> OfExtractors {
    let of = EXTRACTORS.iter().zip([1_000_000_000, 2_000_000_000, 1_500_000_000]);
    let one = |((name, size), flops): (&(&str, f64), u64)| OfExtractor {
        name: (*name).into(),
        size: *size,
        profile: Profile { batch: 1, inference: work(flops), ..Profile::default() },
    };
    OfExtractors::new(How { batch: 1, ..how() }, of.map(one).collect())
}

fn costs(profile: Profile) -> Costs {
    let spec = finished("k", "def-aaf", 42).trial.spec;
    Costs { trials: BTreeMap::from([("k".to_string(), OfTrial::new("def-aaf".into(), spec, how(), profile))]), extractors: Some(extractors()) }
}

fn assert_close(found: Result<f64, String>, expected: f64) {
    let found = found.unwrap();
    assert!((found - expected).abs() <= 1e-12 * expected, "{found} is not {expected}");
}

#[test]
fn every_cost_is_in_the_papers_unit() {
    let costs = costs(profile());
    let of = |cost| costs.value("k", cost, None);
    assert_close(of(Cost::TrainingFlops), 5.7);
    assert_close(of(Cost::InferenceFlops), 1.7);
    assert_close(of(Cost::ExtractorFlops), 288.0);
    assert_close(of(Cost::EndToEndTrainingFlops), 293.7);
    assert_close(of(Cost::EndToEndInferenceFlops), 289.7);
    assert_close(of(Cost::StepPeak), 3.923);
    assert_close(of(Cost::Activations), 2134.0);
    assert_close(of(Cost::Gradients), 1789.0);
    // The median of 1.0, 1.5 and 7.0 ms, with all modalities.
    assert_close(of(Cost::Latency), 1.5);
}

/// 36 ms × 100 steps × 10 epochs are 36 s, a hundredth of an hour; another seed's 20 epochs take twice as long.
#[test]
fn hours_are_those_of_the_trial_asked_about() {
    let costs = costs(profile());
    let of = |batch, epochs| costs.value("k", Cost::TrainingHours, Some(Training { batch, steps: 100, epochs }));
    assert_close(of(32, 10.0), 0.01);
    assert_close(of(32, 20.0), 0.02);
    assert_eq!(of(16, 10.0).unwrap_err(), "training step of 16 samples was not timed");
    assert_eq!(costs.value("k", Cost::TrainingHours, None).unwrap_err(), "it is not known how long it was trained");
}

#[test]
fn what_is_not_known_is_a_reason_and_never_a_zero() {
    let nothing = Costs::default();
    assert_eq!(nothing.value("k", Cost::Latency, None).unwrap_err(), "not profiled yet");
    assert_eq!(nothing.value("k", Cost::ExtractorFlops, None).unwrap_err(), "extractors not profiled yet");
    let counted = costs(Profile { timings: Vec::new(), ..profile() });
    assert_eq!(counted.value("k", Cost::Latency, None).unwrap_err(), "not timed yet");
    let untrained = costs(Profile { training: None, ..profile() });
    for cost in [Cost::TrainingFlops, Cost::EndToEndTrainingFlops, Cost::StepPeak, Cost::Activations, Cost::Gradients, Cost::TrainingHours] {
        assert_eq!(untrained.value("k", cost, None).unwrap_err(), "nothing is trained by steps", "{cost}");
    }
    let unavailable = vec![("training step of 64 samples".to_string(), "out of memory".to_string())];
    let failed = costs(Profile { training: None, unavailable, ..profile() });
    assert_eq!(failed.value("k", Cost::StepPeak, None).unwrap_err(), "training step of 64 samples: out of memory");
    let unknown = Work { unknown: vec![("aten::erfinv".into(), 3)], ..work(7) };
    let unknown = costs(Profile { inference: unknown, ..profile() });
    assert_eq!(unknown.value("k", Cost::InferenceFlops, None).unwrap_err(), "3 calls of aten::erfinv cannot be counted");
    let mut other = costs(profile());
    other.extractors.as_mut().unwrap().extractors.pop();
    assert_eq!(other.value("k", Cost::EndToEndInferenceFlops, None).unwrap_err(), "wav2vec2-base not profiled yet");
}

#[test]
fn another_seed_costs_the_same_and_another_method_does_not() {
    let mut costs = costs(profile());
    let spec = finished("x", "def-aaf", 7).trial.spec;
    assert_eq!(costs.profiled(&spec), Some("k"));
    assert_eq!(costs.profiled(&TrialSpec { method: "concat".into(), ..spec.clone() }), None);
    let from = |weights: &str, freeze_encoders| Some(Init { dataset: "d".into(), weights: weights.into(), freeze_encoders });
    assert_eq!(costs.profiled(&TrialSpec { init: from("a", true), ..spec.clone() }), None);
    costs.trials.get_mut("k").unwrap().spec.init = from("b", true);
    assert_eq!(costs.profiled(&TrialSpec { init: from("a", true), ..spec.clone() }), Some("k"));
    assert_eq!(costs.profiled(&TrialSpec { init: from("a", false), ..spec }), None);
}
