/*!
The wire format between `bench` and `bench-worker`: one JSON object a line, requests on the worker's standard input, events on its standard output.

A worker serves requests one after another and ends when its input closes.
*/

use std::path::PathBuf;

use bench_card::Card;
use serde::{Deserialize, Serialize};

use crate::{
    profile::{Profile, ProfileJob},
    trial::TrialSpec,
};

/// What `bench-worker --describe` prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// Version of the worker: `bench` works with its own only, because both write the same files.
    pub version: String,
    /// Version of libtorch, e.g. `2.11.0`.
    pub libtorch: String,
    /// CPU level that libtorch's kernels run at, e.g. `AVX2`.
    pub cpu: String,
    /// Cards of all methods, in the registry's order.
    pub methods: Vec<Card>,
}

/// What `bench-worker --probe` prints: [`Description`]'s machine part and what is known of CUDA.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// Version of libtorch.
    pub libtorch: String,
    /// CPU level of libtorch's kernels.
    pub cpu: String,
    /// Version of the CUDA driver, or why there is none.
    pub driver: Result<String, String>,
    /// Whether libtorch's CUDA library loads, or why not.
    pub cuda_library: Result<(), String>,
    /// Devices by index.
    pub devices: Vec<ProbedDevice>,
}

/// A CUDA device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProbedDevice {
    /// Index, as in `--device cuda:0`.
    pub index: usize,
    /// The driver's name for it.
    pub name: String,
    /// Memory in bytes.
    pub total_bytes: u64,
}

/// What `bench` asks of a worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case")]
pub enum Request {
    /// Train (unless `trial.json` is there) and evaluate the conditions whose files are not there.
    Trial(Job),
    /// Time a few training steps and one evaluation batch; write nothing.
    Estimate(Job),
    /// Build the untrained model and count its parameters; write nothing.
    Size(Job),
    /// Count and time; write nothing.
    Profile(ProfileJob),
    /// Make features of raw inputs with a frozen extractor.
    Extract(ExtractJob),
}

/// A modality whose features are to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExtractJob {
    /// Canonical dataset reference, without parameters.
    pub dataset: String,
    /// Its content hash.
    pub dataset_hash: String,
    /// Folders in which datasets are looked for.
    pub data: Vec<PathBuf>,
    /// The modality.
    pub modality: String,
    /// The TorchScript module.
    pub module: PathBuf,
    /// As in [`Job`].
    pub trusted: Vec<String>,
    /// The `tokenizer.json` of an encoder of text.
    pub tokenizer: Option<PathBuf>,
    /// Samples of a batch.
    pub batch: usize,
    /// `cpu` or `cuda:N`.
    pub device: String,
    /// The tensor file to write.
    pub out: PathBuf,
}

/// Parameters of one part of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The parameter group, which the recipe names.
    pub group: String,
    /// The first part of the parameters' names: `encoder`, `head`, ….
    pub name: String,
    /// How many numbers.
    pub parameters: u64,
}

/// One trial with what to evaluate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// The trial.
    pub spec: TrialSpec,
    /// Label in tables.
    pub label: String,
    /// `trials/<key>` of the run folder.
    pub folder: PathBuf,
    /// Folders in which datasets are looked for.
    pub data: Vec<PathBuf>,
    /// Canonical conditions to evaluate.
    pub conditions: Vec<String>,
    /// `cpu` or `cuda:N`.
    pub device: String,
    /// The weights that training starts from, where `spec.init` says so.
    pub init: Option<PathBuf>,
    /// Whether to train where the trial is not there yet (`bench eval` does not).
    pub train: bool,
    /// SHA-256 of the TorchScript modules that may be run: a dataset's own extractor is code that the user must have asked for.
    #[serde(default)]
    pub trusted: Vec<String>,
    /// Where features of corrupted inputs are kept for other trials; nowhere if `None`.
    #[serde(default)]
    pub cache: Option<PathBuf>,
}

/// How the message of a training begins whose loss is not finite: its settings are to blame, and it would fail again.
pub const DIVERGED: &str = "the loss is ";

/// What a worker answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// An epoch ended.
    Epoch {
        /// Epochs done.
        epoch: usize,
        /// Most epochs.
        epochs: usize,
        /// Mean training loss of the epoch.
        loss: f64,
        /// Validation score that selects.
        validation: f64,
    },
    /// Training ended (or was found done).
    Trained {
        /// Epochs run.
        epochs: usize,
    },
    /// A condition was evaluated and its file written.
    Evaluated {
        /// Conditions done.
        done: usize,
        /// Conditions asked for.
        of: usize,
    },
    /// The request is done.
    Done {
        /// Conditions that the trial cannot answer, with the reason (`needs gradients`).
        unavailable: Vec<(String, String)>,
    },
    /// The answer to [`Request::Estimate`].
    Estimated {
        /// Seconds of one epoch.
        epoch_seconds: f64,
        /// Seconds of the evaluation of all conditions.
        evaluation_seconds: f64,
        /// Trainable parameters.
        parameters: u64,
    },
    /// The answer to [`Request::Size`].
    Sized {
        /// In the groups' order, then by name.
        parts: Vec<Part>,
    },
    /// A part of [`Request::Profile`] is done.
    Profiling {
        /// Rounds of timing and counts done.
        done: usize,
        /// All of them.
        of: usize,
    },
    /// The answer to [`Request::Profile`].
    Profiled {
        /// In the subjects' order.
        profiles: Vec<Profile>,
    },
    /// A batch of [`Request::Extract`] is done.
    Extracting {
        /// Samples done.
        done: usize,
        /// All of them.
        of: usize,
    },
    /// The answer to [`Request::Extract`].
    Extracted {
        /// Shape of a sample's features: `[d]` or `[T, d]`.
        shape: Vec<usize>,
        /// Whether the file has lengths.
        ragged: bool,
    },
    /// The request failed.
    Failed {
        /// True where the user's settings or data are to blame (exit code 2), false for a failed trial (exit code 3).
        usage: bool,
        /// One sentence.
        message: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_survive_a_line_of_json() {
        let job = Job {
            spec: crate::trial::tests::spec(),
            label: "raml".into(),
            folder: "trials/x".into(),
            data: vec!["data".into()],
            conditions: vec!["clean".into()],
            device: "cpu".into(),
            init: None,
            train: true,
            trusted: Vec::new(),
            cache: None,
        };
        for request in [Request::Trial(job.clone()), Request::Estimate(job)] {
            let line = serde_json::to_string(&request).unwrap();
            assert!(!line.contains('\n'));
            assert_eq!(serde_json::from_str::<Request>(&line).unwrap(), request);
        }
        let event = Event::Done { unavailable: vec![("fgsm(image,0.1)".into(), "needs gradients".into())] };
        assert_eq!(serde_json::from_str::<Event>(&serde_json::to_string(&event).unwrap()).unwrap(), event);
    }
}
