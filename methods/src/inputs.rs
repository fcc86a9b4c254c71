//! What a method sees: modalities with lengths and availability, and – only while it learns – targets.

use tch::{Kind, Tensor};

/// One modality of a batch, normalised.
#[derive(Debug)]
pub struct ModalityInput {
    /// `[B, d]`, `[B, T, d]` or `[B, c, h, w]` (floating), or `[B, T]` token ids (int64; 0 is padding).
    pub values: Tensor,
    /// Valid steps of each sample, `[B]` int64, for sequences and tokens.
    pub lengths: Option<Tensor>,
}

/// A batch without labels and ids: all that a prediction may depend on.
#[derive(Debug)]
pub struct Inputs {
    /// In the dataset's order. A missing modality's values are exactly zero (tokens: length 0).
    pub modalities: Vec<ModalityInput>,
    /// δ: `[B, M]` bool, at least one true a row.
    pub availability: Tensor,
}

/// Targets of a batch.
#[derive(Debug)]
pub enum Targets {
    /// Class indices, `[B]` int64.
    Classes(Tensor),
    /// Real values, `[B]` floating.
    Values(Tensor),
}

/// Inputs with targets: what training sees.
#[derive(Debug)]
pub struct Batch {
    /// The inputs.
    pub inputs: Inputs,
    /// The targets.
    pub targets: Targets,
    /// Each sample's place in its split, `[B]` int64, none twice in a batch of training: for what a method remembers of a training sample.
    pub rows: Tensor,
}

impl ModalityInput {
    /// Whether these are token ids.
    pub fn is_tokens(&self) -> bool {
        self.values.kind() == Kind::Int64
    }

    /// The same modality where `available` (`[B]` bool) is true and missing elsewhere: values exactly +0, tokens of length 0.
    ///
    /// A missing sequence is zeros of full length, as in the field's protocols and in [`Self::zeros_like`]: its own length would still tell of it.
    pub fn masked(&self, available: &Tensor) -> Self {
        let mut shape = vec![1; self.values.dim()];
        shape[0] = -1;
        let missing = available.logical_not();
        let values = self.values.masked_fill(&missing.view(shape.as_slice()), 0);
        let lengths = self.lengths.as_ref().map(|lengths| lengths.masked_fill(&missing, self.missing_length()));
        Self { values, lengths }
    }

    fn missing_length(&self) -> i64 {
        if self.is_tokens() { 0 } else { self.values.size().get(1).copied().unwrap_or(0) }
    }

    /// The input of `rows` samples that all miss this modality, in the shape of this one. `[rows, …]`, exactly zero.
    pub fn zeros_like(&self, rows: i64) -> Self {
        let first = self.values.narrow(0, 0, 1).zeros_like();
        let mut shape = first.size();
        shape[0] = rows;
        let lengths = self.lengths.as_ref().map(|lengths| Tensor::full([rows], self.missing_length(), (Kind::Int64, lengths.device())));
        Self { values: first.expand(shape, false).contiguous(), lengths }
    }

    /// A second handle on the same tensors.
    pub fn shallow_clone(&self) -> Self {
        Self { values: self.values.shallow_clone(), lengths: self.lengths.as_ref().map(Tensor::shallow_clone) }
    }
}

impl Inputs {
    /// B.
    pub fn batch_size(&self) -> i64 {
        self.availability.size()[0]
    }

    /// δ of one modality, `[B]` bool.
    pub fn available(&self, modality: usize) -> Tensor {
        self.availability.select(1, modality as i64)
    }

    /// The same samples with only the modalities of `pattern` (`[M]`) left of those that are there.
    ///
    /// At least one modality must stay in each row; the harness sees to that.
    pub fn restricted(&self, pattern: &[bool]) -> Self {
        let kept = Tensor::from_slice(pattern).to_device(self.availability.device());
        let availability = self.availability.logical_and(&kept);
        let modalities = self.modalities.iter().enumerate().map(|(at, modality)| modality.masked(&availability.select(1, at as i64))).collect();
        Self { modalities, availability }
    }
}

impl Targets {
    /// A second handle on the same tensor.
    pub fn shallow_clone(&self) -> Self {
        match self {
            Self::Classes(classes) => Self::Classes(classes.shallow_clone()),
            Self::Values(values) => Self::Values(values.shallow_clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_modality_is_positive_zero_and_tokens_have_no_length() {
        let values = ModalityInput { values: Tensor::from_slice(&[-1.5f32, 2.0, -3.0, 4.0]).view([2, 2]), lengths: None };
        let gone = values.masked(&Tensor::from_slice(&[false, true]));
        let back = Vec::<f32>::try_from(gone.values.flatten(0, -1)).unwrap();
        assert_eq!(back[0].to_bits(), 0);
        assert_eq!(back[2..], [-3.0, 4.0]);
        let tokens = ModalityInput { values: Tensor::from_slice(&[3i64, 4, 5, 0]).view([2, 2]), lengths: Some(Tensor::from_slice(&[2i64, 1])) };
        let gone = tokens.masked(&Tensor::from_slice(&[false, true]));
        assert_eq!(Vec::<i64>::try_from(gone.lengths.unwrap()).unwrap(), [0, 1]);
        assert_eq!(Vec::<i64>::try_from(gone.values.flatten(0, -1)).unwrap(), [0, 0, 5, 0]);
    }

    #[test]
    fn a_missing_sequence_does_not_tell_its_length() {
        let values = Tensor::ones([2, 3, 1], (Kind::Float, tch::Device::Cpu));
        let gone = ModalityInput { values, lengths: Some(Tensor::from_slice(&[1i64, 2])) }.masked(&Tensor::from_slice(&[false, true]));
        assert_eq!(Vec::<i64>::try_from(gone.lengths.unwrap()).unwrap(), [3, 2]);
    }
}
