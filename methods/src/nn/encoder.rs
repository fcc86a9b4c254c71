//! One encoder a modality kind, shared by all methods so that they differ in fusion alone.

use bench_card::OptionCard;
use bench_datasets::Kind;
use tch::Tensor;

use super::{ImageEncoder, MeanText, Scope, SequenceEncoder, TextCnn, VectorEncoder, lengths::lengths};
use crate::{BuildContext, Inputs, MethodError, ModalityInput};

/// Width of every encoding (RAML, section IV).
pub const WIDTH: i64 = 128;

/// How text is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextEncoder {
    /// Mean of embeddings.
    Mean,
    /// TextCNN.
    Cnn,
}

impl TextEncoder {
    /// Names of [`TextEncoder::option`] and what they stand for.
    pub const CHOICES: &[(&str, Self)] = &[("mean", Self::Mean), ("textcnn", Self::Cnn)];

    /// The option that chooses it, common to all methods with encoders.
    pub fn option() -> OptionCard {
        OptionCard::choice("text-encoder", &["mean", "textcnn"], "encoder of token modalities: mean of embeddings, or TextCNN (RAML on IEMOCAP)")
    }
}

/// The encoder of one modality: `[B, …]` → `[B, 128]`.
#[derive(Debug)]
pub enum Encoder {
    /// Of a vector.
    Vector(VectorEncoder),
    /// Of a sequence.
    Sequence(SequenceEncoder),
    /// Of tokens, by mean.
    Mean(MeanText),
    /// Of tokens, by TextCNN.
    Cnn(TextCnn),
    /// Of an image.
    Image(ImageEncoder),
}

impl Encoder {
    /// The encoder for a modality of this kind.
    pub fn new(scope: &Scope<'_>, kind: &Kind, text: TextEncoder) -> Self {
        match kind {
            Kind::Vector { dim } => Self::Vector(VectorEncoder::new(scope, *dim as i64)),
            Kind::Sequence { dim, .. } => Self::Sequence(SequenceEncoder::new(scope, *dim as i64)),
            Kind::Image { channels, height, width } => Self::Image(ImageEncoder::new(scope, *channels as i64, *height as i64, *width as i64)),
            Kind::Tokens { vocabulary, .. } => match text {
                TextEncoder::Mean => Self::Mean(MeanText::new(scope, vocabulary.len() as i64)),
                TextEncoder::Cnn => Self::Cnn(TextCnn::new(scope, vocabulary.len() as i64)),
            },
        }
    }

    /// Encodes a batch; `train` switches dropout on.
    pub fn forward(&self, input: &ModalityInput, train: bool) -> Tensor {
        match self {
            Self::Vector(encoder) => encoder.forward(&input.values),
            Self::Sequence(encoder) => encoder.forward(&input.values, input.lengths.as_ref(), train),
            Self::Mean(encoder) => encoder.forward(&input.values, &lengths(input)),
            Self::Cnn(encoder) => encoder.forward(&input.values, &lengths(input), train),
            Self::Image(encoder) => encoder.forward(&input.values),
        }
    }
}

/// The encoders of all modalities, in the dataset's order.
#[derive(Debug)]
pub struct Encoders(Vec<Encoder>);

impl Encoders {
    /// One encoder a modality.
    ///
    /// # Errors
    /// An unresolved `text-encoder` option.
    pub fn new(scope: &Scope<'_>, context: &BuildContext<'_>) -> Result<Self, MethodError> {
        let text = context.settings().choice("text-encoder", TextEncoder::CHOICES)?;
        let encoders = context.modalities.iter().map(|modality| Encoder::new(&scope.at(&modality.name), &modality.kind, text)).collect();
        Ok(Self(encoders))
    }

    /// Encodes one modality in evaluation mode: `[B, 128]`.
    pub fn encode(&self, modality: usize, input: &ModalityInput) -> Tensor {
        self.0[modality].forward(input, false)
    }

    /// Encodes all modalities in training mode: M × `[B, 128]`.
    pub fn train_all(&self, inputs: &Inputs) -> Vec<Tensor> {
        self.0.iter().zip(&inputs.modalities).map(|(encoder, input)| encoder.forward(input, true)).collect()
    }

    /// Encodings of the zero input in training mode, M × `[1, 128]`: what a missing modality looks like to the fusion.
    pub fn train_nothing(&self, inputs: &Inputs) -> Vec<Tensor> {
        self.0.iter().zip(&inputs.modalities).map(|(encoder, input)| encoder.forward(&input.zeros_like(1), true)).collect()
    }
}
