//! Fixed features, for methods that take vectors of frozen extractors.

use bench_datasets::Kind as ModalityKind;
use tch::{Kind, Tensor};

use super::{
    align,
    lengths::{lengths, valid},
    raw_steps,
};
use crate::ModalityInput;

/// Most segments of a sequence.
const SEGMENTS: usize = 8;

/// One vector a sample without any parameters: a vector as it is, an image's pixels, a sequence's means over at most eight equal segments, how often each word
/// stands in a text divided by the text's length (exactly zero for an empty text).
#[derive(Debug, Clone)]
pub struct FlatFeatures {
    kind: ModalityKind,
}

impl FlatFeatures {
    /// Features of a modality of this kind.
    pub fn new(kind: &ModalityKind) -> Self {
        Self { kind: kind.clone() }
    }

    /// How many there are.
    pub fn width(&self) -> i64 {
        match &self.kind {
            ModalityKind::Vector { dim } => *dim as i64,
            ModalityKind::Sequence { steps, dim } => (*dim * (*steps).min(SEGMENTS)) as i64,
            ModalityKind::Tokens { vocabulary, .. } => vocabulary.len() as i64,
            ModalityKind::Image { channels, height, width } => (channels * height * width) as i64,
        }
    }

    /// The features of a batch, `[B, width]`.
    pub fn of(&self, input: &ModalityInput) -> Tensor {
        match (&self.kind, raw_steps(&self.kind, input)) {
            (ModalityKind::Sequence { steps, .. }, Some(all)) => align(&all, (*steps).min(SEGMENTS) as i64).flatten(1, -1),
            (ModalityKind::Tokens { vocabulary, .. }, _) => word_shares(input, vocabulary.len() as i64),
            _ => input.values.flatten(1, -1),
        }
    }
}

fn word_shares(input: &ModalityInput, vocabulary: i64) -> Tensor {
    let (size, device) = (input.values.size(), input.values.device());
    let lengths = lengths(input);
    let valid = valid(&lengths, size[1]).to_kind(Kind::Float);
    let rows = Tensor::arange(size[0], (Kind::Int64, device)).unsqueeze(1) * vocabulary;
    let cells = (input.values.clamp(0, vocabulary - 1) + rows).view(-1);
    // Flat, because libtorch's deterministic addition on CUDA knows one dimension only.
    let counts = Tensor::zeros([size[0] * vocabulary], (Kind::Float, device)).scatter_add(0, &cells, &valid.view(-1));
    counts.view([size[0], vocabulary]) / lengths.unsqueeze(1).clamp_min(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_the_shares_of_its_words_and_nothing_behind_its_end_counts() {
        let vocabulary = ["<pad>", "<unk>", "a", "b"].map(String::from).to_vec();
        let text = FlatFeatures::new(&ModalityKind::Tokens { steps: 4, vocabulary });
        let values = Tensor::from_slice(&[2i64, 3, 2, 2, 3, 3, 3, 3]).view([2, 4]);
        let shares = text.of(&ModalityInput { values, lengths: Some(Tensor::from_slice(&[4i64, 0])) });
        assert_eq!(Vec::<f32>::try_from(shares.view(-1)).unwrap(), [0.0, 0.0, 0.75, 0.25, 0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn widths_are_what_comes_out() {
        let sequence = ModalityKind::Sequence { steps: 20, dim: 3 };
        let input =
            ModalityInput { values: Tensor::ones([2, 20, 3], (Kind::Float, tch::Device::Cpu)), lengths: Some(Tensor::from_slice(&[20i64, 5])) };
        let features = FlatFeatures::new(&sequence);
        assert_eq!(features.of(&input).size(), [2, features.width()]);
        assert_eq!(features.width(), 24);
        assert!((features.of(&input) - 1.0).abs().max().double_value(&[]) < 1e-6, "means of ones are ones");
    }
}
