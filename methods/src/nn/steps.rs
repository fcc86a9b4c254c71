//! Modalities as sequences of steps, for methods that fuse before pooling over time.

use bench_datasets::Kind as ModalityKind;
use tch::{Kind, Tensor};

use super::{
    Linear, Scope, SequenceEncoder, VectorEncoder, WIDTH,
    image::Convolutions,
    lengths::{lengths, valid},
    text::embed,
};
use crate::ModalityInput;

/// Side of a raw image patch, in pixels.
const PATCH: i64 = 4;

/// A batch of sequences.
#[derive(Debug)]
pub struct Steps {
    /// `[B, T, d]`, exactly zero at steps that are not valid.
    pub values: Tensor,
    /// `[B, T]` bool, true for valid steps; `None` where all are. Valid steps come first.
    pub mask: Option<Tensor>,
}

/// A modality's raw numbers as steps: a vector is one step, a sequence stays as it is, an image becomes patches of 4×4 pixels row by row (padded with
/// zeros to whole patches). `None` for tokens, which have no numbers of their own.
pub fn raw_steps(kind: &ModalityKind, input: &ModalityInput) -> Option<Steps> {
    match kind {
        ModalityKind::Vector { .. } => Some(Steps { values: input.values.unsqueeze(1), mask: None }),
        ModalityKind::Sequence { .. } => Some(Steps::masked(input.values.shallow_clone(), input.lengths.as_ref())),
        ModalityKind::Image { channels, height, width } => {
            let up = |size: usize| (PATCH - size as i64 % PATCH) % PATCH;
            let padded = input.values.constant_pad_nd([0, up(*width), 0, up(*height)]);
            let (rows, columns) = ((*height as i64 + up(*height)) / PATCH, (*width as i64 + up(*width)) / PATCH);
            let patches = padded.view([-1, *channels as i64, rows, PATCH, columns, PATCH]).permute([0, 2, 4, 1, 3, 5]);
            Some(Steps { values: patches.reshape([-1, rows * columns, *channels as i64 * PATCH * PATCH]), mask: None })
        }
        ModalityKind::Tokens { .. } => None,
    }
}

/// Width d of [`raw_steps`]; `None` for tokens.
pub fn raw_width(kind: &ModalityKind) -> Option<i64> {
    match kind {
        ModalityKind::Vector { dim } | ModalityKind::Sequence { dim, .. } => Some(*dim as i64),
        ModalityKind::Image { channels, .. } => Some(*channels as i64 * PATCH * PATCH),
        ModalityKind::Tokens { .. } => None,
    }
}

/// Means over `length` equal segments of each sample's valid steps, a step that lies in two segments by its share in each: `[B, T, d]` →
/// `[B, length, d]`. A sample without valid steps becomes exactly zero.
pub fn align(steps: &Steps, length: i64) -> Tensor {
    let (rows, from) = (steps.values.size()[0], steps.values.size()[1]);
    let options = (steps.values.kind(), steps.values.device());
    let valid = steps
        .mask
        .as_ref()
        .map_or_else(|| Tensor::full([rows], from, options), |mask| mask.to_kind(options.0).sum_dim_intlist(1, false, None::<Kind>));
    let valid = valid.view([rows, 1, 1]);
    let segment = Tensor::arange(length, options).view([1, length, 1]);
    let step = Tensor::arange(from, options).view([1, 1, from]);
    let (start, end) = (&segment * &valid / length as f64, (&segment + 1.0) * &valid / length as f64);
    let overlap = (end.minimum(&(&step + 1.0)) - start.maximum(&step)).clamp_min(0.0);
    (overlap * (length as f64 / valid.clamp_min(1.0))).bmm(&steps.values)
}

impl Steps {
    /// Steps of which only the first `lengths` (`[B]`) are valid; the others become exactly zero.
    fn masked(values: Tensor, lengths: Option<&Tensor>) -> Self {
        let Some(lengths) = lengths else { return Self { values, mask: None } };
        let mask = valid(lengths, values.size()[1]);
        Self { values: values.masked_fill(&mask.logical_not().unsqueeze(-1), 0), mask: Some(mask) }
    }
}

/// The encoder of one modality before its pooling: `[B, …]` → `[B, T, 128]`.
///
/// The same networks as [`super::Encoder`]: a vector's perceptron (T = 1), the recurrent network's state at every step, the positions of the convolutions'
/// feature map (linear to 128, ReLU), the embedding of every word.
#[derive(Debug)]
pub enum StepEncoder {
    /// Of a vector.
    Vector(VectorEncoder),
    /// Of a sequence.
    Sequence(SequenceEncoder),
    /// Of tokens: embeddings `[vocabulary, 128]`.
    Tokens(Tensor),
    /// Of an image.
    Image(ImageSteps),
}

/// Positions of a convolutional feature map as steps, row by row.
#[derive(Debug)]
pub struct ImageSteps {
    convolutions: Convolutions,
    out: Linear,
}

impl StepEncoder {
    /// The encoder for a modality of this kind.
    pub fn new(scope: &Scope<'_>, kind: &ModalityKind) -> Self {
        match kind {
            ModalityKind::Vector { dim } => Self::Vector(VectorEncoder::new(scope, *dim as i64)),
            ModalityKind::Sequence { dim, .. } => Self::Sequence(SequenceEncoder::new(scope, *dim as i64)),
            ModalityKind::Tokens { vocabulary, .. } => Self::Tokens(scope.normal("embedding", &[vocabulary.len() as i64, WIDTH])),
            ModalityKind::Image { channels, .. } => {
                let convolutions = Convolutions::new(scope, *channels as i64);
                Self::Image(ImageSteps { convolutions, out: Linear::new(&scope.at("position"), Convolutions::CHANNELS, WIDTH) })
            }
        }
    }

    /// T for inputs of this kind, where `kind` is that of the constructor.
    pub fn length(kind: &ModalityKind) -> i64 {
        match kind {
            ModalityKind::Vector { .. } => 1,
            ModalityKind::Sequence { steps, .. } | ModalityKind::Tokens { steps, .. } => *steps as i64,
            ModalityKind::Image { height, width, .. } => ((*height as i64 + 3) / 4) * ((*width as i64 + 3) / 4),
        }
    }

    /// Encodes a batch: `[B, T, 128]`. `train` changes no number, but cuDNN has no backward through a recurrent network without it.
    pub fn forward(&self, input: &ModalityInput, train: bool) -> Steps {
        match self {
            Self::Vector(encoder) => Steps { values: encoder.forward(&input.values).unsqueeze(1), mask: None },
            Self::Sequence(encoder) => Steps::masked(encoder.states(&input.values, train), input.lengths.as_ref()),
            Self::Tokens(embedding) => {
                let lengths = lengths(input);
                let mask = valid(&lengths, input.values.size()[1]);
                Steps { values: embed(embedding, &input.values, &lengths), mask: Some(mask) }
            }
            Self::Image(ImageSteps { convolutions, out }) => {
                let positions = convolutions.forward(&input.values).flatten(2, -1).transpose(1, 2).contiguous();
                Steps { values: out.forward_relu(&positions), mask: None }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(tensor: &Tensor) -> Vec<f64> {
        Vec::try_from(tensor.to_kind(Kind::Double).contiguous().view(-1)).unwrap()
    }

    /// By hand: four steps into two segments are means of two; three valid steps into two are (a + b/2)/1.5 and (b/2 + c)/1.5; one step goes everywhere.
    #[test]
    fn aligned_steps_are_means_over_segments_of_the_valid_part() {
        let values = Tensor::from_slice(&[1.0, 3.0, 5.0, 9.0, 1.0, 4.0, 7.0, 0.0, 6.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]).view([4, 4, 1]);
        let steps = Steps::masked(values, Some(&Tensor::from_slice(&[4i64, 3, 1, 0])));
        let expected = [2.0, 7.0, 2.0, 6.0, 6.0, 6.0, 0.0, 0.0];
        let found = numbers(&align(&steps, 2));
        assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-12), "{found:?}");
    }

    #[test]
    fn patches_hold_the_pixels_row_by_row_and_channel_by_channel() {
        let image = ModalityInput { values: Tensor::arange(2 * 5 * 4, (Kind::Double, tch::Device::Cpu)).view([1, 2, 5, 4]), lengths: None };
        let kind = ModalityKind::Image { channels: 2, height: 5, width: 4 };
        let patches = raw_steps(&kind, &image).unwrap().values;
        assert_eq!(patches.size(), [1, 2, raw_width(&kind).unwrap()]);
        let second = numbers(&patches.select(1, 1));
        assert_eq!(second[..4], [16.0, 17.0, 18.0, 19.0], "the fifth row of the first channel");
        assert_eq!(second[4..16], [0.0; 12], "padding");
        assert_eq!(second[16..20], [36.0, 37.0, 38.0, 39.0]);
    }
}
