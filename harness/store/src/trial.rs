/*!
A trial: one training. Its key is a hash of all that decides its bits, so equal keys mean equal results on one machine, and nothing else (jobs,
order, time, place) enters.
*/

use bench_card::{Options, Recipe};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Bumped when the training loop's or the evaluation's numbers change for the same settings.
///
/// 2: steps by libtorch's fused optimisers, and losses, activations and RAML's fusion in fewer operations, whose roundings differ.
pub const PROTOCOL_REVISION: u32 = 2;

/// All that decides a trial's bits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrialSpec {
    /// [`PROTOCOL_REVISION`] that it was planned with.
    pub protocol: u32,
    /// Canonical dataset reference, e.g. `digits?train=500`.
    pub dataset: String,
    /// Content hash of the dataset with its parameters.
    pub dataset_hash: String,
    /// Split or fold: `fixed`.
    pub split: String,
    /// Method id.
    pub method: String,
    /// The modality of a method that is one model a modality (`unimodal/audio`).
    pub modality: Option<String>,
    /// The method's revision.
    pub revision: u32,
    /// Options that differ from the card's defaults.
    pub options: Options,
    /// `paper` or `tuned`.
    pub preset: String,
    /// The resolved recipe.
    pub recipe: Recipe,
    /// Most epochs.
    pub epochs: usize,
    /// Epochs without a better validation score before training stops.
    pub patience: usize,
    /// Seed of weights, batch order, training noise and corruptions.
    pub seed: u64,
    /// `cpu` or `cuda`: bits differ between them.
    pub device: String,
    /// Version of libtorch.
    pub libtorch: String,
    /// Rows of an evaluation batch, in id order.
    pub evaluation_batch: usize,
    /// What training starts from instead of fresh weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init: Option<Init>,
}

/// Another trial's weights that a training starts from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Init {
    /// The dataset that they were trained on, for the label.
    pub dataset: String,
    /// SHA-256 of their `weights.safetensors`.
    pub weights: String,
    /// Whether the encoders stay as they are.
    pub freeze_encoders: bool,
}

impl TrialSpec {
    /// The content hash that names the trial's folder: 32 hex digits.
    pub fn key(&self) -> String {
        // Field order and number formatting of serde_json are fixed, so this text is canonical.
        let text = serde_json::to_string(self).unwrap_or_default();
        hex(&Sha256::digest(text.as_bytes())[..16])
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What training came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The split that chose the checkpoint: always `validation` (or `none` for a method without training).
    pub selected_on: String,
    /// The metric that chose it, e.g. `accuracy`.
    pub selected_by: String,
    /// Its value at the chosen epoch.
    pub selected_value: Option<f64>,
    /// The chosen epoch, from 1; 0 for a method without training.
    pub selected_epoch: usize,
    /// Epochs run.
    pub epochs_run: usize,
    /// Trainable parameters.
    pub parameters: u64,
    /// SHA-256 of `weights.safetensors`.
    pub weights: String,
    /// The modality with the special part, for a method that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pivot: Option<String>,
    /// Tensors that another trial's weights did not fit, and that were trained from fresh ones, where training started from another trial.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fresh: Vec<String>,
}

/// One line of `diagnostics.json`: a number about a trained method on the validation split. It is not a score, and nothing that ranks reads it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// What it is, with its unit.
    pub name: String,
    /// `None` where it is not finite.
    pub value: Option<f64>,
}

/// `trial.json`: written last, so its presence says that training is finished.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainedTrial {
    /// Format major version of the file.
    pub format: u32,
    /// What was asked for.
    pub spec: TrialSpec,
    /// The label in tables: method, variant or modality, hand-set options.
    pub label: String,
    /// What came of it.
    pub outcome: Outcome,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn spec() -> TrialSpec {
        TrialSpec {
            protocol: 1,
            dataset: "digits?train=500".into(),
            dataset_hash: "ab".into(),
            split: "fixed".into(),
            method: "raml".into(),
            modality: None,
            revision: 1,
            options: Options::new(),
            preset: "paper".into(),
            recipe: Recipe::default(),
            epochs: 30,
            patience: 8,
            seed: 42,
            device: "cpu".into(),
            libtorch: "2.11.0".into(),
            evaluation_batch: 256,
            init: None,
        }
    }

    #[test]
    fn a_key_is_stable_and_every_field_moves_it() {
        let base = spec();
        assert_eq!(base.key(), spec().key());
        assert_eq!(base.key().len(), 32);
        let changes: [fn(&mut TrialSpec); 9] = [
            |s| s.dataset_hash = "ac".into(),
            |s| s.seed = 43,
            |s| s.revision = 2,
            |s| s.epochs = 31,
            |s| s.device = "cuda".into(),
            |s| s.modality = Some("audio".into()),
            |s| drop(s.options.insert("lambda1".into(), 0.5.into())),
            |s| s.recipe.batch = 64,
            |s| s.init = Some(Init { dataset: "mfeat".into(), weights: "cd".into(), freeze_encoders: false }),
        ];
        for change in changes {
            let mut other = spec();
            change(&mut other);
            assert_ne!(other.key(), base.key(), "{other:?}");
        }
    }
}
