//! Measuring and storing, with a worker that is a small shell script.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use bench_store::{profile::Timing, protocol::Event};
use bench_tables::spec::Cost;

use super::*;
use crate::{
    costs::{Costs, missing},
    results::tests::finished,
};

/// A run folder with trials, and a worker that notes the requests that it got.
struct Place {
    root: tempfile::TempDir,
    folder: Folder,
    trials: Vec<TrialToProfile>,
    interrupt: Interrupt,
}

impl Place {
    /// Two methods on `digits`, one on `openmoji`.
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::new_or_known(&root.path().join("run")).unwrap();
        let trial = |key: &str, dataset: &str, batch: usize| {
            let mut spec = finished(key, "concat", 42).trial.spec;
            spec.dataset = dataset.into();
            spec.recipe.batch = batch;
            let own = folder.trial(key).root().to_path_buf();
            fs::create_dir_all(&own).unwrap();
            fs::write(own.join("weights.safetensors"), "").unwrap();
            TrialToProfile { key: key.into(), spec, label: key.into(), folder: own }
        };
        let trials = vec![trial("a", "digits", 32), trial("b", "openmoji", 16), trial("c", "digits", 64)];
        Self { root, folder, trials, interrupt: Interrupt::default() }
    }

    /// Answers by how many subjects there are; requests that match `fails` (a shell pattern) fail.
    fn worker(&self, fails: &str) -> WorkerProgram {
        let timings = vec![Timing { what: bench_store::profile::Timed::Inference, batch: 1, pattern: "clean".into(), nanoseconds: vec![2_000_000] }];
        let answer = |subjects: usize| {
            let profile = Profile { batch: 64, timings: timings.clone(), ..Profile::default() };
            serde_json::to_string(&Event::Profiled { profiles: vec![profile; subjects] }).unwrap()
        };
        let (log, one, two, three) = (self.log().display().to_string(), answer(1), answer(2), answer(3));
        let script = format!(
            "#!/bin/sh\nwhile read -r line; do\n  echo \"$line\" >> '{log}'\n  case \"$line\" in\n    {fails}) echo \
             '{{\"event\":\"failed\",\"usage\":false,\"message\":\"out of luck\"}}';;\n    *extractor*) echo '{three}';;\n    *openmoji*) echo \
             '{one}';;\n    *'\"label\":\"a\"'*'\"label\":\"c\"'*) echo '{two}';;\n    *) echo '{one}';;\n  esac\ndone\n"
        );
        let path = self.root.path().join("worker");
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        WorkerProgram::at_path(path)
    }

    fn log(&self) -> std::path::PathBuf {
        self.root.path().join("log")
    }

    /// The requests so far.
    fn requests(&self) -> Vec<String> {
        fs::read_to_string(self.log()).unwrap_or_default().lines().map(String::from).collect()
    }

    fn missing(&self, wanted: &[Cost]) -> Missing {
        missing(&self.folder, &self.trials, &wanted.iter().copied().collect()).unwrap()
    }

    fn measure(&self, wanted: &[Cost], fails: &str) -> Measured {
        let description = Description { version: "0".into(), libtorch: "2.11.0".into(), cpu: "AVX2".into(), methods: Vec::new() };
        let worker = self.worker(fails);
        let around = Around { worker: &worker, description: &description, interrupt: &self.interrupt, device: "cpu", data: &[], quiet: true };
        measure(&self.folder, &self.missing(wanted), &around).unwrap()
    }

    fn stored(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&fs::read(self.path(name)).unwrap()).unwrap()
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        Path::new(self.folder.root()).join("costs").join(name)
    }
}

const NOTHING: &str = "nothing";

#[test]
fn what_is_stored_is_not_measured_again() {
    let place = Place::new();
    let counts = [Cost::TrainingFlops, Cost::EndToEndInferenceFlops];
    assert_eq!(place.measure(&counts, NOTHING), Measured { stored: 4, failed: Vec::new(), interrupted: false });
    // One job a dataset, in the trials' order, and the extractors last; nothing is timed.
    let requests = place.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| request.contains("\"timed_batches\":[]")), "{requests:?}");
    assert!(requests[2].contains("wav2vec2-base") && requests[2].contains("\"batch\":1,"), "{}", requests[2]);
    assert!(place.missing(&counts).is_empty());
    assert_eq!(place.measure(&counts, NOTHING).stored, 0);
    assert_eq!(place.requests().len(), 3);
}

/// Trained with batches of 32 and 64: both are timed with all models of the dataset, beside the one sample of the latency.
#[test]
fn counts_are_followed_by_times_when_these_are_asked_for() {
    let place = Place::new();
    place.measure(&[Cost::StepPeak], NOTHING);
    assert!(!place.missing(&[Cost::Latency]).is_empty());
    assert_eq!(place.measure(&[Cost::Latency], NOTHING).stored, 3);
    let requests = place.requests();
    assert!(requests[2].contains("\"timed_batches\":[1,32,64]") && requests[3].contains("\"timed_batches\":[1,16]"), "{requests:?}");
    assert_eq!(place.stored("a.json")["measured"]["in_turns_with"], serde_json::json!(["c"]));
    assert!(place.missing(&[Cost::Latency, Cost::StepPeak, Cost::TrainingHours]).is_empty());
    assert_eq!(Costs::read(&place.folder).unwrap().value("b", Cost::Latency, None), Ok(2.0));
}

#[test]
fn a_dataset_that_fails_costs_the_others_nothing() {
    let place = Place::new();
    let found = place.measure(&[Cost::TrainingFlops, Cost::ExtractorFlops], "*openmoji*");
    assert_eq!((found.stored, found.failed), (3, vec!["openmoji: out of luck".to_string()]));
    // The next time only that is asked again.
    assert_eq!(place.measure(&[Cost::TrainingFlops, Cost::ExtractorFlops], NOTHING).stored, 1);
    assert_eq!(place.requests().len(), 4);
}

#[test]
fn an_interrupt_measures_nothing_more() {
    let place = Place::new();
    place.interrupt.set();
    assert_eq!(place.measure(&[Cost::Latency], NOTHING), Measured { stored: 0, failed: Vec::new(), interrupted: true });
    assert!(place.requests().is_empty() && !place.path("a.json").exists());
}

#[test]
fn a_file_of_another_format_and_a_damaged_one_are_refused_by_name() {
    let place = Place::new();
    place.measure(&[Cost::TrainingFlops], NOTHING);
    let refusal = || missing(&place.folder, &place.trials, &[Cost::TrainingFlops].into()).unwrap_err().to_string();
    fs::write(place.path("a.json"), "{\"format\": 9, \"other\": 1}").unwrap();
    assert!(refusal().contains("a.json has format 9"), "{}", refusal());
    fs::write(place.path("a.json"), "{\"format\": 1").unwrap();
    assert!(refusal().contains("a.json is damaged"), "{}", refusal());
    assert!(Costs::read(&place.folder).is_err());
}

#[test]
fn a_trial_without_weights_is_refused_before_anything_is_measured() {
    let place = Place::new();
    fs::remove_file(place.trials[2].folder.join("weights.safetensors")).unwrap();
    let refusal = missing(&place.folder, &place.trials, &[Cost::Latency].into()).unwrap_err().to_string();
    assert!(refusal.contains("trial c has no weights"), "{refusal}");
    // The extractors alone need none.
    assert!(!missing(&place.folder, &place.trials, &[Cost::ExtractorFlops].into()).unwrap().is_empty());
}
