//! Sequences: a recurrent network with max-pooling over time.

use tch::Tensor;

use super::{Scope, WIDTH, lengths::valid};

/// One-layer LSTM of width 128 with the maximum over the valid steps (RAML's set-up for sequences).
///
/// Padding comes after the valid steps and the network runs forward, so no valid step sees it; a sample without steps encodes to exactly zero.
#[derive(Debug)]
pub struct SequenceEncoder {
    weights: Vec<Tensor>,
}

impl SequenceEncoder {
    /// An encoder of `[B, T, dim]`; weights and both biases uniform on ±1/√128 as in PyTorch.
    pub fn new(scope: &Scope<'_>, dim: i64) -> Self {
        let bound = 1.0 / (WIDTH as f64).sqrt();
        let gates = 4 * WIDTH;
        let weights = vec![
            scope.uniform("input_weight", &[gates, dim], bound),
            scope.uniform("hidden_weight", &[gates, WIDTH], bound),
            scope.uniform("input_bias", &[gates], bound),
            scope.uniform("hidden_bias", &[gates], bound),
        ];
        Self { weights }
    }

    /// `[B, T, dim]`, lengths `[B]` → `[B, 128]`. `train` changes no number (there is no dropout), but cuDNN has no backward without it.
    pub fn forward(&self, input: &Tensor, lengths: Option<&Tensor>, train: bool) -> Tensor {
        let steps = self.states(input, train);
        match lengths {
            None => steps.amax([1i64].as_slice(), false),
            Some(lengths) => {
                let padding = valid(lengths, steps.size()[1]).logical_not();
                let pooled = steps.masked_fill(&padding.unsqueeze(-1), f64::NEG_INFINITY).amax([1i64].as_slice(), false);
                pooled.masked_fill(&lengths.eq(0).unsqueeze(-1), 0)
            }
        }
    }

    /// The hidden states of all steps, padding's too: `[B, T, dim]` → `[B, T, 128]`.
    pub(super) fn states(&self, input: &Tensor, train: bool) -> Tensor {
        let zeros = Tensor::zeros([1, input.size()[0], WIDTH], (input.kind(), input.device()));
        input.lstm(&[&zeros, &zeros], &self.weights.iter().collect::<Vec<_>>(), true, 1, 0.0, train, false, true).0
    }
}
